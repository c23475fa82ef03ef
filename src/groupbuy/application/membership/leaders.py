"""Leaders: they apply, are approved or refused, may be suspended and reinstated."""

from typing import Any

from attrs import evolve, frozen

from groupbuy.application.membership.people import reason_of
from groupbuy.application.membership.personal import name_of
from groupbuy.application.ports import Query
from groupbuy.application.steps.sealing import open_sealed, seal
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import BASIS_POINTS, Event, Invalid, NotFound, Refused
from groupbuy.domain.membership import Leader, LeaderMove, LeaderState, Role, User

CONTACT = "leader.contact"
"""Name of the field in seals."""
MOST_COMMUNITIES = 20


@frozen
class Apply:
    """A shopper wants to become a leader."""

    name: str
    communities: tuple[str, ...]
    contact: str
    """How an operator reaches them; sealed."""


@frozen
class ApproveLeader:
    """An operator says yes."""

    leader_id: str
    commission_bp: int | None = None
    """Own rate in basis points; None means that the shop's default applies."""
    reason: str = ""
    """Why, for the audit."""


@frozen
class JudgeLeader:
    """An operator refuses, suspends or reinstates, and says why."""

    leader_id: str
    reason: str


def apply(work: Work, cmd: Apply) -> Leader:
    """Apply, or apply again after a refusal. Raises Refused (one_leader_a_person), Invalid."""
    work.caller.require(Role.SHOPPER)
    user = work.of(User).lock([work.caller.user_id])[work.caller.user_id]
    said: dict[str, Any] = {
        "name": name_of(cmd.name),
        "communities": communities_of(cmd.communities),
        "contact_sealed": seal(work, user, CONTACT, cmd.contact.strip()),
    }
    if user.leader_id is not None:
        return _apply_again(work, user.leader_id, said)
    now = work.now()
    leader = Leader(
        id=work.new_id("ldr"),
        user_id=user.id,
        applied_at=now,
        **said,
    )
    work.of(Leader).add(leader)
    work.of(User).save(evolve(user, leader_id=leader.id))
    work.emit([Event("leader.applied", leader.id, now)])
    work.audit("leader.applied", leader.id)
    work.touched.append(user.id)
    return leader


def approve_leader(work: Work, cmd: ApproveLeader) -> Leader:
    """Trust a leader with campaigns. Raises NotFound, IllegalMove, Invalid."""
    if cmd.commission_bp is not None and not 0 <= cmd.commission_bp <= BASIS_POINTS:
        raise Invalid(field="commission_bp", reason=f"must be 0 to {BASIS_POINTS}")
    leader, user = _judged(work, cmd.leader_id, LeaderMove.APPROVE)
    if cmd.commission_bp is not None:
        leader = evolve(leader, commission_bp=cmd.commission_bp)
    leader = evolve(leader, refusal="")
    work.of(Leader).save(leader)
    work.of(User).save(user.granted(Role.LEADER))
    rate = str(leader.commission_bp or "")
    work.audit("leader.approved", leader.id, cmd.reason, commission_bp=rate)
    work.tell(user.id, "leader.approved", leader.id, time=leader.version)
    return leader


def refuse_leader(work: Work, cmd: JudgeLeader) -> Leader:
    """Turn an application down. Raises NotFound, IllegalMove, Invalid."""
    leader, user = _judged(work, cmd.leader_id, LeaderMove.REFUSE)
    leader = evolve(leader, refusal=_reason(cmd))
    work.of(Leader).save(leader)
    work.audit("leader.refused", leader.id, leader.refusal)
    work.tell(user.id, "leader.refused", leader.id, time=leader.version, reason=leader.refusal)
    return leader


def suspend_leader(work: Work, cmd: JudgeLeader) -> Leader:
    """Take a leader's trust away for now. Raises NotFound, IllegalMove, Invalid."""
    leader, user = _judged(work, cmd.leader_id, LeaderMove.SUSPEND)
    work.of(Leader).save(leader)
    work.of(User).save(user.revoked(Role.LEADER))
    work.audit("leader.suspended", leader.id, _reason(cmd))
    work.tell(user.id, "leader.suspended", leader.id, time=leader.version, reason=_reason(cmd))
    return leader


def reinstate_leader(work: Work, cmd: JudgeLeader) -> Leader:
    """Trust a suspended leader again. Raises NotFound, IllegalMove, Invalid."""
    leader, user = _judged(work, cmd.leader_id, LeaderMove.REINSTATE)
    work.of(Leader).save(leader)
    work.of(User).save(user.granted(Role.LEADER))
    work.audit("leader.reinstated", leader.id, _reason(cmd))
    work.tell(user.id, "leader.reinstated", leader.id, time=leader.version)
    return leader


def my_leader(work: Work) -> tuple[Leader, str]:
    """Return the caller as a leader, in whatever state, with their contact. Raises NotFound."""
    work.caller.require(*Role)
    user = work.of(User).get(work.caller.user_id)
    if user.leader_id is None:
        raise NotFound(kind="leader", key=user.id)
    leader = work.of(Leader).get(user.leader_id)
    return leader, open_sealed(work, user, CONTACT, leader.contact_sealed)


def list_leaders(
    work: Work, state: LeaderState | None, limit: int, after: tuple[Any, str] | None
) -> list[Leader]:
    """Return leaders, the newest application first."""
    work.caller.require(Role.OPERATOR, Role.FINANCE)
    query = Query() if state is None else Query().where(state=state)
    return work.of(Leader).select(query.sorted("-applied_at").page(limit, after))


def show_leader(work: Work, leader_id: str) -> Leader:
    """Return one leader. Raises NotFound."""
    work.caller.require(Role.OPERATOR, Role.FINANCE)
    return work.of(Leader).get(leader_id)


def communities_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return checked names of communities. Raises Invalid for none or too many."""
    tidy = tuple(dict.fromkeys(name_of(name, "communities") for name in names))
    if not 1 <= len(tidy) <= MOST_COMMUNITIES:
        raise Invalid(field="communities", reason=f"must be 1 to {MOST_COMMUNITIES}")
    return tidy


def _apply_again(work: Work, leader_id: str, said: dict[str, Any]) -> Leader:
    leader = work.of(Leader).lock([leader_id])[leader_id]
    if leader.state is not LeaderState.REFUSED:
        raise Refused(rule="one_leader_a_person", about=leader_id)
    leader, events = evolve(leader, **said).move(LeaderMove.APPLY_AGAIN, work.now())
    work.of(Leader).save(leader)
    work.emit(events)
    work.audit("leader.applied", leader.id)
    return leader


def _judged(work: Work, leader_id: str, move: LeaderMove) -> tuple[Leader, User]:
    """Lock a leader and their user, and make the move; the caller saves both."""
    work.caller.require(Role.OPERATOR)
    user_id = work.of(Leader).get(leader_id).user_id
    user = work.of(User).lock([user_id])[user_id]
    leader = work.of(Leader).lock([leader_id])[leader_id]
    leader, events = leader.move(move, work.now())
    work.emit(events)
    work.touched.append(user.id)
    return leader, user


def _reason(cmd: JudgeLeader) -> str:
    return reason_of(cmd.reason)
