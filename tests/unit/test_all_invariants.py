"""All 26 invariants: the table is complete, and a planted wrong state is seen by its number."""

from datetime import timedelta

import pytest
from attrs import evolve, fields

from groupbuy.application import (
    aftersale,
    auditing,
    campaigns,
    invariants,
)
from groupbuy.application.aftersale import Application
from groupbuy.application.invariants import (
    INVARIANTS,
    KINDS,
    Move,
    Told,
    When,
    check_all,
    check_moves,
)
from groupbuy.application.ports import Task
from groupbuy.domain.aftersale import Kind, Reason
from groupbuy.domain.campaigns import GroupState, Limits, Measure, Quorum, SeatState
from groupbuy.domain.commission import Purse, Withdrawal, WithdrawalState
from groupbuy.domain.invariants import Books, Movement
from groupbuy.domain.kernel import Forbidden, Money
from groupbuy.domain.ledger import Balance, Journal, JournalLine, reverse
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Attribution, OrderState
from groupbuy.domain.payments import RefundState
from groupbuy.domain.points import PointLot, PointMove, PointSource, PointWhy, lot_of_order
from tests.support.shop import TENANT, Shop
from tests.unit.planted import (
    above_budget,
    added,
    changed,
    first,
    laddered,
    offer,
    promised,
    with_books,
)


@pytest.fixture(scope="module")
def lived():
    """Evidence of a shop with a formed group, a failed one, a case, a withdrawal, sealed audit."""
    shop = Shop()
    shop.merchant(fee_bp=100)
    leader = shop.leader(commission_bp=500)
    formed = shop.campaign(leader=leader, limits=Limits(1, 1, 1))
    failed = shop.campaign(quorum=Quorum(Measure.BUYERS, 5))
    buyer = shop.user()
    mine = shop.join(formed, shop.caller(buyer.id, Role.SHOPPER))
    shop.pay(mine)
    shop.join_and_pay(formed, 2)
    shop.join_and_pay(failed, 2)
    shop.work_off()
    who = shop.caller(buyer.id, Role.SHOPPER)
    asked = Application(mine.order.id, 1, 1, Kind.REFUND_ONLY, Reason.DAMAGED)
    case = shop.desk.run(who, lambda w: aftersale.apply_for(w, asked))
    shop.desk.run(shop.merchant_caller(), lambda w: aftersale.approve_case(w, case.id))
    shop.pass_time(days=3, minutes=30)
    auditing.seal_due(shop.desk, shop.begin.__self__, TENANT)
    campaigns.keep_counts(shop.desk, shop.begin.__self__, TENANT)
    evidence = shop.desk.read(shop.system(), invariants.read_evidence)
    moves = [Movement("memory", m.kind, m.number, m.amount.minor) for m in shop.gateway.movements]
    told = [Told("usr/joins", "k1", "hash", "body", mine.order.id)]
    return evolve(evidence, truth=moves, at_rest=True, told=told)


def found(evidence):
    return {finding.invariant for finding in check_all(evidence)}


def a_withdrawal(evidence, **changes):
    entry = evidence.books.entries[0]
    made = Withdrawal(
        id="wdr_1",
        leader_id=entry.leader_id,
        requested_by="usr_1",
        amount=Money(100),
        channel="bank_card",
        account_sealed="",
        name_sealed="",
        owner_id="usr_1",
        requested_at=evidence.now,
    )
    return evolve(made, **changes)


def unbalanced(evidence):
    journal = evidence.books.journals[0]
    broken = evolve(journal, id="jrn_broken")
    object.__setattr__(broken, "lines", journal.lines[:1])
    return added(evidence, "journals", broken)


def overdrawn(evidence):
    lines = (JournalLine("leader:ldr_9:available", 5), JournalLine("leader:ldr_9:in_transit", -5))
    at = evidence.now
    return added(evidence, "journals", Journal("jrn_w", at, "withdraw", "wdr_9", lines))


def early(evidence):
    entry = first(evidence.books.entries, lambda e: e.reverses is None)
    return changed(evidence, "entries", lambda e: e.id == entry.id, purse=Purse.VESTED)


def coupon(evidence):
    orders = [evolve(order, id=f"ord_{n}") for n, order in enumerate(evidence.books.orders[:2])]
    for order in orders:
        line = evolve(order.lines[0])
        object.__setattr__(line, "attributions", (Attribution("coupon", "cpn_1", Money(1)),))
        object.__setattr__(order, "lines", (line,))
        object.__setattr__(order, "state", OrderState.CONFIRMED)
    return added(evidence, "orders", *orders)


def lot_of(evidence):
    order = first(evidence.books.orders, lambda each: each.placed_at is not None)
    lot_id = lot_of_order(order.id)
    return PointLot(
        lot_id, order.buyer_id, PointSource.PURCHASE, order.id, 1, evidence.now, earned=3
    )


