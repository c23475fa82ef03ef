"""What came of sharing, and who takes part, on every engine; from rows that nobody can invent."""

import pytest

from groupbuy.application import aftersale, sharing
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.kernel import Forbidden, NotFound
from groupbuy.domain.membership import Role
from groupbuy.domain.sharing import Channel, ShareLink, Steps, VisitStep
from tests.support.shelf import create, put_category

BASE = "https://tuan.example.com"


@pytest.fixture
def peach(shop):
    shop.merchant()
    return create(shop, put_category(shop, "水果"), 1)


def campaign(shop, peach, quorum=3, **more):
    return shop.campaign(peach.variants[0], quorum=Quorum(Measure.BUYERS, quorum), **more)


def buyer(shop, initial):
    return shop.caller(shop.user(initial=initial).id, Role.SHOPPER)


def link_of(shop, subject, who, channel=Channel.MOMENTS):
    asked = sharing.ShareWish(subject, BASE, channels=(channel,))
    told = shop.desk.run(who, lambda work: sharing.share(work, asked))
    return shop.get(ShareLink, told.copies[0].link.rpartition("/")[2])


def visit(shop, link, *visitors, step=VisitStep.SHOWN):
    for visitor in visitors:
        sharing.count_visit(shop.desk, shop.caller(""), link, step, visitor, "10.0.0.1")


def funnel(shop, campaign_id, who=None):
    caller = who or shop.merchant_caller()
    return shop.desk.read(caller, lambda work: sharing.campaign_funnel(work, campaign_id))


def roll(shop, campaign_id, **more):
    caller = shop.caller("")
    return shop.desk.read(caller, lambda work: sharing.roll_of(work, campaign_id, BASE, **more))


def test_every_step_from_the_page_to_the_payment_is_counted_by_sharer(shop, peach):
    sold = campaign(shop, peach)
    chen, li = buyer(shop, "陈"), buyer(shop, "李")
    first, second = link_of(shop, sold.id, chen), link_of(shop, sold.id, li, Channel.WEIBO)
    visit(shop, first, "x", "y", "z")
    visit(shop, first, "x", "y", step=VisitStep.CLICKED)
    visit(shop, second, "x")
    shop.user(share_id=first.id)
    paid = shop.join(sold, buyer(shop, "王"), share_id=first.id)
    shop.join(sold, buyer(shop, "周"), share_id=first.id)
    shop.pay(paid)
    shop.work_off()
    found = funnel(shop, sold.id)
    assert [(each.sharer, each.row.channel, each.row.steps) for each in found.rows] == [
        ("陈**", Channel.MOMENTS, Steps(shown=3, clicked=2, registered=1, joined=2, paid=1)),
        ("李**", Channel.WEIBO, Steps(shown=1)),
    ]
    assert found.total == Steps(4, 2, 1, 2, 1)
    assert funnel(shop, sold.id) == found
    goods = shop.desk.read(shop.system(), lambda work: sharing.funnel(work, peach.id))
    assert goods.rows == ()


def test_who_left_again_was_brought_all_the_same(shop, peach):
    sold = campaign(shop, peach)
    link, who = link_of(shop, sold.id, buyer(shop, "陈")), buyer(shop, "王")
    joined = shop.join(sold, who, share_id=link.id)
    shop.pay(joined)
    shop.work_off()
    shop.desk.run(who, lambda work: aftersale.leave_group(work, joined.order.id))
    shop.pass_time(minutes=2)
    assert funnel(shop, sold.id).total == Steps(joined=1, paid=1)


def test_only_those_who_run_a_campaign_see_what_came_of_sharing_it(shop, peach):
    leader, stranger = shop.leader(), shop.leader()
    sold = campaign(shop, peach, leader=leader)
    assert funnel(shop, sold.id, shop.leader_caller(leader)).rows == ()
    for who in (shop.leader_caller(stranger), shop.caller("usr_m", Role.MERCHANT)):
        with pytest.raises(NotFound):
            funnel(shop, sold.id, who)
    with pytest.raises(Forbidden):
        funnel(shop, sold.id, buyer(shop, "王"))
    with pytest.raises(NotFound):
        funnel(shop, "cmp_none")


def test_a_roll_is_the_paid_orders_of_this_moment_in_the_order_of_payment(shop, peach):
    sold = campaign(shop, peach)
    people = {name: buyer(shop, name) for name in "何王周"}
    joined = {
        name: shop.join(sold, who, units=n) for n, (name, who) in enumerate(people.items(), 1)
    }
    assert roll(shop, sold.id).orders == 0
    for name in "王何":
        shop.pay(joined[name])
        shop.clock.forward(minutes=1)
    shop.work_off()
    lines = roll(shop, sold.id).text.splitlines()
    assert lines[0] == f"【接龙】{sold.title}"
    assert lines[1].startswith("还差 1 人成团，还剩 ")
    assert lines[2:] == ["1. 王** ×2", "2. 何** ×1", f"{BASE}/s/{sold.id}"]
    leaving = joined["王"].order.id
    shop.desk.run(people["王"], lambda work: aftersale.leave_group(work, leaving))
    shop.pass_time(minutes=2)
    assert roll(shop, sold.id).text.splitlines()[2:-1] == ["1. 何** ×1"]
    assert roll(shop, sold.id, english=True).text.startswith("【Joining in】")


def test_a_roll_goes_on_after_the_end_and_drafts_have_none(shop, peach):
    sold = campaign(shop, peach, 1)
    shop.join_and_pay(sold, 2)
    shop.work_off()
    shop.clock.at = sold.ends_at
    shop.pass_time(minutes=2)
    found = roll(shop, sold.id)
    assert (found.orders, len(found.text.splitlines())) == (2, 4)
    with pytest.raises(NotFound):
        roll(shop, "cmp_none")
