"""The floor: what the web framework and server cost when a POST does nothing at all."""

import msgspec
from litestar import Litestar, get, post
from litestar.params import JSONBody


class Ping(msgspec.Struct, forbid_unknown_fields=True):
    """A small body."""

    campaign_id: str
    units: int


class Pong(msgspec.Struct):
    """A small answer."""

    id: str
    units: int


@post("/joins")
async def join(data: JSONBody[Ping]) -> Pong:
    """Answer."""
    return Pong(data.campaign_id, data.units)


@get("/")
async def alive() -> None:
    """Tell that the process runs."""


app = Litestar([join, alive], openapi_config=None, logging_config=None)


def request(_number: int) -> bytes:
    """Return the request that belongs to it."""
    body = b'{"campaign_id":"cmp_01KAAAAAAAAAAAAAAAAAAAAAAA","units":1}'
    head = "POST /joins HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
