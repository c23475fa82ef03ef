"""The product with its mailbox taken out: every join is a transaction of its own.

The comparison that shows what batching is worth: the same code, in a thread of the request.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from litestar import Litestar
from litestar.concurrency import sync_to_thread

from groupbuy.entrypoints import http
from groupbuy.entrypoints.bootstrap import App
from groupbuy.entrypoints.http.mailbox import Mailbox
from groupbuy.entrypoints.server import application as product

_mailbox_of: Callable[[App], Mailbox[Any, Any]] = http.mailbox_of


class Direct(Mailbox[Any, Any]):
    """A mailbox that queues nothing."""

    def start(self) -> None:
        """Nothing runs beside the requests."""

    def close(self) -> None:
        """Nothing waits."""

    async def answer(self, _tenant: str, _group_id: str, command: Any) -> Any:
        """Carry a command out at once, alone."""
        self.tally.posted += 1
        self.tally.batches += 1
        return (await sync_to_thread(partial(self.carry_out, [command])))[0]


def application() -> Litestar:
    """Build the web application of one process, without its mailbox."""
    http.mailbox_of = lambda app: Direct(_mailbox_of(app).carry_out)
    return product()
