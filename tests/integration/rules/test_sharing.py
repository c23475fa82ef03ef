"""Sharing on every engine: what texts say at a moment, and what links remember."""

from datetime import timedelta

import pytest

from groupbuy.application import sharing
from groupbuy.application.checkout import NEW_TEAM
from groupbuy.domain.campaigns import Measure, Mode, Quorum
from groupbuy.domain.kernel import NotFound, Refused, Unauthenticated
from groupbuy.domain.sharing import Channel, Phase, ShareLink, ShareVisit, Tone, VisitStep
from tests.support.shelf import create, put_category

BASE = "https://tuan.example.com"


@pytest.fixture
def peach(shop):
    shop.merchant()
    return create(shop, put_category(shop, "水果"), 1)


def texts(shop, subject, **wish):
    asked = sharing.ShareWish(subject, BASE, **wish)
    return shop.desk.read(shop.caller(""), lambda work: sharing.share_texts(work, asked))


def text(shop, subject, **wish):
    told = texts(shop, subject, channels=(Channel.CHAT_GROUP,), tone=Tone.PLAIN, **wish)
    return told.copies[0].text


def campaign(shop, peach, quorum=3, **more):
    return shop.campaign(peach.variants[0], quorum=Quorum(Measure.BUYERS, quorum), **more)


def test_a_campaign_is_told_of_with_its_price_what_is_missing_and_the_time_left(shop, peach):
    sold = campaign(shop, peach, ends_at=shop.clock.at + timedelta(hours=30))
    shop.join_and_pay(sold, 2)
    shop.clock.at = sold.ends_at - timedelta(hours=5, minutes=3)
    told = texts(shop, sold.id)
    assert (told.facts.phase, told.facts.missing, told.facts.joined) == (Phase.SELLING, 1, 2)
    assert [each.channel for each in told.copies] == list(Channel)
    said = text(shop, sold.id)
    assert f"{sold.title}：团购价 ¥" in said
    assert said.endswith(f"还差 1 人成团，还剩 5 小时 3 分钟。 {BASE}/s/{sold.id}")
    assert "1 more buyer needed, 5 h 3 min left" in text(shop, sold.id, english=True)


def test_an_unpaid_seat_is_nobody_and_a_formed_group_says_so(shop, peach):
    sold = campaign(shop, peach, 2)
    shop.join(sold)
    assert texts(shop, sold.id).facts.missing == 2
    shop.join_and_pay(sold, 2)
    shop.work_off()
    assert "已成团，2 人已参团" in text(shop, sold.id)


def test_what_has_ended_or_is_a_draft_is_not_shared(shop, peach):
    sold = campaign(shop, peach, 1, ends_at=shop.clock.at + timedelta(hours=2))
    shop.join_and_pay(sold, 1)
    shop.pass_time(hours=3)
    with pytest.raises(Refused) as refusal:
        texts(shop, sold.id)
    assert refusal.value.rule == "shared_while_it_can_be_joined"
    for missing in ("cmp_none", "prd_none", "usr_none", "", "nothing"):
        with pytest.raises(NotFound):
            texts(shop, missing)


def test_a_product_is_told_of_with_the_campaign_that_sells_it(shop, peach):
    plain = texts(shop, peach.id)
    assert (plain.facts.phase, plain.facts.seconds) == (Phase.ON_SALE, None)
    assert f"{peach.product.name}：售价 " in text(shop, peach.id)
    sold = campaign(shop, peach, 4)
    shop.join_and_pay(sold, 1)
    told = texts(shop, peach.id)
    assert (told.facts.subject, told.facts.title) == (peach.id, peach.product.name)
    assert (told.facts.phase, told.facts.missing) == (Phase.SELLING, 3)
    assert text(shop, peach.id).endswith(f"{BASE}/s/{peach.id}")


def test_a_relay_misses_nobody(shop, peach):
    relay = shop.campaign(peach.variants[0], mode=Mode.RELAY, quorum=None)
    assert texts(shop, relay.id).facts.missing == 0
    assert "刚刚开团" in text(shop, relay.id)


# --- links -----------------------------------------------------------------------------------


def shared(shop, subject, who, channel=Channel.MOMENTS):
    """Let somebody share; return their link."""
    asked = sharing.ShareWish(subject, BASE, channels=(channel,))
    told = shop.desk.run(who, lambda work: sharing.share(work, asked))
    code = told.copies[0].link.rpartition("/")[2]
    assert told.copies[0].link == f"{BASE}/s/{code}"
    return shop.get(ShareLink, code)


