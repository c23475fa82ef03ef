"""From vested entries to a statement: what is taken, what it adds up to, and its fingerprint."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import ClassVar

from attrs import evolve, frozen

from groupbuy.domain.commission.model import Entry, Purse, Statement
from groupbuy.domain.commission.states import EntryState
from groupbuy.domain.kernel import DomainError, Event, Invalid, Money, Refused

DIGEST_SHOWN = 12
"""Hex digits of a digest that a person reads and types; never fewer are accepted."""
_DIGEST = re.compile(r"[0-9a-f]{12,64}")


@frozen
class ChangedSincePreview(DomainError):
    """What was previewed is no longer what would happen: look again before it is done."""

    code: ClassVar[str] = "changed_since_preview"
    settlement: str
    digest: str
    """What it would be now, shortened."""


@frozen
class Totals:
    """The header of a statement, computed from its lines."""

    accrued: Money
    reversals: Money
    deducted: Money
    adjusted: Money
    settled: Money
    lines: int
    orders: int
    digest: str


def is_due(entry: Entry, cut: datetime) -> bool:
    """Tell whether a statement that ends at `cut` takes an entry."""
    vested = entry.vested_at
    return (
        entry.state is EntryState.VESTED
        and entry.statement_id is None
        and vested is not None
        and vested < cut
    )


def digest_of(entries: Iterable[Entry]) -> str:
    """Return a fingerprint of entries: the same before and after they are settled."""
    fingerprint = sha256()
    for entry in sorted(entries, key=lambda e: e.id):
        fingerprint.update(_facts(entry))
    return fingerprint.hexdigest()


def _facts(entry: Entry) -> bytes:
    facts = (
        entry.id, entry.leader_id, entry.role.value, entry.order_id, entry.line_no,
        entry.base.minor, entry.bp, entry.amount.minor, entry.amount.currency,
        entry.reverses or "", entry.adjusts or "",
    )  # fmt: skip
    return "|".join(map(str, facts)).encode() + b"\n"


def digest_of_all(by_leader: Mapping[str, str]) -> str:
    """Return the fingerprint of a whole settlement from those of its statements."""
    rows = (f"{leader} {digest}\n" for leader, digest in sorted(by_leader.items()))
    return sha256("".join(rows).encode()).hexdigest()


def same_digest(said: str, real: str) -> bool:
    """Compare a digest somebody typed, possibly shortened. Raises Invalid if it is too short."""
    if not _DIGEST.fullmatch(said):
        raise Invalid(field="digest", reason=f"needs {DIGEST_SHOWN} to 64 hex digits")
    return real.startswith(said)


def totals_of(entries: Sequence[Entry], currency: str) -> Totals:
    """Add up the lines of a statement. Raises ValueError if currencies mix."""
    return totals_in_order(sorted(entries, key=lambda e: e.id), currency)


def totals_in_order(entries: Iterable[Entry], currency: str) -> Totals:
    """Add up the lines of a statement as they come, keeping none: by id, each of them once.

    Raises ValueError if currencies mix, or if they come in another order.
    """
    zero = Money(0, currency)
    accrued = reversals = deducted = adjusted = zero
    fingerprint, orders, lines, last = sha256(), set[str](), 0, ""
    for entry in entries:
        if entry.id <= last:
            raise ValueError("entries come by id, each once")
        if entry.posted_to is Purse.AVAILABLE:
            deducted = deducted + entry.amount
        elif entry.reverses is not None:
            reversals = reversals + entry.amount
        elif entry.adjusts is not None:
            adjusted = adjusted + entry.amount
        else:
            accrued = accrued + entry.amount
        fingerprint.update(_facts(entry))
        orders.update([entry.order_id] if entry.order_id else [])
        lines, last = lines + 1, entry.id
    return Totals(
        accrued=accrued,
        reversals=reversals,
        deducted=deducted,
        adjusted=adjusted,
        settled=accrued + reversals + adjusted,
        lines=lines,
        orders=len(orders),
        digest=fingerprint.hexdigest(),
    )


def reversal_digest(statement: Statement) -> str:
    """Return the fingerprint of what a reversal of a statement would undo; another one each time.

    Whoever types it has seen the statement as it stands now.
    """
    facts = (statement.id, statement.reopened, statement.settled.minor, statement.digest)
    return sha256("|".join(map(str, facts)).encode()).hexdigest()


def settle(
    entries: Sequence[Entry],
    *,
    statement_id: str,
    period: str,
    currency: str,
    now: datetime,
    carried: Money | None = None,
    again: Statement | None = None,
) -> tuple[Statement, list[Entry], list[Event]]:
    """Make one leader's statement of a period and settle it at once.

    `entries` are all that are due, `carried` is what is available before (nothing if it is
    left out), `again` the reversed statement that is settled anew. Returns the settled statement
    and its paid entries. Raises Refused if there is nothing to state.
    """
    if not entries:
        raise Refused(rule="something_to_settle", about=period)
    totals = totals_of(entries, currency)
    before = carried or Money(0, currency)
    draft = Statement(
        id=statement_id,
        leader_id=entries[0].leader_id,
        period=period,
        accrued=totals.accrued,
        reversals=totals.reversals,
        deducted=totals.deducted,
        adjusted=totals.adjusted,
        settled=totals.settled,
        carried=before,
        payable=before + totals.settled,
        lines=totals.lines,
        digest=totals.digest,
        created_at=now,
    )
    if again is not None:
        draft = evolve(
            draft,
            id=again.id,
            created_at=again.created_at,
            state=again.state,
            reopened=again.reopened,
            frozen_because=again.frozen_because,
            version=again.version,
        )
    paid = [_paid(entry, draft.id, now) for entry in entries]
    frozen_, froze = draft.freeze(now)
    settled, closed = frozen_.settle(now)
    return settled, paid, [*froze, *closed]


def _paid(entry: Entry, statement_id: str, now: datetime) -> Entry:
    stated, _ = entry.state_on(statement_id, now)
    return stated.pay(now)[0]
