"""Words every context shares: money, identity, refusals, machines."""

from groupbuy.domain.kernel.errors import (
    Busy,
    Conflict,
    DomainError,
    EditedMeanwhile,
    Forbidden,
    Invalid,
    KeyReused,
    NotFound,
    Refused,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from groupbuy.domain.kernel.ids import CELLS, Id, cell_of, kind_of, make_id, time_of
from groupbuy.domain.kernel.machine import Edge, Event, IllegalMove, Machine
from groupbuy.domain.kernel.money import BASIS_POINTS, Money, share_out

__all__ = [
    "BASIS_POINTS",
    "CELLS",
    "Busy",
    "Conflict",
    "DomainError",
    "Edge",
    "EditedMeanwhile",
    "Event",
    "Forbidden",
    "Id",
    "IllegalMove",
    "Invalid",
    "KeyReused",
    "Machine",
    "Money",
    "NotFound",
    "Refused",
    "TooMany",
    "Unauthenticated",
    "Unavailable",
    "cell_of",
    "kind_of",
    "make_id",
    "share_out",
    "time_of",
]