def audit_changed(evidence):
    rows = list(evidence.audit)
    rows[0] = evolve(rows[0], reason="something else")
    return evolve(evidence, audit=rows)


def unaudited(evidence):
    return evolve(evidence, audit=[r for r in evidence.audit if r.action != "group.refund"])


def decided_again(evidence):
    formed = first(evidence.events, lambda e: e.name == "group.formed")
    return evolve(evidence, events=[*evidence.events, evolve(formed, name="group.failed")])


def joined_too_late(evidence):
    taken = first(evidence.events, lambda e: e.name == "group.seat_taken")
    return evolve(evidence, events=[*evidence.events, taken])


def answered_otherwise(evidence):
    return evolve(evidence, told=[*evidence.told, evolve(evidence.told[0], answer="other")])


def overdue(evidence):
    task = Task("x/1", "x", "1", due_at=evidence.now - timedelta(hours=1))
    return evolve(evidence, tasks=[*evidence.tasks, task])


def pays_a_living_order(evidence, payment):
    orders = {o.id for o in evidence.books.orders if o.state is OrderState.CONFIRMED}
    return payment.order_id in orders


def more_truth(evidence, *moves):
    return evolve(evidence, truth=[*evidence.truth, *moves])


def refund_of(evidence):
    return first(evidence.truth, lambda m: m.kind == "refund")


PLANTED = {
    "a journal that lost a line": (1, unbalanced),
    "a correction of nothing": (
        2,
        lambda e: added(
            e,
            "journals",
            evolve(
                reverse(e.books.journals[0], journal_id="jrn_2", at=e.now),
                reverses="jrn_0",
            ),
        ),
    ),
    "a refund above its payment": (3, lambda e: changed(e, "refunds", amount=Money(10**6))),
    "a refund paid twice by the provider": (3, lambda e: more_truth(e, refund_of(e), refund_of(e))),
    "money that only the provider knows": (
        4,
        lambda e: more_truth(e, Movement("memory", "payment", "P0", 5)),
    ),
    "a refund that is forgotten": (5, lambda e: changed(e, "refunds", state=RefundState.CREATED)),
    "a merchant owed for an order more than was kept of it": (
        5,
        lambda e: changed(e, "entries", lambda x: x.reverses, amount=Money(-1)),
    ),
    "a discount the platform never paid": (5, promised),
    "a binding order of a group that never formed": (
        6,
        lambda e: changed(e, "groups", lambda g: g.formed_at, formed_at=None),
    ),
    "a binding order with less money than was due": (
        6,
        lambda e: changed(e, "payments", lambda p: pays_a_living_order(e, p), captured=Money(1)),
    ),
    "a ladder that came down for nobody": (6, laddered),
    "a lost group that kept its money": (
        7,
        lambda e: changed(e, "groups", lambda g: g.formed_at, state=GroupState.FAILED),
    ),
    "money kept for nothing": (
        8,
        lambda e: changed(
            e, "orders", lambda o: o.state is OrderState.CONFIRMED, state=OrderState.CLOSED
        ),
    ),
    "two numbers for one cause": (
        9,
        lambda e: added(e, "refunds", evolve(e.books.refunds[0], id="rfd_2")),
    ),
    "a number nobody knows": (9, lambda e: more_truth(e, Movement("memory", "refund", "R9", -1))),
    "the wrong amount": (
        10,
        lambda e: changed(e, "payments", lambda p: p.captured, captured=Money(1)),
    ),
    "units and money apart": (11, lambda e: changed(e, "refunds", amount=Money(1))),
    "a seat too many": (12, lambda e: changed(e, "groups", paid_buyers=9)),
    "a public count that was rewritten": (
        12,
        lambda e: evolve(e, counts=[evolve(link, joined=link.joined + 1) for link in e.counts]),
    ),
    "a public count that was cut short": (12, lambda e: evolve(e, counts=e.counts[:1])),
    "goods below zero": (13, lambda e: changed(e, "stock", available=-1)),
    "goods that vanished": (
        13,
        lambda e: with_books(e, received={e.books.stock[0].id: 10**6}),
    ),
    "one coupon on two orders": (14, coupon),
    "more coupons than were offered": (14, lambda e: added(e, "coupon_templates", offer(e, 2))),
    "coupons above their budget": (14, above_budget),
    "a lot of points that its journal does not explain": (
        14,
        lambda e: added(e, "points", lot_of(e)),
    ),
    "a journal of points without its lot": (
        14,
        lambda e: added(
            e,
            "point_moves",
            PointMove("ptm_1", "usr_1", "ord_1/points", PointWhy.POSTED, e.now, points=1),
        ),
    ),
    "points for an order that earns none": (17, lambda e: added(e, "points", lot_of(e))),
    "points that the ledger owes nobody": (
        14,
        lambda e: added(
            e,
            "journals",
            Journal(
                "jrn_p",
                e.now,
                "points",
                "x",
                (JournalLine("points:liability", 5), JournalLine("points:expense", -5)),
            ),
        ),
    ),
    "a buyer above the limit": (
        15,
        lambda e: changed(e, "seats", lambda s: s.state is SeatState.CONFIRMED, units=2),
    ),
    "a withdrawal of what is not there": (16, overdrawn),
    "a debt that nobody took back": (
        16,
        lambda e: added(e, "balances", Balance("leader:ldr_9:available", -5)),
    ),
    "commission inside the window": (16, early),
    "commission that is not the formula": (17, lambda e: changed(e, "entries", amount=Money(1))),
    "a payout nobody approved": (
        18,
        lambda e: added(e, "withdrawals", a_withdrawal(e, state=WithdrawalState.PAID)),
    ),
    "a payout approved by its owner": (
        18,
        lambda e: added(
            e,
            "withdrawals",
            a_withdrawal(e, state=WithdrawalState.APPROVED, approvals=("usr_1",)),
        ),
    ),
    "an effect that never happened": (
        19,
        lambda e: evolve(e, truth=[m for m in e.truth if m.kind != "refund"]),
    ),
    "a state its events know nothing of": (
        20,
        lambda e: changed(
            e, "orders", lambda o: o.state is OrderState.CONFIRMED, state=OrderState.APPROVED
        ),
    ),
    "another answer to the same key": (21, answered_otherwise),
    "an answer about nothing": (
        21,
        lambda e: evolve(e, told=[evolve(e.told[0], made="ord_none")]),
    ),
    "a group decided twice": (22, decided_again),
    "a seat after the end": (22, joined_too_late),
    "a row that waits for ever": (23, overdue),
    "a row of somebody else": (24, lambda e: changed(e, "orders", group_id="grp_elsewhere")),
    "a refund nobody is named for": (25, unaudited),
    "an audit row that was changed": (25, audit_changed),
    "something booked twice": (
        26,
        lambda e: added(
            e,
            "journals",
            evolve(first(e.books.journals, lambda j: j.moment == "capture"), id="jrn_2"),
        ),
    ),
}


