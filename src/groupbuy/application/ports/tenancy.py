"""Tenants: the platform operators that share an installation, told apart by host."""

from collections.abc import Mapping

from attrs import field, frozen


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
    """Over how many cells new groups are spread; one unless the engine is distributed."""
