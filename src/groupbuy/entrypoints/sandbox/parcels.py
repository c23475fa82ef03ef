"""Rules of the carrier side: a parcel moves when somebody says so."""

import sqlite3
from datetime import datetime

from groupbuy.entrypoints.sandbox import kuaidi_push, queue
from groupbuy.entrypoints.sandbox.journal import Tx, stamp
from groupbuy.entrypoints.sandbox.refusals import Refusal
from groupbuy.entrypoints.sandbox.views import ParcelView, StepView

NEXT = {"LABEL": "MOVING", "MOVING": "SIGNED", "PROBLEM": "MOVING", "RETURNING": "RETURNED"}
"""Where a parcel goes when nobody names a state."""
TEXTS = {
    "LABEL": "已出单，等待揽收",
    "MOVING": "运输中",
    "SIGNED": "已签收",
    "PROBLEM": "派送异常",
    "RETURNING": "退回途中",
    "RETURNED": "已退回",
}


def subscribe(tx: Tx, carrier: str, number: str, notify_url: str) -> ParcelView:
    """Follow a parcel; following it again changes nothing but the address."""
    _create(tx, carrier, number)
    tx.run(
        "UPDATE parcels SET subscribed = 1, notify_url = ? WHERE carrier = ? AND number = ?",
        *(queue.check_address(tx, notify_url), carrier, number),
    )
    return trace(tx, carrier, number)


def trace(tx: Tx, carrier: str, number: str) -> ParcelView:
    """Show a parcel and all its steps."""
    row = _must(tx, carrier, number)
    steps = tx.all(
        "SELECT * FROM steps WHERE carrier = ? AND number = ? ORDER BY seq", carrier, number
    )
    return ParcelView(
        carrier=carrier,
        number=number,
        state=row["state"],
        steps=[
            StepView(at=datetime.fromisoformat(s["at"]), state=s["state"], text=s["text"])
            for s in steps
        ],
    )


def advance(
    tx: Tx, carrier: str, number: str, state: str = "", text: str = "", at: datetime | None = None
) -> ParcelView:
    """Move a parcel to `state`, or to the next one, and push the news to whoever follows it."""
    _create(tx, carrier, number)
    row = _must(tx, carrier, number)
    target = state or NEXT.get(row["state"], "")
    if not target:
        raise Refusal("PARCEL_AT_END", row["state"])
    tx.run("UPDATE parcels SET state = ? WHERE carrier = ? AND number = ?", target, carrier, number)
    _step(tx, carrier, number, target, text, at or tx.now)
    view = trace(tx, carrier, number)
    if row["subscribed"]:
        queue.tell(tx, "carrier", "parcel", f"{carrier}/{number}", row["notify_url"], view)
    kuaidi_push.tell(tx, view)
    return view


def announce(tx: Tx, carrier: str, number: str) -> ParcelView:
    """Make a parcel known without following it."""
    _create(tx, carrier, number)
    return trace(tx, carrier, number)


def _create(tx: Tx, carrier: str, number: str) -> None:
    if tx.one("SELECT 1 FROM parcels WHERE carrier = ? AND number = ?", carrier, number):
        return
    tx.run("INSERT INTO parcels VALUES (?, ?, 'LABEL', '', 0)", carrier, number)
    _step(tx, carrier, number, "LABEL", "", tx.now)


def _step(tx: Tx, carrier: str, number: str, state: str, text: str, at: datetime) -> None:
    tx.run(
        "INSERT INTO steps (carrier, number, at, state, text) VALUES (?, ?, ?, ?, ?)",
        *(carrier, number, stamp(at), state, text or TEXTS[state]),
    )


def _must(tx: Tx, carrier: str, number: str) -> sqlite3.Row:
    row = tx.one("SELECT * FROM parcels WHERE carrier = ? AND number = ?", carrier, number)
    if row is None:
        raise Refusal("PARCEL_NOT_EXIST")
    return row
