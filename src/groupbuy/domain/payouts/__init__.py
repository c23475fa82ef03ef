"""What leaders and merchants are paid out have in common: one life, one set of rules."""

from groupbuy.domain.payouts.rules import (
    CHANNELS,
    COOLING,
    DOUBT_AFTER,
    SECOND_APPROVER_ABOVE,
    Outgoing,
    approve,
    approvers_needed,
    cooled_down,
    doubt,
    hold,
    may_approve,
)
from groupbuy.domain.payouts.states import (
    ENDED,
    SENT,
    UNAPPROVED,
    PayoutMove,
    PayoutState,
    payout_life,
)

__all__ = [
    "CHANNELS",
    "COOLING",
    "DOUBT_AFTER",
    "ENDED",
    "SECOND_APPROVER_ABOVE",
    "SENT",
    "UNAPPROVED",
    "Outgoing",
    "PayoutMove",
    "PayoutState",
    "approve",
    "approvers_needed",
    "cooled_down",
    "doubt",
    "hold",
    "may_approve",
    "payout_life",
]
