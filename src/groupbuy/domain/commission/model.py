"""Commission from the order line to the leader's bank card."""

from datetime import datetime
from enum import StrEnum

from attrs import evolve, frozen

from groupbuy.domain.commission.rates import RateRule, rule_in, source_in
from groupbuy.domain.commission.states import (
    ENTRY,
    STATEMENT,
    WITHDRAWAL,
    EntryMove,
    EntryState,
    StatementMove,
    StatementState,
    WithdrawalMove,
    WithdrawalState,
)
from groupbuy.domain.kernel import Event, Money

TAKEN_BACK = "commission.taken_back"
APPROVAL_GIVEN = "withdrawal.approval_given"


class CommissionRole(StrEnum):
    """For what somebody earns."""

    LEADER = "leader"
    HELPER = "helper"
    PICKUP_POINT = "pickup_point"
    LADDER = "ladder"
    """A leader's bonus for what was sold in a month; it belongs to no order."""


class Purse(StrEnum):
    """In which account of the leader an entry's money was posted."""

    PENDING = "pending"
    VESTED = "vested"
    AVAILABLE = "available"


@frozen
class Entry:
    """What one role earns on one order line; a reversal is an entry of its own, below zero."""

    id: str
    order_id: str
    line_no: int
    leader_id: str
    role: CommissionRole
    base: Money
    """Line net paid in money and not refunded; for a reversal, the change of it."""
    bp: int
    amount: Money
    created_at: datetime
    campaign_id: str = ""
    purse: Purse = Purse.PENDING
    state: EntryState = EntryState.PENDING
    vested_at: datetime | None = None
    statement_id: str | None = None
    reverses: str | None = None
    posted_to: Purse = Purse.PENDING
    """In which account its money was posted at first: a reversal taken from `available` is
    listed on a statement as already deducted, wherever its money is by then."""
    because_of: str = ""
    """The refund of a reversal, the dispute of an adjustment: the subject of its journal."""
    adjusts: str | None = None
    """The entry that an answered dispute brings to another rate; `bp` is the change of it."""
    why: str = ""
    """Which rule gave the rate, as `Rate.why` puts it."""
    asked_bp: int | None = None
    """What that rule said; more than `bp` where the ceiling cut it."""
    version: int = 0

    @property
    def rule(self) -> RateRule:
        """Whose word the rate is."""
        return rule_in(self.why)

    @property
    def source(self) -> str:
        """Id of what bears the rate; for a ladder's bonus, leader and month."""
        return source_in(self.why)

    @property
    def booked_under(self) -> str:
        """The subject of the journal that booked it; for a ladder's bonus, leader and month."""
        return self.because_of or self.order_id or self.source

    @property
    def root(self) -> str:
        """The entry that a reversal or an adjustment is about in the end; itself otherwise."""
        return self.adjusts or self.reverses or self.id

    @property
    def cut(self) -> Money:
        """What the ceiling of all rates together took from it; nothing for a reversal."""
        asked = self.bp if self.asked_bp is None else self.asked_bp
        if self.reverses is not None:
            return Money(0, self.amount.currency)
        return Money(max(0, self.base.at_rate(asked).minor - self.amount.minor), self.base.currency)

    def vest(self, now: datetime) -> "tuple[Entry, list[Event]]":
        """The after-sale window is over."""
        return self._fire(EntryMove.VEST, now, vested_at=now, purse=Purse.VESTED)

    def state_on(self, statement_id: str, now: datetime) -> "tuple[Entry, list[Event]]":
        """Put it on a statement."""
        return self._fire(EntryMove.STATE, now, statement_id=statement_id)

    def pay(self, now: datetime) -> "tuple[Entry, list[Event]]":
        """Its statement is settled: the money may be withdrawn."""
        return self._fire(EntryMove.PAY, now, purse=Purse.AVAILABLE)

    def reverse(self, now: datetime) -> "tuple[Entry, list[Event]]":
        """Nothing is left of it; its reversals say why."""
        return self._fire(EntryMove.REVERSE, now)

    def reopen(self, now: datetime) -> "tuple[Entry, list[Event]]":
        """Its statement is reversed; what was only listed there as deducted stays deducted."""
        listed = self.posted_to is Purse.AVAILABLE
        purse = Purse.AVAILABLE if listed else Purse.VESTED
        return self._fire(EntryMove.REOPEN, now, purse=purse, statement_id=None)

    def taken_back(self) -> Event:
        """Return the event that tells of a reversal; `self` is the reversal."""
        data = {"leader": self.leader_id, "of": self.reverses or "", "amount": self.amount.minor}
        return Event(TAKEN_BACK, self.id, self.created_at, data)

    def _fire(
        self, move: EntryMove, now: datetime, **changes: object
    ) -> "tuple[Entry, list[Event]]":
        edge = ENTRY.fire(self.state, move, None)
        after: Entry = evolve(self, state=edge.target, **changes)  # type: ignore[arg-type]
        return after, [Event(edge.event, self.id, now, {"leader": self.leader_id})]


