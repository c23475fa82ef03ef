"""Counting what came of links, and writing who takes part."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.sharing import (
    BroughtOrder,
    Channel,
    RollEntry,
    ShareLink,
    ShareVisit,
    Steps,
    VisitStep,
    funnel_of,
    total_of,
    write_roll,
)

NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)
LINKS = {
    key: ShareLink(key, "cmp_1", channel, sharer, NOON)
    for key, channel, sharer in (
        ("a", Channel.MOMENTS, "usr_1"),
        ("b", Channel.WEIBO, "usr_1"),
        ("c", Channel.MOMENTS, "usr_2"),
    )
}


def visit(link, step, who):
    return ShareVisit.of(LINKS[link], step, who, NOON)


def test_every_step_is_counted_by_sharer_and_channel_and_the_best_come_first():
    visits = [visit("a", VisitStep.SHOWN, each) for each in "xyz"]
    visits += [visit("a", VisitStep.CLICKED, "x"), visit("c", VisitStep.SHOWN, "x")]
    orders = [BroughtOrder("c", "usr_7", paid=True), BroughtOrder("a", "usr_8", paid=False)]
    rows = funnel_of(LINKS, visits, ["c", "c", "elsewhere"], orders)
    assert [(row.sharer_id, row.channel.value, row.steps) for row in rows] == [
        ("usr_2", "moments", Steps(shown=1, registered=2, joined=1, paid=1)),
        ("usr_1", "moments", Steps(shown=3, clicked=1, joined=1)),
        ("usr_1", "weibo", Steps()),
    ]
    assert total_of(rows) == Steps(4, 1, 2, 2, 1)


def test_a_buyer_of_many_orders_is_one_buyer():
    orders = [BroughtOrder("a", "usr_7", paid=paid) for paid in (True, False, True)]
    first = funnel_of(LINKS, [], [], orders)[0]
    assert first.steps == Steps(joined=1, paid=1)


BOUGHT = st.builds(
    BroughtOrder,
    link_id=st.sampled_from(["a", "b", "c", "unknown"]),
    buyer_id=st.sampled_from(["usr_7", "usr_8", "usr_9"]),
    paid=st.booleans(),
)


@given(orders=st.lists(BOUGHT, max_size=20), data=st.data())
def test_the_order_of_rows_read_changes_nothing_and_nobody_pays_who_did_not_join(orders, data):
    rows = funnel_of(LINKS, [], [], orders)
    assert rows == funnel_of(LINKS, [], [], data.draw(st.permutations(orders)))
    assert all(row.steps.paid <= row.steps.joined <= 3 for row in rows)


PEACH = (("水蜜桃", 2),)


def test_a_roll_numbers_people_and_says_how_much():
    entries = [RollEntry("何**", PEACH), RollEntry("王**", (("水蜜桃", 1),))]
    assert write_roll("水蜜桃团", entries, "还差 1 人成团", "https://x/s/cmp_1") == (
        "【接龙】水蜜桃团\n还差 1 人成团\n1. 何** ×2\n2. 王** ×1\nhttps://x/s/cmp_1"
    )
    english = write_roll("Peaches", entries[:1], "", "https://x", english=True)
    assert english == "【Joining in】Peaches\n1. 何** ×2\nhttps://x"


def test_where_there_is_more_than_one_thing_each_is_named():
    entries = [RollEntry("何**", (("水蜜桃", 2), ("李子", 1))), RollEntry("王**", PEACH)]
    lines = write_roll("水果团", entries, "", "https://x").splitlines()
    assert lines[1:3] == ["1. 何** 水蜜桃 ×2、李子 ×1", "2. 王** 水蜜桃 ×2"]


def test_nobody_is_invented_and_a_long_roll_says_how_many_are_left_out():
    assert write_roll("水果团", [], "", "https://x") == "【接龙】水果团\n还没有人参团\nhttps://x"
    lines = write_roll("水果团", [RollEntry("何**", PEACH)] * 503, "", "https://x").splitlines()
    assert lines[500] == "500. 何** ×2"
    assert lines[501:] == ["……还有 3 单", "https://x"]
