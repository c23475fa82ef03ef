"""The lives of a coupon and of the template it is made from, as tables."""

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from groupbuy.domain.kernel import Edge, Machine


class CouponState(StrEnum):
    """Where a coupon is in its life."""

    CLAIMED = "claimed"
    HELD = "held"
    """An order that waits for its payment holds it."""
    USED = "used"
    RETURNED = "returned"
    """The order it paid came to nothing: as good as claimed, until the old end."""
    EXPIRED = "expired"
    REVOKED = "revoked"


class CouponMove(StrEnum):
    """What may be asked of a coupon."""

    HOLD = "hold"
    RELEASE = "release"
    USE = "use"
    RETURN = "return"
    EXPIRE = "expire"
    REVOKE = "revoke"


@frozen
class CouponFacts:
    """What guards look at."""

    now: datetime
    valid_from: datetime
    valid_until: datetime


def coupon_is_valid_now(facts: CouponFacts) -> bool:
    """A coupon is good from its first instant to before its last, whoever holds it."""
    return facts.valid_from <= facts.now < facts.valid_until


def coupon_is_over(facts: CouponFacts) -> bool:
    """Nothing expires early."""
    return facts.now >= facts.valid_until


_S, _M = CouponState, CouponMove
FREE = (_S.CLAIMED, _S.RETURNED)
"""States in which a coupon can be used."""

COUPON: Machine[CouponState, CouponMove, CouponFacts] = Machine(
    name="coupon",
    initial=_S.CLAIMED,
    final=frozenset({_S.EXPIRED, _S.REVOKED}),
    edges=(
        *(Edge(s, _M.HOLD, _S.HELD, "coupon.held", (coupon_is_valid_now,)) for s in FREE),
        Edge(_S.HELD, _M.RELEASE, _S.CLAIMED, "coupon.released"),
        Edge(_S.HELD, _M.USE, _S.USED, "coupon.used"),
        Edge(_S.USED, _M.RETURN, _S.RETURNED, "coupon.returned"),
        *(Edge(s, _M.EXPIRE, _S.EXPIRED, "coupon.expired", (coupon_is_over,)) for s in FREE),
        *(Edge(s, _M.REVOKE, _S.REVOKED, "coupon.revoked") for s in FREE),
    ),
)


class TemplateState(StrEnum):
    """Where a template is in its life; what was claimed stays good in each of them."""

    OPEN = "open"
    PAUSED = "paused"
    ENDED = "ended"


class TemplateMove(StrEnum):
    """What may be asked of a template."""

    PAUSE = "pause"
    RESUME = "resume"
    END = "end"


_T, _N = TemplateState, TemplateMove
COUPON_TEMPLATE: Machine[TemplateState, TemplateMove, object] = Machine(
    name="coupon_template",
    initial=_T.OPEN,
    final=frozenset({_T.ENDED}),
    edges=(
        Edge(_T.OPEN, _N.PAUSE, _T.PAUSED, "coupon_template.paused"),
        Edge(_T.PAUSED, _N.RESUME, _T.OPEN, "coupon_template.resumed"),
        *(Edge(s, _N.END, _T.ENDED, "coupon_template.ended") for s in (_T.OPEN, _T.PAUSED)),
    ),
)
