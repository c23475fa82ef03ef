"""Commission along the life of an order: earned at confirmation, vested, or taken back.

These steps stage entries and return what to book; whoever calls them holds the lock of the
order and books the journal, so that entries and accounts never part.
"""

from collections.abc import Iterable, Mapping, Sequence

from attrs import field, frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.performing import count_sales, lock_performances
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.commission import (
    CommissionRole,
    Entry,
    EntryState,
    Purse,
    Rate,
    RateRule,
    Share,
    amount_of,
    capped,
    reverse_to,
)
from groupbuy.domain.kernel import Money, NotFound
from groupbuy.domain.membership import Leader, PickupPoint, Role
from groupbuy.domain.ordering import Order, OrderLine


@frozen
class Reversal:
    """What a refund takes back from the people who earned on an order."""

    amounts: dict[str, int] = field(factory=dict)
    """Minor units by leader: the term `c` of `refund_after_confirmation`. A leader whose money
    lies in two accounts is there twice, the second time as `<leader id>/<purse>`."""
    purses: dict[str, Purse] = field(factory=dict)
    """In which account the money of each of them is."""

    @property
    def names(self) -> dict[str, str]:
        """Where each leader's money is, in the words of the posting table."""
        return {f"where:{leader}": purse.value for leader, purse in self.purses.items()}


def accrue(work: Work, order: Order) -> dict[str, int]:
    """Stage the entries an order earns; return minor units by leader, the term `c`.

    Nobody earns on what they buy themselves. Amounts that round down to nothing leave no entry.
    """
    now, earned = work.now(), dict[str, int]()
    earners = _earners(work, order)
    for line in order.lines:
        for share in capped(_shares(earners, line)):
            amount = amount_of(line.base, share.bp)
            if not amount:
                continue
            entry = Entry(
                id=work.new_id("cme", near=order.id),
                order_id=order.id,
                line_no=line.line_no,
                leader_id=share.leader_id,
                role=share.role,
                base=line.base,
                bp=share.bp,
                amount=amount,
                created_at=now,
                campaign_id=order.campaign_id,
                why=share.why,
                asked_bp=share.asked_bp,
            )
            work.of(Entry).add(entry)
            earned[share.leader_id] = earned.get(share.leader_id, 0) + amount.minor
    return earned


def reverse_for(
    work: Work, order_before: Order, order_after: Order, refund_id: str = ""
) -> tuple[dict[str, int], dict[str, Purse]]:
    """Take back what was earned on refunded units; return (minor units, purse) by leader.

    `order_before` is the order as it was, `order_after` with its lines refunded further, by the
    refund of that id. At most once per order in one unit of work. Locks performances, commission
    entries, then balances.
    """
    found = reverse_many(work, [(order_before, order_after)], refund_id)[order_before.id]
    return found.amounts, found.purses


def reverse_many(
    work: Work, changes: Sequence[tuple[Order, Order]], refund_id: str = ""
) -> dict[str, Reversal]:
    """Do the same for many orders at once: one statement each to find and to lock entries."""
    lock_performances(work, [before for before, _ in changes])
    entries = lock_entries(work, [before.id for before, _ in changes])
    count_sales(work, changes, entries)
    reversals = {
        before.id: _reverse_order(work, (before, after), entries.get(before.id, []), refund_id)
        for before, after in changes
    }
    claims: dict[str, int] = {}
    for reversal in reversals.values():
        for key, purse in reversal.purses.items():
            if purse is Purse.AVAILABLE:
                leader_id = key.partition("/")[0]
                claims[leader_id] = claims.get(leader_id, 0) + reversal.amounts[key]
    for leader_id, amount in sorted(claims.items()):
        work.put_balance(available(leader_id), -amount)
    return reversals


def vest(work: Work, order: Order) -> dict[str, int]:
    """Vest what an order still earns; return minor units by leader, the term `c` of `vest`.

    From `vested_at` of the order on it counts among its leader's sales of that month.
    """
    return vest_many(work, [order])[order.id]


def vest_many(work: Work, orders: Sequence[Order]) -> dict[str, dict[str, int]]:
    """Do the same for many orders at once."""
    now = work.now()
    lock_performances(work, orders)
    entries = lock_entries(work, [order.id for order in orders])
    count_sales(work, [(None, order) for order in orders], entries)
    vested: dict[str, dict[str, int]] = {order.id: {} for order in orders}
    for order_id, mine in entries.items():
        sums = vested[order_id]
        for entry in mine:
            if entry.state is EntryState.PENDING:
                after, happened = entry.vest(now)
                work.of(Entry).save(after)
                work.emit(happened)
                sums[entry.leader_id] = sums.get(entry.leader_id, 0) + entry.amount.minor
    return vested


