"""Campaigns for some, and first minutes for some: refused in the join, with reason and time."""

from datetime import timedelta

import pytest

from groupbuy.application import campaigns
from groupbuy.domain.campaigns import Audience, HeadStart, Measure, Quorum
from groupbuy.domain.kernel import Invalid, NotFound, Refused
from groupbuy.domain.membership import Membership, Role, Tag
from tests.support.shop import ShopRefusal
from tests.support.voices import delivered

ONE = Quorum(Measure.BUYERS, 1)
HOUR = HeadStart(minutes=60, level=1)


def shopper(shop, *words, level=0, by=""):
    tags = tuple(Tag(word, by, "x", shop.clock.at) for word in words)
    member = Membership(level=level, tags=tags)
    return shop.caller(shop.ids.new("usr"), Role.SHOPPER, member=member)


def told(shop, campaign, who):
    said = shop.do(who, campaigns.for_me, campaign.id)[1]
    return said.included, said.first, said.opens_at - campaign.starts_at


def test_a_campaign_of_a_community_lets_its_people_in_and_nobody_else(shop):
    campaign = shop.campaign(quorum=ONE, audience=Audience(words=("宝妈", "业主")))
    mum, runner = shopper(shop, "宝妈"), shopper(shop, "健身")
    own = shopper(shop, "业主", by=campaign.merchant_id)
    elsewhere = shopper(shop, "业主", by="mch_other")
    for who in (runner, elsewhere, shopper(shop)):
        with pytest.raises(ShopRefusal, match="campaign_is_for_you"):
            shop.join(campaign, who)
    assert not told(shop, campaign, runner)[0]
    for who in (mum, own):
        assert told(shop, campaign, who)[0]
        shop.pay(shop.join(campaign, who))
    shop.rest()


def test_a_campaign_of_a_level_lets_in_that_level_and_higher_ones(shop):
    campaign = shop.campaign(quorum=ONE, audience=Audience(level=2))
    with pytest.raises(ShopRefusal, match="campaign_is_for_you"):
        shop.join(campaign, shopper(shop, level=1))
    for level in (2, 3):
        shop.join(campaign, shopper(shop, level=level))


def test_some_levels_come_first_and_everybody_else_is_told_when(shop):
    campaign = shop.campaign(quorum=ONE, head_start=HOUR)
    member, anybody = shopper(shop, level=1), shopper(shop)
    assert told(shop, campaign, member) == (True, True, timedelta(0))
    assert told(shop, campaign, anybody) == (True, False, timedelta(hours=1))
    shop.join(campaign, member)
    with pytest.raises(ShopRefusal, match="campaign_opens_for_you_later"):
        shop.join(campaign, anybody)
    shop.clock.at = campaign.starts_at + timedelta(minutes=60)
    shop.join(campaign, anybody)


def test_who_has_bought_from_the_merchant_before_comes_first(shop):
    variant = shop.variant()
    before = shop.campaign(variant, quorum=ONE)
    returning = shopper(shop)
    bought = shop.join(before, returning)
    shop.pay(bought)
    shop.rest()
    delivered(shop, bought)
    shop.clock.forward(minutes=1)
    campaign = shop.campaign(variant, quorum=ONE, head_start=HeadStart(60, returning=True))
    shop.join(campaign, returning)
    for who in (shopper(shop), shopper(shop, level=9)):
        with pytest.raises(ShopRefusal, match="campaign_opens_for_you_later"):
            shop.join(campaign, who)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: HeadStart(0, level=1), "head_start.minutes"),
        (lambda: HeadStart(10_081, level=1), "head_start.minutes"),
        (lambda: HeadStart(60), "head_start"),
        (lambda: Audience(level=-1), "audience.level"),
        (lambda: Audience(words=("",)), "audience.words"),
        (lambda: Audience(words=("长" * 21,)), "audience.words"),
        (lambda: Audience(words=tuple(f"{n}" for n in range(21))), "audience.words"),
    ],
)
def test_what_means_nobody_is_refused(make, field):
    with pytest.raises(Invalid) as refused:
        make()
    assert refused.value.field == field


def test_a_campaign_has_to_open_for_everybody_before_it_ends(shop):
    with pytest.raises(Refused):
        shop.campaign(quorum=ONE, head_start=HeadStart(3 * 24 * 60, level=1))


def test_nobody_is_told_of_a_draft(shop):
    with pytest.raises(NotFound):
        shop.do(shopper(shop), campaigns.for_me, "cmp_nothing")
