"""People and what they are trusted with. Import from here."""

from groupbuy.domain.membership.model import (
    LEADER,
    Address,
    Leader,
    LeaderMove,
    LeaderState,
    LoginSession,
    Merchant,
    Notice,
    PickupPoint,
    Role,
    User,
)

__all__ = [
    "LEADER",
    "Address",
    "Leader",
    "LeaderMove",
    "LeaderState",
    "LoginSession",
    "Merchant",
    "Notice",
    "PickupPoint",
    "Role",
    "User",
]
