"""The life of a lot of points, as a table."""

from enum import StrEnum

from groupbuy.domain.kernel import Edge, Machine


class PointLotState(StrEnum):
    """Where a lot of points is in its life."""

    PENDING = "pending"
    """Earned, and not to be spent yet."""
    POSTED = "posted"
    EXPIRED = "expired"
    VOID = "void"
    """Everything was taken back before it was posted."""


class PointLotMove(StrEnum):
    """What may be asked of a lot."""

    ADJUST = "adjust"
    POST = "post"
    EXPIRE = "expire"
    VOID = "void"


class PointSource(StrEnum):
    """What points were earned with."""

    PURCHASE = "purchase"
    INVITATION = "invitation"


class PointWhy(StrEnum):
    """For what reason somebody's points changed."""

    GRANTED = "granted"
    """Earned; they may be spent once they are posted."""
    POSTED = "posted"
    TAKEN_BACK = "taken_back"
    EXPIRED = "expired"


_S, _M = PointLotState, PointLotMove

POINT_LOT: Machine[PointLotState, PointLotMove, object] = Machine(
    name="point_lot",
    initial=_S.PENDING,
    final=frozenset({_S.VOID}),
    edges=(
        Edge(_S.PENDING, _M.ADJUST, _S.PENDING, "points.pending"),
        Edge(_S.PENDING, _M.POST, _S.POSTED, "points.posted"),
        Edge(_S.PENDING, _M.VOID, _S.VOID, "points.void"),
        Edge(_S.POSTED, _M.ADJUST, _S.POSTED, "points.taken_back"),
        Edge(_S.POSTED, _M.EXPIRE, _S.EXPIRED, "points.expired"),
        Edge(_S.EXPIRED, _M.ADJUST, _S.EXPIRED, "points.taken_back"),
    ),
)
