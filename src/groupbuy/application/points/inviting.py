"""Invitations: who came by whose code, what they bought, and the inviter's reward.

The worker looks a few times a day: the reward is never urgent, and no order asks who invited its
buyer.
"""

from datetime import datetime, timedelta
from typing import Any

from attrs import frozen

from groupbuy.application.points.meeting import doubt_about, place_mark_of
from groupbuy.application.ports import Query
from groupbuy.application.steps.pointing import stage_lot
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Invalid, NotFound, Refused
from groupbuy.domain.membership import Role, User
from groupbuy.domain.ordering import BINDING, Order, OrderState
from groupbuy.domain.points import (
    SAME_PERSON,
    Invitation,
    InvitationMove,
    InvitationState,
    PointLot,
    PointSource,
    RewardWhen,
    fresh_lot,
    invitation_of,
)

LOOK_AGAIN = timedelta(hours=6)
FOLLOWED = timedelta(days=180)
"""A reward is taken back if its order is refunded in full within so long."""
_ENOUGH = {
    RewardWhen.JOINED: frozenset({OrderState.PLACED, *BINDING}),
    RewardWhen.FORMED: BINDING,
    RewardWhen.COMPLETED: frozenset({OrderState.COMPLETED}),
}


@frozen
class Invited:
    """An invitation as the inviter sees it."""

    invitation: Invitation
    initial: str
    """The first letter of the invited person's name."""

    @property
    def id(self) -> str:
        """The invitation."""
        return self.invitation.id


def my_code(work: Work) -> str:
    """Return what others name when they register, for the caller to be who invited them."""
    work.caller.require(Role.SHOPPER)
    return work.caller.user_id


def my_invitations(work: Work, limit: int, after: tuple[Any, str] | None = None) -> list[Invited]:
    """Return who came by the caller's code, the newest first."""
    work.caller.require(Role.SHOPPER)
    query = Query().where(inviter_id=work.caller.user_id).sorted("-created_at")
    found = work.of(Invitation).select(query.page(limit, after))
    people = work.of(User).find({each.invitee_id for each in found})
    return [
        Invited(each, people[each.invitee_id].initial if each.invitee_id in people else "")
        for each in found
    ]


def invitations(work: Work, state: InvitationState, limit: int) -> list[Invitation]:
    """Return invitations in a state, the oldest first, for operators."""
    work.caller.require(Role.OPERATOR)
    return work.of(Invitation).select(
        Query().where(state=state).sorted("created_at").page(limit, None)
    )


def decide_invitation(work: Work, invitee_id: str, reason: str, *, approve: bool) -> Invitation:
    """Reward or refuse an invitation that is held. Raises NotFound, Invalid, Refused."""
    work.caller.require(Role.OPERATOR)
    if not reason.strip():
        raise Invalid(field="reason", reason="say why, the audit keeps it")
    held = work.of(Invitation).lock([invitation_of(invitee_id)]).get(invitation_of(invitee_id))
    if held is None or held.state is not InvitationState.HELD:
        raise NotFound(kind="invitation", key=invitee_id)
    order = work.of(Order).find([held.order_id or ""]).get(held.order_id or "")
    if approve and (order is None or _nothing_kept(order)):
        raise Refused(rule="order_is_not_refunded", about=held.order_id or "")
    move = InvitationMove.REWARD if approve else InvitationMove.REFUSE
    work.audit(f"invitation.{move.value}", invitee_id, reason, inviter=held.inviter_id)
    return _decided(work, held, move, by=work.caller.user_id, reason=reason)


def follow_invitation(work: Work, invitee_id: str) -> datetime | None:
    """Look what an invited person has bought, and reward the inviter or take it back."""
    key = invitation_of(invitee_id)
    plain = work.of(Invitation).find([key]).get(key)
    if plain is None:
        return None
    # The inviter's row first: two rewards on one day count each other.
    inviter = work.of(User).lock([plain.inviter_id]).get(plain.inviter_id)
    invitation = work.of(Invitation).lock([key])[key]
    if invitation.state is InvitationState.OPEN:
        return _look(work, invitation, inviter)
    if invitation.state is InvitationState.HELD:
        return work.now() + LOOK_AGAIN
    if invitation.state is InvitationState.REWARDED:
        return _look_back(work, invitation)
    return None


def _look(work: Work, invitation: Invitation, inviter: User | None) -> datetime | None:
    now, enough = work.now(), _ENOUGH[work.kit.policy.invitations.when]
    theirs = every(work.of(Order), Query().where(buyer_id=invitation.invitee_id))
    good = [each for each in theirs if each.state in enough and not _nothing_kept(each)]
    if not good:
        if now < invitation.lapses_at:
            return now + LOOK_AGAIN
        _decided(work, invitation, InvitationMove.LAPSE)
        return None
    order = min(good, key=lambda each: each.id)
    invitee = work.of(User).get(invitation.invitee_id)
    if inviter is None or inviter.erased or invitee.erased:
        _decided(work, invitation, InvitationMove.REFUSE)
        return None
    doubt = doubt_about(work, invitation, inviter, invitee, order)
    earned = invitation.earned_by(order.id, place_mark_of(work, invitee, order), doubt)
    if doubt is None:
        _decided(work, earned, InvitationMove.REWARD)
    else:
        same = doubt in SAME_PERSON
        _decided(work, earned, InvitationMove.REFUSE if same else InvitationMove.HOLD)
        return None if same else now + LOOK_AGAIN
    return now + LOOK_AGAIN


def _look_back(work: Work, invitation: Invitation) -> datetime | None:
    now, key = work.now(), invitation.order_id or ""
    order = work.of(Order).find([key]).get(key)
    if order is not None and _nothing_kept(order):
        _decided(work, invitation, InvitationMove.REVERSE)
        return None
    since = invitation.decided_at or invitation.created_at
    return now + timedelta(days=1) if now < since + FOLLOWED else None


def _nothing_kept(order: Order) -> bool:
    return order.state is OrderState.CLOSED or order.refunded.minor >= order.payable.minor


def _decided(
    work: Work, invitation: Invitation, move: InvitationMove, *, by: str = "", reason: str = ""
) -> Invitation:
    """Stage a move of a locked invitation, and its points."""
    now, rules = work.now(), work.kit.policy.points
    after, happened = invitation.move(move, now, by=by, reason=reason)
    work.of(Invitation).save(after)
    work.emit(happened)
    if move in (InvitationMove.REWARD, InvitationMove.REVERSE):
        lot = work.of(PointLot).lock(
            [after.id],
            create=lambda key: fresh_lot(
                key, after.inviter_id, PointSource.INVITATION, after.invitee_id, rules.worth, now
            ),
        )[after.id]
        earned = after.points if move is InvitationMove.REWARD else 0
        changed, more = lot.follow(earned, now)
        if move is InvitationMove.REWARD:
            changed, posted = changed.post(now, rules.good_for)
            more = [*more, *posted]
        stage_lot(work, lot, changed, more)
    return after
