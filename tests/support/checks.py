"""Is everything as it must be? Reads a whole shop and asks every invariant."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from attrs import evolve

from groupbuy.adapters.memory.payments import MemoryPayments
from groupbuy.application.invariants import KINDS
from groupbuy.application.ports import LoggedEvent, PaymentOutcome, PaymentReport, Query
from groupbuy.application.ports.payment import BillLine
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Group, GroupState, Mode, Seat, progress_of
from groupbuy.domain.invariants import Books, Finding, Movement, check
from groupbuy.domain.kernel import Money

_OUTCOMES = ("group.formed", "group.failed", "group.cancelled")


def books_of(work: Work) -> Books:
    """Read everything of one tenant."""
    found: dict[str, Any] = {
        name: tuple(every(work.of(kind), Query())) for name, kind in KINDS.items()
    }
    return Books(**found)


def check_shop(shop: Any, *, at_rest: bool = False) -> None:
    """Fail if anything in a shop is not as it must be.

    `at_rest`: nothing is left to do, and the provider was told of everything.
    """
    books, log = shop.desk.read(shop.system(), lambda w: (books_of(w), _outcomes(w)))
    moves = [Movement("memory", m.kind, m.number, m.amount.minor) for m in shop.gateway.movements]
    findings = check(books, at_rest=at_rest, movements=moves)
    findings += [*_decided_twice(log), *_wrong_progress(books, shop.clock.now())]
    assert findings == []


def capture_anyway(
    gateway: MemoryPayments, number: str, *, at: datetime, amount: Money | None = None
) -> PaymentReport:
    """Let the provider take money for a payment it had closed: such things happen."""
    known = gateway._payments[number]
    money = amount or known.request.amount
    paid = evolve(known, outcome=PaymentOutcome.CAPTURED, captured=money, paid_at=at)
    gateway._payments[number] = paid
    gateway.movements.append(BillLine(kind="payment", number=number, amount=money, at=at))
    return paid.report()


def _outcomes(work: Work) -> list[LoggedEvent]:
    told = Query().among("name", _OUTCOMES)
    return list(every(work.of(LoggedEvent), told))


def _decided_twice(log: list[LoggedEvent]) -> Iterator[Finding]:
    decided = dict[str, str]()
    for event in log:
        if event.subject in decided:
            yield Finding(22, event.subject, f"{decided[event.subject]}, then {event.name}")
        decided[event.subject] = event.name


def _wrong_progress(books: Books, now: datetime) -> Iterator[Finding]:
    campaigns = {campaign.id: campaign for campaign in books.campaigns}
    for group in books.groups:
        campaign = campaigns[group.campaign_id]
        if campaign.mode is Mode.TEAM:
            continue
        shown = progress_of(campaign, group, now)
        joined = len({s.buyer_id for s in books.seats if _counts(s, group)})
        missing = 0 if group.formed_at else max(0, campaign.target - shown.reached)
        if (shown.joined, shown.missing) != (joined, missing):
            yield Finding(12, group.id, f"shows {shown.joined} joined, {joined} have paid")
        if group.state in (GroupState.FORMED, GroupState.ENDED) and group.formed_at is None:
            yield Finding(22, group.id, "formed, nobody knows when")


def _counts(seat: Seat, group: Group) -> bool:
    return seat.group_id == group.id and seat.state.value in ("paid", "confirmed")
