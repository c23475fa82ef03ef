"""Letting a late payer back in: into their group, or into another team of the campaign."""

from collections.abc import Sequence

from attrs import evolve

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.scene import Scene
from groupbuy.application.steps.teaming import seats_across
from groupbuy.domain.campaigns import Group, Mode, Seat
from groupbuy.domain.kernel import Event, IllegalMove, Refused
from groupbuy.domain.ordering import Order
from groupbuy.domain.payments import Payment


def let_back_in(scene: Scene, seat: Seat) -> tuple[Group, Seat, list[Event]]:
    """Give a late payer the seat again, or one in the other team that was offered.

    Raises Refused, IllegalMove if nobody takes them any more.
    """
    own, now = scene.groups[seat.group_id], scene.work.now()
    campaign, mine = scene.campaign_of(own), _others(scene, seat)
    try:
        return own.readmit(campaign, seat, mine, now)
    except (Refused, IllegalMove):
        if seat.id not in scene.ways_back:
            raise
    return scene.groups[scene.ways_back[seat.id]].readmit(campaign, seat, mine, now)


def follow_to_team(scene: Scene, order: Order) -> None:
    """Let all payments of an order that moved to another team say so, and its buyer hear of it."""
    theirs = every(scene.work.of(Payment), Query().where(order_id=order.id))
    payments = {**{each.id: each for each in theirs}, **scene.payments}
    for payment in payments.values():
        if payment.order_id == order.id:
            scene.put_payment(evolve(payment, group_id=order.group_id))
    scene.work.tell(order.buyer_id, "order.moved_team", order.id, team=order.group_id)


def _others(scene: Scene, seat: Seat) -> Sequence[Seat]:
    """Return the buyer's other seats as far as limits count them."""
    campaign = scene.campaign_of(scene.groups[seat.group_id])
    if campaign.mode is not Mode.TEAM:
        return scene.mine(seat)
    found = seats_across(scene.work, [campaign], [seat.buyer_id])
    return [other for other in found if other.id != seat.id]
