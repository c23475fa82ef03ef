"""What an operator may set about points, and in which order they are spent."""

from collections.abc import Iterable
from datetime import timedelta

from attrs import frozen

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.points.model import PointLot

_RATE_AT_MOST = 1_000
_WORTH_AT_MOST = 100
_DAYS_AT_MOST = 3_660


@frozen
class PointRules:
    """What an operator may set about points."""

    per_yuan: int = 0
    """Points for every whole 1.00 of a line that is paid in money and kept; 0 grants none."""
    worth: int = 1
    """Minor units that one point stands in the books for."""
    good_days: int = 365
    """How long points may be spent from the moment they are posted."""

    def __attrs_post_init__(self) -> None:
        """Refuse rates that nobody could mean."""
        for name, value, least, most in (
            ("per_yuan", self.per_yuan, 0, _RATE_AT_MOST),
            ("worth", self.worth, 1, _WORTH_AT_MOST),
            ("good_days", self.good_days, 1, _DAYS_AT_MOST),
        ):
            if not least <= value <= most:
                raise Invalid(field=name, reason=f"must be {least} to {most}")

    @property
    def good_for(self) -> timedelta:
        """How long points may be spent."""
        return timedelta(days=self.good_days)


NO_POINTS = PointRules()
"""Nothing is granted unless an operator says so: points are a debt in the books."""


def first_in_first_out(lots: Iterable[PointLot]) -> list[PointLot]:
    """Return lots in the order in which they are spent: what ends first in front."""
    return sorted(lots, key=lambda lot: (lot.expires_at or lot.created_at, lot.id))
