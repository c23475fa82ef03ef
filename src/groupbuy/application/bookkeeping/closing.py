"""Closing a period of the books: preview, then close exactly what was previewed; open it again."""

from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.ports.bookkeeping import Bookshelf, LedgerReading
from groupbuy.application.steps.closed_books import BooksAt, books_at, compare_closed
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.commission import (
    DIGEST_SHOWN,
    ChangedSincePreview,
    period_named,
    same_digest,
)
from groupbuy.domain.kernel import Invalid, Refused
from groupbuy.domain.ledger import CLOSED_AFTER, ClosedPeriod, last_closed
from groupbuy.domain.membership import Role


@frozen
class ClosingPreview:
    """What a closing would fix."""

    period: str
    ends_at: datetime
    """The end in the operator's zone."""
    ready: datetime
    """From when on it may be closed."""
    books: BooksAt
    objections: tuple[str, ...]
    """Rules that say no now."""
    closed: ClosedPeriod | None = None
    """Set if it is closed already."""

    @property
    def name(self) -> str:
        """`cls_` and the name of the period."""
        return f"cls_{self.period}"

    @property
    def key(self) -> str:
        """What a closing asks for: name and digest."""
        return f"{self.name}@{self.books.digest[:DIGEST_SHOWN]}"


@frozen
class _Facts:
    """What the rules of closing look at."""

    period: str
    ends_at: datetime
    now: datetime
    books: BooksAt
    unbalanced: bool
    unchanged: bool
    """Nothing was slipped in before the end of the period that was closed last."""
    last: ClosedPeriod | None


def preview_closing(desk: Desk, shelf: Bookshelf, caller: Caller, period: str) -> ClosingPreview:
    """Compute what closing a period would fix; writes nothing. Raises Forbidden, Invalid."""
    caller.require(Role.FINANCE)
    facts = _facts(desk, shelf, caller, period)
    last = facts.last
    closed = last if last is not None and last.id == period else None
    said = tuple(_objections(facts))
    return ClosingPreview(
        period, facts.ends_at, facts.ends_at + CLOSED_AFTER, facts.books, said, closed
    )


def close_period(
    desk: Desk, shelf: Bookshelf, caller: Caller, period: str, digest: str, reason: str
) -> ClosedPeriod:
    """Close a period exactly as previewed; from then on nothing is booked before its end.

    Done again with the same digest it changes nothing. Raises ChangedSincePreview if anything
    differs from the preview; Refused before the period is long over, while the trial balance does
    not hold, or behind the end of what is closed; Forbidden, Invalid.
    """
    _check(caller, reason)
    facts = _facts(desk, shelf, caller, period)
    if not same_digest(digest, facts.books.digest):
        raise ChangedSincePreview(
            settlement=f"cls_{period}", digest=facts.books.digest[:DIGEST_SHOWN]
        )
    if facts.last is not None and facts.last.id == period and facts.unchanged:
        return facts.last
    for rule in _RULES:
        rule(facts)
    return desk.run(caller, lambda work: _close(work, facts, reason))


def reopen_period(work: Work, period: str, reason: str) -> ClosedPeriod:
    """Open the period that was closed last again. Raises Refused for any other, Forbidden."""
    _check(work.caller, reason)
    ends_at = period_named(period).cut(ZoneInfo(work.kit.policy.zone))
    found = work.of(ClosedPeriod).lock([period]).get(period)
    if found is None:
        raise Refused(rule="period_is_closed", about=period)
    opened = found.reopen(work.now())
    last = last_closed(_all(work))
    if last is not None and last.ends_at > ends_at:
        raise Refused(rule="period_was_closed_last", about=period)
    work.of(ClosedPeriod).save(opened)
    work.audit("ledger.reopened", period, reason, digest=found.digest)
    return opened


def closings(work: Work) -> list[ClosedPeriod]:
    """Return every period that was ever closed, by its end. Raises Forbidden."""
    work.caller.require(Role.FINANCE)
    return _all(work)


def closing_key(key: str) -> tuple[str, str]:
    """Split `cls_YYYY-MM@digest` into period and digest. Raises Invalid."""
    name, _, digest = key.partition("@")
    if not name.startswith("cls_") or not digest:
        raise Invalid(field="preview", reason="must read cls_YYYY-MM@digest")
    return name.removeprefix("cls_"), digest


def _check(caller: Caller, reason: str) -> None:
    caller.require(Role.FINANCE)
    if not reason.strip():
        raise Invalid(field="reason", reason="is needed")


def _facts(desk: Desk, shelf: Bookshelf, caller: Caller, period: str) -> _Facts:
    ends_at = period_named(period).cut(ZoneInfo(desk.kit.policy.zone))
    # Live: what a replica has not heard of yet would be closed without being counted.
    with shelf.books(caller.tenant, live=True) as reading:
        here, unchanged = books_at(reading, ends_at), _unchanged(reading)
        last, unbalanced = last_closed(reading.closed()), reading.unbalanced()
    return _Facts(period, ends_at, desk.kit.clock.now(), here, unbalanced, unchanged, last)


def _unchanged(reading: LedgerReading) -> bool:
    closed = compare_closed(reading)
    return closed is None or closed.digest == closed.digest_now


def _is_long_over(facts: _Facts) -> None:
    if facts.now < facts.ends_at + CLOSED_AFTER:
        raise Refused(rule="period_is_long_over", about=facts.period)


def _holds(facts: _Facts) -> None:
    if facts.unbalanced or not facts.books.balanced:
        raise Refused(rule="trial_balance_holds", about=facts.period)


def _is_unchanged(facts: _Facts) -> None:
    if not facts.unchanged:
        raise Refused(rule="closed_books_are_unchanged", about=facts.period)


def _is_open(facts: _Facts) -> None:
    if facts.last is not None and facts.ends_at <= facts.last.ends_at:
        raise Refused(rule="period_is_still_open", about=facts.period)


_RULES: tuple[Callable[[_Facts], None], ...] = (_is_long_over, _holds, _is_unchanged, _is_open)


def _objections(facts: _Facts) -> Iterator[str]:
    for rule in _RULES:
        try:
            rule(facts)
        except Refused as no:
            yield no.rule


def _close(work: Work, facts: _Facts, reason: str) -> ClosedPeriod:
    closing = ClosedPeriod(
        id=facts.period,
        ends_at=facts.ends_at,
        closed_at=work.now(),
        closed_by=work.caller.user_id,
        journals=facts.books.journals,
        digest=facts.books.digest,
    )
    periods = work.of(ClosedPeriod)
    before = periods.lock([facts.period], create=lambda _: closing)[facts.period]
    if before.is_closed and before is not closing:
        return before  # somebody else was faster, with the same books
    if not before.is_closed:
        closing = before.close_again(closing)
        periods.save(closing)
    work.audit(
        "ledger.closed",
        facts.period,
        reason,
        ends_at=facts.ends_at.isoformat(),
        journals=str(closing.journals),
        digest=closing.digest,
    )
    return closing


def _all(work: Work) -> list[ClosedPeriod]:
    return list(every(work.of(ClosedPeriod), Query(), order="ends_at"))
