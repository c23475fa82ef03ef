"""What a parcel's news give the shop to do, and what they settle."""

from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Event
from groupbuy.domain.logistics import (
    NEWS,
    OPENED,
    ParcelTrouble,
    Shipment,
    Trouble,
    TroubleState,
    ended_by,
    raised_by,
)

_MANY = 1_000


def follow_troubles(work: Work, before: Shipment, after: Shipment) -> None:
    """Open what a parcel's new state gives to do, and close what its news have settled."""
    ended = ended_by(before, after)
    raised = raised_by(after.state) if after.state is not before.state else None
    if not ended and raised is None:
        return
    for trouble in _open_ones(work, after.id):
        if trouble.kind in ended:
            gone, happened = trouble.resolve(NEWS, "", work.now())
            work.of(ParcelTrouble).save(gone)
            work.emit(happened)
    if raised is not None:
        open_trouble(work, after, raised)


def open_trouble(work: Work, parcel: Shipment, kind: Trouble) -> ParcelTrouble | None:
    """Give the shop something to look after, and say so; None if that is open already.

    The caller holds the lock of the parcel.
    """
    if any(each.kind is kind for each in _open_ones(work, parcel.id)):
        return None
    opened = ParcelTrouble(
        id=work.new_id("ptr", near=parcel.order_id),
        parcel_id=parcel.id,
        order_id=parcel.order_id,
        merchant_id=parcel.merchant_id,
        kind=kind,
        opened_at=work.now(),
        open_parcel=f"{parcel.id}/{kind}",
    )
    work.of(ParcelTrouble).add(opened)
    facts = {"order": parcel.order_id, "kind": kind.value}
    work.emit([Event(OPENED, opened.id, work.now(), facts)])
    work.tell(f"merchant:{parcel.merchant_id}", f"parcel.{kind}", opened.id, order=parcel.order_id)
    return opened


def _open_ones(work: Work, parcel_id: str) -> list[ParcelTrouble]:
    mine = Query().where(parcel_id=parcel_id, state=TroubleState.OPEN).page(_MANY)
    found = work.of(ParcelTrouble).select(mine)
    locked = work.of(ParcelTrouble).lock([each.id for each in found])
    return [each for each in locked.values() if each.state is TroubleState.OPEN]
