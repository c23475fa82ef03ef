"""Everything a set of orders touches, locked once in the global order.

Order of locks: groups, stock, orders, payments, refunds. Whoever changes an order's money, seat
or goods loads its scene first, so no two use cases can wait for each other in a circle.
"""

from collections.abc import Iterable, Mapping, Sequence

from attrs import field, frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.couponing import follow_order, locked_coupons
from groupbuy.application.steps.pointing import points_follow
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.teaming import lock_ways_back
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, Group, Seat
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.kernel import Conflict, Event
from groupbuy.domain.marketing import Coupon
from groupbuy.domain.ordering import LineKind, Order
from groupbuy.domain.payments import Payment, Refund


@frozen
class Scene:
    """The things themselves, as they are in this transaction; `put` keeps both sides equal."""

    work: Work
    groups: dict[str, Group] = field(factory=dict)
    campaigns: dict[str, Campaign] = field(factory=dict)
    seats: dict[str, Seat] = field(factory=dict)
    stock: dict[str, Stock] = field(factory=dict)
    orders: dict[str, Order] = field(factory=dict)
    payments: dict[str, Payment] = field(factory=dict)
    refunds: dict[str, Refund] = field(factory=dict)
    coupons: dict[str, Coupon] = field(factory=dict)
    ways_back: dict[str, str] = field(factory=dict)
    """The other team offered to who paid too late for theirs, by order."""
    locked: set[type] = field(factory=set)
    """`Order` once orders and payments are locked, `Refund` once the refunds are here."""

    def campaign_of(self, group: Group) -> Campaign:
        """Return the campaign a group belongs to."""
        return self.campaigns[group.campaign_id]

    def mine(self, seat: Seat) -> Sequence[Seat]:
        """Return the same buyer's other seats in the same group."""
        return [
            other
            for other in self.seats.values()
            if other.buyer_id == seat.buyer_id
            and other.group_id == seat.group_id
            and other.id != seat.id
        ]

    def payments_of(self, order_id: str) -> list[Payment]:
        """Return every payment of an order."""
        return [p for p in self.payments.values() if p.order_id == order_id]

    def refunds_of(self, payment_id: str) -> list[Refund]:
        """Return every refund of a payment."""
        return [r for r in self.refunds.values() if r.payment_id == payment_id]

    def fetch_refunds(self) -> None:
        """Lock every refund of the payments, once; nothing is locked after them.

        Raises Conflict if an order or payment has changed since it was read unlocked.
        """
        if Refund in self.locked:
            return
        if Order not in self.locked:
            self._lock_orders()
        self.locked.update({Order, Refund})
        found = every(self.work.of(Refund), Query().among("order_id", self.orders))
        self.refunds.update(self.work.of(Refund).lock(sorted(r.id for r in found)))

    def _lock_orders(self) -> None:
        """Lock the orders, which were only read, and all their payments."""
        orders = self.work.of(Order).lock(self.orders)
        theirs = every(self.work.of(Payment), Query().among("order_id", self.orders))
        payments = self.work.of(Payment).lock({*self.payments, *(each.id for each in theirs)})
        moved = [
            each.id for each in self.orders.values() if orders[each.id].version != each.version
        ]
        moved += [
            each.id for each in self.payments.values() if payments[each.id].version != each.version
        ]
        if moved:
            raise Conflict(kind="scene", key=moved[0])
        self.payments.update(payments)

    def put_group(self, group: Group, happened: Sequence[Event] = ()) -> None:
        """Stage the next state of a group; whoever leads a team from now on hears of it."""
        opener = self.groups[group.id].opener_id
        if opener and group.opener_id not in ("", opener):
            self.work.tell(group.opener_id, "team.promoted", group.id)
        self.groups[group.id] = group
        self.work.of(Group).save(group)
        self.work.emit(happened)

    def put_seat(self, seat: Seat) -> None:
        """Stage the next state of a seat."""
        self.seats[seat.id] = seat
        self.work.of(Seat).save(seat)

    def put_order(self, order: Order, happened: Sequence[Event] = ()) -> None:
        """Stage the next state of an order; its coupon and points go along. Raises Refused."""
        points_follow(self.work, self.orders[order.id], order)
        self.take_coupon_along(order)
        if order.completed_at and order.refunded != self.orders[order.id].refunded:
            again = f"{order.id}/{order.refunded.minor}"
            self.work.later("follow_level", order.buyer_id, self.work.now(), once=again)
        self.orders[order.id] = order
        self.work.of(Order).save(order)
        self.work.emit(happened)

    def take_coupon_along(self, order: Order) -> None:
        """Bring an order's coupon to where the order is. Raises Refused if it is gone."""
        if order.coupon_id and order.state is not self.orders[order.id].state:
            coupon = self.coupons[order.coupon_id]
            self.coupons[coupon.id] = follow_order(self.work, coupon, order)

    def put_payment(self, payment: Payment, happened: Sequence[Event] = ()) -> None:
        """Stage the next state of a payment."""
        self.payments[payment.id] = payment
        self.work.of(Payment).save(payment)
        self.work.emit(happened)

    def add_refund(self, refund: Refund, happened: Sequence[Event] = ()) -> None:
        """Stage a new refund."""
        self.refunds[refund.id] = refund
        self.work.of(Refund).add(refund)
        self.work.emit(happened)

    def put_stock(self, stock: Stock) -> None:
        """Stage the next state of a variant's stock."""
        self.stock[stock.id] = stock
        self.work.of(Stock).save(stock)

    def each_tracked(self, order: Order) -> Iterable[tuple[Stock, int]]:
        """Return (stock, units) for every line that takes goods in hand."""
        for line in order.lines:
            if line.kind is LineKind.GOODS and line.stock_policy == "tracked":
                yield self.stock[line.sku_id], line.units - line.refunded_units


