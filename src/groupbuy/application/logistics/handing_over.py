"""At a pickup point: bags by the end of a phone number, and by a list that works offline.

A list holds no code and no phone number, only salted marks of them. What a device tells later is
proved again here, and a bag is handed over once, whoever tells of it and how often.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import field, frozen

from groupbuy.application.limits import RateWindow
from groupbuy.application.ports import Query
from groupbuy.application.steps.handing_out import Shown, bag_of, hand_over, may_hand_out
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.sealing import open_sealed
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Forbidden, Invalid, NotFound, Refused
from groupbuy.domain.logistics import (
    TAIL_DIGITS,
    Conflicting,
    HandOver,
    Outcome,
    Proof,
    Shipment,
    ShipmentState,
    offline_mark,
)
from groupbuy.domain.membership import PickupPoint, Role, User
from groupbuy.domain.ordering import LineKind, Order

LIST_LASTS = timedelta(hours=24)
TAIL_TRIES = 10
"""Wrong ends of phone numbers that one point takes an hour."""
TAIL_WINDOW = timedelta(hours=1)
_SLACK = timedelta(minutes=5)
"""How far a device's clock may be ahead."""
_BAGS_AT_MOST = 2_000


@frozen
class ByTail:
    """What became of the end of a phone number that somebody told."""

    bag: Shipment | None
    several: bool
    """It fits more than one bag: ask for the code."""


@frozen
class ListedBag:
    """A bag on an offline list."""

    parcel_id: str
    order_id: str
    goods: str
    code_mark: str
    tail_mark: str
    """Empty if the end of the phone number fits more than one bag here."""


@frozen
class Readable:
    """A bag for an offline list, before its marks are made; never leaves this machine."""

    parcel_id: str
    order_id: str
    goods: str
    code: str = field(repr=False)
    tail: str = field(repr=False)


@frozen
class PlainList:
    """An offline list before its marks are made, which takes too long for a transaction."""

    point_id: str
    point_name: str
    issued_at: datetime
    salt: str
    bags: tuple[Readable, ...]
    signature: str


@frozen
class OfflineList:
    """What a device needs to hand bags over without a connection."""

    point_id: str
    point_name: str
    issued_at: datetime
    until: datetime
    salt: str
    bags: tuple[ListedBag, ...]
    signature: str


@frozen
class ToldEvent:
    """A hand-over that a device tells of."""

    event_id: str
    parcel_id: str
    proof: Proof
    text: str
    at: datetime


@frozen
class Told:
    """From which device, by which list."""

    point_id: str
    device: str
    issued_at: datetime
    signature: str


@frozen
class Merged:
    """What became of one of them."""

    event_id: str
    parcel_id: str
    outcome: Outcome
    why: Conflicting | None = None
    earlier: HandOver | None = None


def collect_by_tail(work: Work, point_id: str, tail: str) -> ByTail:
    """Hand the one bag over that the end of a phone number fits, if it is one.

    Raises NotFound, TooMany after too many that fit none or several.
    """
    if len(tail) != TAIL_DIGITS or not (tail.isascii() and tail.isdecimal()):
        raise Invalid(field="tail", reason=f"the last {TAIL_DIGITS} digits")
    window = _window(work, point_id)
    tried = window.counted(work.now(), TAIL_TRIES, TAIL_WINDOW)
    bags = [pair for pair in _ready_bags(work, point_id) if pair[0].contact.phone_tail == tail]
    if len(bags) != 1:
        work.of(RateWindow).save(tried)
        return ByTail(None, several=bool(bags))
    order, bag = bag_of(work, bags[0][0].id)
    return ByTail(hand_over(work, order, bag, Shown(Proof.PHONE_TAIL, tail, work.now())), False)


def offline_list(work: Work, point_id: str) -> PlainList:
    """Return what a list of a point's bags is made of; the audit keeps who took it.

    Raises NotFound.
    """
    bags, point = _ready_bags(work, point_id), work.of(PickupPoint).get(point_id)
    buyers = work.of(User).find({order.buyer_id for order, _ in bags})
    tails = [order.contact.phone_tail for order, _ in bags]
    readable = list[Readable]()
    for order, bag in bags:
        buyer, tail = buyers.get(order.buyer_id), order.contact.phone_tail
        if buyer is not None and not buyer.erased:
            code = open_sealed(work, buyer, "pickup", bag.pickup_code_sealed)
            only = tail if tails.count(tail) == 1 else ""
            readable.append(Readable(bag.id, order.id, _goods(order), code, only))
    work.audit("pickup.offline_list", point_id, bags=str(len(readable)))
    now, salt = work.now(), work.kit.ids.token()
    signed = _signature(work, point_id, now)
    return PlainList(point_id, point.name, now, salt, tuple(readable), signed)


