"""The light of reconciliation, for those who watch over money."""

from datetime import date, datetime

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency

from groupbuy.application import reconciliation
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.visit import Visit

DESK = only(Role.FINANCE, Role.OPERATOR)


class ProviderLightOut(msgspec.Struct, frozen=True):
    """One provider's light, and the run it comes from."""

    provider: str
    green: bool
    why: str
    """clean | never | old | differences | failed"""
    run_id: str | None
    at: datetime | None
    first: date | None
    last: date | None
    counts: dict[str, int]
    """How many by difference; `open` ones are none yet."""


class LightOut(msgspec.Struct, frozen=True):
    """Green if the last bill of every provider agreed with our books, within a day."""

    green: bool
    providers: list[ProviderLightOut]


class ReconciliationDesk(Controller):
    """/ops/reconciliation."""

    path = "/ops/reconciliation"
    tags = ("ops",)

    @get("/", opt=DESK, sync_to_thread=True)
    def light(self, visit: NamedDependency[Visit]) -> Response[LightOut]:
        """Say whether the providers' bills agree with our books."""
        names = visit.app.bills
        return Response(light_out(visit.read(lambda work: reconciliation.light(work, names))))


def light_out(light: reconciliation.Light) -> LightOut:
    """Render the light."""
    return LightOut(light.green, [_provider_out(each) for each in light.providers])


def _provider_out(each: reconciliation.ProviderLight) -> ProviderLightOut:
    last = each.last
    return ProviderLightOut(
        provider=each.provider,
        green=each.green,
        why=each.why,
        run_id=last.id if last else None,
        at=last.at if last else None,
        first=last.first if last else None,
        last=last.last if last else None,
        counts=dict(last.counts) if last else {},
    )
