from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.commission import (
    NOTHING_YET,
    TaxMethod,
    Withdrawal,
    WithdrawalRules,
    WithdrawalState,
    YearSoFar,
    approve,
    approvers_needed,
    cooled_down,
    hold,
    payout_number,
    tax_on,
    withdrawal_id_of,
    within_limits,
)
from groupbuy.domain.kernel import IllegalMove, Invalid, Money, Refused

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


def a_withdrawal(minor=50_000, **changes):
    withdrawal = Withdrawal(
        id="wdr_1",
        leader_id="ldr_1",
        requested_by="usr_leader",
        amount=Money(minor),
        channel="bank_card",
        account_sealed="…",
        name_sealed="…",
        owner_id="usr_leader",
        requested_at=NOON,
    )
    return evolve(withdrawal, **changes)


def agree(withdrawal, who, beneficiary="usr_leader"):
    return approve(withdrawal, who, beneficiary=beneficiary, now=NOON)[0]


def test_one_person_is_enough_up_to_the_limit():
    assert approvers_needed(Money(50_000)) == 1
    assert agree(a_withdrawal(50_000), "usr_a").state is WithdrawalState.APPROVED


def test_one_fen_above_the_limit_takes_two_different_people():
    first = agree(a_withdrawal(50_001), "usr_a")
    assert first.state is WithdrawalState.REQUESTED
    with pytest.raises(Refused) as refusal:
        agree(first, "usr_a")
    assert refusal.value.rule == "approver_is_a_second_person"
    second = agree(first, "usr_b")
    assert (second.state, second.approvals) == (WithdrawalState.APPROVED, ("usr_a", "usr_b"))


@pytest.mark.parametrize("who", ["usr_requester", "usr_leader"])
def test_neither_who_asked_nor_who_gets_it_may_approve(who):
    with pytest.raises(Refused) as refusal:
        agree(a_withdrawal(requested_by="usr_requester"), who)
    assert refusal.value.rule == "approver_is_somebody_else"


def test_what_is_approved_or_on_hold_cannot_be_approved():
    for state in (WithdrawalState.APPROVED, WithdrawalState.ON_HOLD, WithdrawalState.PAID):
        with pytest.raises(IllegalMove):
            agree(a_withdrawal(state=state), "usr_a")


def test_a_hold_takes_the_approvals_back_and_needs_a_reason():
    first = agree(a_withdrawal(50_001), "usr_a")
    held, _ = hold(first, "card unverified", NOON)
    assert (held.state, held.approvals) == (WithdrawalState.ON_HOLD, ())
    with pytest.raises(Invalid):
        hold(first, " ", NOON)


@pytest.mark.parametrize(
    ("minor", "leader_today", "tenant_today", "rule"),
    [
        (99, 0, 0, "withdrawal_reaches_the_minimum"),
        (1_001, 0, 0, "withdrawal_within_the_cap"),
        (1_000, 1_001, 1_001, "withdrawals_of_the_day_within_the_cap"),
        (1_000, 0, 2_001, "all_withdrawals_of_the_day_within_the_cap"),
    ],
)
def test_an_amount_beyond_a_limit_is_refused(minor, leader_today, tenant_today, rule):
    rules = WithdrawalRules(
        minimum=100, per_withdrawal=1_000, per_leader_day=2_000, per_tenant_day=3_000
    )
    with pytest.raises(Refused) as refusal:
        within_limits(
            Money(minor), leader_today=leader_today, tenant_today=tenant_today, rules=rules
        )
    assert refusal.value.rule == rule
    within_limits(Money(1_000), leader_today=1_000, tenant_today=2_000, rules=rules)


def test_money_cools_down_for_exactly_forty_eight_hours():
    cooled_down([None, NOON - timedelta(hours=48)], NOON)
    with pytest.raises(Refused):
        cooled_down([NOON - timedelta(hours=48) + timedelta(microseconds=1), None], NOON)


def test_a_number_leads_back_to_its_withdrawal():
    assert withdrawal_id_of(payout_number("wdr_01K")) == "wdr_01K"


@pytest.mark.parametrize(("income", "tax"), [(600_000, 96_000), (3_000_000, 520_000), (80_000, 0)])
def test_labour_service_tax_follows_the_table(income, tax):
    assert tax_on(TaxMethod.LABOUR_SERVICE, income) == tax


def test_cumulative_tax_of_thirty_thousand_a_month():
    year, withheld = NOTHING_YET, []
    for month in (1, 2, 3):
        year = YearSoFar(year.income, year.withheld, month)
        tax = tax_on(TaxMethod.PLATFORM_CUMULATIVE, 3_000_000, year)
        withheld.append(tax)
        year = YearSoFar(year.income + 3_000_000, year.withheld + tax, month)
    assert withheld == [57_000, 71_000, 190_000]


@given(st.sampled_from(TaxMethod), st.integers(1, 10**9), st.integers(0, 10**9), st.integers(1, 12))
def test_tax_is_never_negative_and_never_all_of_it(method, income, before, month):
    tax = tax_on(method, income, YearSoFar(before, 0, month))
    assert 0 <= tax <= income
    assert method is not TaxMethod.NONE or tax == 0
