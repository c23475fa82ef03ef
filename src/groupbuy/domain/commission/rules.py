"""Rates, amounts and reversals of commission, one pure function a rule."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from attrs import evolve, frozen

from groupbuy.domain.commission.model import CommissionRole, Entry, Purse
from groupbuy.domain.commission.states import EntryState
from groupbuy.domain.kernel import Money, Refused

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
    entry: Entry, earlier: Iterable[Entry], new_base: Money, *, reversal_id: str, now: datetime
) -> tuple[Entry | None, list[Entry]]:
    """Bring an entry to a smaller base: return its new reversal, and entries that change with it.

    `earlier` are its reversals so far. No reversal (None) where the amount stays the same. Once
    nothing is left, the entry is reversed; if its money never left the purse, its reversals are
    reversed with it, because together they move nothing any more. A reversal of money that is
    vested but not settled falls due with its entry, so that no statement pays what was refunded.
    """
    made = [e for e in earlier if e.reverses == entry.id]
    base, amount = change_of(entry, made, new_base)
    if entry.state is EntryState.REVERSED or amount.minor >= 0:
        return None, []
    return taken_from(entry, made, base, amount, reversal_id=reversal_id, now=now)


def taken_from(
    entry: Entry,
    made: Sequence[Entry],
    base: Money,
    amount: Money,
    *,
    reversal_id: str,
    now: datetime,
) -> tuple[Entry, list[Entry]]:
    """Take an amount below zero from an entry, out of the purse where its money is.

    `made` are its reversals so far. Returns the new one, and what changes with it.
    """
    purse = purse_of(entry)
    reversal = evolve(
        entry, id=reversal_id, base=base, amount=amount, created_at=now, purse=purse,
        state=EntryState.PENDING if purse is Purse.PENDING else EntryState.VESTED,
        vested_at=now if purse is Purse.AVAILABLE else entry.vested_at,
        statement_id=None, reverses=entry.id, version=0,
    )  # fmt: skip
    if entry.amount.minor + sum(e.amount.minor for e in [*made, reversal]) > 0:
        return reversal, []
    gone, _ = entry.reverse(now)
    if purse is Purse.AVAILABLE:
        return reversal, [gone]
    return reversal.reverse(now)[0], [gone, *(e.reverse(now)[0] for e in made)]
