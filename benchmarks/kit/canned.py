"""The product with answers ready in its mailboxes: what HTTP, session and handler cost alone."""

from collections.abc import Callable
from typing import Any

from litestar import Litestar

from groupbuy.application.ports import Answer
from groupbuy.entrypoints import http
from groupbuy.entrypoints.bootstrap import App
from groupbuy.entrypoints.http import callbacks
from groupbuy.entrypoints.http.mailbox import Mailbox
from groupbuy.entrypoints.server import application as product

BODY = '{"order_id":"ord_01KAAAAAAAAAAAAAAAAAAAAAAA","pad":"' + "x" * 1_100 + '"}'
"""As long as the answer to a join."""

_mailbox_of: Callable[[App], Mailbox[Any, Any]] = http.mailbox_of
_hearing_of: Callable[[App], Mailbox[Any, Any]] = callbacks.hearing_of


class Canned(Mailbox[Any, Any]):
    """A mailbox that answers at once and does nothing."""

    async def answer(self, _tenant: str, _group_id: str, _command: Any) -> Any:
        """Answer as if the seat were taken."""
        return Answer(ok=True, body=BODY), False


class Heard(Mailbox[Any, Any]):
    """The same for callbacks."""

    async def answer(self, _tenant: str, _group_id: str, _command: Any) -> Any:
        """Answer as if the money were booked."""
        return None


def application() -> Litestar:
    """Build the web application of one process; neither joins nor callbacks reach the database."""
    http.mailbox_of = lambda app: Canned(_mailbox_of(app).carry_out)
    http.__dict__["hearing_of"] = lambda app: Heard(_hearing_of(app).carry_out)
    return product()
