"""Orders for those who approve, ship and hand out: merchants, operators, leaders."""

from collections.abc import Callable
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from groupbuy.application import aftersale, fulfilment, logistics, orders
from groupbuy.application.ports import Query
from groupbuy.application.steps.parcels import Parcel
from groupbuy.application.write_path import Work
from groupbuy.domain.logistics import Content
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.amounts import END
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.campaign_schemas import ReasonIn
from groupbuy.entrypoints.http.order_filters import ORDER_FILTERS, Wanted
from groupbuy.entrypoints.http.order_schemas import (
    ChangedOut,
    ContactOut,
    OrderOut,
    ParcelOut,
    changed_out,
    contact_out,
    order_out,
    parcel_out,
)
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit

SELLERS = only(Role.MERCHANT, Role.OPERATOR)
SELLERS_LOOK = only(Role.MERCHANT, Role.OPERATOR, keyless=True)
SELLERS_MONEY = only(Role.MERCHANT, Role.OPERATOR, Role.FINANCE, key=True)
LEADER = only(Role.LEADER)
CampaignText = Annotated[str, QueryParameter(name="campaign_id", max_length=30)]
FilterName = Annotated[str, QueryParameter(name="filter", max_length=40)]


CarrierCode = Annotated[
    str, Meta(pattern="^[a-z0-9_-]{1,40}" + END, description="Carrier code, e.g. sf")
]
TrackingNumber = Annotated[str, Meta(pattern="^[0-9A-Za-z-]{1,40}" + END)]


class ContentIn(msgspec.Struct, forbid_unknown_fields=True):
    """Some units of a line, in one parcel."""

    line_no: Annotated[int, Meta(ge=1, le=1000)]
    units: Annotated[int, Meta(ge=1, le=1_000_000)]


class CorrectionIn(msgspec.Struct, forbid_unknown_fields=True):
    """What the buyer should mend, and by when."""

    note: Annotated[str, Meta(min_length=1, max_length=200)]
    hours: Annotated[int, Meta(ge=1, le=720)] | None = None


class ParcelIn(msgspec.Struct, forbid_unknown_fields=True):
    """A parcel handed to a carrier."""

    carrier: CarrierCode
    tracking_number: TrackingNumber
    contents: Annotated[
        list[ContentIn],
        Meta(max_length=100, description="Empty: all that is in no other parcel"),
    ] = []

    def parcel(self, order_id: str) -> Parcel:
        """Return it as a command."""
        contents = tuple(Content(each.line_no, each.units) for each in self.contents)
        return Parcel(order_id, self.carrier, self.tracking_number, contents)


class WeightIn(msgspec.Struct, forbid_unknown_fields=True):
    """What all units of a line weigh that are being sent."""

    line_no: Annotated[int, Meta(ge=1, le=1000)]
    grams: Annotated[int, Meta(ge=1, le=10**9)]
    reason: Annotated[str, Meta(max_length=200)] = ""