def lock_entries(work: Work, order_ids: Sequence[str]) -> Mapping[str, list[Entry]]:
    """Lock every entry of some orders, in the global order, and return them by order."""
    store = work.of(Entry)
    found = [entry.id for entry in every(store, Query().among("order_id", order_ids))]
    by_order: dict[str, list[Entry]] = {}
    for entry in store.lock(found).values():
        by_order.setdefault(entry.order_id, []).append(entry)
    return by_order


def available(leader_id: str) -> str:
    """Return the account out of which a leader may withdraw."""
    return f"leader:{leader_id}:available"


def calling_leader(work: Work) -> Leader:
    """Return the leader who calls. Raises Unauthenticated, Forbidden, NotFound."""
    work.caller.require(Role.LEADER)
    leader_id = work.caller.leader_id or ""
    leader = work.of(Leader).find([leader_id]).get(leader_id)
    if leader is None:
        raise NotFound(kind="leader", key=leader_id)
    return leader


@frozen
class _Earner:
    """Somebody who earns on every line of an order; without a rate by each line's own."""

    leader_id: str
    role: CommissionRole
    rate: Rate | None = None


def _earners(work: Work, order: Order) -> list[_Earner]:
    """Return who earns on an order, the first to be served first."""
    point = _pickup_point(work, order)
    wanted: list[tuple[str | None, CommissionRole, Rate | None]] = [
        (order.leader_id, CommissionRole.LEADER, None),
    ]
    if order.helper_id != order.leader_id:
        helper = Rate(order.helper_bp, RateRule.HELPER)
        wanted.append((order.helper_id, CommissionRole.HELPER, helper))
    if point is not None:
        host = Rate(order.pickup_bp, RateRule.PICKUP_POINT, point.id)
        wanted.append((point.leader_id, CommissionRole.PICKUP_POINT, host))
    found = work.of(Leader).find({leader_id for leader_id, _, _ in wanted if leader_id})
    known = {leader_id: leader for leader_id, leader in found.items() if not leader.erased}
    return [
        _Earner(leader_id, role, rate)
        for leader_id, role, rate in wanted
        if leader_id and leader_id in known and known[leader_id].user_id != order.buyer_id
    ]


def _pickup_point(work: Work, order: Order) -> PickupPoint | None:
    key = order.pickup_point_id
    return work.of(PickupPoint).find([key]).get(key) if key else None


def _shares(earners: Iterable[_Earner], line: OrderLine) -> Iterable[Share]:
    for earner in earners:
        rate = earner.rate
        bp, why = (rate.bp, rate.why) if rate else (line.commission_bp, line.commission_why)
        yield Share(earner.leader_id, earner.role, bp, why)


def _reverse_order(
    work: Work, change: tuple[Order, Order], entries: Sequence[Entry], refund_id: str
) -> Reversal:
    before, after = change
    bases = {line.line_no: line.base for line in after.lines}
    fell = {line.line_no for line in before.lines if bases[line.line_no] < line.base}
    reversal = Reversal()
    for entry in entries:
        if entry.reverses is None and entry.line_no in fell:
            base = bases[entry.line_no]
            _reverse_entry(work, entry, entries, base, refund_id, reversal)
    return reversal


def _reverse_entry(
    work: Work,
    entry: Entry,
    entries: Sequence[Entry],
    new_base: Money,
    refund_id: str,
    reversal: Reversal,
) -> None:
    made, changed = reverse_to(
        entry,
        entries,
        new_base,
        reversal_id=work.new_id("cme", near=entry.id),
        now=work.now(),
        because_of=refund_id,
    )
    if made is None:
        return
    work.of(Entry).add(made)
    for other in changed:
        work.of(Entry).save(other)
    work.emit([made.taken_back()])
    key = entry.leader_id
    if reversal.purses.get(key, made.purse) is not made.purse:
        key = f"{key}/{made.purse.value}"
    reversal.amounts[key] = reversal.amounts.get(key, 0) - made.amount.minor
    reversal.purses[key] = made.purse
