"""Sending granted refunds: a few at once, no faster than the provider takes them.

Three transactions carry several refunds: they take their turns, their numbers are stored as
submitted, and after the calls the answers are. Each refund is a call of its own. One that finds no
room gets a place in the queue of its provider and is due again then; that is no failed try.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import field, frozen

from groupbuy.application import refunds
from groupbuy.application.effects.errands import Errand
from groupbuy.application.limits import Pace, hold_off, take_turns
from groupbuy.application.ports import RefundReport, RefundRequest, Task
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import TooMany
from groupbuy.domain.payments import RefundState

SENT_TOGETHER = 25
"""How many refunds share their transactions; so many calls fit into the lease of their tasks."""
_SOON, _LATER = timedelta(seconds=15), timedelta(minutes=1)
_ENOUGH = timedelta(seconds=30)
"""With less than this left of the lease no further call is begun."""
_AGAIN = {RefundState.SUBMITTED: _SOON, RefundState.RETRYABLE: _LATER}


@frozen
class _Answers:
    """What came of the calls, by refund."""

    reports: dict[str, RefundReport] = field(factory=dict)
    too_many: list[tuple[str, TooMany]] = field(factory=list)
    """Which provider wants to be left alone, and for how long."""
    errors: list[Exception] = field(factory=list)


def send_refunds(errand: Errand) -> None:
    """Send some granted refunds; raises the first error of a call once all others are kept."""
    turns = errand.desk.run(errand.caller, lambda work: _take_turns(errand, work))
    if not turns:
        return
    sent = errand.desk.run(errand.caller, lambda work: _submit(errand, work, turns))
    answers = _call(errand, sent)
    errand.desk.run(errand.caller, lambda work: _keep(errand, work, sent, answers))
    if answers.errors:
        raise answers.errors[0]


def _take_turns(errand: Errand, work: Work) -> dict[str, str]:
    """Return the providers, by refund, of those that may go now; the others get their places.

    A transaction of its own and a short one: everybody who sends waits for the same row.
    """
    tasks = {task.subject: task for task in errand.held(work)}
    providers = refunds.providers_of(work, tasks)
    for key in tasks.keys() - providers.keys():
        errand.finish(work, tasks[key])
    go = dict[str, str]()
    for provider in sorted(set(providers.values())):
        mine = [key for key in tasks if providers.get(key) == provider]
        places = [_place(tasks[key]) for key in mine]
        turns = take_turns(work, _pace(work, provider), places)
        for key, again in zip(mine, turns, strict=True):
            if again is None:
                go[key] = provider
            else:
                errand.finish(work, tasks[key], again, data={"place": again.isoformat()})
    return go


def _submit(
    errand: Errand, work: Work, turns: Mapping[str, str]
) -> dict[str, tuple[str, RefundRequest]]:
    """Store those as submitted that may go; return provider and request by refund.

    One that came to its end since it took its turn is finished by the next look at its task, and
    one that comes too soon for its provider is due again at its minute.
    """
    mine = {task.subject: task for task in errand.held(work) if task.subject in turns}
    gateways = errand.outside.gateways
    limits = {name: gateways[name].refund_limits for name in set(turns.values())}
    sending = refunds.submit_refunds(work, list(mine), limits)
    for key, again in sending.waits.items():
        errand.finish(work, mine[key], again, data={})
    return {key: (turns[key], request) for key, request in sending.requests.items()}


def _call(errand: Errand, sent: Mapping[str, tuple[str, RefundRequest]]) -> _Answers:
    """Ask the providers, one refund after the other, for as long as the lease allows."""
    answers, clock = _Answers(), errand.desk.kit.clock
    ends = [task.claimed_until for task in errand.tasks if task.claimed_until]
    for key, (provider, request) in sent.items():
        if ends and clock.now() > min(ends) - _ENOUGH:
            break
        if any(name == provider for name, _ in answers.too_many):
            continue
        try:
            answers.reports[key] = errand.outside.gateways[provider].refund(request)
        except TooMany as error:
            answers.too_many.append((provider, error))
        except Exception as error:  # noqa: BLE001  it is raised once the other answers are kept
            answers.errors.append(error)
    return answers


def _keep(
    errand: Errand, work: Work, sent: Mapping[str, tuple[str, RefundRequest]], answers: _Answers
) -> None:
    """Write the answers down; whoever was not asked comes again, in order, as if never tried."""
    tasks = {task.subject: task for task in errand.held(work) if task.subject in sent}
    ready = {provider: work.now() for provider, _ in sent.values()}
    for provider, error in sorted(answers.too_many, key=lambda each: each[0]):
        pause = timedelta(seconds=error.retry_after_seconds)
        ready[provider] = hold_off(work, _pace(work, provider), pause)
    reports = [answers.reports[key] for key in tasks if key in answers.reports]
    after = refunds.settle_refunds(work, reports)
    # A call that failed by itself is left to whoever raises its error.
    failed = bool(answers.errors)
    for key, task in tasks.items():
        if key in after:
            wait = _AGAIN.get(after[key].state)
            errand.finish(work, task, None if wait is None else work.now() + wait, data={})
        elif not failed:
            errand.finish(work, task, ready[sent[key][0]], data={})


def _pace(work: Work, provider: str) -> Pace:
    return Pace("refunds", provider, work.kit.policy.refunds_per_second)


def _place(task: Task) -> datetime | None:
    place = task.data.get("place")
    return datetime.fromisoformat(place) if place else None