class MerchantOrders(Controller):
    """/merchant/orders."""

    path = "/merchant/orders"
    tags = ("merchant",)
    dependencies = ORDER_FILTERS

    @get("/", opt=SELLERS, sync_to_thread=True)
    def list_orders(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        wanted: NamedDependency[Wanted],
        campaign_id: CampaignText = "",
        kept: FilterName = "",
    ) -> Response[Listing[OrderOut]]:
        """List paid orders, newest first; `filter` names one of the caller's own filters."""

        def seen(work: Work, query: Query) -> list[orders.OrderView]:
            narrowed = logistics.narrowed(work, query, kept) if kept else query
            return orders.merchant_orders(work, narrowed)

        return _list(seen, visit, page, _within(wanted, campaign_id))

    @get("/{order_id:str}", opt=SELLERS, sync_to_thread=True)
    def show(self, order_id: FromPath[str], visit: NamedDependency[Visit]) -> OrderOut:
        """Show a paid order."""
        found = visit.read(lambda work: orders.merchant_order(work, order_id))
        return order_out(found, visit.language)

    @post("/{order_id:str}/reveal-contact", opt=SELLERS_LOOK, sync_to_thread=True, status_code=200)
    def reveal(self, order_id: FromPath[str], visit: NamedDependency[Visit]) -> ContactOut:
        """Show the readable contact; the look is written into the audit."""
        return contact_out(visit.run(lambda work: orders.reveal_contact(work, order_id)))

    @post("/{order_id:str}/approve", opt=SELLERS, sync_to_thread=True, status_code=200)
    def approve(
        self, order_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[ChangedOut]:
        """Accept a confirmed order for shipping."""
        return visit.once(lambda work: fulfilment.approve_order(work, order_id), changed_out)

    @post("/{order_id:str}/ask-correction", opt=SELLERS, sync_to_thread=True, status_code=200)
    def ask_correction(
        self, order_id: FromPath[str], data: JSONBody[CorrectionIn], visit: NamedDependency[Visit]
    ) -> Response[ChangedOut]:
        """Ask the buyer to mend address or contact; silence rejects and refunds the order."""
        return visit.once(
            lambda work: fulfilment.ask_correction(work, order_id, data.note, data.hours),
            changed_out,
        )

    @post("/{order_id:str}/reject", opt=SELLERS_MONEY, sync_to_thread=True, status_code=200)
    def reject(
        self, order_id: FromPath[str], data: JSONBody[ReasonIn], visit: NamedDependency[Visit]
    ) -> Response[ChangedOut]:
        """Turn an order down; the buyer gets everything back."""
        return visit.once(
            lambda work: fulfilment.reject_order(work, order_id, data.reason), changed_out
        )

    @post("/{order_id:str}/refunds", opt=SELLERS_MONEY, sync_to_thread=True)
    def refund(
        self, order_id: FromPath[str], data: JSONBody[ReasonIn], visit: NamedDependency[Visit]
    ) -> Response[ChangedOut]:
        """Refund a paid order in full to the payment it came from."""
        return visit.once(
            lambda work: aftersale.refund_order(work, order_id, data.reason), changed_out, 201
        )

    @post("/{order_id:str}/parcels", opt=SELLERS, sync_to_thread=True)
    def ship(
        self, order_id: FromPath[str], data: JSONBody[ParcelIn], visit: NamedDependency[Visit]
    ) -> Response[ParcelOut]:
        """Hand one parcel of an approved order to a carrier; an order may have several."""
        parcel = data.parcel(order_id)
        return visit.once(lambda work: fulfilment.ship_order(work, parcel), parcel_out, 201)

    @post("/{order_id:str}/ready-for-pickup", opt=SELLERS, sync_to_thread=True)
    def ready(self, order_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[ParcelOut]:
        """Lay an approved order out at its pickup point; the buyer gets a code."""
        return visit.once(lambda work: fulfilment.ready_for_pickup(work, order_id), parcel_out, 201)

    @post("/{order_id:str}/new-pickup-code", opt=SELLERS, sync_to_thread=True, status_code=200)
    def new_code(
        self, order_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[ParcelOut]:
        """Give the bag a new code, which only the buyer can read; all tries are open again."""
        return visit.once(lambda work: fulfilment.renew_pickup_code(work, order_id), parcel_out)

    @post(
        "/{order_id:str}/parcels/{parcel_id:str}/void",
        opt=SELLERS,
        sync_to_thread=True,
        status_code=200,
    )
    def void(
        self,
        order_id: FromPath[str],
        parcel_id: FromPath[str],
        data: JSONBody[ReasonIn],
        visit: NamedDependency[Visit],
    ) -> Response[ParcelOut]:
        """Take a parcel that will not arrive out of its order; the others may then deliver it."""
        return visit.once(
            lambda work: fulfilment.void_parcel(work, order_id, parcel_id, data.reason), parcel_out
        )

    @post("/{order_id:str}/weights", opt=SELLERS_MONEY, sync_to_thread=True, status_code=200)
    def weigh(
        self, order_id: FromPath[str], data: JSONBody[WeightIn], visit: NamedDependency[Visit]
    ) -> Response[ChangedOut]:
        """Enter what a packed line weighs, once; what it is lighter than estimated goes back."""
        asked = (order_id, data.line_no, data.grams, data.reason)
        return visit.once(lambda work: aftersale.weigh_line(work, *asked), changed_out)


class LeaderOrders(Controller):
    """/leader/orders: what the leader's neighbours ordered, without their phones."""

    path = "/leader/orders"
    tags = ("leader",)
    dependencies = ORDER_FILTERS

    @get("/", opt=LEADER, sync_to_thread=True)
    def list_orders(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        wanted: NamedDependency[Wanted],
        campaign_id: CampaignText = "",
    ) -> Response[Listing[OrderOut]]:
        """List paid orders of the leader's own campaigns, newest first."""
        return _list(orders.leader_orders, visit, page, _within(wanted, campaign_id))


def _within(wanted: Query, campaign_id: str) -> Query:
    return wanted.where(campaign_id=campaign_id) if campaign_id else wanted


def _list(
    seen: Callable[[Work, Query], list[orders.OrderView]], visit: Visit, page: Page, wanted: Query
) -> Response[Listing[OrderOut]]:
    found = visit.read(lambda work: seen(work, wanted))
    return page.answer(found, lambda view: order_out(view, visit.language), _created)


def _created(view: orders.OrderView) -> object:
    return view.order.created_at
