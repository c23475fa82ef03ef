"""Points: lots, their journal, the ledger and the orders that earned them tell one story."""

from collections import Counter
from collections.abc import Iterator

from groupbuy.domain.invariants.books import Books, Finding
from groupbuy.domain.ledger import sums
from groupbuy.domain.points import PointSource, lot_of_order, points_of


def points_add_up(books: Books) -> Iterator[Finding]:
    """Every lot is the sum of its lines, and the debt in the ledger that of all lots."""
    left, pending = Counter[str](), Counter[str]()
    for move in books.point_moves:
        left[move.lot_id] += move.points
        pending[move.lot_id] += move.pending
    for lot in books.points:
        told = (left.pop(lot.id, 0), pending.pop(lot.id, 0))
        if told != (lot.left, lot.pending):
            detail = f"has {(lot.left, lot.pending)}, its journal says {told}"
            yield Finding(14, lot.id, detail)
        if min(lot.earned, lot.spent, lot.expired) < 0:
            yield Finding(14, lot.id, "counts less than nothing")
    for lot_id in sorted(left):
        yield Finding(14, lot_id, "has a journal and is not there")
    owed = sum(lot.value_of(lot.left) for lot in books.points)
    booked = -sums(books.journals).get("points:liability", 0)
    if owed != booked:
        yield Finding(14, "points:liability", f"{booked} owed, the lots come to {owed}")


def points_follow_their_orders(books: Books) -> Iterator[Finding]:
    """An order has earned what it is worth by what was kept of it, and nothing before it is done.

    Only once nothing is left to do: points follow their orders by the worker's hand.
    """
    orders = {order.id: order for order in books.orders}
    lots = {lot.id: lot for lot in books.points}
    for order in books.orders:
        paid = order.placed_at is not None
        bases = (line.base for line in order.lines)
        worth = points_of(bases, order.points_per_yuan) if paid else 0
        lot = lots.get(lot_of_order(order.id))
        if worth != (lot.earned if lot else 0):
            detail = f"is worth {worth} points, has earned {lot.earned if lot else 0}"
            yield Finding(17, order.id, detail)
    for lot in books.points:
        earner = orders.get(lot.subject) if lot.source is PointSource.PURCHASE else None
        if earner is None or not lot.earned:
            continue
        if (lot.posted_at is None) != (earner.completed_at is None):
            yield Finding(17, lot.id, "is not posted exactly when its order is completed")
