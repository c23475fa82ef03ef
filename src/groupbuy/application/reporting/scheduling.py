"""Reports that are delivered by themselves: planned, due, and about what is over."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from groupbuy.application.ports import Query
from groupbuy.application.report_facts import Every, ReportSchedule
from groupbuy.application.reporting.days import Days, month
from groupbuy.application.reporting.showing import REPORTS, Wanted
from groupbuy.application.reporting.showing import made as made_once
from groupbuy.application.reporting.tables import Ask
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Invalid, NotFound
from groupbuy.domain.membership import Role

MOST = 100
"""Schedules that run in one shop."""
LAST_HOUR = 23
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


@frozen
class Planned:
    """What is to be delivered, how often and where to."""

    name: str
    every: Every
    hour: int
    form: str
    to: str
    merchant_id: str = ""
    by: str = ""
    language: str = "zh-CN"


def add_schedule(work: Work, planned: Planned, reason: str = "") -> ReportSchedule:
    """Plan a report from the next time on. Raises Forbidden, NotFound, Invalid."""
    work.caller.require(Role.OPERATOR, Role.FINANCE)
    if planned.name not in REPORTS:
        raise NotFound(kind="report", key=planned.name)
    if not 0 <= planned.hour <= LAST_HOUR:
        raise Invalid(field="hour", reason="must be 0 to 23")
    if planned.form not in {"csv", "xlsx", "svg"}:
        raise Invalid(field="form", reason="must be csv, xlsx or svg")
    if len(list_schedules(work)) >= MOST:
        raise Invalid(field="schedule", reason=f"at most {MOST} at once")
    now = work.now()
    ask = Ask(span_of(planned.every, work.kit.policy.zone, now), planned.merchant_id, by=planned.by)
    made_once(work, Wanted(planned.name, ask))  # what cannot be made is not planned
    made = ReportSchedule(
        id=work.new_id("rps"),
        name=planned.name,
        every=planned.every,
        hour=planned.hour,
        form=planned.form,
        to=planned.to,
        next_at=next_time(planned.every, planned.hour, work.kit.policy.zone, now),
        made_by=work.caller.user_id,
        made_at=now,
        merchant_id=planned.merchant_id,
        by=planned.by,
        language=planned.language,
    )
    work.of(ReportSchedule).add(made)
    work.audit("report.schedule", made.id, reason, report=made.name, to=made.to)
    return made


def stop_schedule(work: Work, key: str, reason: str = "") -> ReportSchedule:
    """Deliver a report no more. Raises Forbidden, NotFound."""
    work.caller.require(Role.OPERATOR, Role.FINANCE)
    found = work.of(ReportSchedule).lock([key]).get(key)
    if found is None:
        raise NotFound(kind="report_schedule", key=key)
    if found.stopped_at is not None:
        return found
    stopped = evolve(found, stopped_at=work.now())
    work.of(ReportSchedule).save(stopped)
    work.audit("report.unschedule", key, reason)
    return stopped


def list_schedules(work: Work) -> list[ReportSchedule]:
    """Return those that run, the one due first at the front. Raises Forbidden."""
    work.caller.require(Role.OPERATOR, Role.FINANCE)
    query = Query().where(stopped_at=None)
    return list(every(work.of(ReportSchedule), query, order="next_at"))


def due_reports(work: Work) -> int:
    """Stage every report that is due, those that were missed too; return how many.

    Each is staged under its own time, so that two workers stage it once.
    """
    now, staged = work.now(), 0
    query = Query().where(stopped_at=None).before("next_at", now + timedelta(microseconds=1))
    due = [each.id for each in work.of(ReportSchedule).select(query.sorted("next_at"))]
    for schedule in work.of(ReportSchedule).lock(due).values():
        at = schedule.next_at
        while at <= now and schedule.stopped_at is None:
            said = at.isoformat()
            work.later("report", schedule.id, now, once=said, data={"at": said})
            at, staged = (
                next_time(schedule.every, schedule.hour, work.kit.policy.zone, at),
                staged + 1,
            )
        if at != schedule.next_at:
            work.of(ReportSchedule).save(evolve(schedule, next_at=at))
    return staged


def next_time(how_often: Every, hour: int, zone: str, after: datetime) -> datetime:
    """Return the first time behind an instant at which a report is due.

    An hour that the clock skips is the one behind it; of an hour that comes twice the first counts.
    """
    where = ZoneInfo(zone)
    day = after.astimezone(where).date()
    while True:
        due = datetime.combine(day, time(hour), where).astimezone(UTC)
        if due > after and _is_due_on(how_often, day):
            return due
        day += _DAY


def span_of(how_often: Every, zone: str, at: datetime) -> Days:
    """Return what a report due at that time is about: the day, week or month that is over."""
    today = at.astimezone(ZoneInfo(zone)).date()
    if how_often is Every.MONTH:
        return month((today.replace(day=1) - _DAY).isoformat()[:7])
    return Days(today - (_WEEK if how_often is Every.WEEK else _DAY), today)


def _is_due_on(how_often: Every, day: date) -> bool:
    if how_often is Every.MONTH:
        return day.day == 1
    return how_often is Every.DAY or day.weekday() == 0
