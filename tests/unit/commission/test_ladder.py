"""What a leader sold in a month, and the bonus that a step of the ladder gives on it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.application import commission
from groupbuy.application.ledger_reports import verify
from groupbuy.application.policy import Policy
from groupbuy.application.ports import AuditRow, Query
from groupbuy.domain.commission import (
    CommissionRole,
    Cycle,
    EntryState,
    Ladder,
    Performance,
    Purse,
    RateRule,
    SettlementRules,
    Step,
    bonus_of,
    ladder_for,
)
from groupbuy.domain.kernel import Forbidden, Invalid, Money, NotFound, Refused
from tests.support.earnings import FINANCE, TENANT, Earnings
from tests.support.statements import adjust, dispute, everything_is_right, statement_of

STEPS = (Step(Money(10_000), 100), Step(Money(50_000), 300))
NOVEMBER = datetime(2026, 11, 10, 4, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 3, 4, tzinfo=UTC)


def a_ladder(whose="shop", month="2026-11", steps=STEPS):
    return Ladder(f"{whose}/{month}", whose, month, steps, "usr_1", NOVEMBER)


def say(shop, steps=STEPS, whose="shop", month="", who=None):
    cmd = commission.SetLadder(whose, steps, "a busy autumn", month)
    return shop.desk.run(who or shop.system, lambda work: commission.set_ladder(work, cmd))


def apply(shop):
    return commission.apply_ladders(shop.desk, shop.system)


def bonuses(shop, leader):
    return [e for e in shop.entries(leader) if e.role is CommissionRole.LADDER]


def earned(shop, leader):
    return sum(entry.amount.minor for entry in bonuses(shop, leader))


@pytest.fixture
def november(shop):
    """A shop whose ladder holds in November, which runs."""
    say(shop)
    shop.clock.at = NOVEMBER
    return shop


@pytest.mark.parametrize(
    ("sales", "bp"), [(9_999, None), (10_000, 100), (49_999, 100), (50_000, 300), (10**9, 300)]
)
def test_the_highest_step_that_is_reached_counts(sales, bp):
    step = a_ladder().reached(sales)
    assert (step.bonus_bp if step else None) == bp


def test_a_leaders_own_ladder_comes_before_the_shops_until_it_is_taken_back():
    shops, own = a_ladder(), a_ladder("ldr_1", "2026-12")
    back, later = a_ladder("ldr_1", "2027-02", ()), a_ladder(month="2027-02")
    ladders = [later, back, own, shops]
    assert ladder_for(ladders, "ldr_1", "2026-10") is None
    assert ladder_for(ladders, "ldr_1", "2026-11") == shops
    assert ladder_for(ladders, "ldr_1", "2027-01") == own
    assert ladder_for(ladders, "ldr_2", "2027-01") == shops
    assert ladder_for(ladders, "ldr_1", "2027-02") == later
    assert ladder_for([*ladders, a_ladder(month="2027-03", steps=())], "ldr_1", "2027-03") is None


@given(st.dictionaries(st.integers(0, 3_000), st.integers(0, 10**7), max_size=5))
def test_a_bonus_never_breaks_the_ceiling_of_any_line(by_room):
    bonus = bonus_of(Step(Money(1), 2_000), {str(room): sold for room, sold in by_room.items()})
    assert 0 <= bonus * 10_000 <= sum(room * sold for room, sold in by_room.items())


def test_a_month_that_reached_a_step_gets_its_bonus_as_a_line_of_its_own(november):
    shop, leader = november, november.leader()
    shop.earn(leader, 30_000)
    shop.earn(leader, 25_000)
    assert apply(shop) == []
    shop.clock.at = DECEMBER
    (moved,) = apply(shop)
    (entry,) = bonuses(shop, leader)
    assert moved.amount == entry.amount.minor == 55_000 * 300 // 10_000
    assert (entry.base, entry.bp, entry.rule) == (Money(55_000), 300, RateRule.LADDER)
    assert entry.source == f"{leader.leader_id}/2026-11"
    assert shop.accounts()["promotion:platform"] == entry.amount.minor
    run = shop.settle("2026-11")
    assert [(s.lines, s.settled.minor) for s in run.settled] == [(3, 5_500 + 1_650)]
    assert shop.preview("2026-11").portions[0].totals.settled == Money(7_150)
    assert verify(shop.books()) == []


def test_a_month_below_the_first_step_gets_nothing(november):
    shop, leader = november, november.leader()
    shop.earn(leader, 9_999)
    shop.clock.at = DECEMBER
    assert apply(shop) == []
    assert bonuses(shop, leader) == []


def test_the_month_of_an_order_is_the_local_one_in_which_it_vested(november):
    shop, leader = november, november.leader()
    order = shop.confirm(shop.order(leader.leader_id, {1: 20_000}))
    shop.clock.at = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    shop.vest(order)
    shop.clock.at = datetime(2027, 1, 2, 4, tzinfo=UTC)
    apply(shop)
    assert [entry.source[-7:] for entry in bonuses(shop, leader)] == ["2026-12"]


def test_the_worker_applies_the_ladder_before_it_settles(november):
    shop, leader = november, november.leader()
    shop.earn(leader, 20_000)
    shop.clock.at = DECEMBER
    (statement,) = commission.settle_due(shop.desk, TENANT).settled
    assert statement.settled == Money(2_000 + 200)
    assert shop.available(leader) == 2_200


def test_applying_again_moves_nothing(november):
    shop, leader = november, november.leader()
    shop.earn(leader, 20_000)
    shop.clock.at = DECEMBER
    assert len(apply(shop)) == 1
    assert apply(shop) == []
    assert earned(shop, leader) == 200


def test_a_refund_before_the_statement_takes_the_step_back_with_it(november):
    shop, leader = november, november.leader()
    shop.earn(leader, 30_000)
    order = shop.earn(leader, 30_000)
    shop.clock.at = DECEMBER
    apply(shop)
    shop.refund(order, 1, 5)
    apply(shop)
    assert earned(shop, leader) == 45_000 * 100 // 10_000
    assert {entry.purse for entry in bonuses(shop, leader)} == {Purse.VESTED}
    shop.settle("2026-11")
    assert shop.available(leader) == 4_500 + 450
    assert verify(shop.books()) == []


def test_a_refund_after_the_statement_is_claimed_from_what_is_available(november):
    shop, leader = november, november.leader()
    order = shop.earn(leader, 20_000)
    shop.clock.at = DECEMBER
    commission.settle_due(shop.desk, TENANT)
    shop.refund(order, 1, 6)
    apply(shop)
    assert shop.available(leader) == 8_000 * 1_000 // 10_000
    assert [entry.state for entry in bonuses(shop, leader)] == [
        EntryState.REVERSED,
        EntryState.VESTED,
    ]
    assert verify(shop.books()) == []


def test_the_ceiling_holds_for_the_bonus_too_and_the_entry_says_what_it_took(november):
    shop, leader, host = november, november.leader(), november.leader("北门")
    point = shop.pickup_point(host.leader_id, 1_900)
    shop.vest(shop.confirm(shop.order(leader.leader_id, {1: 60_000}, pickup_point_id=point)))
    shop.clock.at = DECEMBER
    apply(shop)
    (entry,) = bonuses(shop, leader)
    assert (entry.amount, entry.cut) == (Money(600), Money(1_200))


def test_a_rate_that_a_dispute_raised_leaves_the_bonus_less_room_below_the_ceiling(november):
    shop, leader = november, november.leader()
    shop.earn(leader, 60_000)
    shop.clock.at = DECEMBER
    commission.settle_due(shop.desk, TENANT)
    assert earned(shop, leader) == 1_800
    page = statement_of(shop, leader, "2026-11")
    line = next(e for e in page.lines if e.role is not CommissionRole.LADDER)
    adjust(shop, dispute(shop, leader, page.lines.index(line), period="2026-11"), 2_900)
    apply(shop)
    assert earned(shop, leader) == 600
    assert sum(e.amount.minor for e in shop.entries(leader)) == 60_000 * 3_000 // 10_000
    everything_is_right(shop, "2026-11")


def test_a_bonus_may_be_doubted_and_has_no_rate_to_adjust(november):
    shop, leader = november, november.leader()
    shop.earn(leader, 60_000)
    shop.clock.at = DECEMBER
    commission.settle_due(shop.desk, TENANT)
    page = statement_of(shop, leader, "2026-11")
    bonus = next(e for e in page.lines if e.role is CommissionRole.LADDER)
    doubt = dispute(shop, leader, page.lines.index(bonus), period="2026-11")
    with pytest.raises(Refused) as refused:
        adjust(shop, doubt, 400)
    assert refused.value.facts["rule"] == "rate_belongs_to_an_order_line"
    shop.desk.run(FINANCE, lambda w: commission.uphold(w, doubt.id, "so the ladder says"))
    assert earned(shop, leader) == 1_800
    everything_is_right(shop, "2026-11")


def test_own_purchases_and_what_others_sold_do_not_count(november):
    shop, leader, other = november, november.leader(), november.leader("别人")
    shop.vest(shop.confirm(shop.order(leader.leader_id, {1: 90_000}, buyer_id=leader.user_id)))
    shop.earn(other, 20_000)
    shop.clock.at = DECEMBER
    apply(shop)
    assert (earned(shop, leader), earned(shop, other)) == (0, 200)


@given(st.permutations([("vest", 0), ("vest", 1), ("refund", 0), ("refund", 1), ("apply", 0)]))
def test_the_order_of_events_does_not_matter(moves):
    shop = Earnings(MemoryDatabase())
    say(shop)
    shop.clock.at = NOVEMBER
    leader = shop.leader()
    orders = [shop.confirm(shop.order(leader.leader_id, {1: net})) for net in (33_333, 44_445)]
    for move, number in moves:
        if move == "vest":
            orders[number] = shop.vest(orders[number])
        elif move == "refund":
            orders[number] = shop.refund(orders[number], 1, 3 + number)
        else:
            apply(shop)
    shop.clock.at = DECEMBER
    apply(shop)
    sold = sum(order.lines[0].base.minor for order in orders)
    assert earned(shop, leader) == sold * (300 if sold >= 50_000 else 100) // 10_000
    assert verify(shop.books()) == []


def test_a_ladder_is_set_before_its_month_and_never_after(shop):
    made = say(shop)
    assert (made.id, made.month) == ("shop/2026-11", "2026-11")
    with pytest.raises(Refused) as refusal:
        say(shop, month="2026-10")
    assert refusal.value.rule == "ladder_is_known_before_its_month"
    say(shop, STEPS[:1])
    (kept,) = shop.desk.read(shop.system, lambda w: commission.list_ladders(w, 9))
    assert (kept.id, kept.steps) == ("shop/2026-11", STEPS[:1])


def test_setting_a_ladder_is_audited_with_its_steps(shop):
    say(shop)
    (row,) = shop.desk.read(shop.system, lambda w: w.of(AuditRow).select(Query()))
    assert (row.action, row.subject, row.reason) == (
        "commission_ladder.set",
        "shop/2026-11",
        "a busy autumn",
    )
    assert row.facts == {"steps": "10000:100, 50000:300"}


@pytest.mark.parametrize(
    "steps",
    [
        (Step(Money(0), 100),),
        (Step(Money(100), 3_001),),
        (Step(Money(100), 100), Step(Money(100), 200)),
        (Step(Money(100, "USD"), 100),),
        tuple(Step(Money(n), 1) for n in range(1, 22)),
    ],
)
def test_steps_that_make_no_sense_are_refused(shop, steps):
    with pytest.raises(Invalid):
        say(shop, steps)


def test_a_ladder_needs_an_operator_a_month_and_a_leader_who_exists(shop):
    with pytest.raises(Forbidden):
        say(shop, who=FINANCE)
    with pytest.raises(Invalid):
        say(shop, month="2026-W50")
    with pytest.raises(NotFound):
        say(shop, whose="ldr_none")


def test_a_bonus_on_a_shorter_cycle_stands_on_the_statement_of_the_months_last_day():

    shop = Earnings(MemoryDatabase(), Policy(settlement=SettlementRules(Cycle.WEEKLY)))
    say(shop)
    shop.clock.at = NOVEMBER
    leader = shop.leader()
    shop.earn(leader, 20_000)
    shop.clock.at = NOVEMBER + timedelta(days=35)
    apply(shop)
    assert shop.preview("2026-W48").portions[0].totals.settled == Money(2_000)
    assert shop.preview("2026-W49").portions[0].totals.settled == Money(2_200)


def test_sales_are_what_is_left_of_the_lines_a_leader_earned_on(november):
    shop, leader = november, november.leader()
    order = shop.earn(leader, 20_000)
    shop.refund(order, 1, 4)
    key = f"{leader.leader_id}/2026-11"
    found = shop.desk.read(shop.system, lambda w: w.of(Performance).get(key))
    assert (dict(found.sales), found.total) == ({"2000": 12_000}, 12_000)
