"""An after-sale case by itself, and the arithmetic of refunds by unit."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.aftersale import AfterSale, CaseState, Kind, Reason, ReturnParcel, apply
from groupbuy.domain.kernel import IllegalMove, Invalid, Money, Refused
from groupbuy.domain.ordering import LineKind, OrderLine

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CASE = AfterSale(
    id="afs_1",
    order_id="ord_1",
    line_no=1,
    buyer_id="usr_1",
    merchant_id="mch_1",
    kind=Kind.RETURN_AND_REFUND,
    units=1,
    reason=Reason.DAMAGED,
    applied_at=NOON,
    decide_by=NOON + timedelta(hours=24),
    open_line="ord_1/1",
)


def test_goods_come_back_before_money_goes():
    approved, _ = CASE.approve("usr_m", "", NOON, NOON)
    with pytest.raises(Refused):
        approved.grant(Money(1), NOON)
    sent, _ = approved.ship_back(ReturnParcel("sf", "SF1"), NOON, NOON)
    back, _ = sent.receive_back(NOON)
    granted, _ = back.grant(Money(1), NOON)
    done, _ = granted.finish(NOON)
    assert (done.state, done.open_line, done.refund) == (CaseState.DONE, "", Money(1))


def test_money_alone_goes_back_at_once_and_nothing_is_sent():
    approved, _ = evolve(CASE, kind=Kind.REFUND_ONLY).approve("usr_m", "", NOON, NOON)
    with pytest.raises(Refused):
        approved.ship_back(ReturnParcel("sf", "SF1"), NOON, NOON)
    assert approved.grant(Money(1), NOON)[0].state is CaseState.REFUNDING


def test_a_case_whose_goods_are_on_their_way_is_not_cancelled():
    sent, _ = CASE.approve("u", "", NOON, NOON)[0].ship_back(ReturnParcel("sf", "1"), NOON, NOON)
    with pytest.raises(IllegalMove):
        sent.cancel(NOON)


def test_a_line_has_one_open_case_and_a_case_three_pictures():
    with pytest.raises(Refused) as refusal:
        apply(CASE, [evolve(CASE, id="afs_2")])
    assert refusal.value.rule == "one_open_case_a_line"
    apply(CASE, [CASE.cancel(NOON)[0]])
    with pytest.raises(Invalid):
        apply(evolve(CASE, pictures=("a", "b", "c", "d")), [])
    with pytest.raises(Invalid):
        apply(evolve(CASE, units=0), [])


@given(st.integers(0, 10_000_000), st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_refunds_by_unit_end_in_the_same_fen_whichever_way_they_go(net, steps):
    money, zero = Money(net), Money(0)
    line = OrderLine(1, LineKind.GOODS, "s", "p", "t", "", sum(steps), money, money, refunded=zero)
    whole, at_once = line.refund(line.units)
    total = zero
    for units in steps:
        line, back = line.refund(units)
        assert back >= zero
        total = total + back
    assert (total, line) == (at_once, whole)
    assert total == money
