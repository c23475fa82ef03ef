"""The invariants about after-sale cases: each planted defect is seen, a healthy case is not."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from groupbuy.application.invariants import Evidence
from groupbuy.application.invariants.effects import nothing_is_overdue
from groupbuy.application.ports import Task
from groupbuy.domain.aftersale import AfterSale, CaseState, Kind, Reason
from groupbuy.domain.invariants import (
    Books,
    cases_are_paid_as_granted,
    goods_of_cases_are_counted,
    lines_have_one_open_case,
)
from groupbuy.domain.kernel import Money
from groupbuy.domain.logistics import Shipment
from groupbuy.domain.payments import Refund, RefundCause, RefundState

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DONE = AfterSale(
    id="afs_1",
    order_id="ord_1",
    line_no=1,
    buyer_id="usr_1",
    merchant_id="mch_1",
    kind=Kind.RETURN_AND_REFUND,
    units=3,
    reason=Reason.DAMAGED,
    applied_at=NOON,
    decide_by=NOON + timedelta(hours=24),
    open_line="",
    return_number="SF1",
    good_units=2,
    damaged_units=1,
    refund=Money(300),
    state=CaseState.DONE,
)
PAID = Refund(
    "rfd_1",
    "pay_1",
    "ord_1",
    RefundCause.AFTER_SALE,
    "afs_1",
    Money(300),
    NOON,
    state=RefundState.SUCCEEDED,
)
OPEN = evolve(DONE, state=CaseState.APPLIED, open_line="ord_1/1", refund=None)
TASK = Task("after_sale/afs_1", "after_sale", "afs_1", NOON)


def numbers(check, **books):
    return [finding.invariant for finding in check(Books(**books))]


def test_a_case_that_was_paid_as_granted_is_well():
    assert numbers(cases_are_paid_as_granted, cases=[DONE], refunds=[PAID]) == []
    underway = evolve(PAID, state=RefundState.CREATED)
    waiting = evolve(DONE, state=CaseState.REFUNDING)
    assert numbers(cases_are_paid_as_granted, cases=[waiting], refunds=[underway]) == []
    free = evolve(DONE, refund=Money(0))
    assert numbers(cases_are_paid_as_granted, cases=[free]) == []
    assert numbers(cases_are_paid_as_granted, cases=[OPEN]) == []


@pytest.mark.parametrize(
    ("case", "refunds"),
    [
        (DONE, []),
        (evolve(DONE, refund=Money(299)), [PAID]),
        (evolve(DONE, refund=None), [PAID]),
        (DONE, [PAID, evolve(PAID, id="rfd_2")]),
        (evolve(DONE, state=CaseState.REFUNDING), [PAID]),
        (DONE, [evolve(PAID, state=RefundState.SUBMITTED)]),
        (evolve(DONE, id="afs_2", refund=None), [PAID]),
    ],
)
def test_money_that_differs_from_what_was_granted_is_found(case, refunds):
    assert set(numbers(cases_are_paid_as_granted, cases=[case], refunds=refunds)) == {11}


def test_a_line_has_one_open_case_that_holds_it():
    assert numbers(lines_have_one_open_case, cases=[DONE, OPEN]) == []
    assert numbers(lines_have_one_open_case, cases=[evolve(DONE, open_line="ord_1/1")]) == [11]
    assert numbers(lines_have_one_open_case, cases=[evolve(OPEN, open_line="")]) == [11]
    assert numbers(lines_have_one_open_case, cases=[OPEN, evolve(OPEN, id="afs_2")]) == [11]


@pytest.mark.parametrize(
    "changes",
    [
        {"return_number": ""},
        {"good_units": 3},
        {"good_units": -1},
        {"damaged_units": -1},
        {"good_units": None},
        {"replacement_id": "shp_1"},
    ],
)
def test_goods_that_do_not_add_up_are_found(changes):
    assert numbers(goods_of_cases_are_counted, cases=[DONE]) == []
    assert numbers(goods_of_cases_are_counted, cases=[evolve(DONE, **changes)]) == [13]


def test_a_replacement_is_a_parcel_of_its_order():
    case = evolve(DONE, replacement_id="shp_1")
    parcel = Shipment("shp_1", "ord_1", "mch_1", NOON)
    assert numbers(goods_of_cases_are_counted, cases=[case], shipments=[parcel]) == []
    strange = evolve(parcel, order_id="ord_2")
    assert numbers(goods_of_cases_are_counted, cases=[case], shipments=[strange]) == [13]


def overdue(case, *tasks):
    evidence = Evidence(Books(cases=[case]), NOON, at_rest=True, tasks=tasks)
    return [finding.invariant for finding in nothing_is_overdue(evidence)]


def test_a_case_does_not_wait_past_its_deadline_or_unheard():
    assert overdue(OPEN, TASK) == []
    assert overdue(OPEN) == [23]
    assert overdue(OPEN, evolve(TASK, state="done")) == [23]
    assert overdue(OPEN, evolve(TASK, subject="afs_2")) == [23]
    assert overdue(evolve(OPEN, decide_by=NOON - timedelta(minutes=3)), TASK) == [23]
    assert overdue(DONE) == []
    assert overdue(evolve(OPEN, state=CaseState.REFUNDING)) == []
