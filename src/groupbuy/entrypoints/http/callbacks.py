"""What providers and carriers tell us: verified on the raw bytes, answered after the commit."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from litestar import Controller, Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath

from groupbuy.application import fulfilment, payments, payouts, refunds
from groupbuy.application.ports import PaymentReport, PayoutReport, RefundReport, TraceReport
from groupbuy.application.write_path import Caller, Work
from groupbuy.domain.kernel import NotFound
from groupbuy.entrypoints.http.auth import public
from groupbuy.entrypoints.http.visit import Visit

PROVIDER = public(callback=True)
Raw = Request[Any, Any, Any]
Report = PaymentReport | RefundReport | PayoutReport | TraceReport
_Adapter = TypeVar("_Adapter")


class Callbacks(Controller):
    """/callbacks."""

    path = "/callbacks"
    tags = ("callbacks",)

    @post("/payments/{provider:str}/{tenant:str}", opt=PROVIDER, status_code=204)
    async def payment(
        self,
        provider: FromPath[str],
        tenant: FromPath[str],
        request: Raw,
        visit: NamedDependency[Visit],
    ) -> Response[None]:
        """A payment or a refund moved."""
        gateway = _known(visit.app.gateways, provider)
        return await _take(visit, request, (provider, tenant), gateway.read_callback)

    @post("/payouts/{provider:str}/{tenant:str}", opt=PROVIDER, status_code=204)
    async def payout(
        self,
        provider: FromPath[str],
        tenant: FromPath[str],
        request: Raw,
        visit: NamedDependency[Visit],
    ) -> Response[None]:
        """A payout moved."""
        payout = _known(visit.app.payouts, provider)
        return await _take(visit, request, (provider, tenant), payout.read_callback)

    @post("/carriers/{provider:str}/{tenant:str}", opt=PROVIDER, status_code=204)
    async def carrier(
        self,
        provider: FromPath[str],
        tenant: FromPath[str],
        request: Raw,
        visit: NamedDependency[Visit],
    ) -> Response[None]:
        """A parcel moved."""
        carrier = _known(visit.app.carriers, provider)
        return await _take(visit, request, (provider, tenant), carrier.read_callback)


async def _take(
    visit: Visit,
    request: Raw,
    place: tuple[str, str],
    read: Callable[[dict[str, str], bytes], Report],
) -> Response[None]:
    """Read a report before anything else: only a signature lets it name its tenant.

    The tenant is in the address that the adapter gave the provider, whatever host that has.
    """
    provider, tenant = place
    body, headers = await request.body(), dict(request.headers)

    def write() -> None:
        report = read(headers, body)
        caller = Caller.system(tenant, channel="callback", actor=provider)
        visit.app.desk.run(caller, lambda work: _settle(work, provider, report))

    await sync_to_thread(write)
    return Response(None, status_code=204)


def _settle(work: Work, provider: str, report: Report) -> None:
    """Hand a report to its use case, once per event of the provider."""
    if not payments.first_time(work, provider, report.event_id):
        return
    match report:
        case PaymentReport():
            payments.settle_payments(work, [report])
        case RefundReport():
            refunds.settle_refund(work, report)
        case PayoutReport():
            payouts.settle_payout(work, report)
        case TraceReport():
            fulfilment.hear_carrier(work, report)


def _known(adapters: Mapping[str, _Adapter], name: str) -> _Adapter:
    adapter = adapters.get(name)
    if adapter is None:
        raise NotFound(kind="provider", key=name[:40])
    return adapter
