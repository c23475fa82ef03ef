"""What providers and carriers tell us: verified on the raw bytes, answered after the commit."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from litestar import Controller, MediaType, Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath

from groupbuy.application import fulfilment, payments, payouts, refunds
from groupbuy.application.payments import Heard
from groupbuy.application.ports import PaymentReport, PayoutReport, RefundReport, TraceReport
from groupbuy.application.write_path import Caller, Work
from groupbuy.domain.kernel import DomainError, NotFound
from groupbuy.domain.payments import payment_id_of
from groupbuy.entrypoints.bootstrap import App
from groupbuy.entrypoints.http.auth import public
from groupbuy.entrypoints.http.mailbox import Mailbox
from groupbuy.entrypoints.http.visit import Visit

PROVIDER = public(callback=True)
Raw = Request[Any, Any, Any]
Report = RefundReport | PayoutReport | TraceReport
Letter = tuple[str, Heard]
"""(tenant, what was heard)"""
Hearing = Mailbox[Letter, None]
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
        hearing: NamedDependency[Hearing],
    ) -> Response[None]:
        """A payment or a refund moved."""
        return await hear_money(request, visit, hearing, (provider, tenant))

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
        """A parcel moved. Answered in the words that the service wants to hear."""
        carrier = _known(visit.app.carriers, provider)
        taken = await _take(visit, request, (provider, tenant), carrier.read_callback)
        said = carrier.acknowledgement()
        if not said:
            return taken
        return cast("Response[None]", Response(said, status_code=200, media_type=MediaType.JSON))


async def hear_money(
    request: Raw, visit: Visit, hearing: Hearing, place: tuple[str, str]
) -> Response[None]:
    """Take what a payment provider says: a payment or a refund moved."""
    provider, tenant = place
    report = _known(visit.app.gateways, provider).read_callback(
        dict(request.headers), await request.body()
    )
    if isinstance(report, PaymentReport):
        return await _post(hearing, tenant, Heard(provider, report))
    return await _take(visit, request, place, lambda *_: report)


async def _post(hearing: Hearing, tenant: str, heard: Heard) -> Response[None]:
    """Let a callback be carried out with others of its cell; answered once it is durable.

    Each payment is a queue of its own: its group is known only to the database, and its number
    tells the cell. With one lane a process no two batches meet in a group.
    """
    near = payment_id_of(heard.report.number)
    await hearing.answer(tenant, near, (tenant, heard))
    return Response(None, status_code=204)


def hearing_of(app: App) -> Hearing:
    """Return the mailbox of payment callbacks, not started yet."""
    said = app.settings.mailbox

    def carry_out(letters: Sequence[Letter]) -> list[DomainError | None]:
        return payments.hear_payments(app.desk, letters[0][0], [heard for _, heard in letters])

    return Mailbox(
        carry_out=carry_out,
        per_group=said.per_group,
        in_total=said.in_total,
        target_seconds=said.target_millis / 1000,
    )


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
