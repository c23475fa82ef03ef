"""A coupon over the freight: 满 ¥59 免运费."""

from collections.abc import Sequence
from typing import ClassVar

from attrs import frozen

from groupbuy.domain.marketing.arguments import MONEY_AT_MOST, Shape, argument
from groupbuy.domain.marketing.basket import Standing
from groupbuy.domain.marketing.kinds.base import Counts, Layer, Saving, short_of
from groupbuy.domain.marketing.words import Unmet, money


@frozen
class FreightOff:
    """The freight, up to `cap`."""

    kind: ClassVar[str] = "freight_off"
    layer: ClassVar[Layer] = Layer.COUPON

    cap: int = argument(Shape.MONEY, "最多减", "At most", least=1, default=MONEY_AT_MOST)
    reach: int = argument(Shape.MONEY, "满", "From", default=0)

    def saving(self, standings: Sequence[Standing], freight: int) -> Saving | Unmet:
        """Take it off the freight alone."""
        missing = short_of(Counts.AMOUNT, self.reach, standings)
        return missing or Saving((0,) * len(standings), freight=min(freight, self.cap))

    def sentence(self, currency: str, *, english: bool) -> str:
        """满 ¥59 免运费."""
        asked, cap = money(self.reach, currency), money(self.cap, currency)
        limited = self.cap < MONEY_AT_MOST
        if english:
            said = f"freight off up to {cap}" if limited else "free freight"
            return f"{said} from {asked}" if self.reach else said
        said = f"运费最多减 {cap}" if limited else "免运费"
        return f"满 {asked} {said}" if self.reach else said
