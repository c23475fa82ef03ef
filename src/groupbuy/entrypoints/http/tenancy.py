"""Whose shop a host is."""

import time
from collections.abc import Callable, Mapping

from attrs import define

from groupbuy.application.ports.tenancy import Tenant

FRESH_SECONDS = 30
"""How long the registry is believed before it is read again."""


@define(eq=False)
class Hosts:
    """The registry of tenants by host name, read again now and then."""

    _read: Callable[[], list[Tenant]]
    _default: str
    _known: Mapping[str, str] | None = None
    _until: float = 0

    def tenant_of(self, host: str) -> str:
        """Return the tenant of a Host header; the default one for a host nobody has."""
        known = self._known
        if known is None or time.monotonic() >= self._until:
            known = self._refreshed()
        return known.get(host_name(host), self._default)

    @property
    def stale(self) -> bool:
        """Tell whether the next question reads the database."""
        return self._known is None or time.monotonic() >= self._until

    def _refreshed(self) -> Mapping[str, str]:
        known = {host.lower(): tenant.id for tenant in self._read() for host in tenant.hosts}
        self._known, self._until = known, time.monotonic() + FRESH_SECONDS
        return known


def host_name(host: str) -> str:
    """Return a Host header without its port, in small letters."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower().rstrip(".")
