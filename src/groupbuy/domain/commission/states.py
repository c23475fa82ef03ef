"""The lives of a commission entry, a statement and a withdrawal, as tables."""

from enum import StrEnum

from groupbuy.domain.kernel import Edge, Machine
from groupbuy.domain.payouts import PayoutMove, PayoutState, payout_life


class EntryState(StrEnum):
    """Where an entry is in its life."""

    PENDING = "pending"
    VESTED = "vested"
    STATED = "stated"
    PAID = "paid"
    REVERSED = "reversed"


class EntryMove(StrEnum):
    """What may be asked of an entry."""

    VEST = "vest"
    STATE = "state"
    PAY = "pay"
    REVERSE = "reverse"
    REOPEN = "reopen"


class StatementState(StrEnum):
    """Where a statement is in its life."""

    DRAFT = "draft"
    FROZEN = "frozen"
    SETTLED = "settled"


class StatementMove(StrEnum):
    """What may be asked of a statement."""

    FREEZE = "freeze"
    SETTLE = "settle"
    REOPEN = "reopen"


class DisputeState(StrEnum):
    """Where a dispute about a line is in its life."""

    OPENED = "opened"
    UPHELD = "upheld"
    """The line stands as it is."""
    ADJUSTED = "adjusted"
    """An entry of its own brings the line to another rate."""


class DisputeMove(StrEnum):
    """What may be answered to a dispute."""

    UPHOLD = "uphold"
    ADJUST = "adjust"


_E, _F = EntryState, EntryMove
ENTRY: Machine[EntryState, EntryMove, None] = Machine(
    name="commission_entry",
    initial=_E.PENDING,
    final=frozenset({_E.REVERSED}),
    edges=(
        Edge(_E.PENDING, _F.VEST, _E.VESTED, "commission.vested"),
        Edge(_E.VESTED, _F.STATE, _E.STATED, "commission.stated"),
        Edge(_E.STATED, _F.PAY, _E.PAID, "commission.paid"),
        *(
            Edge(s, _F.REVERSE, _E.REVERSED, "commission.reversed")
            for s in (_E.PENDING, _E.VESTED, _E.STATED, _E.PAID)
        ),
        # Its statement is reversed: its money is vested again, whatever was refunded meanwhile.
        *(Edge(s, _F.REOPEN, _E.VESTED, "commission.reopened") for s in (_E.PAID, _E.REVERSED)),
    ),
)

_S, _T = StatementState, StatementMove
STATEMENT: Machine[StatementState, StatementMove, None] = Machine(
    name="statement",
    initial=_S.DRAFT,
    final=frozenset({_S.SETTLED}),
    edges=(
        Edge(_S.DRAFT, _T.FREEZE, _S.FROZEN, "statement.frozen"),
        Edge(_S.FROZEN, _T.SETTLE, _S.SETTLED, "statement.settled"),
        Edge(_S.SETTLED, _T.REOPEN, _S.DRAFT, "statement.reopened"),
    ),
)

_D, _A = DisputeState, DisputeMove
DISPUTE: Machine[DisputeState, DisputeMove, None] = Machine(
    name="dispute",
    initial=_D.OPENED,
    final=frozenset({_D.UPHELD, _D.ADJUSTED}),
    edges=(
        Edge(_D.OPENED, _A.UPHOLD, _D.UPHELD, "dispute.upheld"),
        Edge(_D.OPENED, _A.ADJUST, _D.ADJUSTED, "dispute.adjusted"),
    ),
)

WithdrawalState = PayoutState
"""A withdrawal lives as any payout does."""
WithdrawalMove = PayoutMove
"""The moves of that life."""
WITHDRAWAL = payout_life("withdrawal")
