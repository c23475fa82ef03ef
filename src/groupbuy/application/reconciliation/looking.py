"""What earlier runs found, and the light that says whether the last ones were clean."""

from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.membership import Role
from groupbuy.domain.reconciliation import Reconciliation

FRESH = timedelta(days=1)
"""How old the last run may be for a green light."""
_RECENT_DAYS = 2
"""A run counts for the light if it judges days as late as this many before today."""
_LOOKED_AT = 20


@frozen
class ProviderLight:
    """One provider's light."""

    provider: str
    green: bool
    why: str
    """clean | never | old | differences | failed"""
    last: Reconciliation | None


@frozen
class Light:
    """Green if every provider's is, and there is one."""

    green: bool
    providers: tuple[ProviderLight, ...]


def list_runs(work: Work, limit: int = 50) -> list[Reconciliation]:
    """Return runs, the newest first. Raises Unauthenticated, Forbidden."""
    work.caller.require(Role.FINANCE, Role.OPERATOR)
    return work.of(Reconciliation).select(Query().sorted("-at").page(limit))


def show_run(work: Work, run_id: str) -> Reconciliation:
    """Return one run. Raises NotFound, Unauthenticated, Forbidden."""
    work.caller.require(Role.FINANCE, Role.OPERATOR)
    return work.of(Reconciliation).get(run_id)


def light(work: Work, providers: Iterable[str]) -> Light:
    """Say for every provider whether its last run was clean and is not older than a day."""
    work.caller.require(Role.FINANCE, Role.OPERATOR)
    lights = tuple(_light(work, provider) for provider in sorted(providers))
    return Light(bool(lights) and all(each.green for each in lights), lights)


def last_run(work: Work, provider: str) -> Reconciliation | None:
    """Return the newest run over days that are not long past; None if there is none."""
    query = Query().where(provider=provider).sorted("-at").page(_LOOKED_AT)
    today = work.now().astimezone(ZoneInfo(work.kit.policy.zone)).date()
    edge = today - timedelta(days=_RECENT_DAYS)
    runs = work.of(Reconciliation).select(query)
    return next((run for run in runs if run.last >= edge), None)


def _light(work: Work, provider: str) -> ProviderLight:
    last = last_run(work, provider)
    if last is None:
        return ProviderLight(provider, green=False, why="never", last=None)
    why = "clean"
    if last.failed:
        why = "failed"
    elif last.differences:
        why = "differences"
    elif work.now() - last.at > FRESH:
        why = "old"
    return ProviderLight(provider, green=why == "clean", why=why, last=last)
