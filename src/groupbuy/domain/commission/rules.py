"""Rates, amounts and reversals of commission, one pure function a rule."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from attrs import evolve, frozen

from groupbuy.domain.commission.model import CommissionRole, Entry, Purse
from groupbuy.domain.commission.rates import Rate, RateRule
from groupbuy.domain.commission.states import EntryState
from groupbuy.domain.kernel import Invalid, Money, Refused

CAP_BP = 3_000
"""All roles of one line together never earn more than this share of its base."""


@frozen
class Share:
    """One role's rate on one line."""

    leader_id: str
    role: CommissionRole
    bp: int
    why: str = ""
    """Which rule gave the rate, as `Rate.why` puts it."""
    asked_bp: int | None = None
    """The rate before it was cut down to the cap; None while nobody has cut."""


def within_cap(shares: Sequence[Share]) -> Sequence[Share]:
    """Refuse shares that together exceed the cap: for whoever sets rates."""
    if sum(share.bp for share in shares) > CAP_BP:
        raise Refused(rule="commission_within_cap")
    return shares


def capped(shares: Iterable[Share]) -> list[Share]:
    """Cut shares down to the cap, in order; those left with nothing are dropped.

    A rate may have changed since the buyer paid. An order that is paid for must become binding
    all the same, so what exceeds the cap is not earned instead of being refused.
    """
    left, kept = CAP_BP, list[Share]()
    for share in shares:
        bp = min(share.bp, left)
        if bp > 0:
            kept.append(evolve(share, bp=bp, asked_bp=share.bp))
            left -= bp
    return kept


def amount_of(base: Money, bp: int) -> Money:
    """Return ⌊base × bp / 10 000⌋."""
    return base.at_rate(bp)


def change_of(entry: Entry, earlier: Iterable[Entry], new_base: Money) -> tuple[Money, Money]:
    """Return the (base, amount) of the reversal that brings an entry to a smaller base.

    `earlier` are the reversals made before. The amount is new − old of one formula, so any way
    to the same base ends in the same fen.
    """
    made = [e for e in earlier if e.reverses == entry.id]
    base = Money(entry.base.minor + sum(e.base.minor for e in made), entry.base.currency)
    amount = entry.amount.minor + sum(e.amount.minor for e in made)
    target = amount_of(new_base, entry.bp)
    return new_base - base, Money(target.minor - amount, base.currency)


def purse_of(entry: Entry) -> Purse:
    """Return the account a reversal takes the money from: where it is now."""
    if entry.state is EntryState.PENDING:
        return Purse.PENDING
    return Purse.AVAILABLE if entry.state is EntryState.PAID else Purse.VESTED


def reverse_to(
    entry: Entry,
    earlier: Iterable[Entry],
    new_base: Money,
    *,
    reversal_id: str,
    now: datetime,
    because_of: str = "",
) -> tuple[Entry | None, list[Entry]]:
    """Bring an entry to a smaller base: return its new reversal, and entries that change with it.

    `earlier` are its reversals so far. No reversal (None) where the amount stays the same. Once
    nothing is left, the entry is reversed; if its money never left the purse, its reversals are
    reversed with it, because together they move nothing any more. A reversal of money that is
    vested but not settled falls due with its entry, so that no statement pays what was refunded.
    Where one of its reversals was deducted already, all of them go on to a statement.
    """
    made = [e for e in earlier if e.reverses == entry.id]
    base, amount = change_of(entry, made, new_base)
    goes_back = amount.minor < 0 if entry.amount.minor > 0 else amount.minor > 0
    if entry.state is EntryState.REVERSED or not goes_back:
        return None, []
    return taken_from(
        entry, made, base, amount, reversal_id=reversal_id, now=now, because_of=because_of
    )


def taken_from(
    entry: Entry,
    made: Sequence[Entry],
    base: Money,
    amount: Money,
    *,
    reversal_id: str,
    now: datetime,
    because_of: str = "",
) -> tuple[Entry, list[Entry]]:
    """Take an amount from an entry, of the opposite sign, out of the purse where its money is.

    `made` are its reversals so far. Returns the new one, and what changes with it.
    """
    purse = purse_of(entry)
    reversal = evolve(
        entry, id=reversal_id, base=base, amount=amount, created_at=now, purse=purse,
        state=EntryState.PENDING if purse is Purse.PENDING else EntryState.VESTED,
        vested_at=now if purse is Purse.AVAILABLE else entry.vested_at,
        statement_id=None, reverses=entry.id, posted_to=purse, because_of=because_of, version=0,
    )  # fmt: skip
    if entry.amount.minor + sum(e.amount.minor for e in [*made, reversal]):
        return reversal, []
    gone, _ = entry.reverse(now)
    if purse is Purse.AVAILABLE:
        return reversal, [gone]
    if any(e.purse is Purse.AVAILABLE for e in made):
        return reversal, []
    return reversal.reverse(now)[0], [gone, *(e.reverse(now)[0] for e in made)]


def adjust_to(
    entry: Entry,
    on_line: Iterable[Entry],
    *,
    to_bp: int,
    base: Money,
    adjustment_id: str,
    because_of: str,
    now: datetime,
) -> Entry:
    """Return the entry that brings one role's rate on a line to another one from now on.

    `on_line` are all entries of the line, whoever earns there; `base` is what is left of it. The
    new entry belongs to the same leader and role: nobody else comes to earn. It is vested at
    once, so the open period takes it, and refunds take it back like any other. Raises Invalid,
    and Refused above the cap of all roles together or where not a single minor unit changes.
    """
    if not 0 <= to_bp <= CAP_BP:
        raise Invalid(field="rate_bp", reason=f"must be 0 to {CAP_BP}")
    if entry.reverses is not None or entry.adjusts is not None:
        raise ValueError("an adjustment is about an entry of an order line")
    rates = [(e.root, e.bp) for e in on_line if e.reverses is None]
    change = to_bp - sum(bp for root, bp in rates if root == entry.id)
    if sum(bp for _, bp in rates) + change > CAP_BP:
        raise Refused(rule="commission_within_cap", about=entry.id)
    amount = amount_of(base, change)
    if not amount:
        raise Refused(rule="adjustment_changes_something", about=entry.id)
    return evolve(
        entry, id=adjustment_id, base=base, bp=change, amount=amount, created_at=now,
        purse=Purse.VESTED, posted_to=Purse.VESTED, state=EntryState.VESTED, vested_at=now,
        statement_id=None, adjusts=entry.id, because_of=because_of, asked_bp=change,
        why=Rate(change, RateRule.DISPUTE, because_of).why, version=0,
    )  # fmt: skip
