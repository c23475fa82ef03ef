"""The life of money on its way to somebody, as a table."""

from enum import StrEnum

from groupbuy.domain.kernel import Edge, Machine


class PayoutState(StrEnum):
    """Where a payout is in its life."""

    REQUESTED = "requested"
    ON_HOLD = "on_hold"
    APPROVED = "approved"
    SUBMITTED = "submitted"
    """The provider may have been asked: from here on only its word ends the payout."""
    AWAITING_USER = "awaiting_user"
    NEEDS_OPERATOR = "needs_operator"
    """Nobody has been certain of it for too long: a person looks, and it is still asked about."""
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PayoutMove(StrEnum):
    """What may be asked of a payout."""

    HOLD = "hold"
    RESUME = "resume"
    APPROVE = "approve"
    SUBMIT = "submit"
    AWAIT_USER = "await_user"
    DOUBT = "doubt"
    PAY = "pay"
    FAIL = "fail"
    CANCEL = "cancel"


_S, _M = PayoutState, PayoutMove
ENDED = frozenset({_S.PAID, _S.FAILED, _S.CANCELLED})
"""States in which nothing is on its way any more."""
SENT = frozenset({_S.SUBMITTED, _S.AWAITING_USER, _S.NEEDS_OPERATOR})
"""States in which the provider may have the money, and is asked by the same number."""
UNAPPROVED = frozenset({_S.REQUESTED, _S.ON_HOLD})
"""States in which it can still be given up."""


def payout_life(name: str) -> Machine[PayoutState, PayoutMove, None]:
    """Return the table of one kind of payout; its events begin with its name."""
    return Machine(
        name=name,
        initial=_S.REQUESTED,
        final=ENDED,
        edges=(
            Edge(_S.REQUESTED, _M.HOLD, _S.ON_HOLD, f"{name}.held"),
            Edge(_S.ON_HOLD, _M.RESUME, _S.REQUESTED, f"{name}.resumed"),
            Edge(_S.REQUESTED, _M.APPROVE, _S.APPROVED, f"{name}.approved"),
            Edge(_S.APPROVED, _M.SUBMIT, _S.SUBMITTED, f"{name}.submitted"),
            *(
                Edge(s, _M.AWAIT_USER, _S.AWAITING_USER, f"{name}.awaiting_user")
                for s in (_S.SUBMITTED, _S.NEEDS_OPERATOR)
            ),
            Edge(_S.SUBMITTED, _M.DOUBT, _S.NEEDS_OPERATOR, f"{name}.needs_operator"),
            *(Edge(s, _M.PAY, _S.PAID, f"{name}.paid") for s in sorted(SENT)),
            *(Edge(s, _M.FAIL, _S.FAILED, f"{name}.failed") for s in sorted(SENT)),
            *(Edge(s, _M.CANCEL, _S.CANCELLED, f"{name}.cancelled") for s in sorted(UNAPPROVED)),
        ),
    )
