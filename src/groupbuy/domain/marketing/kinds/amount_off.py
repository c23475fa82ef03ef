"""A coupon over an amount: 满 100 减 20."""

from collections.abc import Sequence
from typing import ClassVar

from attrs import frozen

from groupbuy.domain.marketing.arguments import Shape, argument
from groupbuy.domain.marketing.basket import Standing, spread
from groupbuy.domain.marketing.kinds.base import Counts, Layer, Saving, short_of
from groupbuy.domain.marketing.words import Unmet, money


@frozen
class AmountOff:
    """`off` once the goods it is about reach `reach`; 0 asks nothing."""

    kind: ClassVar[str] = "amount_off"
    layer: ClassVar[Layer] = Layer.COUPON

    off: int = argument(Shape.MONEY, "减", "Take off", least=1)
    reach: int = argument(Shape.MONEY, "满", "From", default=0)

    def saving(self, standings: Sequence[Standing], freight: int) -> Saving | Unmet:  # noqa: ARG002
        """Take it off, shared by what is left to pay."""
        missing = short_of(Counts.AMOUNT, self.reach, standings)
        return missing or Saving(spread(self.off, standings))

    def sentence(self, currency: str, *, english: bool) -> str:
        """满 ¥100 减 ¥20."""
        off, asked = money(self.off, currency), money(self.reach, currency)
        if not self.reach:
            return f"{off} off" if english else f"立减 {off}"
        return f"{off} off from {asked}" if english else f"满 {asked} 减 {off}"
