"""What the worker does for reports: read on, and count everything anew where that is due."""

from collections.abc import Callable

from groupbuy.application.ports.reporting import Horizon
from groupbuy.application.reporting.feeding import feed
from groupbuy.application.reporting.rebuilding import rebuild
from groupbuy.application.write_path import Caller, Desk


def keep(
    desk: Desk, horizon: Horizon, tenant: str, go_on: Callable[[], bool] = lambda: True
) -> int:
    """Bring the sums up to date; return how many orders were looked at.

    It stops early once `go_on` says so; nothing is lost. Raises Conflict, Unavailable.
    """
    step = feed(desk, horizon, tenant, go_on)
    if not step.stale:
        return step.orders
    return rebuild(desk, horizon, Caller.system(tenant)).orders
