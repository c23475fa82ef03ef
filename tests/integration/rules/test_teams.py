"""Teams (拼团): many under one campaign, each opened by a shopper, each with its own clock."""

from datetime import timedelta

import pytest

from groupbuy.application import aftersale, campaigns
from groupbuy.application.ports import Task
from groupbuy.application.steps.teaming import NEW_TEAM
from groupbuy.domain.campaigns import (
    CampaignState,
    Capacity,
    Group,
    GroupState,
    Limits,
    Measure,
    Mode,
    Quorum,
    RefundRules,
    SeatState,
    Tier,
)
from groupbuy.domain.kernel import Invalid, NotFound, Refused
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import CloseReason, OrderState
from tests.support.shop import ShopRefusal
from tests.support.stories import PRICE, states

TWO, THREE = Quorum(Measure.BUYERS, 2), Quorum(Measure.BUYERS, 3)


def teams(shop, variant=None, **more):
    """Open a campaign of three days whose teams of three stay open for a day."""
    return shop.campaign(variant, **{"mode": Mode.TEAM, "quorum": THREE, "team_hours": 24, **more})


def opened(shop, campaign, who=None, **more):
    """Let somebody open a team and pay."""
    made = shop.join(campaign, who, team=NEW_TEAM, **more)
    shop.pay(made)
    return made


def joined(shop, campaign, team, who=None):
    made = shop.join(campaign, who, team=team.order.group_id)
    shop.pay(made)
    return made


def team_of(shop, made):
    return shop.get(Group, shop.order(made).group_id)


def shown(shop, campaign):
    return shop.do(shop.shopper(), campaigns.open_teams_of, campaign.id)


def told(shop, box, what):
    said = (task.data for task in shop.all(Task))
    return [each for each in said if (each.get("user"), each.get("what")) == (box, what)]


def test_a_team_forms_with_its_last_member_and_others_go_on(shop):
    campaign = teams(shop)
    first, other = opened(shop, campaign), opened(shop, campaign)
    assert first.order.group_id != other.order.group_id
    people = [first, joined(shop, campaign, first), joined(shop, campaign, first)]
    shop.rest()
    assert team_of(shop, first).state is GroupState.ENDED
    assert states(shop, people) == [OrderState.CONFIRMED] * 3
    assert states(shop, [other]) == [OrderState.PLACED]
    assert team_of(shop, other).state is GroupState.OPEN


def test_a_full_team_takes_nobody_and_a_place_that_is_held_is_taken(shop):
    campaign = teams(shop)
    first = opened(shop, campaign)
    held = shop.join(campaign, team=first.order.group_id)
    joined(shop, campaign, first)
    with pytest.raises(ShopRefusal, match="seats_left"):
        shop.join(campaign, team=first.order.group_id)
    shop.announce(held)
    shop.pass_time(minutes=16)
    assert shop.seat(held).state is SeatState.RELEASED
    joined(shop, campaign, first)
    assert team_of(shop, first).state is GroupState.ENDED
    with pytest.raises(ShopRefusal):
        shop.join(campaign, team=first.order.group_id)
    shop.rest()


def test_each_team_has_its_own_clock_that_never_outlasts_the_campaign(shop):
    campaign = teams(shop)
    early = opened(shop, campaign)
    assert team_of(shop, early).ends_at == shop.clock.at + timedelta(hours=24)
    shop.clock.forward(hours=60)
    late = opened(shop, campaign)
    assert team_of(shop, late).ends_at == campaign.ends_at
    shop.rest()
    assert team_of(shop, early).state is GroupState.FAILED
    assert shop.given_back(early, late) == [PRICE, 0]
    shop.clock.forward(hours=13)
    shop.rest()
    assert team_of(shop, late).state is GroupState.FAILED
    assert shop.given_back(late) == [PRICE]
    assert shop.get(type(campaign), campaign.id).state is CampaignState.CLOSED
    with pytest.raises(ShopRefusal, match="campaign_is_open"):
        shop.join(campaign, team=NEW_TEAM)


def test_teams_are_shown_once_paid_in_those_that_end_first_at_the_front(shop):
    campaign = teams(shop, quorum=TWO)
    unpaid = shop.join(campaign, team=NEW_TEAM)
    assert shown(shop, campaign) == []
    first = opened(shop, campaign)
    shop.clock.forward(hours=1)
    second = opened(shop, campaign)
    listed = shown(shop, campaign)
    assert [each.group_id for each in listed] == [first.order.group_id, second.order.group_id]
    assert [(each.joined, each.missing, each.seats_left) for each in listed] == [(1, 1, 1)] * 2
    shop.join(campaign, team=first.order.group_id)
    assert [each.group_id for each in shown(shop, campaign)] == [second.order.group_id]
    assert team_of(shop, unpaid).opener_id == unpaid.order.buyer_id


