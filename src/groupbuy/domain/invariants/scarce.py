"""What must always be true of what is scarce: seats, goods, and each buyer's share of them."""

from collections import Counter
from collections.abc import Iterable, Iterator

from groupbuy.domain.campaigns import (
    LIVE,
    PAID,
    Campaign,
    Group,
    GroupState,
    Mode,
    Seat,
    SeatState,
)
from groupbuy.domain.invariants.books import Books, Finding, by
from groupbuy.domain.logistics import IN_THE_SHOP
from groupbuy.domain.marketing import CouponState
from groupbuy.domain.ordering import BINDING, LineKind, OrderState

_STATE_OF_SEAT = {
    OrderState.AWAITING_PAYMENT: SeatState.HELD,
    OrderState.PLACED: SeatState.PAID,
    OrderState.EXPIRED: SeatState.RELEASED,
    OrderState.CLOSED: SeatState.RELEASED,
    **dict.fromkeys(BINDING, SeatState.CONFIRMED),
}
_GIVEN_UP = frozenset({OrderState.EXPIRED, OrderState.CLOSED})


def groups_count_their_seats(books: Books) -> Iterator[Finding]:
    """Counters are what a plain count of seats says, and never exceed the capacity."""
    campaigns = {campaign.id: campaign for campaign in books.campaigns}
    seats = by(books.seats, lambda seat: seat.group_id)
    for group in books.groups:
        counted = count_of(seats.get(group.id, ()))
        kept = {name: getattr(group, name) for name in counted}
        if kept != counted:
            yield Finding(12, group.id, f"counts {kept}, seats say {counted}")
        capacity = campaigns[group.campaign_id].room
        taken = counted[f"live_{capacity.measure.value}"] if capacity else 0
        if capacity and taken > capacity.limit:
            yield Finding(12, group.id, f"{taken} of {capacity.limit} seats taken")
        yield from _team(campaigns[group.campaign_id], group, seats.get(group.id, ()))


def _team(campaign: Campaign, group: Group, seats: Iterable[Seat]) -> Iterator[Finding]:
    """While a team is open its members are its living buyers, each once; others have none.

    Once it is decided they stay who they were: no more than the team needs, and whoever has
    a living seat is one of them.
    """
    living = {seat.buyer_id for seat in seats if seat.state in LIVE}
    is_team, open_ = campaign.mode is Mode.TEAM, group.state is GroupState.OPEN
    if is_team and not open_ and living <= {*group.members}:
        if len(group.members) > campaign.target:
            yield Finding(12, group.id, f"{len(group.members)} members of {campaign.target}")
    elif sorted(group.members) != (sorted(living) if is_team else []):
        yield Finding(12, group.id, f"{len(group.members)} members, {len(living)} living buyers")


def count_of(seats: Iterable[Seat]) -> dict[str, int]:
    """Count seats afresh: every counter of a group, by its name."""
    found = list(seats)
    live = [seat for seat in found if seat.state in LIVE]
    paid = [seat for seat in found if seat.state in PAID]
    return {
        "held_seats": sum(seat.state is SeatState.HELD for seat in found),
        "live_buyers": len({seat.buyer_id for seat in live}),
        "live_units": sum(seat.units for seat in live),
        "paid_seats": len(paid),
        "paid_buyers": len({seat.buyer_id for seat in paid}),
        "paid_units": sum(seat.units for seat in paid),
        "paid_amount": sum(seat.amount.minor for seat in paid),
    }


def seats_follow_their_orders(books: Books) -> Iterator[Finding]:
    """Every order has its seat, in the state that goes with the order's."""
    seats = {seat.id: seat for seat in books.seats}
    for order in books.orders:
        seat = seats.pop(order.id, None)
        if seat is None or seat.state is not _STATE_OF_SEAT[order.state]:
            found = seat.state.value if seat else "missing"
            yield Finding(12, order.id, f"{order.state.value}, its seat is {found}")
        elif (seat.units, seat.amount) != (order.units, order.payable):
            yield Finding(12, order.id, "its seat counts something else")
    for left in seats.values():
        yield Finding(12, left.id, "a seat without an order")


