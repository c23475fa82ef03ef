"""What the worker does for discovery: read on, and count everything anew where that is due."""

from collections.abc import Callable

from groupbuy.application.discovery.following import follow
from groupbuy.application.discovery.rebuilding import rebuild
from groupbuy.application.ports.reporting import Horizon
from groupbuy.application.write_path import Caller, Desk


def keep(
    desk: Desk, horizon: Horizon, tenant: str, go_on: Callable[[], bool] = lambda: True
) -> int:
    """Bring habits and heats up to date; return how many binding orders were looked at.

    It stops early once `go_on` says so; nothing is lost. Raises Conflict, Unavailable.
    """
    step = follow(desk, horizon, tenant, go_on)
    if not step.stale:
        return step.orders
    return rebuild(desk, horizon, Caller.system(tenant)).orders
