"""Who may talk to whom: an HMAC over time, nonce, method, path and the raw body.

Repeats inside the window are not refused: every operation is idempotent by its number.
"""

import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

WINDOW_SECONDS = 300
"""How far two clocks may be apart before a signature is too old or too early."""


def signature(secret: bytes, when: str, nonce: str, method: str, path: str, body: bytes) -> str:
    """Return the hex HMAC-SHA256 of the five parts, the body byte for byte."""
    head = f"{when}\n{nonce}\n{method}\n{path}\n".encode()
    return hmac.new(secret, head + body, "sha256").hexdigest()


def headers(secret: bytes, now: datetime, method: str, path: str, body: bytes) -> dict[str, str]:
    """Sign a message that leaves now."""
    when, nonce = str(int(now.timestamp())), secrets.token_hex(12)
    return {
        "Sandbox-Timestamp": when,
        "Sandbox-Nonce": nonce,
        "Sandbox-Signature": signature(secret, when, nonce, method, path, body),
    }


def genuine(
    secret: bytes, now: datetime, given: Mapping[str, str], method: str, path: str, body: bytes
) -> bool:
    """Tell whether a message is fresh and signed with our secret. `given` has lower-case keys."""
    when, nonce = given.get("sandbox-timestamp", ""), given.get("sandbox-nonce", "")
    if not (when.isascii() and when.isdigit() and len(when) < 13 and nonce):
        return False
    if abs(int(now.timestamp()) - int(when)) >= WINDOW_SECONDS:
        return False
    wanted = signature(secret, when, nonce, method, path, body)
    return hmac.compare_digest(wanted.encode(), given.get("sandbox-signature", "").encode())
