"""Teams on PostgreSQL: the last place, one buyer's limit, late money; all at once."""

from collections import Counter

import pytest

from groupbuy.application import payments
from groupbuy.application.ports import PaymentOutcome, PaymentReport
from groupbuy.application.steps.teaming import NEW_TEAM
from groupbuy.domain.campaigns import Group, GroupState, Limits, Measure, Mode, Quorum, Seat
from groupbuy.domain.ordering import OrderState
from tests.integration.test_races import at_once
from tests.support.checks import check_shop
from tests.support.shop import Shop

ROUNDS = 12
TWO = Quorum(Measure.BUYERS, 2)


@pytest.fixture
def shop(postgres_shop):
    return postgres_shop


def teams(shop, **more):
    terms = {"mode": Mode.TEAM, "quorum": TWO, "team_hours": 24, **more}
    return shop.campaign(shop.variant(), **terms)


def opened(shop, campaign):
    made = shop.join(campaign, team=NEW_TEAM)
    shop.pay(made)
    return made


def rules(found):
    """Count refusals by their rule; a join's refusal is a text that names it."""
    words = [str(each) for each in found if isinstance(each, Exception)]
    return Counter(word.partition("rule=")[2].partition(" ")[0] or word for word in words)


def test_the_last_place_in_each_of_many_teams_goes_to_one(shop):
    campaign = teams(shop)
    firsts = [opened(shop, campaign) for _ in range(ROUNDS)]
    names = [first.order.group_id for first in firsts]
    wanted = [
        lambda team=team: Shop.join(shop, campaign, team=team) for team in names for _ in range(4)
    ]
    found = at_once(*wanted)
    assert rules(found) == {"seats_left": 3 * ROUNDS}
    assert Counter(seat.group_id for seat in shop.all(Seat)) == dict.fromkeys(names, 2)
    check_shop(shop)


def test_one_buyer_who_opens_twenty_teams_at_once_stays_within_the_limit(shop):
    campaign, who = teams(shop, limits=Limits(units_per_buyer=2)), shop.shopper()
    found = at_once(*[lambda: Shop.join(shop, campaign, who, team=NEW_TEAM) for _ in range(20)])
    assert rules(found) == {"within_buyer_limit": 18}
    assert len(shop.all(Group, campaign_id=campaign.id)) == 2
    check_shop(shop)


def test_the_same_key_twenty_times_at_once_opens_one_team(shop):
    campaign, who = teams(shop), shop.shopper()
    found = at_once(
        *[lambda: Shop.join(shop, campaign, who, team=NEW_TEAM, key="once") for _ in range(20)]
    )
    assert rules(found) == {}
    assert len(shop.all(Group, campaign_id=campaign.id)) == len(shop.all(Seat)) == 1


def test_late_money_and_a_newcomer_want_the_last_place_of_another_team(shop):
    campaign, late = teams(shop), []
    for _ in range(ROUNDS):
        first = opened(shop, campaign)
        late.append(shop.join(campaign, team=first.order.group_id))
        shop.announce(late[-1])
        shop.pass_time(minutes=16)
        shop.pay(shop.join(campaign, team=first.order.group_id))
    others = [opened(shop, campaign).order.group_id for _ in range(ROUNDS // 2)]

    def hear(made):
        word = PaymentReport(
            number=made.payment.number,
            outcome=PaymentOutcome.CAPTURED,
            amount=made.payment.due,
            provider_ref="late",
            paid_at=shop.clock.at,
        )
        return shop.desk.run(shop.system(), lambda w: payments.settle_payments(w, [word]))

    found = at_once(
        *[lambda made=made: hear(made) for made in late],
        *[lambda team=team: Shop.join(shop, campaign, team=team) for team in others],
    )
    assert set(rules(found)) <= {"seats_left", "team_is_open"}
    check_shop(shop)
    groups = [shop.get(Group, team) for team in others]
    assert all(each.live_buyers == 2 for each in groups)
    ended = sum(each.state is GroupState.ENDED for each in groups)
    assert ended == sum(shop.order(made).state is not OrderState.CLOSED for made in late)
