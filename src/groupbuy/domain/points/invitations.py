"""An invitation from the registration to its reward, and what an operator may set about it.

Nobody is ever rewarded for sharing: the reward is for a person who came and bought, once.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from attrs import evolve, frozen

from groupbuy.domain.kernel import Edge, Event, Invalid, Machine

_POINTS_AT_MOST = 100_000
_COUNT_AT_MOST = 1_000
_DAYS_AT_MOST = 366


class InvitationState(StrEnum):
    """Where an invitation is in its life."""

    OPEN = "open"
    """The invited person has registered and not bought enough yet."""
    HELD = "held"
    """It looks odd: an operator decides."""
    REWARDED = "rewarded"
    REFUSED = "refused"
    LAPSED = "lapsed"
    """The invited person did not buy in time."""
    REVERSED = "reversed"
    """The order was refunded in full, and the reward with it."""


class InvitationMove(StrEnum):
    """What may be asked of an invitation."""

    HOLD = "hold"
    REWARD = "reward"
    REFUSE = "refuse"
    LAPSE = "lapse"
    REVERSE = "reverse"


_S, _M = InvitationState, InvitationMove

INVITATION: Machine[InvitationState, InvitationMove, object] = Machine(
    name="invitation",
    initial=_S.OPEN,
    final=frozenset({_S.REFUSED, _S.LAPSED, _S.REVERSED}),
    edges=(
        Edge(_S.OPEN, _M.HOLD, _S.HELD, "invitation.held"),
        Edge(_S.OPEN, _M.REWARD, _S.REWARDED, "invitation.rewarded"),
        Edge(_S.OPEN, _M.REFUSE, _S.REFUSED, "invitation.refused"),
        Edge(_S.OPEN, _M.LAPSE, _S.LAPSED, "invitation.lapsed"),
        Edge(_S.HELD, _M.REWARD, _S.REWARDED, "invitation.rewarded"),
        Edge(_S.HELD, _M.REFUSE, _S.REFUSED, "invitation.refused"),
        Edge(_S.REWARDED, _M.REVERSE, _S.REVERSED, "invitation.reversed"),
    ),
)


class RewardWhen(StrEnum):
    """What the invited person must have done before the inviter is rewarded."""

    JOINED = "joined"
    """Paid for a place in a group."""
    FORMED = "formed"
    """Been in a group that formed."""
    COMPLETED = "completed"
    """Kept something of an order of such a group until its refund window was over."""


class Doubt(StrEnum):
    """What is odd about an invitation."""

    SAME_PHONE = "same_phone"
    SAME_ADDRESS = "same_address"
    LINKED = "linked"
    """Another one of the same inviter's had goods sent to the same place."""
    MANY_A_DAY = "many_a_day"


SAME_PERSON = frozenset({Doubt.SAME_PHONE, Doubt.SAME_ADDRESS})
"""Doubts that refuse: inviter and invited are one, or one household."""


@frozen
class InvitationRules:
    """What an operator may set about invitations."""

    points: int = 10
    """The reward; 0 rewards nobody."""
    when: RewardWhen = RewardWhen.COMPLETED
    """What the invited person must have done: `joined`, `formed` or `completed`."""
    a_day: int = 10
    """Rewards of one inviter within a day; further ones wait for an operator."""
    within_days: int = 90
    """The invited person has so long to buy."""

    def __attrs_post_init__(self) -> None:
        """Refuse numbers that nobody could mean."""
        for name, value, least, most in (
            ("points", self.points, 0, _POINTS_AT_MOST),
            ("a_day", self.a_day, 1, _COUNT_AT_MOST),
            ("within_days", self.within_days, 1, _DAYS_AT_MOST),
        ):
            if not least <= value <= most:
                raise Invalid(field=name, reason=f"must be {least} to {most}")


TEN_POINTS = InvitationRules()


@frozen
class Invitation:
    """Who was invited by whom; one for each invited person, made when they registered."""

    id: str
    inviter_id: str
    invitee_id: str
    points: int
    """The reward, as it was promised when they registered."""
    created_at: datetime
    lapses_at: datetime
    state: InvitationState = InvitationState.OPEN
    doubt: Doubt | None = None
    order_id: str | None = None
    """The order that earns it."""
    place_mark: str = ""
    """Keyed hash of where that order went."""
    decided_at: datetime | None = None
    decided_by: str = ""
    """The operator; empty where the rules decided."""
    reason: str = ""
    version: int = 0

    def move(
        self, move: InvitationMove, now: datetime, *, by: str = "", reason: str = ""
    ) -> "tuple[Invitation, list[Event]]":
        """Make one move. Raises IllegalMove."""
        edge = INVITATION.fire(self.state, move, None)
        facts = {"inviter": self.inviter_id} | ({"by": by} if by else {})
        after = evolve(self, state=edge.target, decided_at=now, decided_by=by, reason=reason)
        return after, [Event(edge.event, self.id, now, facts)]

    def earned_by(self, order_id: str, place_mark: str, doubt: Doubt | None) -> "Invitation":
        """Note the order that earns it, where that went, and what is odd."""
        return evolve(self, order_id=order_id, place_mark=place_mark, doubt=doubt)


def invitation_of(invitee_id: str) -> str:
    """Return the id of the one invitation of an invited person."""
    return f"{invitee_id}/invitation"


def fresh_invitation(
    inviter_id: str, invitee_id: str, rules: InvitationRules, now: datetime
) -> Invitation:
    """Return the invitation of somebody who registers with the code of somebody else."""
    lapses = now + timedelta(days=rules.within_days)
    key = invitation_of(invitee_id)
    return Invitation(key, inviter_id, invitee_id, rules.points, now, lapses)


def first_doubt(
    *, same_phone: bool, same_address: bool, linked: bool, today: int, a_day: int
) -> Doubt | None:
    """Return what is odd about an invitation, the worst first; `today` counts earlier rewards."""
    found = {
        Doubt.SAME_PHONE: same_phone,
        Doubt.SAME_ADDRESS: same_address,
        Doubt.LINKED: linked,
        Doubt.MANY_A_DAY: today >= a_day,
    }
    return next((doubt for doubt, holds in found.items() if holds), None)
