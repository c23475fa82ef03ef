"""Parcels that need somebody: what is open, what was done about it, and who looks for more."""

from datetime import datetime, timedelta
from typing import Any

from groupbuy.application.ports import Query
from groupbuy.application.steps.troubles import open_trouble
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Invalid, NotFound
from groupbuy.domain.logistics import (
    SHIPMENT,
    ParcelTrouble,
    Shipment,
    ShipmentState,
    TroubleState,
    overdue,
)
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Order

PAGE = 50
_WATCHED = frozenset({ShipmentState.SHIPPED, ShipmentState.IN_TRANSIT, ShipmentState.READY})


def list_troubles(
    work: Work,
    state: TroubleState | None = TroubleState.OPEN,
    limit: int = PAGE,
    after: tuple[Any, str] | None = None,
) -> list[ParcelTrouble]:
    """Return what there is to look after for the caller's merchant, all to operators, newest first.

    `state` None: also what is resolved.
    """
    caller = work.caller
    caller.require(Role.MERCHANT, Role.OPERATOR)
    query = Query().sorted("-opened_at").page(limit, after)
    if Role.OPERATOR not in caller.roles:
        query = query.where(merchant_id=caller.merchant_id or "")
    return work.of(ParcelTrouble).select(query.where(state=state) if state else query)


def resolve_trouble(work: Work, trouble_id: str, remark: str) -> ParcelTrouble:
    """Say what was done about it, as its merchant. Raises NotFound, Invalid, IllegalMove."""
    caller = work.caller
    caller.require(Role.MERCHANT, Role.OPERATOR)
    if not remark.strip():
        raise Invalid(field="reason", reason="say what was done")
    found = work.of(ParcelTrouble).lock([trouble_id]).get(trouble_id)
    own = found is not None and found.merchant_id == caller.merchant_id
    if found is None or not (own or Role.OPERATOR in caller.roles):
        raise NotFound(kind="parcel trouble", key=trouble_id)
    after, happened = found.resolve(caller.user_id, remark.strip(), work.now())
    work.of(ParcelTrouble).save(after)
    work.emit(happened)
    return after


def watch_parcel(work: Work, parcel_id: str) -> datetime | None:
    """Look whether a parcel stands still or lies uncollected (the worker calls this).

    What was resolved by a person is found again if it is still so after another such time.
    """
    plain = work.of(Shipment).find([parcel_id]).get(parcel_id)
    if plain is None:
        return None
    order = work.of(Order).lock([plain.order_id])[plain.order_id]
    parcel = work.of(Shipment).lock([parcel_id])[parcel_id]
    if parcel.state in SHIPMENT.final or order.delivered_at is not None:
        return None
    policy, now = work.kit.policy, work.now()
    silent = timedelta(days=policy.parcel_silent_days)
    waiting = timedelta(days=policy.pickup_wait_days)
    if parcel.state not in _WATCHED:
        return now + silent
    kind, due = overdue(parcel, silent, waiting)
    if now < due:
        return due
    if open_trouble(work, parcel, kind) is not None:
        work.tell(order.buyer_id, f"order.parcel_{kind}", order.id, time=_nth(now, due))
    return now + silent


def _nth(now: datetime, due: datetime) -> int:
    """Number the reminders about one order, so that a later one is told too."""
    return 1 + (now - due).days