def test_the_next_one_leads_when_the_opener_leaves(shop):
    campaign = teams(shop)
    who = shop.shopper()
    first = opened(shop, campaign, who)
    again = joined(shop, campaign, first, who)
    second = joined(shop, campaign, first)
    assert team_of(shop, first).opener_id == who.user_id
    shop.do(who, aftersale.leave_group, first.order.id)
    assert team_of(shop, first).opener_id == who.user_id  # another seat is still theirs
    shop.work_off()
    shop.do(who, aftersale.leave_group, again.order.id)
    assert team_of(shop, first).members == (second.order.buyer_id,)
    assert len(told(shop, second.order.buyer_id, "team.promoted")) == 1
    joined(shop, campaign, first)
    joined(shop, campaign, first)
    shop.rest()
    assert team_of(shop, first).state is GroupState.ENDED
    assert shop.given_back(first, again, second) == [PRICE, PRICE, 0]


def test_an_opener_who_does_not_pay_leads_nobody(shop):
    campaign = teams(shop)
    opener = shop.join(campaign, team=NEW_TEAM)
    shop.announce(opener)
    second = joined(shop, campaign, opener)
    shop.pass_time(minutes=16)
    assert team_of(shop, opener).opener_id == second.order.buyer_id


def test_who_pays_too_late_for_their_team_is_taken_by_the_one_that_ends_next(shop):
    campaign = teams(shop, quorum=TWO)
    first = opened(shop, campaign)
    late = shop.join(campaign, team=first.order.group_id)
    shop.announce(late)
    shop.pass_time(minutes=16)
    joined(shop, campaign, first)
    assert team_of(shop, first).state is GroupState.ENDED
    other = opened(shop, campaign)
    settled = shop.captured_anyway(late, at=shop.clock.at)
    assert settled.outcome == "confirmed"
    assert shop.order(late).group_id == other.order.group_id
    assert shop.seat(late).group_id == shop.payment(late).group_id == other.order.group_id
    assert len(told(shop, late.order.buyer_id, "order.moved_team")) == 1
    shop.rest()
    assert states(shop, [late, other]) == [OrderState.CONFIRMED] * 2
    assert shop.given_back(late) == [0]


def test_whose_team_has_failed_is_taken_by_another_one_too(shop):
    campaign = teams(shop, quorum=TWO)
    late = shop.join(campaign, team=NEW_TEAM)
    shop.announce(late)
    shop.pass_time(minutes=16)
    shop.clock.forward(hours=24)
    shop.work_off()
    other = opened(shop, campaign)
    assert shop.captured_anyway(late, at=shop.clock.at).outcome == "confirmed"
    assert shop.order(late).group_id == other.order.group_id
    shop.rest()


@pytest.mark.parametrize("why", ["nobody", "own", "goods", "limits", "over"])
def test_late_money_that_no_team_can_take_goes_back(shop, why):
    limits = Limits(orders_per_buyer=1) if why == "limits" else Limits()
    campaign = teams(shop, shop.variant(stock=4), quorum=TWO, limits=limits)
    who = shop.shopper()
    first = opened(shop, campaign)
    late = shop.join(campaign, who, team=first.order.group_id)
    shop.announce(late)
    shop.pass_time(minutes=16)
    joined(shop, campaign, first)
    if why == "own":
        opened(shop, campaign, who)
    if why == "goods":
        opened(shop, campaign)
        shop.join(campaign, team=NEW_TEAM)
    if why == "limits":
        shop.join(campaign, who, team=NEW_TEAM)
        opened(shop, campaign)
    if why == "over":
        opened(shop, campaign)
        shop.clock.forward(days=3)
        shop.work_off()
    settled = shop.captured_anyway(late, at=shop.clock.at)
    assert settled.outcome == "refunded:late_payment"
    shop.clock.forward(days=3)
    shop.rest()
    assert shop.given_back(late) == [PRICE]
    assert shop.order(late).close_reason is CloseReason.EXPIRED


def test_limits_hold_for_all_teams_of_a_campaign_together(shop):
    campaign = teams(shop, limits=Limits(units_per_buyer=2))
    who = shop.shopper()
    opened(shop, campaign, who)
    opened(shop, campaign, who)
    with pytest.raises(ShopRefusal, match="within_buyer_limit"):
        shop.join(campaign, who, team=NEW_TEAM)
    other = teams(shop, limits=Limits(units_per_buyer=2))
    opened(shop, other, who)


