"""Everything in memory: reference implementations of the ports, for tests, demos, simulations."""

from groupbuy.adapters.memory.database import MemoryDatabase
from groupbuy.adapters.memory.signals import MemorySignals

__all__ = ["MemoryDatabase", "MemorySignals"]
