"""A pretend Kuaidi100 beside the sandbox: the same parcels, asked and told in its words."""

import hmac
from typing import Any
from urllib.parse import parse_qs

import msgspec
from attrs import frozen
from litestar import Controller, Request, Response, post
from litestar.di import NamedDependency

from groupbuy.entrypoints.sandbox import kuaidi_push, parcels, queue
from groupbuy.entrypoints.sandbox.journal import Journal
from groupbuy.entrypoints.sandbox.refusals import Refusal

_Answer = Response[Any]


@frozen
class KuaidiAccount:
    """The one customer it knows."""

    customer: str
    key: str


ACCOUNT = KuaidiAccount("SANDBOX", "sandbox-key")


class _Parameters(msgspec.Struct, frozen=True):
    callbackurl: str
    salt: str = ""
    phone: str = ""


class _Wish(msgspec.Struct, frozen=True):
    company: str
    number: str
    key: str
    parameters: _Parameters


class _Query(msgspec.Struct, frozen=True):
    com: str
    num: str
    phone: str = ""


class Kuaidi100Api(Controller):
    """/kuaidi100."""

    path = "/kuaidi100"

    @post("/poll", status_code=200)
    async def subscribe(
        self,
        request: "Request[Any, Any, Any]",
        journal: NamedDependency[Journal],
        account: NamedDependency[KuaidiAccount],
    ) -> _Answer:
        """Follow a parcel; a second wish for the same one is told so, and changes nothing."""
        try:
            wish = msgspec.json.decode(_field(await request.body(), "param"), type=_Wish)
        except msgspec.MsgspecError:
            return _no("500", "param")
        if not hmac.compare_digest(wish.key.encode(), account.key.encode()):
            return _no("600", "key")
        if not wish.company or not 6 <= len(wish.number) <= 32:
            return _no("702", "company")
        if _needs_phone(wish.company, wish.parameters.phone):
            return _no("408", "phone")
        return _follow(journal, wish)

    @post("/poll/query.do", status_code=200)
    async def query(
        self,
        request: "Request[Any, Any, Any]",
        journal: NamedDependency[Journal],
        account: NamedDependency[KuaidiAccount],
    ) -> _Answer:
        """Show where a parcel is."""
        body = await request.body()
        param, sign = _field(body, "param"), _field(body, "sign")
        wanted = kuaidi_push.signature(param + account.key + account.customer)
        known = _field(body, "customer") == account.customer
        if not (known and hmac.compare_digest(wanted, sign)):
            return _no("503", "sign")
        asked = msgspec.json.decode(param, type=_Query)
        if _needs_phone(asked.com, asked.phone):
            return _no("408", "phone")
        try:
            with journal.transaction() as tx:
                view = parcels.trace(tx, asked.com, asked.num)
        except Refusal:
            return _no("500", "none")
        return Response(kuaidi_push.result(view))


def _follow(journal: Journal, wish: _Wish) -> _Answer:
    key = (wish.company, wish.number)
    with journal.transaction() as tx:
        if tx.one("SELECT 1 FROM kuaidi100 WHERE carrier = ? AND number = ?", *key):
            return _no("501", "twice")
        parcels.announce(tx, *key)
        url = queue.check_address(tx, wish.parameters.callbackurl)
        salt = wish.parameters.salt
        tx.run("INSERT INTO kuaidi100 VALUES (?, ?, ?, ?)", *key, url, salt)
    return Response({"result": True, "returnCode": "200", "message": "提交成功"})


def _needs_phone(carrier: str, phone: str) -> bool:
    """Two carriers show a parcel only to who knows its receiver's phone."""
    return carrier in {"shunfeng", "zhongtong"} and len(phone) < 4


def _field(body: bytes, name: str) -> str:
    return parse_qs(body.decode("latin-1")).get(name, [""])[0]


def _no(code: str, message: str) -> _Answer:
    return Response({"result": False, "returnCode": code, "message": message})
