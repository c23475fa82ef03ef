"""What a browser carries along that opened a link to share: signed, and without a name in it.

It is a cookie of our own pages, or a text that programs pass on. It lasts through logging in and
out, because it has nothing to do with a session, and it decides nothing but a count.
"""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Annotated

from litestar.datastructures import Cookie
from msgspec import Meta

from groupbuy.domain.sharing import REMEMBERED, Attribution
from groupbuy.entrypoints.bootstrap import App

TOKEN_LENGTH = 120
SharedText = Annotated[
    str, Meta(max_length=TOKEN_LENGTH, description="What opening a share link answered")
]
_SIGN_LETTERS = 32


def share_cookie(*, secure: bool) -> str:
    """Return the name of the cookie; browsers guard `__Host-` names."""
    return "__Host-groupbuy-share" if secure else "groupbuy-share"


def share_address(campaign_id: str) -> str:
    """Return where a campaign is shared with one tap: by a POST without a body to fill in."""
    return f"/api/v1/shop/campaigns/{campaign_id}/shares"


def signed(app: App, tenant: str, brought: Attribution) -> str:
    """Return an attribution as text that only we can make, good at one tenant."""
    text = f"{brought.link_id}.{brought.visitor}.{int(brought.at.timestamp())}"
    return f"{text}.{_sign(app, tenant, text)}"


def read(app: App, tenant: str, token: str) -> Attribution | None:
    """Return what a text says; None if we did not make it, or it is too old to count."""
    text, _, sign = token[:TOKEN_LENGTH].rpartition(".")
    if not hmac.compare_digest(sign.encode("utf-8", "replace"), _sign(app, tenant, text).encode()):
        return None
    link_id, visitor, at = text.split(".")
    brought = Attribution(link_id, visitor, datetime.fromtimestamp(int(at), UTC))
    return brought if brought.holds(app.kit.clock.now()) else None


def cookie_of(app: App, token: str) -> Cookie:
    """Return the cookie that keeps a text."""
    return Cookie(
        key=share_cookie(secure=app.settings.secure),
        value=token,
        max_age=int(REMEMBERED.total_seconds()),
        path="/",
        secure=app.settings.secure,
        httponly=True,
        samesite="lax",
    )


def _sign(app: App, tenant: str, text: str) -> str:
    said = f"share|{tenant}|{text}".encode("utf-8", "replace")
    return hmac.new(app.signing_key, said, hashlib.sha256).hexdigest()[:_SIGN_LETTERS]
