"""Points and invitations: lots with an end, a journal, rewards. Import from here."""

from groupbuy.domain.points.invitations import (
    INVITATION,
    SAME_PERSON,
    TEN_POINTS,
    Doubt,
    Invitation,
    InvitationMove,
    InvitationRules,
    InvitationState,
    RewardWhen,
    first_doubt,
    fresh_invitation,
    invitation_of,
)
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
    "INVITATION",
    "NO_POINTS",
    "POINT_LOT",
    "SAME_PERSON",
    "TEN_POINTS",
    "Doubt",
    "Invitation",
    "InvitationMove",
    "InvitationRules",
    "InvitationState",
    "PointLot",
    "PointLotMove",
    "PointLotState",
    "PointMove",
    "PointRules",
    "PointSource",
    "PointWhy",
    "RewardWhen",
    "first_doubt",
    "first_in_first_out",
    "fresh_invitation",
    "fresh_lot",
    "invitation_of",
    "lot_of_order",
    "points_of",
]
