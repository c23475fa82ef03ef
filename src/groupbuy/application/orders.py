"""Looking at orders: each side sees its own, and no more than it needs."""

from collections.abc import Sequence
from typing import TypeVar

from attrs import evolve, frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.sealing import CORRECTION, ORDER_NOTE, open_own, open_sealed
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.logistics import Shipment
from groupbuy.domain.membership import Role, User
from groupbuy.domain.ordering import Contact, Label, Order, OrderState, label_of
from groupbuy.domain.payments import Payment, Refund

SHOWN_TO_SELLERS = tuple(
    state for state in OrderState if state not in (OrderState.AWAITING_PAYMENT, OrderState.EXPIRED)
)
"""A checkout is an order to nobody but its buyer."""
_MANY = 10_000
_Part = TypeVar("_Part", Shipment, Payment, Refund)


@frozen
class OrderView:
    """An order with everything its label is made of."""

    order: Order
    label: Label
    parcels: tuple[Shipment, ...]
    payments: tuple[Payment, ...]
    refunds: tuple[Refund, ...]
    note: str = ""
    """What the buyer wrote; readable in their own view only."""
    correction: str | None = None
    """What the buyer shall mend, readable in their own view only; None if nothing."""

    @property
    def id(self) -> str:
        """The order's id."""
        return self.order.id


@frozen
class Destination:
    """Whom an order goes to, and what they want to be heeded: all readable."""

    contact: Contact
    note: str


def my_orders(work: Work, query: Query) -> list[OrderView]:
    """Return the caller's own orders as a buyer."""
    work.caller.require(Role.SHOPPER)
    found = work.of(Order).select(query.where(buyer_id=work.caller.user_id))
    return [_own(work, view) for view in views(work, found)]


def my_order(work: Work, order_id: str) -> OrderView:
    """Return one of the caller's own orders. Raises NotFound."""
    order = work.of(Order).find([order_id]).get(order_id)
    if order is None or order.buyer_id != work.caller.user_id:
        raise NotFound(kind="order", key=order_id)
    return _own(work, views(work, [order])[0])


def merchant_orders(work: Work, query: Query) -> list[OrderView]:
    """Return paid orders of the caller's shop; an operator sees every shop's."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    if Role.OPERATOR not in work.caller.roles:
        query = query.where(merchant_id=work.caller.merchant_id)
    return views(work, work.of(Order).select(_shown(query)))


def merchant_order(work: Work, order_id: str) -> OrderView:
    """Return a paid order of the caller's shop. Raises NotFound."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    order = work.of(Order).find([order_id]).get(order_id)
    if order is None or order.state not in SHOWN_TO_SELLERS or not _sells(work, order):
        raise NotFound(kind="order", key=order_id)
    return views(work, [order])[0]


def leader_orders(work: Work, query: Query) -> list[OrderView]:
    """Return paid orders of the leader's own campaigns."""
    work.caller.require(Role.LEADER)
    return views(work, work.of(Order).select(_shown(query.where(leader_id=work.caller.leader_id))))


def reveal_contact(work: Work, order_id: str) -> Destination:
    """Return where an order goes to whoever ships it; the look is audited."""
    view = merchant_order(work, order_id)
    work.audit("order.reveal_contact", order_id)
    return _destination(work, view.order)


def own_contact(work: Work, order_id: str) -> Destination:
    """Return where the caller's own order goes."""
    return _destination(work, my_order(work, order_id).order)


def _destination(work: Work, order: Order) -> Destination:
    """Open what is sealed under the buyer's key. Raises NotFound once the buyer was erased."""
    buyer, sealed = work.of(User).get(order.buyer_id), order.contact
    contact = evolve(
        sealed,
        name=open_sealed(work, buyer, "contact_name", sealed.name),
        phone=open_sealed(work, buyer, "contact_phone", sealed.phone),
        address=open_sealed(work, buyer, "contact_address", sealed.address),
    )
    return Destination(contact, open_sealed(work, buyer, ORDER_NOTE, order.note))


def _own(work: Work, view: OrderView) -> OrderView:
    """Let the buyer read what was sealed under their key."""
    vault, caller, asked = work.kit.vault, work.caller, view.order.correction
    note = open_own(vault, caller, ORDER_NOTE, view.order.note)
    wish = None if asked is None else open_own(vault, caller, CORRECTION, asked.note)
    return evolve(view, note=note, correction=wish)


def pickup_code(work: Work, order_id: str) -> str:
    """Return the one-time code to the buyer; empty when nothing is ready."""
    view = my_order(work, order_id)
    buyer = work.of(User).get(view.order.buyer_id)
    for parcel in view.parcels:
        if parcel.pickup_code_sealed:
            return open_sealed(work, buyer, "pickup", parcel.pickup_code_sealed)
    return ""


def views(work: Work, orders: Sequence[Order]) -> list[OrderView]:
    """Return orders with their parcels, payments and refunds, one statement a table."""
    if not orders:
        return []
    query = Query().among("order_id", [order.id for order in orders]).page(_MANY)
    parcels = _by_order(work.of(Shipment).select(query))
    payments = _by_order(work.of(Payment).select(query))
    refunds = _by_order(work.of(Refund).select(query))
    return [
        OrderView(
            order=order,
            label=label_of(
                order,
                [parcel.state.value for parcel in parcels.get(order.id, ())],
                [refund.state.value for refund in refunds.get(order.id, ())],
            ),
            parcels=tuple(parcels.get(order.id, ())),
            payments=tuple(payments.get(order.id, ())),
            refunds=tuple(refunds.get(order.id, ())),
        )
        for order in orders
    ]


def _shown(query: Query) -> Query:
    """Leave checkouts out, whichever states were asked for."""
    return query.among("state", SHOWN_TO_SELLERS)


def _sells(work: Work, order: Order) -> bool:
    caller = work.caller
    return Role.OPERATOR in caller.roles or order.merchant_id == caller.merchant_id


def _by_order(things: Sequence[_Part]) -> dict[str, list[_Part]]:
    found: dict[str, list[_Part]] = {}
    for thing in things:
        found.setdefault(thing.order_id, []).append(thing)
    return found
