"""At the order desk: where an order goes before anybody has reviewed it, remarks, own filters."""

from datetime import timedelta

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.sealing import open_sealed, seal
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Invalid, NotFound
from groupbuy.domain.membership import Role, User
from groupbuy.domain.ordering import (
    Contact,
    Order,
    OrderFilter,
    OrderFilters,
    OrderNote,
    OrderState,
)

REMARK = "order.remark"
"""Name of the field in seals."""
REMARK_AT_MOST = 500
_MANY = 1_000
_UNSEEN = (OrderState.AWAITING_PAYMENT, OrderState.EXPIRED)


@frozen
class Remark:
    """A note on an order, readable."""

    id: str
    by: str
    note: OrderNote
    text: str


def readdress_own(work: Work, order_id: str, contact: Contact) -> Order:
    """Send one's own order elsewhere before it is reviewed; `contact` is sealed by its buyer.

    Raises NotFound, IllegalMove once it is reviewed, Refused while a correction was asked for.
    """
    order = work.of(Order).lock([order_id]).get(order_id)
    if order is None or order.buyer_id != work.caller.user_id:
        raise NotFound(kind="order", key=order_id)
    return _readdress(work, order, contact)


def readdress(work: Work, order_id: str, contact: Contact, reason: str) -> Order:
    """Send a buyer's order elsewhere at their wish, as its merchant; the audit keeps why."""
    if not reason.strip():
        raise Invalid(field="reason", reason="say why, the audit keeps it")
    order = desk_order(work, order_id, lock=True)
    buyer = work.of(User).get(order.buyer_id)
    after = _readdress(
        work,
        order,
        Contact(
            name=seal(work, buyer, "contact_name", contact.name),
            phone=seal(work, buyer, "contact_phone", contact.phone),
            address=seal(work, buyer, "contact_address", contact.address),
            region=contact.region,
            phone_tail=contact.phone[-4:],
        ),
    )
    work.audit("order.readdress", order_id, reason)
    work.tell(order.buyer_id, "order.readdressed", order_id, time=after.version + 1)
    return after


def add_remark(work: Work, order_id: str, text: str) -> Remark:
    """Note something on an order for one's colleagues. Raises NotFound, Invalid."""
    plain = text.strip()
    if not 1 <= len(plain) <= REMARK_AT_MOST:
        raise Invalid(field="text", reason=f"must have 1 to {REMARK_AT_MOST} letters")
    order = desk_order(work, order_id)
    buyer = work.of(User).get(order.buyer_id)
    note = OrderNote(
        id=work.new_id("ont", near=order_id),
        order_id=order_id,
        merchant_id=order.merchant_id,
        by=work.caller.user_id,
        at=work.now(),
        text=seal(work, buyer, REMARK, plain),
    )
    work.of(OrderNote).add(note)
    return Remark(note.id, note.by, note, plain)


def remarks(work: Work, order_id: str) -> list[Remark]:
    """Return the remarks on an order, oldest first; without their texts once its buyer is gone."""
    order = desk_order(work, order_id)
    buyer = work.of(User).get(order.buyer_id)
    query = Query().where(order_id=order_id).sorted("at").page(_MANY)
    return [
        Remark(
            note.id,
            note.by,
            note,
            "" if buyer.erased else open_sealed(work, buyer, REMARK, note.text),
        )
        for note in work.of(OrderNote).select(query)
    ]


def my_filters(work: Work) -> tuple[OrderFilter, ...]:
    """Return the caller's own filters, by name."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    mine = work.of(OrderFilters).find([work.caller.user_id]).get(work.caller.user_id)
    return tuple(sorted(mine.filters, key=lambda each: each.name)) if mine is not None else ()


def put_filter(work: Work, wanted: OrderFilter) -> OrderFilter:
    """Keep a filter under its name. Raises Invalid once there are too many."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    work.of(OrderFilters).save(_mine(work).put(wanted))
    return wanted


def remove_filter(work: Work, name: str) -> None:
    """Drop a filter. Raises NotFound."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    work.of(OrderFilters).save(_mine(work).remove(name))


def narrowed(work: Work, query: Query, name: str) -> Query:
    """Return a query of orders narrowed by the caller's filter of that name. Raises NotFound."""
    mine = work.of(OrderFilters).find([work.caller.user_id]).get(work.caller.user_id)
    wanted = (mine or OrderFilters(work.caller.user_id)).named(name)
    if wanted.states:
        query = query.among("state", wanted.states)
    if wanted.campaign_id:
        query = query.where(campaign_id=wanted.campaign_id)
    if wanted.pickup_point_id:
        query = query.where(pickup_point_id=wanted.pickup_point_id)
    if wanted.days is not None:
        query = query.since("created_at", work.now() - timedelta(days=wanted.days))
    return query


def desk_order(work: Work, order_id: str, *, lock: bool = False) -> Order:
    """Return a paid order of the caller's shop. Raises NotFound."""
    caller = work.caller
    caller.require(Role.MERCHANT, Role.OPERATOR)
    store = work.of(Order)
    order = (store.lock([order_id]) if lock else store.find([order_id])).get(order_id)
    own = order is not None and order.merchant_id == caller.merchant_id
    if order is None or order.state in _UNSEEN or not (own or Role.OPERATOR in caller.roles):
        raise NotFound(kind="order", key=order_id)
    return order


def _readdress(work: Work, order: Order, contact: Contact) -> Order:
    after, happened = order.readdress(contact, work.now())
    work.of(Order).save(after)
    work.emit(happened)
    return after


def _mine(work: Work) -> OrderFilters:
    key = work.caller.user_id
    return work.of(OrderFilters).lock([key], create=OrderFilters)[key]
