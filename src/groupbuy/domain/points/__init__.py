"""Points: lots with an end, and the journal that a person can read. Import from here."""

from groupbuy.domain.points.model import PointLot, PointMove, fresh_lot, lot_of_order, points_of
from groupbuy.domain.points.rules import NO_POINTS, PointRules, first_in_first_out
from groupbuy.domain.points.states import (
    POINT_LOT,
    PointLotMove,
    PointLotState,
    PointSource,
    PointWhy,
)

__all__ = [
    "NO_POINTS",
    "POINT_LOT",
    "PointLot",
    "PointLotMove",
    "PointLotState",
    "PointMove",
    "PointRules",
    "PointSource",
    "PointWhy",
    "first_in_first_out",
    "fresh_lot",
    "lot_of_order",
    "points_of",
]
