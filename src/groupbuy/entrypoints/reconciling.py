"""Fetching the bills of all providers and comparing them: for the worker and the command line."""

from functools import partial
from zoneinfo import ZoneInfo

from groupbuy.application.reconciliation import (
    Ask,
    fetch_bill,
    last_run,
    note_failure,
    reconcile,
)
from groupbuy.application.write_path import Caller
from groupbuy.domain.kernel import Unavailable
from groupbuy.domain.reconciliation import Reconciliation
from groupbuy.entrypoints.bootstrap import App


def neighbours(app: App, tenant: str) -> tuple[str, ...]:
    """Return the other tenants, who take money through the same accounts."""
    known = {each.id for each in app.database.tenants()} | {app.settings.http.default_tenant}
    return tuple(sorted(known - {tenant}))


def reconcile_with_provider(app: App, caller: Caller, ask: Ask) -> Reconciliation:
    """Fetch a provider's bill and compare it; a failure is kept too. Raises Unavailable."""
    try:
        bill = fetch_bill(app.desk, app.bills[ask.provider], ask)
    except Unavailable as error:
        if not ask.rehearsal:
            note_failure(app.desk, caller, ask, error)
        raise
    return reconcile(app.desk, caller, ask, bill)


def reconcile_due(app: App, tenant: str) -> int:
    """Compare the bill of every provider that was not compared today; return how many were.

    A bill that cannot be fetched is noted, and asked for at the next turn.
    """
    caller, done = Caller.system(tenant), 0
    zone = ZoneInfo(app.kit.policy.zone)
    today = app.kit.clock.now().astimezone(zone).date()
    for provider in sorted(app.bills):
        last = app.desk.read(caller, partial(last_run, provider=provider))
        if last and not last.failed and last.at.astimezone(zone).date() == today:
            continue
        try:
            ask = Ask(provider, neighbours=neighbours(app, tenant))
            reconcile_with_provider(app, caller, ask)
        except Unavailable:
            continue
        done += 1
    return done