@frozen
class Statement:
    """What one leader is owed for one period, line by line."""

    id: str
    leader_id: str
    period: str
    """YYYY-MM in the tenant's zone."""
    accrued: Money
    """Entries above zero."""
    reversals: Money
    """Entries below zero that were posted to `vested`; not above zero."""
    deducted: Money
    """Reversals already taken from `available`: listed, never moved again."""
    adjusted: Money
    """Entries that answered disputes have made."""
    settled: Money
    """accrued + reversals + adjusted: what moves to `available`."""
    carried: Money
    """What was available just before; below zero where a refund was claimed back."""
    payable: Money
    """carried + settled: what is available just after."""
    lines: int
    digest: str
    """Over every entry on it, so that a preview and a run can be compared."""
    created_at: datetime
    settled_at: datetime | None = None
    state: StatementState = StatementState.DRAFT
    reopened: int = 0
    """How often it was reversed."""
    frozen_because: str = ""
    """Why its leader may withdraw nothing for now; empty if they may."""
    version: int = 0

    @property
    def waits(self) -> bool:
        """Tell whether it was reversed and is not settled again."""
        return self.state is StatementState.DRAFT and self.reopened > 0

    def reopen(self, now: datetime) -> "tuple[Statement, list[Event]]":
        """Let its lines go: its booking is undone by an exact opposite."""
        return self._fire(StatementMove.REOPEN, now, settled_at=None, reopened=self.reopened + 1)

    def freeze(self, now: datetime) -> "tuple[Statement, list[Event]]":
        """Fix its lines."""
        return self._fire(StatementMove.FREEZE, now)

    def settle(self, now: datetime) -> "tuple[Statement, list[Event]]":
        """Make it withdrawable."""
        return self._fire(StatementMove.SETTLE, now, settled_at=now)

    def _fire(
        self, move: StatementMove, now: datetime, **changes: object
    ) -> "tuple[Statement, list[Event]]":
        edge = STATEMENT.fire(self.state, move, None)
        after: Statement = evolve(self, state=edge.target, **changes)  # type: ignore[arg-type]
        return after, [Event(edge.event, self.id, now, {"leader": self.leader_id})]


def payout_number(withdrawal_id: str) -> str:
    """Return a withdrawal's number at the provider: one for ever."""
    return "W" + withdrawal_id.partition("_")[2]


def withdrawal_id_of(number: str) -> str:
    """Return the id behind one of our payout numbers."""
    return "wdr_" + number[1:]


@frozen
class Withdrawal:
    """A leader takes settled commission out."""

    id: str
    leader_id: str
    requested_by: str
    amount: Money
    channel: str
    account_sealed: str
    name_sealed: str
    owner_id: str
    """Whose data key seals account and name."""
    requested_at: datetime
    approvals: tuple[str, ...] = ()
    """Users who approved, in order."""
    tax: Money = Money(0)
    hold_reason: str = ""
    last_word: str = ""
    provider_ref: str = ""
    submitted_at: datetime | None = None
    """When the provider was first about to be asked."""
    finished_at: datetime | None = None
    state: WithdrawalState = WithdrawalState.REQUESTED
    version: int = 0

    @property
    def number(self) -> str:
        """Our number at the provider."""
        return payout_number(self.id)

    def move(
        self, move: WithdrawalMove, now: datetime, **changes: object
    ) -> "tuple[Withdrawal, list[Event]]":
        """Take one step of the table, with the facts that go with it."""
        edge = WITHDRAWAL.fire(self.state, move, None)
        after: Withdrawal = evolve(self, state=edge.target, **changes)  # type: ignore[arg-type]
        return after, [Event(edge.event, self.id, now, {"leader": self.leader_id})]

    def agreed(self, approver: str, now: datetime) -> "tuple[Withdrawal, list[Event]]":
        """Note an approval that is not the last one needed."""
        given = Event(APPROVAL_GIVEN, self.id, now, {"leader": self.leader_id})
        return evolve(self, approvals=(*self.approvals, approver)), [given]
