"""The words of Kuaidi100: forms, MD5 signatures, states; translated into ours. Pure.

Their signatures are MD5 over the text of one form field and a secret: sealed by no time, so a push
may be replayed. Its digest is its event, and the inbox takes every event once.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar
from urllib.parse import parse_qs

import msgspec
from attrs import field, frozen

from groupbuy.application.ports.carrier import ParcelState, TraceReport, TraceStep
from groupbuy.domain.kernel import Forbidden, Invalid, NotFound, Unavailable

T = TypeVar("T")

BEIJING = timezone(timedelta(hours=8))
"""Their times name no zone; they are Beijing's."""
TAKEN = '{"result":true,"returnCode":"200","message":"成功"}'.encode()
"""Anything else, and they push again."""
FOLLOWED = frozenset({"200", "501"})
"""Subscribed, or subscribed before."""
NO_NEWS = "500"
SENSELESS = frozenset({"400", "408", "700", "701", "702"})
"""The parcel itself is at fault: number, phone, or a carrier they do not follow."""
_NAMES = {
    "已下单": ParcelState.LABELLED,
    "待揽收": ParcelState.LABELLED,
    "签收": ParcelState.DELIVERED,
    "疑难": ParcelState.EXCEPTION,
    "清关异常": ParcelState.EXCEPTION,
    "退回": ParcelState.RETURNING,
    "拒签": ParcelState.RETURNING,
    "退签": ParcelState.RETURNED,
}
"""States of single steps, by name; all others are on their way."""
_STATES = {
    "101": ParcelState.LABELLED,
    "102": ParcelState.LABELLED,
    "2": ParcelState.EXCEPTION,
    "13": ParcelState.EXCEPTION,
    "3": ParcelState.DELIVERED,
    "6": ParcelState.RETURNING,
    "14": ParcelState.RETURNING,
    "4": ParcelState.RETURNED,
}
_MOVING = frozenset({"0", "1", "5", "7", "8", "10", "11", "12"})


@frozen
class Account:
    """Who we are to them, and the salt with which they sign to us."""

    customer: str
    key: str = field(repr=False)
    salt: str = field(repr=False)


@frozen
class Parcel:
    """What is asked about."""

    carrier: str
    number: str
    phone_tail: str = ""


class _Step(msgspec.Struct, frozen=True):
    context: str = ""
    time: str = ""
    ftime: str = ""
    status: str = ""


class _Result(msgspec.Struct, frozen=True):
    com: str = ""
    nu: str = ""
    state: str = ""
    data: list[_Step] = []


class _Said(msgspec.Struct, frozen=True):
    result: bool | None = None
    returnCode: str = ""  # noqa: N815  their name
    com: str = ""
    nu: str = ""
    state: str = ""
    data: list[_Step] = []


class _Push(msgspec.Struct, frozen=True):
    status: str = ""
    comOld: str = ""  # noqa: N815  their name
    lastResult: _Result | None = None  # noqa: N815  their name


def signature(text: str) -> str:
    """Return the upper-case MD5 that signs a text with its secrets behind it."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def query(account: Account, parcel: Parcel) -> dict[str, str]:
    """Return the signed form that asks where a parcel is."""
    asked = {"com": parcel.carrier, "num": parcel.number, "resultv2": "1", "order": "asc"}
    param = _text({**asked, **_phone(parcel)})
    sign = signature(param + account.key + account.customer)
    return {"customer": account.customer, "sign": sign, "param": param}


def subscription(account: Account, parcel: Parcel, address: str) -> dict[str, str]:
    """Return the form that asks for pushes to an address, signed with our salt."""
    more = {"callbackurl": address, "salt": account.salt, "resultv2": "1", **_phone(parcel)}
    wish = {
        "company": parcel.carrier,
        "number": parcel.number,
        "key": account.key,
        "parameters": more,
    }
    return {"schema": "json", "param": _text(wish)}


def read_subscribed(body: bytes) -> None:
    """Translate an answer to a subscription. Raises Unavailable, or Invalid on their word."""
    said = _decode(body, _Said)
    code = said.returnCode if said is not None else ""
    if code in SENSELESS:
        raise Invalid(field="tracking_number", reason="the tracking service does not follow it")
    if code not in FOLLOWED:
        raise Unavailable(what="kuaidi100")


def read_trace(parcel: Parcel, body: bytes) -> TraceReport:
    """Translate an answer about a parcel. Raises NotFound or Invalid on their word."""
    said = _decode(body, _Said)
    if said is None:
        raise Unavailable(what="kuaidi100")
    if said.result is False:
        if said.returnCode == NO_NEWS:
            raise NotFound(kind="parcel", key=f"{parcel.carrier}/{parcel.number}")
        if said.returnCode in SENSELESS:
            raise Invalid(field="tracking_number", reason="the tracking service does not know it")
        raise Unavailable(what="kuaidi100")
    if (said.com, said.nu) != (parcel.carrier, parcel.number):
        raise Unavailable(what="kuaidi100")
    return _report(_Result(said.com, said.nu, said.state, said.data))


def read_push(account: Account, body: bytes) -> TraceReport:
    """Verify and translate a push. Raises Forbidden, or Invalid if it makes no sense."""
    form = _form(body)
    param, given = form.get("param", ""), form.get("sign", "")
    wanted = signature(param + account.salt)
    if not (account.salt and param and hmac.compare_digest(wanted, given.upper())):
        raise Forbidden(needs="provider signature")
    push = _decode(param.encode(), _Push)
    if push is None or push.lastResult is None or not push.lastResult.nu:
        raise Invalid(field="param", reason="not a push about a parcel")
    # They may have found another carrier than was named; the parcel is kept under the first one.
    found = msgspec.structs.replace(push.lastResult, com=push.comOld or push.lastResult.com)
    return _report(found, hashlib.sha256(param.encode()).hexdigest()[:32])


def _report(found: _Result, event_id: str = "") -> TraceReport:
    steps = [_step(each) for each in found.data]
    return TraceReport(
        carrier=found.com,
        tracking_number=found.nu,
        state=_state(found.state),
        steps=tuple(sorted(steps, key=lambda step: step.at)),
        event_id=event_id,
    )


def _state(code: str) -> ParcelState:
    """Translate a state; one of three or four digits refines the one it begins with."""
    if code in _STATES:
        return _STATES[code]
    if code in _MOVING:
        return ParcelState.IN_TRANSIT
    if len(code) > 2 and code.isdecimal():
        return _state(code[0])
    # What nobody knows moves nothing.
    return ParcelState.LABELLED


def _step(step: _Step) -> TraceStep:
    text = step.ftime or step.time
    try:
        at = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    except ValueError as error:
        raise Invalid(field="time", reason="is no time") from error
    state = _NAMES.get(step.status, ParcelState.IN_TRANSIT)
    return TraceStep(at=at.astimezone(UTC), text=step.context, state=state)


def _phone(parcel: Parcel) -> dict[str, str]:
    return {"phone": parcel.phone_tail} if parcel.phone_tail else {}


def _form(body: bytes) -> Mapping[str, str]:
    try:
        found = parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=10)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _decode(body: bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
