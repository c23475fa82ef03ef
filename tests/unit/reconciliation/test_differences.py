"""A bill against our own records: every kind of difference, midnight, duplicates, fees."""

from datetime import date, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.application.ports import BillLine, Query
from groupbuy.application.reconciliation import Ask, Bill, fetch_bill, light, reconcile
from groupbuy.application.steps.reading import every
from groupbuy.domain.commission import Withdrawal, WithdrawalState
from groupbuy.domain.kernel import Money
from groupbuy.domain.ledger import Journal
from groupbuy.domain.payments import Payment, PaymentState, Refund, RefundCause, RefundState
from groupbuy.domain.reconciliation import Line, Movement, Reconciliation
from tests.support.shop import NOON, Shop

DAY = date(2026, 11, 2)
LATER = NOON + timedelta(days=2)
ASK = Ask("memory", DAY, DAY)


def payment(shop, minor=100, at=NOON, **changes):
    made = Payment(
        id=shop.ids.new("pay"),
        order_id="ord",
        group_id="grp",
        buyer_id="usr",
        provider="memory",
        due=Money(minor),
        created_at=at,
        expires_at=at,
        state=PaymentState.CAPTURED,
        captured=Money(minor),
        paid_at=at,
    )
    return shop.store(evolve(made, **changes))


def refund(shop, of, state=RefundState.SUCCEEDED, minor=40, at=NOON):
    return shop.store(
        Refund(
            id=shop.ids.new("rfd"),
            payment_id=of.id,
            order_id="ord",
            cause=RefundCause.MERCHANT,
            effect_key=str(next(shop._keys)),
            amount=Money(minor),
            granted_at=at,
            state=state,
            finished_at=at if state is RefundState.SUCCEEDED else None,
        )
    )


def line_of(thing):
    if isinstance(thing, Payment):
        return Line(Movement.PAYMENT, thing.number, thing.captured, thing.paid_at)
    return Line(Movement.REFUND, thing.number, -thing.amount, thing.granted_at)


def run(shop, *lines, ask=ASK, now=LATER, since=None, until=None):
    shop.clock.at = now
    bill = Bill(lines, since or NOON - timedelta(days=2), until or NOON + timedelta(days=2))
    return reconcile(shop.desk, shop.system(), ask, bill)


def only(result):
    (finding,) = result.findings
    return finding


@pytest.fixture
def shop():
    return Shop()


def test_a_bill_that_agrees_is_clean(shop):
    paid = payment(shop)
    result = run(shop, line_of(paid), line_of(refund(shop, paid)))
    assert (result.clean, result.matched, result.counts) == (True, 2, {})


def test_a_number_nobody_here_knows_is_missing_here(shop):
    finding = only(run(shop, Line(Movement.PAYMENT, "Pstranger", Money(5), NOON)))
    assert (finding.difference, finding.advice, finding.command) == ("missing_here", "stranger", "")


def test_a_payment_the_bill_leaves_out_is_missing_there(shop):
    paid = payment(shop)
    finding = only(run(shop))
    assert (finding.difference, finding.number, finding.day) == ("missing_there", paid.number, DAY)
    assert (finding.ours, finding.our_state, finding.theirs) == (Money(100), "captured", None)


def test_another_amount_is_a_difference_with_both_sides(shop):
    paid = payment(shop)
    finding = only(run(shop, evolve(line_of(paid), amount=Money(99))))
    assert (finding.difference, finding.ours, finding.theirs) == ("amount", Money(100), Money(99))


def test_money_on_the_bill_for_a_refund_that_needs_a_person_names_the_retry(shop):
    stuck = refund(shop, payment(shop, at=NOON - timedelta(days=9)), RefundState.NEEDS_OPERATOR)
    finding = only(run(shop, line_of(stuck), now=NOON + timedelta(days=5)))
    assert (finding.difference, finding.our_state) == ("state", "needs_operator")
    assert finding.command == f'groupbuy refund retry {stuck.id} --reason "…"'


def test_a_refund_paid_otherwise_is_on_no_bill_and_a_difference_where_it_is(shop):
    paid = payment(shop, at=NOON - timedelta(days=400))
    done = shop.store(
        evolve(
            refund(shop, paid),
            id=shop.ids.new("rfd"),
            effect_key="otherwise",
            vouched_by=("usr_f", "usr_g"),
            version=0,
        )
    )
    told = run(shop)
    assert done.number not in {finding.number for finding in told.findings}
    found = {f.number: f for f in run(shop, line_of(done)).findings}
    assert (found[done.number].difference, found[done.number].advice) == ("state", "ended_unpaid")


def test_a_young_refund_on_its_way_is_open_and_an_old_one_a_difference(shop):
    sent = refund(shop, payment(shop, at=NOON - timedelta(days=9)), RefundState.SUBMITTED)
    young = run(shop)
    assert (young.clean, young.counts) == (True, {"open": 1})
    finding = only(run(shop, now=NOON + timedelta(days=4)))
    assert finding.difference == "state"
    assert finding.command == f'groupbuy outbox replay refund/{sent.id} --reason "…"'


def payout(shop, state, asked_at):
    return shop.store(
        Withdrawal(
            id=shop.ids.new("wdr"),
            leader_id="ldr",
            requested_by="usr",
            amount=Money(500),
            channel="bank_card",
            account_sealed="",
            name_sealed="",
            owner_id="usr",
            requested_at=asked_at,
            state=state,
        )
    )