def test_there_are_26_and_each_says_in_a_sentence_what_must_be():
    assert [each.number for each in INVARIANTS] == list(range(1, 27))
    assert len({each.name for each in INVARIANTS}) == 26
    assert all(each.says.endswith(".") and each.looks for each in INVARIANTS)


def test_a_healthy_shop_has_no_findings(lived):
    names = ("groups", "entries", "refunds", "journals", "cases")
    assert all(getattr(lived.books, name) for name in names)
    assert lived.seals
    assert lived.events
    assert check_all(lived) == []


def test_a_wrong_state_is_planted_for_every_number():
    assert {number for number, _ in PLANTED.values()} == {each.number for each in INVARIANTS}


@pytest.mark.parametrize(("number", "spoil"), PLANTED.values(), ids=PLANTED)
def test_a_planted_wrong_state_is_seen_by_its_number(lived, number, spoil):
    assert number in found(spoil(lived))


def test_what_holds_only_at_rest_is_not_asked_of_an_open_shop(lived):
    at_rest = {each.number for each in INVARIANTS if each.when is When.AT_REST}
    assert found(evolve(overdue(lived), at_rest=False)) == set()
    assert at_rest == {4, 6, 7, 8, 19, 23}


def test_one_commit_answers_for_itself(lived):
    books = lived.books
    order = first(books.orders, lambda o: o.state is OrderState.CONFIRMED)
    back = Move(order, evolve(order, state=OrderState.PLACED))
    rewritten = Move(books.journals[0], evolve(books.journals[0], subject="other"))
    short = Move(books.stock[0], evolve(books.stock[0], available=-1))
    assert [each.invariant for each in check_moves([back, rewritten, short])] == [2, 20, 13]
    assert check_moves([Move(None, books.seats[0]), Move(order, order)]) == []


def test_the_whole_shop_is_verified_for_finance_only():
    shop = Shop()
    shop.join_and_pay(shop.campaign(), 1)
    finance = shop.caller("usr_finance", Role.FINANCE)
    assert invariants.verify_all(shop.desk, finance) == []
    with pytest.raises(Forbidden):
        invariants.verify_all(shop.desk, shop.shopper())


def test_the_books_are_read_whole():
    things = {each.name for each in fields(Books)} - {"received", "two_approvers_above"}
    assert set(KINDS) == things
