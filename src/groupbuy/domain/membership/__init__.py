"""People and what they are trusted with. Import from here."""

from groupbuy.domain.membership.model import (
    LEADER,
    RULES_AT_MOST,
    Address,
    ApprovalRule,
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
    "RULES_AT_MOST",
    "Address",
    "ApprovalRule",
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
