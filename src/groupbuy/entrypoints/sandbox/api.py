"""The provider's API: payments, refunds, payouts, parcels, the bill. Every request is signed."""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from groupbuy.entrypoints.sandbox import parcels, payments, payouts
from groupbuy.entrypoints.sandbox.journal import Journal
from groupbuy.entrypoints.sandbox.views import (
    BillView,
    MovementView,
    ParcelView,
    PaymentView,
    PayoutBody,
    PayoutView,
    PrepayBody,
    RefundBody,
    RefundView,
    SubscribeBody,
)


def with_cashier(view: PaymentView, request: "Request[Any, Any, Any]") -> PaymentView:
    """Add the address of the page where a person can pay."""
    return msgspec.structs.replace(view, cashier_url=f"{request.base_url}cashier/{view.number}")


class PaymentsApi(Controller):
    """/payments and /refunds."""

    @post(
        "/payments/{number:str}/prepay",
        opt={"operation": "prepay"},
        status_code=200,
        sync_to_thread=True,
    )
    def prepay(
        self,
        number: FromPath[str],
        data: JSONBody[PrepayBody],
        journal: NamedDependency[Journal],
        request: "Request[Any, Any, Any]",
    ) -> PaymentView:
        """Announce a payment."""
        with journal.transaction() as tx:
            view = payments.prepay(tx, number, data)
        return with_cashier(view, request)

    @get("/payments/{number:str}", opt={"operation": "query"}, sync_to_thread=True)
    def query(
        self,
        number: FromPath[str],
        journal: NamedDependency[Journal],
        request: "Request[Any, Any, Any]",
    ) -> PaymentView:
        """Show a payment."""
        with journal.transaction() as tx:
            view = payments.query(tx, number)
        return with_cashier(view, request)

    @post(
        "/payments/{number:str}/close",
        opt={"operation": "close"},
        status_code=200,
        sync_to_thread=True,
    )
    def close(self, number: FromPath[str], journal: NamedDependency[Journal]) -> PaymentView:
        """Close a payment nobody made."""
        with journal.transaction() as tx:
            return payments.close(tx, number)

    @post(
        "/refunds/{number:str}", opt={"operation": "refund"}, status_code=200, sync_to_thread=True
    )
    def refund(
        self,
        number: FromPath[str],
        data: JSONBody[RefundBody],
        journal: NamedDependency[Journal],
    ) -> RefundView:
        """Accept a refund."""
        with journal.transaction() as tx:
            return payments.refund(tx, number, data)

    @get("/refunds/{number:str}", opt={"operation": "query_refund"}, sync_to_thread=True)
    def query_refund(self, number: FromPath[str], journal: NamedDependency[Journal]) -> RefundView:
        """Show a refund."""
        with journal.transaction() as tx:
            return payments.query_refund(tx, number)

    @get("/bill", opt={"operation": "bill"}, sync_to_thread=True)
    def bill(
        self,
        journal: NamedDependency[Journal],
        day: Annotated[date | None, QueryParameter()] = None,
    ) -> BillView:
        """List the movements of a Beijing day, or of all time."""
        rows = journal.movements(day.isoformat() if day else "")
        return BillView(lines=msgspec.convert(rows, list[MovementView]))


class PayoutsApi(Controller):
    """/payouts."""

    @post(
        "/payouts/{number:str}", opt={"operation": "payout"}, status_code=200, sync_to_thread=True
    )
    def send(
        self,
        number: FromPath[str],
        data: JSONBody[PayoutBody],
        journal: NamedDependency[Journal],
    ) -> PayoutView:
        """Accept a payout."""
        with journal.transaction() as tx:
            return payouts.send(tx, number, data)

    @get("/payouts/{number:str}", opt={"operation": "query_payout"}, sync_to_thread=True)
    def query(self, number: FromPath[str], journal: NamedDependency[Journal]) -> PayoutView:
        """Show a payout."""
        with journal.transaction() as tx:
            return payouts.query(tx, number)


class ParcelsApi(Controller):
    """/parcels."""

    @post(
        "/parcels/{carrier:str}/{number:str}/subscribe",
        opt={"operation": "subscribe"},
        status_code=200,
        sync_to_thread=True,
    )
    def subscribe(
        self,
        carrier: FromPath[str],
        number: FromPath[str],
        data: JSONBody[SubscribeBody],
        journal: NamedDependency[Journal],
    ) -> ParcelView:
        """Follow a parcel."""
        with journal.transaction() as tx:
            return parcels.subscribe(tx, carrier, number, data.notify_url)

    @get("/parcels/{carrier:str}/{number:str}", opt={"operation": "trace"}, sync_to_thread=True)
    def trace(
        self, carrier: FromPath[str], number: FromPath[str], journal: NamedDependency[Journal]
    ) -> ParcelView:
        """Show a parcel."""
        with journal.transaction() as tx:
            return parcels.trace(tx, carrier, number)