def test_a_join_says_which_team_and_only_where_there_are_teams(shop):
    campaign, pool = teams(shop), shop.campaign()
    elsewhere = opened(shop, teams(shop))
    with pytest.raises(ShopRefusal, match="says_which_team"):
        shop.join(campaign)
    for team in (NEW_TEAM, elsewhere.order.group_id):
        with pytest.raises(ShopRefusal, match="campaign_has_teams"):
            shop.join(pool, team=team)
    with pytest.raises(ShopRefusal, match="not_found"):
        shop.join(campaign, team=elsewhere.order.group_id)


def test_the_same_key_opens_one_team(shop):
    campaign, who = teams(shop), shop.shopper()
    first = shop.join(campaign, who, team=NEW_TEAM, key="once")
    assert shop.join(campaign, who, team=NEW_TEAM, key="once") == first.order.id
    assert len(shop.all(Group, campaign_id=campaign.id)) == 1


def test_a_closed_campaign_decides_every_team_and_a_cancelled_one_refunds_them(shop):
    closed, cancelled = teams(shop, quorum=TWO), teams(shop)
    full, alone = opened(shop, closed), opened(shop, closed)
    joined(shop, closed, full)
    gone, over = opened(shop, cancelled), opened(shop, cancelled)
    shop.do(shop.caller(over.order.buyer_id, Role.SHOPPER), aftersale.leave_group, over.order.id)
    boss = shop.merchant_caller()
    with pytest.raises(Refused, match="no_group_has_formed"):
        shop.do(boss, campaigns.cancel_campaign, closed.id, "too late")
    shop.do(boss, campaigns.close_campaign, closed.id, "done")
    shop.do(boss, campaigns.cancel_campaign, cancelled.id, "rain")
    shop.rest()
    assert shop.given_back(full, alone, gone) == [0, PRICE, PRICE]
    assert team_of(shop, gone).state is GroupState.CANCELLED


def test_a_waived_quorum_forms_every_team_somebody_paid_in(shop):
    campaign = teams(shop)
    first, second = opened(shop, campaign), opened(shop, campaign)
    held = shop.join(campaign, team=NEW_TEAM)
    shop.do(shop.merchant_caller(), campaigns.waive_quorum, campaign.id, "大家都有")
    shop.work_off()
    assert states(shop, [first, second]) == [OrderState.CONFIRMED] * 2
    assert team_of(shop, held).state is GroupState.OPEN


@pytest.mark.parametrize(
    "terms",
    [
        {"team_hours": None},
        {"mode": Mode.POOL},
        {"mode": Mode.RELAY, "quorum": None},
        {"quorum": None},
        {"quorum": Quorum(Measure.BUYERS, 1)},
        {"quorum": Quorum(Measure.BUYERS, 101)},
        {"quorum": Quorum(Measure.UNITS, 5)},
        {"capacity": Capacity(Measure.BUYERS, 9)},
        {"tiers": (Tier(4, 5_000),)},
    ],
    ids=str,
)
def test_terms_that_make_no_team_are_not_published(shop, terms):
    with pytest.raises(Refused, match="terms_fit_together"):
        teams(shop, **terms)


@pytest.mark.parametrize("hours", [0, 721])
def test_a_team_stays_open_for_an_hour_to_thirty_days(shop, hours):
    with pytest.raises(Invalid):
        teams(shop, team_hours=hours)


def test_who_has_opened_a_team_may_leave_it_by_its_own_clock(shop):
    rules = RefundRules(leave_hours_before_end=2)
    campaign = teams(shop, refund_rules=rules)
    who = shop.shopper()
    first = opened(shop, campaign, who)
    shop.clock.forward(hours=23)
    with pytest.raises(Refused):
        shop.do(who, aftersale.leave_group, first.order.id)


def test_a_team_of_nobody_is_not_found(shop):
    campaign = teams(shop)
    with pytest.raises(ShopRefusal, match="not_found"):
        shop.join(campaign, team="grp_" + campaign.id[4:])
    with pytest.raises(NotFound):
        shop.do(shop.shopper(), campaigns.open_teams_of, "cmp_" + "0" * 26)


def test_a_campaign_is_called_off_although_some_of_its_teams_have_failed(shop):
    campaign = teams(shop)
    failed = opened(shop, campaign)
    shop.clock.forward(hours=25)
    shop.rest()
    alive = opened(shop, campaign)
    shop.do(shop.merchant_caller(), campaigns.cancel_campaign, campaign.id, "rain")
    shop.rest()
    assert [team_of(shop, each).state for each in (failed, alive)] == [
        GroupState.FAILED,
        GroupState.CANCELLED,
    ]
    assert shop.given_back(failed, alive) == [PRICE, PRICE]
