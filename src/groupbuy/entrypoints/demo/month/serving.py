"""Sending, handing out, and what is given back while the after-sale window is open."""

from collections.abc import Sequence
from functools import partial

from groupbuy.application import fulfilment, orders
from groupbuy.application.aftersale import (
    Application,
    apply_for,
    approve_case,
    receive_back,
    ship_back,
)
from groupbuy.domain.aftersale import Kind, Reason, ReturnParcel
from groupbuy.entrypoints.demo.client import Surprise
from groupbuy.entrypoints.demo.month.goods import MERCHANTS
from groupbuy.entrypoints.demo.month.plan import POINTS, Fate
from groupbuy.entrypoints.demo.month.play import Play, Run, Ticket

CARRIER = "sf"
_ROWS = 500
"""Parcels in one list that a merchant hands over."""


def send(play: Play, run: Run) -> None:
    """Approve what somebody looks at, refund what cannot be sent, and send the rest."""
    merchant = run.merchant.visitor
    if not MERCHANTS[run.plan.number % len(MERCHANTS)].auto_approve:
        paid = [*run.sent, *run.of(Fate.UNSENT)]
        play.each(lambda t: merchant.post(f"/merchant/orders/{t.order_id}/approve"), paid)
    for ticket in run.of(Fate.UNSENT):
        merchant.post(f"/merchant/orders/{ticket.order_id}/refunds", {"reason": "缺货"})
    if run.plan.point is None:
        _hand_over(run, run.sent)
    else:
        ready = partial(play.act, run.merchant.caller, fulfilment.ready_for_pickup)
        play.each(lambda t: ready(t.order_id), run.sent)


def deliver(play: Play, runs: Sequence[Run]) -> None:
    """Let the carrier deliver all parcels, and the points hand out all bags."""
    parcels = [t for run in runs if run.plan.point is None for t in run.sent]
    for start in range(0, len(parcels), _ROWS):
        some = parcels[start : start + _ROWS]
        named = [{"carrier": CARRIER, "number": ticket.tracking} for ticket in some]
        said = {"parcels": named, "state": "SIGNED"}
        play.stage.sandbox.control("/parcels/advance-many", said)
    for run in runs:
        if run.plan.point is not None:
            keeper = play.cast.leaders[POINTS[run.plan.point]].caller
            for ticket in run.sent:
                # The buyer shows the one-time code, the keeper of the point types it in.
                code = play.stage.app.desk.read(
                    ticket.buyer.caller, partial(orders.pickup_code, order_id=ticket.order_id)
                )
                play.act(keeper, fulfilment.collect, ticket.order_id, code)


def complain(play: Play, run: Run) -> list[str]:
    """Let buyers say what came spoiled; return the cases whose goods are sent back."""
    for ticket in run.of(Fate.PART):
        case = _apply(play, ticket, 1, Kind.REFUND_ONLY)
        play.act(run.merchant.caller, approve_case, case, "请见谅")
    for ticket in run.of(Fate.WHOLE):
        _apply(play, ticket, ticket.wish.units, Kind.REFUND_ONLY)
    returned = list[str]()
    for ticket in run.of(Fate.RETURNED):
        case = _apply(play, ticket, ticket.wish.units, Kind.RETURN_AND_REFUND)
        play.act(run.merchant.caller, approve_case, case)
        play.act(ticket.buyer.caller, ship_back, case, ReturnParcel(CARRIER, f"R{ticket.tracking}"))
        returned.append(case)
    return returned


def take_back(play: Play, run: Run, cases: Sequence[str]) -> None:
    """Say that goods sent back have come: their money goes."""
    for case in cases:
        play.act(run.merchant.caller, receive_back, case)


def _apply(play: Play, ticket: Ticket, units: int, kind: Kind) -> str:
    asked = Application(ticket.order_id, 1, units, kind, Reason.DAMAGED, text="签收时有破损")
    return play.act(ticket.buyer.caller, apply_for, asked).id


def _hand_over(run: Run, tickets: Sequence[Ticket]) -> None:
    for start in range(0, len(tickets), _ROWS):
        some = tickets[start : start + _ROWS]
        rows = [
            {"order_id": t.order_id, "carrier": CARRIER, "tracking_number": t.tracking}
            for t in some
        ]
        done = run.merchant.visitor.post("/merchant/shipments/", {"parcels": rows})
        if done["rejected"]:
            raise Surprise(f"parcels are refused: {done['rejected'][:3]}")
