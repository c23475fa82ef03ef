"""Points: earned with what is bought, posted, taken back, expired and looked at."""

from groupbuy.application.points.earning import expire_points, settle_points
from groupbuy.application.points.looking import PointsHeld, held_by, journal, my_journal, my_points

__all__ = [
    "PointsHeld",
    "expire_points",
    "held_by",
    "journal",
    "my_journal",
    "my_points",
    "settle_points",
]
