"""A shopper's own orders."""

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from groupbuy.application import aftersale, fulfilment, logistics, orders
from groupbuy.application.steps.sealing import seal_contact
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.order_filters import ORDER_FILTERS, Wanted
from groupbuy.entrypoints.http.order_schemas import (
    ChangedOut,
    ContactIn,
    ContactOut,
    OrderOut,
    PaymentOut,
    changed_out,
    contact_out,
    order_out,
    payment_out,
)
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.paying import announce
from groupbuy.entrypoints.http.visit import Visit

SHOPPER = only(Role.SHOPPER)
SHOPPER_MONEY = only(Role.SHOPPER, key=True)


class ShopOrders(Controller):
    """/shop/orders."""

    path = "/shop/orders"
    tags = ("shop",)
    dependencies = ORDER_FILTERS

    @get("/", opt=SHOPPER, sync_to_thread=True)
    def list_orders(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        wanted: NamedDependency[Wanted],
    ) -> Response[Listing[OrderOut]]:
        """List the caller's own orders, newest first."""
        found = visit.read(lambda work: orders.my_orders(work, wanted))
        return page.answer(
            found, lambda each: order_out(each, visit.language), lambda each: each.order.created_at
        )

    @get("/{order_id:str}", opt=SHOPPER, sync_to_thread=True)
    def show(self, order_id: FromPath[str], visit: NamedDependency[Visit]) -> OrderOut:
        """Show one of the caller's own orders."""
        found = visit.read(lambda work: orders.my_order(work, order_id))
        return order_out(found, visit.language)

    @get("/{order_id:str}/contact", opt=SHOPPER, sync_to_thread=True)
    def contact(self, order_id: FromPath[str], visit: NamedDependency[Visit]) -> ContactOut:
        """Show where the order goes, readable."""
        return contact_out(visit.read(lambda work: orders.own_contact(work, order_id)))

    @get("/{order_id:str}/pickup-code", opt=SHOPPER, sync_to_thread=True)
    def pickup_code(self, order_id: FromPath[str], visit: NamedDependency[Visit]) -> dict[str, str]:
        """Show the one-time code; empty until the bag is ready."""
        return {"code": visit.read(lambda work: orders.pickup_code(work, order_id))}

    @post(
        "/{order_id:str}/payment",
        opt=only(Role.SHOPPER, keyless=True),
        sync_to_thread=True,
        status_code=200,
    )
    def pay(self, order_id: FromPath[str], visit: NamedDependency[Visit]) -> PaymentOut:
        """Return what the provider's payment page needs; repeat it as often as you like."""
        return payment_out(announce(visit, order_id))

    @post("/{order_id:str}/cancel", opt=SHOPPER, sync_to_thread=True, status_code=200)
    def cancel(
        self, order_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[ChangedOut]:
        """Give up an unpaid order."""
        return visit.once(lambda w: aftersale.cancel_checkout(w, order_id), changed_out)

    @post("/{order_id:str}/leave", opt=SHOPPER_MONEY, sync_to_thread=True, status_code=200)
    def leave(self, order_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[ChangedOut]:
        """Leave a group before it forms; everything goes back to the original payment."""
        return visit.once(lambda w: aftersale.leave_group(w, order_id), changed_out)

    @post("/{order_id:str}/contact", opt=SHOPPER, sync_to_thread=True, status_code=200)
    def correct(
        self, order_id: FromPath[str], data: JSONBody[ContactIn], visit: NamedDependency[Visit]
    ) -> Response[ChangedOut]:
        """Mend address or contact, when the merchant asked for it."""
        contact = seal_contact(visit.app.kit.vault, visit.caller, data.contact())
        return visit.once(lambda w: fulfilment.correct_order(w, order_id, contact), changed_out)

    @post("/{order_id:str}/address", opt=SHOPPER, sync_to_thread=True, status_code=200)
    def readdress(
        self, order_id: FromPath[str], data: JSONBody[ContactIn], visit: NamedDependency[Visit]
    ) -> Response[ChangedOut]:
        """Send a paid order elsewhere, or to somebody else, before the merchant reviews it."""
        contact = seal_contact(visit.app.kit.vault, visit.caller, data.contact())
        return visit.once(lambda w: logistics.readdress_own(w, order_id, contact), changed_out)
