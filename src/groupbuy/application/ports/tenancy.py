"""Tenants: the platform operators that share an installation, told apart by host."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from attrs import field, frozen

NOTICED_WITHIN = timedelta(minutes=2)
"""After that every process looks into all cells of a tenant whose number was raised."""

Spread = Callable[[str, datetime], int]
"""Returns over how many cells a tenant spreads new groups at an instant."""


@frozen
class Tenant:
    """One operator. Its users, merchants and money never meet those of another."""

    id: str
    name: str = ""
    hosts: tuple[str, ...] = ()
    """Host names whose requests belong to it."""
    settings: Mapping[str, object] = field(factory=dict)
    """Policies that differ from the defaults; text, whole numbers, flags, lists of them."""
    cells: int = 1
    """Over how many cells new groups are spread; one unless the engine is distributed.

    They are numbered from zero, and the number is only ever raised: what lives in a cell stays.
    """
    cells_since: datetime | None = None
    """When the number was raised; None for a tenant that has had it from the start."""

    def spread(self, now: datetime) -> int:
        """Return how many cells new groups may go to: one until everybody looks into all."""
        if self.cells_since is not None and now < self.cells_since + NOTICED_WITHIN:
            return 1
        return self.cells


def one_cell(_tenant: str, _now: datetime) -> int:
    """Spread nothing."""
    return 1
