"""The invariants themselves: silent about a healthy shop, and each sees what it is there to see."""

import pytest
from attrs import evolve

from groupbuy.domain.campaigns import Capacity, GroupState, Limits, Measure, Quorum, SeatState
from groupbuy.domain.invariants import ALWAYS, AT_REST, Movement, check
from groupbuy.domain.kernel import Money
from groupbuy.domain.ledger import Balance, JournalLine, reverse
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import RefundCause
from tests.support.checks import books_of
from tests.support.shop import Shop


@pytest.fixture(scope="module")
def lived():
    """A shop with a formed group, a failed one, a refunded order and somebody still to pay."""
    shop = Shop()
    shop.merchant(fee_bp=100)
    leader = shop.leader(commission_bp=500)
    capacity = Capacity(Measure.BUYERS, 9)
    formed = shop.campaign(leader=leader, capacity=capacity, limits=Limits(1, 1, 1))
    failed = shop.campaign(quorum=Quorum(Measure.BUYERS, 5))
    shop.join_and_pay(formed, 3)
    shop.join_and_pay(failed, 2)
    shop.pass_time(days=3)
    waiting = shop.campaign()
    shop.join_and_pay(waiting, 1)
    shop.join(waiting)
    shop.work_off()
    books = shop.desk.read(shop.system(), books_of)
    moves = [Movement("memory", m.kind, m.number, m.amount.minor) for m in shop.gateway.movements]
    return books, moves


def tampered(books, kind, wanted, **changes):
    """Change the first thing of a kind that is wanted."""
    things = list(getattr(books, kind))
    number = next(n for n, thing in enumerate(things) if wanted(thing))
    things[number] = evolve(things[number], **changes)
    return evolve(books, **{kind: things})


def found(books, moves=None):
    return {finding.invariant for finding in check(books, at_rest=True, movements=moves)}


def anything(_):
    return True


def test_a_healthy_shop_has_no_findings(lived):
    books, moves = lived
    assert all(getattr(books, name) for name in ("groups", "entries", "refunds", "journals"))
    assert check(books, at_rest=True, movements=moves) == []


def in_state(state):
    return lambda thing: thing.state is state


@pytest.mark.parametrize(
    ("number", "kind", "wanted", "changes"),
    [
        (3, "refunds", anything, {"amount": Money(10**6)}),
        (5, "refunds", anything, {"state": "created"}),
        (9, "refunds", lambda r: r.cause is RefundCause.GROUP_FAILED, None),
        (10, "payments", lambda p: p.captured is not None, {"captured": Money(1)}),
        (10, "payments", lambda p: p.captured is not None, {"quarantined": "wrong_amount"}),
        (10, "payments", lambda p: p.captured is None, {"captured": Money(79920)}),
        (11, "refunds", anything, {"amount": Money(79919)}),
        (12, "groups", anything, {"paid_buyers": 4}),
        (12, "groups", lambda g: g.held_seats, {"held_seats": 0}),
        (12, "seats", in_state(SeatState.CONFIRMED), {"state": SeatState.RELEASED}),
        (12, "seats", anything, {"units": 2}),
        (12, "campaigns", lambda c: c.capacity, {"capacity": Capacity(Measure.BUYERS, 2)}),
        (13, "stock", lambda s: s.sold, {"sold": 2}),
        (13, "stock", anything, {"available": -1}),
        (15, "seats", in_state(SeatState.CONFIRMED), {"units": 2}),
        (16, "balances", anything, {"amount": 1}),
        (17, "entries", anything, {"amount": Money(1)}),
        (6, "groups", lambda g: g.formed_at, {"formed_at": None}),
        (6, "orders", in_state(OrderState.CONFIRMED), {"state": OrderState.PLACED}),
        (7, "groups", in_state(GroupState.OPEN), {"state": GroupState.FAILED}),
        (8, "orders", in_state(OrderState.CONFIRMED), {"state": OrderState.CLOSED}),
    ],
)
def test_what_is_not_as_it_must_be_is_found(lived, number, kind, wanted, changes):
    books, moves = lived
    if not getattr(books, kind):
        books = evolve(books, **{kind: [a_balance()]})
    if changes is None:
        again = next(thing for thing in getattr(books, kind) if wanted(thing))
        wrong = evolve(books, **{kind: [*getattr(books, kind), evolve(again, id="rfd_2")]})
    else:
        wrong = tampered(books, kind, wanted, **changes)
    assert number in found(wrong, moves)


def a_balance():
    return Balance("leader:ldr_9:available")


def test_a_correction_that_does_not_undo_its_original_is_found(lived):
    books, _ = lived
    journal = books.journals[0]
    undone = reverse(journal, journal_id="jrn_2", at=journal.at)
    for wrong in (
        [evolve(undone, lines=(JournalLine("suspense", 1), JournalLine("rounding", -1)))],
        [evolve(undone, reverses="jrn_0")],
        [undone, evolve(undone, id="jrn_3")],
    ):
        assert 2 in found(evolve(books, journals=[*books.journals, *wrong]))


def test_a_journal_that_lost_a_line_on_its_way_is_found(lived):
    books, _ = lived
    broken = books.journals[0]
    object.__setattr__(broken, "lines", (kept := broken.lines)[:1])
    try:
        assert 1 in found(books)
    finally:
        object.__setattr__(broken, "lines", kept)


def test_a_provider_that_says_something_else_is_found(lived):
    books, moves = lived
    refund = next(m for m in moves if m.kind == "refund")
    payment = next(m for m in moves if m.kind == "payment")
    assert 3 in found(books, [*moves, refund])
    assert 4 in found(books, [m for m in moves if m is not payment])
    assert 4 in found(books, [*moves, evolve(payment, kind="fee", amount=-1)])


def test_every_invariant_says_in_a_sentence_what_must_be():
    assert all(each.__doc__ for each in ALWAYS + AT_REST)
    assert len({each.__name__ for each in ALWAYS + AT_REST}) == len(ALWAYS + AT_REST)
