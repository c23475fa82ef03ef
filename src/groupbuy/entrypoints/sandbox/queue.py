"""The durable queue of callbacks: filled in the transaction that caused them."""

import secrets
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from groupbuy.entrypoints.sandbox import faults
from groupbuy.entrypoints.sandbox.journal import Tx, stamp
from groupbuy.entrypoints.sandbox.refusals import Refusal

PATIENCE_SECONDS = 60
"""How long a reordered callback waits for a later one to overtake it."""
COPIES = 3
"""How often a duplicated callback is sent."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Body of a callback; `event_id` is the same at every attempt."""

    event_id: str
    kind: str
    data: msgspec.Struct


def is_local(url: str) -> bool:
    """Tell whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(tx: Tx, url: str) -> str:
    """Return an address the sandbox may call: on this machine, or configured. Raises Refusal."""
    known = {urlsplit(each).netloc for each in tx.callback_urls.values()}
    web = urlsplit(url).scheme in {"http", "https"}
    if url and not (web and (is_local(url) or urlsplit(url).netloc in known)):
        raise Refusal("PARAM_ERROR", "notify_url must be on this machine or configured")
    return url


def tell(tx: Tx, channel: str, kind: str, subject: str, url: str, data: msgspec.Struct) -> None:
    """Queue a callback to `url`, or to the channel's own address; without one nobody is told."""
    address = url or tx.callback_urls.get(channel, "")
    if not address:
        return
    event_id = f"evt_{secrets.token_hex(12)}"
    body = msgspec.json.encode(Notice(event_id=event_id, kind=kind, data=data))
    put(tx, (channel, kind, subject), address, event_id, body)


def put(tx: Tx, what: tuple[str, str, str], address: str, event_id: str, body: bytes) -> None:
    """Queue a callback as it stands: channel, kind and subject; a trick may be due."""
    channel, kind, subject = what
    trick = faults.draw(tx, f"callback.{kind}")
    name = trick.kind if trick else ""
    wait = trick.seconds if trick else 0
    if name == "reorder":
        wait = wait or PATIENCE_SECONDS
    for _ in range(COPIES if name == "duplicate" else 1):
        tx.run(
            "INSERT INTO callbacks"
            " (event_id, channel, kind, subject, url, body, due_at, held_back, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(event_id, channel, kind, subject, address, body),
            *(stamp(tx.now + timedelta(seconds=wait)), int(name == "reorder")),
            "lost" if name == "lose" else "waiting",
        )
