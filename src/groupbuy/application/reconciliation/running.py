"""One run: read the bill, compare it both ways, book its fees if asked, keep what was found."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from groupbuy.application.ports import BillLine, Bills
from groupbuy.application.reconciliation.records import look_up, our_records
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.kernel import DomainError, Invalid, Unavailable
from groupbuy.domain.membership import Role
from groupbuy.domain.reconciliation import (
    FINDINGS_KEPT,
    LOOK_BACK_DAYS,
    Advice,
    BilledFee,
    Difference,
    Finding,
    Line,
    Movement,
    Reconciliation,
    Record,
    Source,
    Span,
    digest_of,
    fee_key,
    judge_line,
    judge_record,
    repeated,
)

BATCH = 500
"""Lines that are looked up, or booked, in one transaction."""
DAYS_AT_MOST = 93
"""Days of one run; providers keep bills for three months."""
Key = tuple[Movement, str]


@frozen
class Ask:
    """Which bill to compare, and whether to book its fees."""

    provider: str
    first: date | None = None
    last: date | None = None
    """Local days, both included; the last full ones by default."""
    book_fees: bool = False
    neighbours: tuple[str, ...] = ()
    """Other tenants that take money through the same account: their lines are not strangers."""
    reason: str = ""
    """Why somebody asks by hand; kept in the audit, and needed to book fees."""
    rehearsal: bool = False
    """Only compare: book nothing, keep nothing."""


@frozen
class Bill:
    """What the provider says, and from when to when it says all."""

    lines: tuple[Line, ...]
    since: datetime
    until: datetime
    source: Source = Source.PROVIDER


@frozen
class _Sums:
    """What a comparison comes to."""

    findings: list[Finding] = field(factory=list)
    counts: Counter[str] = field(factory=Counter)
    judged: list[int] = field(factory=list)

    def add(self, finding: Finding) -> None:
        """Count one; keep it while there is room."""
        self.counts[finding.difference.value] += 1
        if len(self.findings) < FINDINGS_KEPT:
            self.findings.append(finding)


def days_of(desk: Desk, ask: Ask) -> tuple[date, date]:
    """Return the days of a run. Raises Invalid for days that make none."""
    zone = ZoneInfo(desk.kit.policy.zone)
    last = ask.last or desk.kit.clock.now().astimezone(zone).date() - timedelta(days=1)
    first = ask.first or last - timedelta(days=LOOK_BACK_DAYS - 1)
    if not 0 <= (last - first).days < DAYS_AT_MOST:
        raise Invalid(field="to", reason=f"must be 0 to {DAYS_AT_MOST - 1} days behind from")
    return first, last


def fetch_bill(desk: Desk, source: Bills, ask: Ask) -> Bill:
    """Ask the provider for the days, and for those beside them. Raises Unavailable.

    The day behind may not be ready yet: then what is near midnight stays open.
    """
    first, last = days_of(desk, ask)
    zone, now = ZoneInfo(desk.kit.policy.zone), desk.kit.clock.now()
    start = datetime.combine(first - timedelta(days=1), time(0), zone)
    until = datetime.combine(last + timedelta(days=1), time(0), zone)
    lines: list[Line] = []
    for number in range((last - first).days + 2):
        lines += lines_of(source.bill(first + timedelta(days=number - 1)))
    if until <= now:
        try:
            lines += lines_of(source.bill(last + timedelta(days=1)))
            until += timedelta(days=1)
        except Unavailable:
            pass
    return Bill(tuple(lines), start.astimezone(UTC), min(until.astimezone(UTC), now))


def lines_of(bill: Iterable[BillLine]) -> Iterator[Line]:
    """Return a port's lines in the words of the comparison. Raises Invalid for another kind."""
    for each in bill:
        try:
            kind = Movement(each.kind)
        except ValueError:
            raise Invalid(field="kind", reason="is no kind of movement") from None
        yield Line(kind, each.number, each.amount, each.at)


def reconcile(desk: Desk, caller: Caller, ask: Ask, bill: Bill) -> Reconciliation:
    """Compare a bill with our books both ways, and keep the result.

    Raises Unauthenticated, Forbidden, Invalid.
    """
    caller.require(Role.FINANCE, Role.OPERATOR)
    if ask.book_fees and not ask.reason.strip():
        raise Invalid(field="reason", reason="is needed")
    first, last = days_of(desk, ask)
    zone, now = ZoneInfo(desk.kit.policy.zone), desk.kit.clock.now()
    span = Span(first, last, zone, bill.since, bill.until, now)
    fees = [x for x in bill.lines if x.kind is Movement.FEE and span.has(x.at)]
    books = ask.book_fees and not ask.rehearsal
    booked = book_fees(desk, caller, ask.provider, fees) if books else 0
    sums = _Sums()
    _judge_lines(desk, caller, ask, span, bill.lines, sums)
    known = {(line.kind, line.number) for line in bill.lines}
    for record in our_records(desk, caller, ask.provider, span):
        if (record.kind, record.number) not in known:
            finding = judge_record(record, span)
            if finding is not None:
                sums.add(finding)
    result = Reconciliation(
        id="",
        provider=ask.provider,
        first=first,
        last=last,
        at=now,
        by=caller.user_id,
        source=bill.source,
        lines=sum(span.has(line.at) for line in bill.lines),
        matched=sum(sums.judged),
        counts=dict(sorted(sums.counts.items())),
        fees_booked=booked,
        digest=digest_of(sums.findings),
        findings=tuple(sums.findings),
    )
    if ask.rehearsal:
        return result
    return desk.run(caller, lambda work: _keep(work, result, ask.reason))