def set_scene(work: Work, order_ids: Iterable[str], *, refunds: bool = False) -> Scene:
    """Lock everything these orders touch. Orders that do not exist are left out.

    With `refunds` theirs too; without, whoever gives money back fetches them first.
    """
    ids = sorted(set(order_ids))
    plain = work.of(Order).find(ids)
    buyers = {order.buyer_id for order in plain.values()}
    scene = _around(work, {order.group_id for order in plain.values()}, buyers)
    scene.stock.update(work.of(Stock).lock(_tracked(plain.values()), create=Stock))
    scene.coupons.update(locked_coupons(work, plain.values()))
    scene.orders.update(work.of(Order).lock(plain))
    if any(scene.orders[i].group_id != plain[i].group_id for i in plain):
        raise Conflict(kind="order", key="group")
    paid = every(work.of(Payment), Query().among("order_id", plain))
    scene.payments.update(work.of(Payment).lock([payment.id for payment in paid]))
    scene.locked.add(Order)
    if refunds:
        scene.fetch_refunds()
    return scene


def set_scene_of_payments(
    work: Work,
    payments: Mapping[str, Payment],
    with_others: Iterable[str] = (),
    late: Iterable[str] = (),
) -> Scene:
    """Lock the groups and the goods of what was paid; orders and payments are only read.

    Nearly everybody who changes those holds the lock of their group, and whoever does not loses
    or wins by version when this unit of work commits: two statements less than locking them.
    `with_others` names orders of which all payments are needed, `late` those paid so late that
    another team may have to take them.
    """
    buyers = {each.buyer_id for each in payments.values()}
    late = sorted(set(late))
    ways_back = lock_ways_back(work, late) if late else {}
    group_ids = {each.group_id for each in payments.values()}
    scene = _around(work, group_ids | set(ways_back.values()), buyers)
    scene.ways_back.update(ways_back)
    # Only now: under the lock of its group an order has the state that counts.
    scene.orders.update(work.of(Order).find({each.order_id for each in payments.values()}))
    if any(order.group_id not in scene.groups for order in scene.orders.values()):
        raise Conflict(kind="order", key="group")
    scene.stock.update(work.of(Stock).lock(_tracked(scene.orders.values()), create=Stock))
    scene.coupons.update(locked_coupons(work, scene.orders.values()))
    scene.payments.update(payments)
    if others := sorted(set(with_others)):
        found = every(work.of(Payment), Query().among("order_id", others))
        scene.payments.update({each.id: each for each in found})
    return scene


def _around(work: Work, group_ids: Iterable[str], buyers: Iterable[str]) -> Scene:
    """Lock groups, then read their campaigns and their buyers' seats."""
    groups = work.of(Group).lock(group_ids)
    scene = Scene(work, groups=groups)
    scene.campaigns.update(work.of(Campaign).find({g.campaign_id for g in groups.values()}))
    theirs = Query().among("group_id", groups).among("buyer_id", buyers)
    scene.seats.update({seat.id: seat for seat in every(work.of(Seat), theirs)})
    return scene


def _tracked(orders: Iterable[Order]) -> list[str]:
    return sorted(
        {
            line.sku_id
            for order in orders
            for line in order.lines
            if line.kind is LineKind.GOODS and line.stock_policy == "tracked"
        }
    )
