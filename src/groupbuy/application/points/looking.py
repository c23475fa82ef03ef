"""What somebody has in points, and how it came about."""

from datetime import datetime
from typing import Any

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.membership import Role, User
from groupbuy.domain.points import PointLot, PointLotState, PointMove, first_in_first_out


@frozen
class PointsHeld:
    """What somebody has in points."""

    owner_id: str
    balance: int
    """What may be spent; below zero if more was spent than is earned by now."""
    pending: int
    """What may be spent later."""
    next_end: datetime | None = None
    """When the next ones end."""
    next_points: int = 0
    """How many end then."""


def my_points(work: Work) -> PointsHeld:
    """Return what the caller has."""
    work.caller.require(Role.SHOPPER)
    return _held(work, work.caller.user_id)


def my_journal(work: Work, limit: int, after: tuple[Any, str] | None = None) -> list[PointMove]:
    """Return the caller's journal, the newest line first."""
    work.caller.require(Role.SHOPPER)
    return _journal(work, work.caller.user_id, limit, after)


def held_by(work: Work, user_id: str) -> PointsHeld:
    """Return what somebody has, for operators. Raises NotFound."""
    _known(work, user_id)
    return _held(work, user_id)


def journal(
    work: Work, user_id: str, limit: int, after: tuple[Any, str] | None = None
) -> list[PointMove]:
    """Return somebody's journal, for operators, the newest line first. Raises NotFound."""
    _known(work, user_id)
    return _journal(work, user_id, limit, after)


def _known(work: Work, user_id: str) -> None:
    work.caller.require(Role.OPERATOR)
    if user_id not in work.of(User).find([user_id]):
        raise NotFound(kind="user", key=user_id)


def _held(work: Work, owner_id: str) -> PointsHeld:
    lots = list(every(work.of(PointLot), Query().where(owner_id=owner_id)))
    balance, pending = sum(lot.left for lot in lots), sum(lot.pending for lot in lots)
    living = [lot for lot in lots if lot.state is PointLotState.POSTED and lot.left > 0]
    ending = first_in_first_out(living)
    if not ending:
        return PointsHeld(owner_id, balance, pending)
    end = ending[0].expires_at
    together = sum(lot.left for lot in living if lot.expires_at == end)
    return PointsHeld(owner_id, balance, pending, end, together)


def _journal(
    work: Work, owner_id: str, limit: int, after: tuple[Any, str] | None
) -> list[PointMove]:
    query = Query().where(owner_id=owner_id).sorted("-at").page(limit, after)
    return work.of(PointMove).select(query)
