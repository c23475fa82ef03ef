"""The life of a campaign: draft, edit, schedule, open, close, cancel, copy."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.campaigns import (
    CampaignState,
    Capacity,
    Group,
    Measure,
    Mode,
    Offer,
    Quorum,
    Tier,
)
from groupbuy.domain.kernel import IllegalMove, Invalid, Money, NotFound, Refused
from tests.support.rooms import END, START, TICK, draft, offer

BEFORE = START - timedelta(hours=1)


def refusal(act, *args, **more):
    with pytest.raises(Refused) as refused:
        act(*args, **more)
    return refused.value.rule


def scheduled(**changes):
    return draft(**changes).schedule(BEFORE)[0]


def opened(**changes):
    return scheduled(**changes).open(START)[0]


def test_a_draft_can_be_edited_and_a_scheduled_campaign_cannot():
    edited, events = draft().edit(BEFORE, {"title": "新团"})
    assert (edited.title, edited.state) == ("新团", CampaignState.DRAFT)
    assert [e.name for e in events] == ["campaign.edited"]
    with pytest.raises(IllegalMove):
        scheduled().edit(BEFORE, {"title": "更新的团"})


def test_a_campaign_without_offers_is_not_published():
    assert refusal(draft(offers=()).schedule, BEFORE) == "something_is_on_sale"


def test_a_campaign_ends_after_it_starts():
    assert refusal(draft(ends_at=START).schedule, BEFORE) == "ends_after_it_starts"
    assert draft(ends_at=START + TICK).schedule(BEFORE)[0].state is CampaignState.SCHEDULED


def test_a_campaign_that_is_over_already_is_not_published():
    assert refusal(draft().schedule, END) == "ends_after_it_starts"
    assert draft().schedule(END - TICK)[0].state is CampaignState.SCHEDULED


@pytest.mark.parametrize(
    ("fits", "changes"),
    [
        (True, {"mode": Mode.RELAY, "quorum": None}),
        (False, {"mode": Mode.RELAY}),
        (False, {"mode": Mode.RELAY, "quorum": None, "tiers": (Tier(10, 7000),)}),
        (False, {"quorum": None}),
        (False, {"mode": Mode.TEAM, "quorum": None}),
        (True, {"capacity": Capacity(Measure.BUYERS, 3)}),
        (False, {"capacity": Capacity(Measure.BUYERS, 2)}),
        (True, {"capacity": Capacity(Measure.UNITS, 3)}),
        (False, {"capacity": Capacity(Measure.UNITS, 2)}),
        (True, {"quorum": Quorum(Measure.UNITS, 9), "capacity": Capacity(Measure.BUYERS, 3)}),
        (True, {"quorum": Quorum(Measure.UNITS, 9), "capacity": Capacity(Measure.UNITS, 9)}),
        (False, {"quorum": Quorum(Measure.UNITS, 9), "capacity": Capacity(Measure.UNITS, 8)}),
    ],
)
def test_mode_quorum_and_capacity_must_be_able_to_keep_their_promise(fits, changes):
    if fits:
        assert scheduled(**changes).state is CampaignState.SCHEDULED
    else:
        assert refusal(draft(**changes).schedule, BEFORE) == "terms_fit_together"


@pytest.mark.parametrize(
    "changes", [{}, {"capacity": Capacity(Measure.BUYERS, 9)}, {"mode": Mode.RELAY, "quorum": None}]
)
def test_a_campaign_sells_in_one_currency(changes):
    dollars = Offer("sku_2", "prd_2", "x", "", Money(100, "USD"), Money(90, "USD"))
    both = draft(offers=(offer(), dollars), **changes)
    assert refusal(both.schedule, BEFORE) == "terms_fit_together"
    carried = draft(freight=Money(500, "USD"), **changes)
    assert refusal(carried.schedule, BEFORE) == "terms_fit_together"


def test_a_campaign_opens_at_its_start_with_its_one_group():
    campaign = scheduled()
    assert refusal(campaign.open, START - TICK) == "start_reached"
    after, events = campaign.open(START)
    group, more = Group.of(after, "grp_1", START)
    assert after.state is CampaignState.OPEN
    assert (group.opens_at, group.ends_at, group.campaign_id) == (START, END, campaign.id)
    assert [e.name for e in [*events, *more]] == ["campaign.opened", "group.opened"]


def test_a_draft_does_not_open():
    with pytest.raises(IllegalMove):
        draft().open(START)


def test_an_open_campaign_is_closed_once():
    closed, _ = opened().close(START)
    assert closed.state is CampaignState.CLOSED
    with pytest.raises(IllegalMove):
        closed.close(START)


def test_a_campaign_is_cancelled_at_any_time_before_a_group_formed():
    for campaign in (draft(), scheduled(), opened()):
        gone, _ = campaign.cancel(START, any_group_formed=False)
        assert gone.state is CampaignState.CANCELLED


def test_a_campaign_with_a_formed_group_is_not_cancelled():
    assert refusal(opened().cancel, START, any_group_formed=True) == "no_group_has_formed"


def test_a_closed_campaign_is_not_cancelled():
    closed, _ = opened().close(START)
    with pytest.raises(IllegalMove):
        closed.cancel(START, any_group_formed=False)


def test_everybody_can_see_who_waived_the_quorum_and_why():
    waived, (event,) = opened().waive("usr_staff", "人少也发", START)
    assert (waived.waiver.by, waived.waiver.reason) == ("usr_staff", "人少也发")
    assert event.data == {"by": "usr_staff", "reason": "人少也发"}
    with pytest.raises(IllegalMove):
        draft().waive("usr_staff", "人少也发", START)


def test_a_copy_is_a_fresh_draft_with_the_same_offers_and_rules():
    waived, _ = opened(hold_minutes=9).waive("usr_staff", "人少也发", START)
    copy, (event,) = waived.copy(
        new_id="cmp_2", by="usr_2", starts_at=END, ends_at=END + timedelta(days=1), now=START
    )
    assert (copy.state, copy.version, copy.waiver) == (CampaignState.DRAFT, 0, None)
    assert (copy.offers, copy.hold_minutes, copy.copied_from) == (waived.offers, 9, "cmp_1")
    assert (copy.starts_at, copy.created_by) == (END, "usr_2")
    assert event.data == {"copied_from": "cmp_1"}


def test_only_what_is_offered_can_be_bought():
    assert draft().offer("sku_1").price == Money(79920)
    with pytest.raises(NotFound):
        draft().offer("sku_9")


def test_eighty_percent_of_999_yuan_is_799_yuan_20():
    assert Offer.share_of(Money(99900), 8000) == Money(79920)


@pytest.mark.parametrize(
    ("share", "makes_sense"), [(0, False), (1, True), (10_000, True), (10_001, False)]
)
def test_a_share_lies_between_nothing_and_the_whole(share, makes_sense):
    if makes_sense:
        assert Offer.share_of(Money(10_000), share) == Money(share)
    else:
        with pytest.raises(Invalid):
            Offer.share_of(Money(10_000), share)


@pytest.mark.parametrize(
    ("price", "makes_sense"), [(0, False), (1, True), (99900, True), (99901, False)]
)
def test_a_price_lies_between_one_fen_and_the_original(price, makes_sense):
    if makes_sense:
        assert offer(price=price).price == Money(price)
    else:
        with pytest.raises(Invalid):
            offer(price=price)


@given(st.integers(1, 10**9), st.integers(1, 10_000))
def test_a_share_of_a_price_is_rounded_down_and_never_above_it(fen, share):
    price = Offer.share_of(Money(fen), share).minor
    assert price * 10_000 <= fen * share < (price + 1) * 10_000
    assert price <= fen


def test_a_quorum_of_nothing_is_no_quorum():
    assert Quorum(Measure.BUYERS, 1).target == 1
    with pytest.raises(Invalid):
        Quorum(Measure.BUYERS, 0)
