"""Points and invitations: earned, posted, taken back, expired, looked at and rewarded."""

from groupbuy.application.points.earning import expire_points, settle_points
from groupbuy.application.points.inviting import (
    Invited,
    decide_invitation,
    follow_invitation,
    invitations,
    my_code,
    my_invitations,
)
from groupbuy.application.points.looking import PointsHeld, held_by, journal, my_journal, my_points

__all__ = [
    "Invited",
    "PointsHeld",
    "decide_invitation",
    "expire_points",
    "follow_invitation",
    "held_by",
    "invitations",
    "journal",
    "my_code",
    "my_invitations",
    "my_journal",
    "my_points",
    "settle_points",
]