def visit(shop, link, visitor, step=VisitStep.SHOWN, address="10.0.0.1", who=None):
    caller = who or shop.caller("")
    return sharing.count_visit(shop.desk, caller, link, step, visitor, address)


def test_sharing_again_gives_the_same_link_and_another_channel_another(shop, peach):
    sold, who = campaign(shop, peach), shop.shopper()
    first = shared(shop, sold.id, who)
    assert (first.subject, first.sharer_id, first.channel) == (
        sold.id,
        who.user_id,
        Channel.MOMENTS,
    )
    assert shared(shop, sold.id, who) == first
    others = {
        shared(shop, sold.id, who, Channel.WEIBO).id,
        shared(shop, sold.id, shop.shopper()).id,
        shared(shop, peach.id, who).id,
    }
    assert len(others | {first.id}) == 4
    with pytest.raises(Unauthenticated):
        shared(shop, sold.id, shop.caller(""))


def test_a_browser_is_counted_once_for_each_step_and_the_sharer_never(shop, peach):
    who = shop.shopper()
    link = shared(shop, campaign(shop, peach).id, who)
    assert visit(shop, link, "a")
    assert not visit(shop, link, "a")
    assert visit(shop, link, "b")
    assert visit(shop, link, "a", VisitStep.CLICKED)
    assert not visit(shop, link, "c", who=who)
    found = shop.all(ShareVisit, subject=link.subject)
    assert sorted(each.step for each in found) == ["clicked", "shown", "shown"]


def test_numbers_from_one_address_are_bounded(shop, peach):
    link = shared(shop, campaign(shop, peach).id, shop.shopper())
    counted = [visit(shop, link, f"v{number}") for number in range(310)]
    assert counted == [True] * 300 + [False] * 10
    assert visit(shop, link, "elsewhere", address="10.0.0.2")
    shop.clock.forward(hours=1)
    assert visit(shop, link, "later")


def test_an_order_remembers_who_brought_its_buyer_and_costs_the_same(shop, peach):
    sold, who = campaign(shop, peach), shop.shopper()
    link = shared(shop, sold.id, who)
    brought, alone = shop.join(sold, share_id=link.id), shop.join(sold)
    order = shop.order(brought)
    assert (order.share_id, order.shared_by) == (link.id, who.user_id)
    assert order.payable == shop.order(alone).payable
    assert (shop.order(alone).share_id, shop.order(alone).shared_by) == (None, None)
    by_goods = shop.join(sold, share_id=shared(shop, peach.id, who).id)
    assert shop.order(by_goods).shared_by == who.user_id


def test_a_link_of_ones_own_of_something_else_or_of_nothing_is_passed_over(shop, peach):
    sold, who = campaign(shop, peach), shop.shopper()
    other = campaign(shop, create(shop, put_category(shop, "蔬菜"), 2))
    link = shared(shop, other.id, who)
    mine = shared(shop, sold.id, who)
    for joined in (
        shop.join(sold, share_id=link.id),
        shop.join(sold, share_id="0" * 12),
        shop.join(sold, who, share_id=mine.id),
    ):
        order = shop.order(joined)
        assert (order.share_id, order.shared_by) == (None, None)


def test_behind_a_link_is_what_was_shared_even_when_it_is_over(shop, peach):
    sold = campaign(shop, peach, 1, ends_at=shop.clock.at + timedelta(hours=2))
    link = shared(shop, sold.id, shop.shopper())
    shop.join_and_pay(sold, 1)

    def landing(code):
        return shop.desk.read(shop.caller(""), lambda work: sharing.open_link(work, code))

    assert landing(link.id).facts.phase is Phase.SELLING
    assert landing(sold.id).link is None
    shop.pass_time(hours=3)
    over = landing(link.id)
    assert (over.subject, over.title, over.facts, over.link) == (sold.id, sold.title, None, link)
    for missing in ("0" * 12, "cmp_none", "usr_none"):
        with pytest.raises(NotFound):
            landing(missing)


def test_of_a_campaign_with_teams_only_their_size_is_told(shop, peach):
    terms = {"mode": Mode.TEAM, "quorum": Quorum(Measure.BUYERS, 3), "team_hours": 24}
    sold = shop.campaign(peach.variants[0], **terms)
    shop.pay(shop.join(sold, team=NEW_TEAM))
    assert texts(shop, sold.id).facts.team == 3
    assert "3 人成团，还剩 " in text(shop, sold.id)
    shop.clock.at = sold.ends_at
    with pytest.raises(Refused):
        texts(shop, sold.id)
