"""When a line of the bill and a record of ours differ. Pure: every instant comes in."""

from datetime import date, datetime, time, timedelta, tzinfo

from attrs import frozen

from groupbuy.domain.kernel import Money
from groupbuy.domain.reconciliation.advice import Advice
from groupbuy.domain.reconciliation.model import Difference, Finding, Movement, Progress, Record

LOOK_BACK_DAYS = 3
"""How many days a run looks at, and how old something on its way may become."""
MIDNIGHT = timedelta(hours=2)
"""So near to the edge of a bill a movement may stand on the next bill, or the one before."""


@frozen
class Line:
    """One movement on the provider's bill; money in is positive."""

    kind: Movement
    number: str
    amount: Money
    at: datetime


@frozen
class Span:
    """The local days that are judged, and how far the bill at hand reaches."""

    first: date
    last: date
    zone: tzinfo
    covered_from: datetime
    covered_until: datetime
    now: datetime
    look_back_days: int = LOOK_BACK_DAYS

    @property
    def start(self) -> datetime:
        """The first instant of the first day."""
        return datetime.combine(self.first, time(0), self.zone)

    @property
    def end(self) -> datetime:
        """The first instant behind the last day."""
        return datetime.combine(self.last + timedelta(days=1), time(0), self.zone)

    def day(self, at: datetime) -> date:
        """Return the local day of an instant."""
        return at.astimezone(self.zone).date()

    def has(self, at: datetime) -> bool:
        """Tell whether an instant is within the judged days."""
        return self.first <= self.day(at) <= self.last

    def young(self, at: datetime) -> bool:
        """Tell whether something from then may still be on its way."""
        return self.now - at < timedelta(days=self.look_back_days)

    def reaches(self, at: datetime) -> bool:
        """Tell whether the bill at hand must show a movement of that instant."""
        return self.covered_from <= at - MIDNIGHT and at + MIDNIGHT <= self.covered_until


def judge_line(line: Line, record: Record | None, span: Span) -> Finding | None:
    """Compare a line with our record of the same kind and number; None if they agree."""
    if record is None:
        return _found(Difference.MISSING_HERE, span, line, None, Advice.STRANGER)
    if record.progress is Progress.ENDED:
        advice = Advice.RUN if record.command else Advice.ENDED_UNPAID
        return _found(Difference.STATE, span, line, record, advice)
    if record.progress is Progress.ON_ITS_WAY:
        late = not span.young(line.at)
        kind = Difference.STATE if late else Difference.OPEN
        advice = Advice.RUN if late else Advice.WAIT
        return _found(kind, span, line, record, advice)
    if line.amount != record.amount:
        return _found(Difference.AMOUNT, span, line, record, Advice.WRONG_AMOUNT)
    return None


def judge_record(record: Record, span: Span) -> Finding | None:
    """Say what it means that the bill does not show a record of ours; None if nothing."""
    if record.progress is Progress.ENDED or not record.amount:
        return None
    if record.progress is Progress.ON_ITS_WAY:
        late = not span.young(record.at)
        kind = Difference.STATE if late else Difference.OPEN
        return _found(kind, span, None, record, Advice.RUN if late else Advice.WAIT)
    if not span.has(record.at):
        return None
    if not span.reaches(record.at):
        return _found(Difference.OPEN, span, None, record, Advice.WAIT)
    return _found(Difference.MISSING_THERE, span, None, record, Advice.LOST)


def repeated(line: Line, record: Record | None, span: Span) -> Finding:
    """A line stands on the bill once more than it should."""
    return _found(Difference.DUPLICATE, span, line, record, Advice.PAID_TWICE)


def _found(
    difference: Difference, span: Span, line: Line | None, record: Record | None, advice: Advice
) -> Finding:
    some: Line | Record | None = line or record
    if some is None:
        raise ValueError("a finding is about something")
    runs = advice is Advice.RUN and record is not None
    return Finding(
        difference=difference,
        kind=some.kind,
        number=some.number,
        day=span.day(some.at),
        ours=record.amount if record else None,
        our_state=record.state if record else "",
        theirs=line.amount if line else None,
        their_state="moved" if line else "",
        advice=advice,
        command=record.command if runs and record else "",
    )
