"""How Kuaidi100 tells of a parcel: a form signed with the follower's salt, and what ends it."""

import hashlib
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from groupbuy.entrypoints.sandbox import queue
from groupbuy.entrypoints.sandbox.journal import BEIJING, Tx
from groupbuy.entrypoints.sandbox.views import ParcelView, StepView

CHANNEL = "kuaidi100"
HEADERS: Mapping[str, str] = {"Content-Type": "application/x-www-form-urlencoded"}
CODES = {
    "LABEL": "102",
    "MOVING": "0",
    "SIGNED": "3",
    "PROBLEM": "2",
    "RETURNING": "6",
    "RETURNED": "4",
}
NAMES = {
    "LABEL": "待揽收",
    "MOVING": "在途",
    "SIGNED": "签收",
    "PROBLEM": "疑难",
    "RETURNING": "退回",
    "RETURNED": "退签",
}


def signature(text: str) -> str:
    """Return the upper-case MD5 of a text with its secrets behind it."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def tell(tx: Tx, view: ParcelView) -> None:
    """Queue a push about a parcel, if it is followed in this way."""
    who = tx.one(
        "SELECT * FROM kuaidi100 WHERE carrier = ? AND number = ?", view.carrier, view.number
    )
    if who is None:
        return
    ended = view.state in {"SIGNED", "RETURNED"}
    param = msgspec.json.encode(
        {
            "status": "shutdown" if ended else "polling",
            "message": "",
            "autoCheck": "0",
            "comOld": "",
            "comNew": "",
            "lastResult": result(view),
        }
    ).decode()
    body = urlencode({"param": param, "sign": signature(param + who["salt"])}).encode()
    event = hashlib.sha256(param.encode()).hexdigest()
    subject = f"{view.carrier}/{view.number}"
    queue.put(tx, (CHANNEL, "parcel", subject), who["url"], event, body)


def result(view: ParcelView) -> dict[str, object]:
    """Return a parcel in their words, its newest step first."""
    return {
        "message": "ok",
        "nu": view.number,
        "com": view.carrier,
        "ischeck": str(int(view.state == "SIGNED")),
        "status": "200",
        "state": CODES[view.state],
        "data": [_step(each) for each in reversed(view.steps)],
    }


def accepted(body: bytes) -> bool:
    """Tell whether an answer ends their retries."""
    try:
        said = msgspec.json.decode(body, type=dict[str, object])
    except msgspec.MsgspecError:
        return False
    return said.get("result") is True and said.get("returnCode") == "200"


def _step(step: StepView) -> dict[str, str]:
    at = step.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    return {"context": step.text, "time": at, "ftime": at, "status": NAMES[step.state]}