def marked(plain: PlainList) -> OfflineList:
    """Return a list with marks in place of codes and digits; needs no transaction, and a while."""
    salt = plain.salt
    bags = [
        ListedBag(
            each.parcel_id,
            each.order_id,
            each.goods,
            offline_mark(salt, Proof.CODE, each.parcel_id, each.code),
            offline_mark(salt, Proof.PHONE_TAIL, each.parcel_id, each.tail) if each.tail else "",
        )
        for each in plain.bags
    ]
    return OfflineList(
        plain.point_id,
        plain.point_name,
        plain.issued_at,
        plain.issued_at + LIST_LASTS,
        salt,
        tuple(bags),
        plain.signature,
    )


def merge_event(work: Work, told: Told, event: ToldEvent) -> Merged:
    """Record one hand-over that a device tells of; call it once for each, in any order.

    Raises Forbidden for a list that was not given to the caller for this point.
    """
    if told.signature != _signature(work, told.point_id, told.issued_at):
        raise Forbidden(needs="a list of this pickup point")
    plain = work.of(Shipment).find([event.parcel_id]).get(event.parcel_id)
    if plain is None or plain.pickup_point_id != told.point_id:
        return _conflict(event, Conflicting.UNKNOWN_BAG)
    try:
        order, bag = bag_of(work, plain.order_id)
        return _merge(work, order, bag, told, event)
    except NotFound:
        return _conflict(event, Conflicting.UNKNOWN_BAG)
    except Refused as refusal:
        return _conflict(event, _WHY[refusal.rule])


_WHY = {
    "order_is_not_refunded": Conflicting.ORDER_IS_REFUNDED,
    "pickup_tries_left": Conflicting.TRIES_ARE_USED_UP,
}


def _merge(work: Work, order: Order, bag: Shipment, told: Told, event: ToldEvent) -> Merged:
    """Record it for a locked bag, unless that was handed over before. Raises Refused."""
    earlier = work.of(HandOver).find([bag.id]).get(bag.id)
    if earlier is not None:
        if (earlier.device, earlier.event_id) == (told.device, event.event_id):
            return Merged(event.event_id, bag.id, Outcome.REPEATED)
        return _conflict(event, Conflicting.HANDED_OVER_BEFORE, earlier)
    if not told.issued_at <= event.at <= min(told.issued_at + LIST_LASTS, work.now() + _SLACK):
        return _conflict(event, Conflicting.OUTSIDE_THE_LIST)
    shown = Shown(event.proof, event.text, event.at, told.device, event.event_id)
    if hand_over(work, order, bag, shown).state is not ShipmentState.COLLECTED:
        return _conflict(event, Conflicting.PROOF_IS_WRONG)
    return Merged(event.event_id, bag.id, Outcome.RECORDED)


def _conflict(event: ToldEvent, why: Conflicting, earlier: HandOver | None = None) -> Merged:
    return Merged(event.event_id, event.parcel_id, Outcome.CONFLICT, why, earlier)


def _ready_bags(work: Work, point_id: str) -> Sequence[tuple[Order, Shipment]]:
    """Return the bags that lie ready at a point and that the caller may hand out.

    Raises NotFound for a point where the caller has nothing to do.
    """
    work.caller.require(Role.LEADER, Role.MERCHANT, Role.OPERATOR)
    point = work.of(PickupPoint).find([point_id]).get(point_id)
    if point is None:
        raise NotFound(kind="pickup point", key=point_id)
    query = Query().where(pickup_point_id=point_id, state=ShipmentState.READY)
    bags = list(every(work.of(Shipment), query))[:_BAGS_AT_MOST]
    orders = work.of(Order).find({bag.order_id for bag in bags})
    mine = [
        (orders[bag.order_id], bag)
        for bag in bags
        if may_hand_out(work, orders[bag.order_id], point)
    ]
    keeps = point.leader_id is not None and point.leader_id == work.caller.leader_id
    if not mine and not keeps and Role.OPERATOR not in work.caller.roles:
        raise NotFound(kind="pickup point", key=point_id)
    return mine


def _window(work: Work, point_id: str) -> RateWindow:
    key = f"pickup-tail/{point_id}"
    return work.of(RateWindow).lock([key], create=RateWindow)[key]


def _signature(work: Work, point_id: str, issued_at: datetime) -> str:
    """Only whoever was given a list can tell of it; nobody else's word is taken."""
    told = json.dumps([point_id, work.caller.user_id, issued_at.isoformat()])
    return work.kit.vault.fingerprint("offline-list", told)


def _goods(order: Order) -> str:
    return "；".join(
        f"{line.title} {line.options} × {line.left}".replace("  ", " ")
        for line in order.lines
        if line.kind is LineKind.GOODS and line.left
    )