def note_failure(desk: Desk, caller: Caller, ask: Ask, error: DomainError) -> Reconciliation:
    """Keep that there was no bill to compare, so that the light says so."""
    caller.require(Role.FINANCE, Role.OPERATOR)
    first, last = days_of(desk, ask)
    now = desk.kit.clock.now()
    result = Reconciliation(
        "", ask.provider, first, last, now, caller.user_id, Source.PROVIDER, 0, 0, failed=error.code
    )
    return desk.run(caller, lambda work: _keep(work, result))


def _keep(work: Work, result: Reconciliation, reason: str = "") -> Reconciliation:
    kept = evolve(result, id=work.new_id("rcn"))
    work.of(Reconciliation).add(kept)
    facts = {name: str(count) for name, count in kept.counts.items()}
    work.audit("reconciliation.run", kept.id, reason, fees_booked=str(kept.fees_booked), **facts)
    if kept.differences:
        work.tell("role:finance", "reconciliation.differs", kept.id)
    return kept


def _judge_lines(
    desk: Desk, caller: Caller, ask: Ask, span: Span, lines: Sequence[Line], sums: _Sums
) -> None:
    seen: set[Key] = set()
    for some in _batches(lines):
        keys = {(line.kind, line.number) for line in some}
        ours = _ours(desk, caller, ask.provider, keys)
        strange = keys - ours.keys()
        elsewhere = _elsewhere(desk, ask, {key for key in strange if key[0] is not Movement.FEE})
        for line in some:
            key = (line.kind, line.number)
            again, record = key in seen, ours.get(key)
            seen.add(key)
            if key in elsewhere or not _is_judged(line, record, span):
                continue
            finding = repeated(line, record, span) if again else judge_line(line, record, span)
            if finding is None:
                sums.judged.append(1)
            else:
                sums.add(_with_fee_command(finding, ask.provider))


def _is_judged(line: Line, record: Record | None, span: Span) -> bool:
    """A line beside the days is judged only if our own record is within them."""
    return span.has(line.at) or (record is not None and span.has(record.at))


def _with_fee_command(finding: Finding, provider: str) -> Finding:
    if finding.kind is not Movement.FEE or finding.difference is not Difference.MISSING_HERE:
        return finding
    day = finding.day.isoformat()
    run = f"groupbuy reconcile run --provider {provider} --from {day} --to {day}"
    command = f'{run} --book-fees --reason "…"'
    return evolve(finding, advice=Advice.RUN, command=command)


def _ours(desk: Desk, caller: Caller, provider: str, keys: set[Key]) -> dict[Key, Record]:
    return desk.read(caller, lambda work: look_up(work, provider, keys))


def _elsewhere(desk: Desk, ask: Ask, keys: set[Key]) -> set[Key]:
    """Return those numbers that are another tenant's at the same provider."""
    found: set[Key] = set()
    for tenant in ask.neighbours:
        left = keys - found
        if left:
            found |= _ours(desk, Caller.system(tenant), ask.provider, left).keys()
    return found


def _batches(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    return (lines[place : place + BATCH] for place in range(0, len(lines), BATCH))


def book_fees(desk: Desk, caller: Caller, provider: str, fees: Sequence[Line]) -> int:
    """Book the fees of a bill that were not booked yet; return how many."""
    caller.require(Role.FINANCE, Role.OPERATOR)
    return sum(_book_some(desk, caller, provider, some) for some in _batches(fees))


def _book_some(desk: Desk, caller: Caller, provider: str, some: Sequence[Line]) -> int:
    return desk.run(caller, lambda work: _book(work, provider, some))


def _book(work: Work, provider: str, some: Sequence[Line]) -> int:
    fees = {fee_key(provider, line.number): line for line in reversed(some)}
    known = work.of(BilledFee).find(fees)
    for key, line in fees.items():
        if key not in known:
            amount, now = line.amount, work.now()
            work.of(BilledFee).add(BilledFee(key, provider, line.number, amount, line.at, now))
            # The bill counts what we get: a fee is below zero there.
            names, amounts = {"provider": provider}, {"F": -amount.minor}
            work.book("provider_fee", key, names, amounts, amount.currency)
            work.audit("reconciliation.fee", key, amount=str(amount.minor))
    return len(fees) - len(known)