@pytest.mark.parametrize("state", ["approved", "submitted", "awaiting_user", "needs_operator"])
def test_a_payout_nobody_is_certain_of_is_a_difference_however_old_it_is(shop, state):
    stuck = payout(shop, WithdrawalState(state), NOON - timedelta(days=400))
    payout(shop, WithdrawalState.CANCELLED, NOON - timedelta(days=400))
    finding = only(run(shop, ask=evolve(ASK, provider=shop.kit.policy.provider)))
    assert (finding.difference, finding.our_state) == ("state", state)
    assert finding.command == f'groupbuy withdrawal pay {stuck.id} --reason "…"'


@pytest.mark.parametrize("state", ["created", "pending", "closed", "failed"])
def test_money_on_the_bill_that_never_arrived_here_is_asked_about(shop, state):
    unpaid = payment(shop, state=PaymentState(state), captured=None, paid_at=None)
    line = Line(Movement.PAYMENT, unpaid.number, Money(100), NOON)
    finding = only(run(shop, line, now=NOON + timedelta(days=5)))
    assert (finding.difference, finding.our_state) == ("state", state)
    assert finding.command == f'groupbuy reconcile ask {unpaid.number} --reason "…"'


def test_a_line_that_stands_there_twice_is_a_duplicate(shop):
    line = line_of(payment(shop))
    result = run(shop, line, line)
    assert (only(result).difference, result.matched) == ("duplicate", 1)


def test_a_movement_just_before_midnight_may_stand_on_the_next_bill(shop):
    late = NOON + timedelta(hours=11, minutes=59)  # a minute before midnight in Shanghai
    paid = payment(shop, at=late)
    midnight = NOON + timedelta(hours=12)
    assert run(shop, evolve(line_of(paid), at=midnight)).clean
    assert run(shop, until=midnight).counts == {"open": 1}
    assert run(shop).counts == {"missing_there": 1}


def test_a_fee_is_reported_and_booked_only_when_asked_and_only_once(shop):
    fee = Line(Movement.FEE, "F1", Money(-60), NOON)
    finding = only(run(shop, fee))
    assert finding.difference == "missing_here"
    assert finding.command.endswith('--from 2026-11-02 --to 2026-11-02 --book-fees --reason "…"')
    booking = evolve(ASK, book_fees=True, reason="fees of November")
    assert [run(shop, fee, ask=booking).fees_booked for _ in range(3)] == [1, 0, 0]
    assert shop.balances() == {"provider_fees": 60, "clearing:memory": -60}
    assert run(shop, fee).clean
    with shop.begin(shop.tenant, write=False) as tx:
        assert len(list(every(tx.of(Journal), Query()))) == 1


def test_another_tenants_lines_on_the_same_account_are_no_strangers(shop):
    neighbour = Shop(shop.begin, tenant="other")
    neighbour.ids = shop.ids
    line = line_of(payment(neighbour))
    assert run(shop, line, ask=evolve(ASK, neighbours=("other",))).clean


def test_the_bill_is_asked_for_with_the_days_beside(shop):
    asked = []

    class Source:
        def bill(self, day=None):
            asked.append(day)
            return [BillLine("payment", f"P{day}", Money(1), NOON)]

    shop.clock.at = LATER
    bill = fetch_bill(shop.desk, Source(), ASK)
    assert asked == [date(2026, 11, 1), DAY, date(2026, 11, 3)]
    assert len(bill.lines) == 3


def test_the_light_is_red_without_a_run_and_green_for_a_day_after_a_clean_one(shop):
    def lit():
        return shop.desk.read(shop.system(), lambda w: light(w, ["memory"])).providers[0]

    assert (lit().green, lit().why) == (False, "never")
    run(shop, now=NOON + timedelta(days=1))
    assert (lit().green, lit().why) == (True, "clean")
    shop.clock.forward(hours=25)
    assert (lit().green, lit().why) == (False, "old")
    payment(shop)
    run(shop, now=NOON + timedelta(days=1, hours=2))
    assert lit().why == "differences"


def test_a_run_is_kept_with_its_findings(shop):
    result = run(shop, Line(Movement.PAYOUT, "W1", Money(-5), NOON))
    assert shop.get(Reconciliation, result.id) == result


@given(
    amounts=st.lists(st.integers(1, 10**9), min_size=1, max_size=6),
    place=st.integers(0, 100),
    change=st.sampled_from(["gone", "more", "twice"]),
)
def test_a_bill_of_our_own_records_agrees_and_any_one_change_is_the_one_difference(
    amounts, place, change
):
    shop = Shop()
    things = [payment(shop, minor) for minor in amounts]
    things += [refund(shop, paid, minor=paid.captured.minor) for paid in things[::2]]
    lines = [line_of(thing) for thing in things]
    assert run(shop, *lines).clean
    place %= len(lines)
    line = lines.pop(place)
    changed = {
        "gone": [],
        "more": [evolve(line, amount=line.amount + Money(1))],
        "twice": [line] * 2,
    }
    finding = only(run(shop, *lines, *changed[change]))
    names = {"gone": "missing_there", "more": "amount", "twice": "duplicate"}
    assert (finding.difference, finding.number) == (names[change], line.number)
