"""An after-sale case by itself, and the arithmetic of refunds by unit."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.aftersale import (
    AFTER_SALE,
    KIND_TEXTS,
    OPEN,
    REASON_TEXTS,
    SILENCE_TEXTS,
    STATE_TEXTS,
    TURNS,
    AfterSale,
    CaseState,
    Kind,
    Reason,
    ReturnParcel,
    apply,
)
from groupbuy.domain.aftersale.states import (
    an_operator_has_decided,
    goods_are_exchanged,
    goods_came_back_uncounted,
    goods_come_back,
    money_goes_back,
    no_operator_has_decided,
    nothing_comes_back,
)
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
    back, _ = sent.receive_back(NOON, NOON)
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


REFUND = evolve(CASE, kind=Kind.REFUND_ONLY)
EXCHANGE = evolve(CASE, kind=Kind.EXCHANGE)
SENT = evolve(CASE, return_number="SF1")


def facts(**wanted):
    """A case of which everything else is not so."""
    plain = dict.fromkeys(("goods_come_back", "sent_back", "exchanges", "ruled", "counted"), False)
    return SimpleNamespace(**plain | wanted)


HOLDS = {
    goods_come_back: facts(goods_come_back=True),
    nothing_comes_back: facts(),
    goods_are_exchanged: facts(exchanges=True),
    money_goes_back: facts(),
    no_operator_has_decided: facts(),
    an_operator_has_decided: facts(ruled=True),
    goods_came_back_uncounted: facts(sent_back=True),
}
FAILS = {
    goods_come_back: [facts(), facts(goods_come_back=True, sent_back=True)],
    nothing_comes_back: [facts(goods_come_back=True)],
    goods_are_exchanged: [facts()],
    money_goes_back: [facts(exchanges=True)],
    no_operator_has_decided: [facts(ruled=True)],
    an_operator_has_decided: [facts()],
    goods_came_back_uncounted: [facts(), facts(sent_back=True, counted=True)],
}


@pytest.mark.parametrize("reason", [Reason.NOT_RECEIVED, Reason.MISSING])
@pytest.mark.parametrize("case", [CASE, EXCHANGE], ids=["return", "exchange"])
def test_what_never_came_cannot_come_back(case, reason):
    with pytest.raises(Refused) as refusal:
        apply(evolve(case, reason=reason), [])
    assert refusal.value.rule == "goods_are_there_to_come_back"
    apply(evolve(REFUND, reason=reason), [])


@pytest.mark.parametrize("edge", AFTER_SALE.edges, ids=lambda e: f"{e.source}-{e.move}")
def test_every_edge_is_taken_where_its_guard_holds_and_refused_where_not(edge):
    (guard,) = edge.guards or (None,)
    assert AFTER_SALE.fire(edge.source, edge.move, HOLDS.get(guard, facts())) is edge
    for wrong in FAILS.get(guard, ()):
        with pytest.raises(Refused) as refusal:
            AFTER_SALE.fire(edge.source, edge.move, wrong)
        assert refusal.value.rule == guard.__name__


def test_whoever_waits_is_told_so_in_every_state_and_language():
    assert {state for state in CaseState if state in TURNS} == OPEN
    assert set(SILENCE_TEXTS) == OPEN - {CaseState.REFUNDING} | {CaseState.REFUSED}
    assert (set(STATE_TEXTS), set(KIND_TEXTS), set(REASON_TEXTS)) == (
        set(CaseState),
        set(Kind),
        set(Reason),
    )
    for texts in (STATE_TEXTS, KIND_TEXTS, REASON_TEXTS, SILENCE_TEXTS):
        assert all(all(words) for words in texts.values())
        assert len(set(texts.values())) == len(texts)


def test_a_refusal_may_be_brought_to_an_operator_until_then_and_once():
    later = NOON + timedelta(days=3)
    refused, _ = REFUND.refuse("usr_m", "sealed", later, NOON)
    assert (refused.open_line, refused.finished_at) == ("", NOON)
    assert refused.may_be_escalated(NOON)
    assert not refused.may_be_escalated(later)
    with pytest.raises(Refused) as refusal:
        refused.escalate("sealed", later, later)
    assert refusal.value.rule == "before_the_deadline_of_the_case"
    opened, _ = refused.escalate("sealed", later, NOON)
    assert (opened.state, opened.open_line, opened.finished_at) == (
        CaseState.ESCALATED,
        "ord_1/1",
        None,
    )
    over, _ = opened.reject("usr_o", "sealed", NOON)
    assert not over.may_be_escalated(NOON)
    with pytest.raises(Refused) as refusal:
        over.escalate("sealed", later, NOON)
    assert refusal.value.rule == "no_operator_has_decided"


def test_what_an_operator_refused_is_not_asked_again_for_the_same_reason():
    over = evolve(CASE, id="afs_0", state=CaseState.REFUSED, ruled_by="usr_o", open_line="")
    with pytest.raises(Refused) as refusal:
        apply(CASE, [over])
    assert refusal.value.rule == "an_operator_has_the_last_word"
    apply(evolve(REFUND, reason=Reason.MISSING), [over])
    apply(evolve(CASE, line_no=2, open_line="ord_1/2"), [over])
    apply(CASE, [evolve(over, ruled_by="")])


def test_goods_are_counted_once_also_when_the_case_is_over():
    back = evolve(SENT, state=CaseState.RETURN_RECEIVED, units=3)
    for good, damaged in ((-1, 0), (0, -1), (2, 2)):
        with pytest.raises(Invalid):
            back.inspect(good, damaged, NOON)
    counted, (event,) = back.inspect(2, 1, NOON)
    assert (counted.state, event.data["good"], event.data["damaged"]) == (back.state, 2, 1)
    done = evolve(back, state=CaseState.DONE, open_line="", finished_at=NOON)
    late, _ = done.inspect(3, 0, NOON + timedelta(days=9))
    assert (late.finished_at, late.open_line) == (NOON, "")
    with pytest.raises(Refused):
        late.inspect(3, 0, NOON)


def test_an_exchange_pays_nothing_before_its_time_and_has_a_replacement_of_its_own():
    back = evolve(EXCHANGE, state=CaseState.RETURN_RECEIVED, return_number="SF1")
    with pytest.raises(Refused) as refusal:
        back.grant(Money(1), NOON)
    assert refusal.value.rule == "money_goes_back"
    waiting, _ = back.await_replacement(NOON, NOON)
    sent, _ = waiting.send_replacement("shp_1", NOON, NOON)
    done, _ = sent.accept(NOON)
    assert (done.replaced, done.refund, done.replacement_id) == (True, None, "shp_1")
    assert not waiting.grant(Money(1), NOON)[0].finish(NOON)[0].replaced
    with pytest.raises(Refused) as refusal:
        evolve(SENT, state=CaseState.RETURN_RECEIVED).await_replacement(NOON, NOON)
    assert refusal.value.rule == "goods_are_exchanged"


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
