"""Who must agree to a payout, when it may be asked for, and when it needs a person."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol, Self, TypeVar

from groupbuy.domain.kernel import Event, Invalid, Money, Refused
from groupbuy.domain.payouts.states import PayoutMove, PayoutState

SECOND_APPROVER_ABOVE = Money(50_000)
"""Above ¥500 a payout needs two approvers."""
COOLING = timedelta(hours=48)
"""After a change of account, phone or password."""
DOUBT_AFTER = timedelta(hours=24)
"""So long a payout may be on its way without a certain word."""
CHANNELS = ("bank_card", "wechat_wallet")
"""Where people and shops may be paid."""


class Outgoing(Protocol):
    """One payout of any kind, as far as its rules look at it."""

    @property
    def id(self) -> str:
        """Names it for ever."""
        ...

    @property
    def amount(self) -> Money:
        """What was taken out of the balance for it."""
        ...

    @property
    def requested_by(self) -> str:
        """The user who asked for it."""
        ...

    @property
    def approvals(self) -> tuple[str, ...]:
        """Users who agreed, in order."""
        ...

    @property
    def state(self) -> PayoutState:
        """Where it is in its life."""
        ...

    @property
    def submitted_at(self) -> datetime | None:
        """When the provider was first about to be asked."""
        ...

    @property
    def provider_ref(self) -> str:
        """The provider's own name of it, once it has one."""
        ...

    @property
    def version(self) -> int:
        """How often it changed."""
        ...

    def move(self, move: PayoutMove, now: datetime, **changes: object) -> tuple[Self, list[Event]]:
        """Take one step of the table, with the facts that go with it. Raises IllegalMove."""
        ...

    def agreed(self, approver: str, now: datetime) -> tuple[Self, list[Event]]:
        """Note an approval that is not the last one needed."""
        ...


P = TypeVar("P", bound=Outgoing)


def approvers_needed(amount: Money, above: int = SECOND_APPROVER_ABOVE.minor) -> int:
    """Return how many different people must approve a payout; `above` is in minor units."""
    return 2 if amount.minor > above else 1


def may_approve(payout: Outgoing, approver: str, beneficiary: str) -> None:
    """Refuse the requester, the beneficiary, and anybody who approved already."""
    if approver in (payout.requested_by, beneficiary):
        raise Refused(rule="approver_is_somebody_else", about=payout.id)
    if approver in payout.approvals:
        raise Refused(rule="approver_is_a_second_person", about=payout.id)


def approve(
    payout: P,
    approver: str,
    *,
    beneficiary: str,
    now: datetime,
    above: int = SECOND_APPROVER_ABOVE.minor,
) -> tuple[P, list[Event]]:
    """Add one approval; with enough of them the payout is approved.

    Raises Refused (see `may_approve`), IllegalMove unless it is waiting for approval.
    """
    approvals = (*payout.approvals, approver)
    after, happened = payout.move(PayoutMove.APPROVE, now, approvals=approvals)
    may_approve(payout, approver, beneficiary)
    if len(approvals) < approvers_needed(payout.amount, above):
        return payout.agreed(approver, now)
    return after, happened


def hold(payout: P, reason: str, now: datetime) -> tuple[P, list[Event]]:
    """Stop it for a question; who approved before must approve again after the answer."""
    if not reason.strip():
        raise Invalid(field="reason", reason="is needed")
    return payout.move(PayoutMove.HOLD, now, hold_reason=reason, approvals=())


def cooled_down(
    changed_at: Iterable[datetime | None], now: datetime, cooling: timedelta = COOLING
) -> None:
    """Refuse a payout soon after an account, phone or password changed."""
    if any(at is not None and now < at + cooling for at in changed_at):
        raise Refused(rule="cooling_period_is_over")


def doubt(
    payout: P, now: datetime, patience: timedelta = DOUBT_AFTER
) -> tuple[P, list[Event]] | None:
    """Hand a payout to a person that nobody was certain of for too long; None while it may wait.

    It is neither failed nor sent anew: its number is asked about until the provider knows.
    """
    since = payout.submitted_at
    if payout.state is not PayoutState.SUBMITTED or since is None or now < since + patience:
        return None
    return payout.move(PayoutMove.DOUBT, now)