def goods_follow_their_orders(books: Books) -> Iterator[Finding]:
    """Reserved and sold goods are those of live orders; nothing is below zero."""
    left_shop = {s.order_id for s in books.shipments if s.state not in IN_THE_SHOP}
    reserved, sold = Counter[str](), Counter[str]()
    for order in books.orders:
        waits = order.state in (OrderState.AWAITING_PAYMENT, OrderState.PLACED)
        gone = order.confirmed_at is not None and order.id in left_shop
        for line in order.lines:
            if line.kind is LineKind.FREIGHT or line.stock_policy != "tracked":
                continue
            reserved[line.sku_id] += line.units if waits else 0
            still = order.state in BINDING or gone
            sold[line.sku_id] += line.units - line.restocked_units if still else 0
    for stock in books.stock:
        kept, wanted = (stock.reserved, stock.sold), (reserved[stock.id], sold[stock.id])
        if kept != wanted or min(stock.available, *kept) < 0:
            detail = f"available {stock.available}, (reserved, sold) {kept}, orders say {wanted}"
            yield Finding(13, stock.id, detail)
        there = stock.available + stock.reserved + stock.sold
        if there != books.received.get(stock.id, there):
            detail = f"{books.received[stock.id]} came in, {there} are accounted for"
            yield Finding(13, stock.id, detail)


def coupons_are_spent_once(books: Books) -> Iterator[Finding]:
    """A coupon pays one living order at most."""
    spent = Counter[str]()
    for order in books.orders:
        if order.state in _GIVEN_UP:
            continue
        spent.update(
            {a.rule for line in order.lines for a in line.attributions if a.layer == "coupon"}
        )
    for rule, orders in spent.items():
        if orders > 1:
            yield Finding(14, rule, f"pays {orders} orders")
    yield from _coupons_go_with_their_orders(books)
    yield from _offers_give_what_they_have(books)


def _coupons_go_with_their_orders(books: Books) -> Iterator[Finding]:
    """An order that waits for its payment holds its coupon, a living paid one has used it."""
    orders = {order.id: order for order in books.orders}
    for coupon in books.coupons:
        order = orders.get(coupon.order_id or "")
        waits = order is not None and order.state is OrderState.AWAITING_PAYMENT
        lives = order is not None and not waits and order.state is not OrderState.EXPIRED
        right = {CouponState.HELD: waits, CouponState.USED: lives}
        if not right.get(coupon.state, order is None):
            found = order.state.value if order else "no order"
            yield Finding(14, coupon.id, f"{coupon.state.value} by {found}")
    held = {coupon.id: coupon.order_id for coupon in books.coupons}
    for order in orders.values():
        if order.state not in _GIVEN_UP and held.get(order.coupon_id or "", order.id) != order.id:
            yield Finding(14, order.id, f"its coupon is with {held[str(order.coupon_id)]}")


def _offers_give_what_they_have(books: Books) -> Iterator[Finding]:
    """No more coupons are claimed than an offer has, nor more taken off than its budget."""
    coupons = by(books.coupons, lambda coupon: coupon.template_id)
    for template in books.coupon_templates:
        mine = coupons.get(template.id, [])
        saved = sum(coupon.saved for coupon in mine)
        if len(mine) != template.claimed:
            yield Finding(14, template.id, f"{template.claimed} claimed, there are {len(mine)}")
        if template.claimed > template.quantity:
            yield Finding(14, template.id, f"{template.claimed} claimed of {template.quantity}")
        if template.budget is not None and saved > template.budget:
            yield Finding(14, template.id, f"{saved} taken off of {template.budget}")


def buyers_stay_within_limits(books: Books) -> Iterator[Finding]:
    """No buyer holds more in a campaign than it allows, however many teams it has."""
    campaigns = {campaign.id: campaign for campaign in books.campaigns}
    live = [seat for seat in books.seats if seat.state in LIVE]
    for (campaign_id, buyer_id), mine in by(live, lambda s: (s.campaign_id, s.buyer_id)).items():
        limits = campaigns[campaign_id].limits
        units = sum(seat.units for seat in mine)
        if (
            units > (limits.units_per_buyer or units)
            or len(mine) > (limits.orders_per_buyer or len(mine))
            or any(seat.units > (limits.units_per_order or seat.units) for seat in mine)
        ):
            yield Finding(15, campaign_id, f"{buyer_id} holds {len(mine)} orders, {units} units")
