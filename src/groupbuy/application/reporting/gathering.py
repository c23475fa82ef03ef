"""Facts of orders, gathered from orders, their refunds and entries, and the journals about them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from groupbuy.application.ports import LoggedEvent, Query
from groupbuy.application.report_facts import FactLine, FactMove, OrderFact, What
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import AfterSale
from groupbuy.domain.commission import Dispute, Entry
from groupbuy.domain.ledger import Journal
from groupbuy.domain.ordering import LineKind, Order
from groupbuy.domain.payments import Payment, Refund, RefundCause

T = TypeVar("T")

AT_ONCE = 500
"""Orders gathered with one statement for each kind."""
_REFUND_MOMENTS: Mapping[str, What] = {
    "refund_after_confirmation": What.REFUNDS,
    "refund_before_confirmation": What.RETURNED,
    "refund_from_suspense": What.UNUSABLE,
}


def orders_behind(work: Work, events: Sequence[LoggedEvent]) -> list[str]:
    """Return the orders that some events are about, each once, sorted."""
    found, disputes = set[str](), set[str]()
    for event in events:
        if event.subject.startswith("ord_"):
            found.add(event.subject)
        elif isinstance(order := event.data.get("order"), str) and order.startswith("ord_"):
            found.add(order)
        elif event.subject.startswith("dsp_"):
            disputes.add(event.subject)
    about = work.of(Dispute).find(disputes)
    found.update(each.order_id for each in about.values() if each.order_id)
    return sorted(found)


def facts_of(work: Work, order_ids: Iterable[str]) -> dict[str, OrderFact]:
    """Return the facts of some orders as they are now, by id; unknown ones are left out."""
    found = dict[str, OrderFact]()
    for some in _parts(sorted(set(order_ids))):
        orders = work.of(Order).find(some)
        moves = _moves(work, orders)
        for key, order in orders.items():
            found[key] = _fact(order, moves[key])
    return found


def _fact(order: Order, moves: Sequence[FactMove]) -> OrderFact:
    return OrderFact(
        id=order.id,
        merchant_id=order.merchant_id,
        campaign_id=order.campaign_id,
        leader_id=order.leader_id or "",
        point_id=order.pickup_point_id or "",
        buyer_id=order.buyer_id,
        region=order.contact.region,
        currency=order.payable.currency,
        created_at=order.created_at,
        placed_at=order.placed_at,
        confirmed_at=order.confirmed_at,
        state=order.state,
        close_reason=order.close_reason.value if order.close_reason else "",
        lines=tuple(
            FactLine(
                sku_id=line.sku_id,
                product_id=line.product_id,
                category_id=line.category_id,
                units=line.units if line.kind is LineKind.GOODS else 0,
                left=line.left if line.kind is LineKind.GOODS else 0,
                gross=line.gross.minor,
                net=line.net.minor,
                refunded=line.refunded.minor,
                dropped=line.dropped.minor,
            )
            for line in order.lines
        ),
        moves=tuple(sorted(moves, key=lambda each: (each.at, each.what, each.amount, each.why))),
    )


def _moves(work: Work, orders: Mapping[str, Order]) -> dict[str, list[FactMove]]:
    """Return what moved for each order, as the journals say it, and commission by its entries."""
    subjects = {key: key for key in orders}
    payments = _all(work, Payment, orders)
    refunds = {each.id: each for each in _all(work, Refund, orders)}
    subjects |= {each.id: each.order_id for each in payments}
    subjects |= {each.id: each.order_id for each in refunds.values()}
    why = _reasons(work, refunds.values())
    moves = defaultdict[str, list[FactMove]](list)
    for entry in _all(work, Entry, orders):
        move = FactMove(entry.created_at, What.COMMISSION, entry.amount.minor)
        moves[entry.order_id].append(move)
    for some in _parts(sorted(subjects)):
        for journal in every(work.of(Journal), Query().among("subject", some)):
            made = _of_journal(journal, why.get(journal.subject, ""))
            moves[subjects[journal.subject]] += made
    return moves


def _of_journal(journal: Journal, why: str) -> Iterator[FactMove]:
    """Yield what a journal means to reports; a reversal undoes what it reverses."""
    moment, at = journal.moment.removeprefix("reverse:"), journal.at
    sums = defaultdict[str, int](int)
    for line in journal.lines:
        sums[_purse(line.account)] += line.amount
    if moment in {"capture", "readmit"}:
        yield FactMove(at, What.PAID, -sums["buyer"])
    elif moment == "confirm":
        yield FactMove(at, What.SALES, sums["buyer"])
        yield from _shares(journal, sums)
    elif moment == "funding_taken_back":
        yield from _shares(journal, sums)
    elif moment in _REFUND_MOMENTS:
        yield FactMove(at, _REFUND_MOMENTS[moment], -sums["refund_due"], why)
        yield from _shares(journal, sums)


def _shares(journal: Journal, sums: Mapping[str, int]) -> Iterator[FactMove]:
    for what, amount in ((What.SUBSIDY, sums["subsidy"]), (What.FEES, -sums["fees"])):
        if amount:
            yield FactMove(journal.at, what, amount)


def _purse(account: str) -> str:
    """Return which of our words an account belongs to."""
    if account in {"promotion:platform", "points:liability"}:
        return "subsidy"
    if account.startswith("platform:fees"):
        return "fees"
    return account.partition(":")[0]


def _reasons(work: Work, refunds: Iterable[Refund]) -> dict[str, str]:
    """Return why each refund was granted."""
    kept = list(refunds)
    cases = work.of(AfterSale).find(
        {each.effect_key for each in kept if each.cause is RefundCause.AFTER_SALE}
    )
    return {
        each.id: f"{each.cause.value}:{cases[each.effect_key].reason.value}"
        if each.cause is RefundCause.AFTER_SALE and each.effect_key in cases
        else each.cause.value
        for each in kept
    }


def _all(work: Work, kind: type[T], orders: Iterable[str]) -> list[T]:
    return list(every(work.of(kind), Query().among("order_id", orders)))


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
