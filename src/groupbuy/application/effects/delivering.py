"""Delivering a report that is due: read it off, make its file, hand it over."""

from datetime import datetime, timedelta

from groupbuy.application import reporting
from groupbuy.application.effects.errands import Errand
from groupbuy.application.ports.delivery import Letter
from groupbuy.application.report_facts import ReportSchedule
from groupbuy.application.reporting import Ask, Report, Wanted
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Invalid

_NOT_YET = timedelta(minutes=1)


def deliver_report(errand: Errand) -> None:
    """Deliver one report once all of its period is counted. Raises Invalid, Unavailable.

    A crash between the delivery and its commit delivers it again, under the same key.
    """
    schedule = errand.desk.read(
        errand.caller, lambda work: work.of(ReportSchedule).get(errand.task.subject)
    )
    if schedule.stopped_at is not None:
        errand.done()
        return
    at = datetime.fromisoformat(errand.task.data["at"])
    report = errand.desk.report(errand.caller, lambda work: _made(work, schedule, at))
    if report.as_of is None or report.as_of < report.days.instants(report.zone)[1]:
        errand.done(_NOT_YET)
        return
    _hand_over(errand, schedule, report)
    errand.done()


def _made(work: Work, schedule: ReportSchedule, at: datetime) -> Report:
    span = reporting.span_of(schedule.every, work.kit.policy.zone, at)
    ask = Ask(
        span,
        merchant_id=schedule.merchant_id,
        currency=work.kit.policy.currency,
        by=schedule.by,
        compare=True,
    )
    return reporting.made(work, Wanted(schedule.name, ask))


def _hand_over(errand: Errand, schedule: ReportSchedule, report: Report) -> None:
    name, _, address = schedule.to.partition(":")
    delivery, printer = errand.outside.deliveries.get(name), errand.outside.printer
    if delivery is None or printer is None:
        raise Invalid(field="to", reason="is no delivery of this installation")
    english = schedule.language == "en"
    title = report.en if english else report.zh
    days = f"{report.days.first} – {report.days.last}"
    notes = [en if english else zh for zh, en in report.notes]
    letter = Letter(
        key=errand.task.id,
        to=address,
        subject=f"{title} {days}",
        text="\n".join([title, f"{days} ({report.zone})", *notes]) + "\n",
        file=printer(report, schedule.form, schedule.language),
    )
    delivery.deliver(errand.caller.tenant, letter)
