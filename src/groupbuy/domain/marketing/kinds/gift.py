"""赠品: something for nothing with a basket that reaches so much."""

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar

from attrs import frozen

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.marketing.arguments import Shape, argument
from groupbuy.domain.marketing.basket import Standing
from groupbuy.domain.marketing.kinds.base import Counts, Gift, Layer, Saving, reached, short_of
from groupbuy.domain.marketing.words import Unmet, money


class WhenGone(StrEnum):
    """What becomes of the offer once the gifts have run out; shown before paying."""

    STOP = "stop"
    SUBSTITUTE = "substitute"
    POINTS = "points"


@frozen
class GiftWithPurchase:
    """`units` of a variant with stock of its own, once, or with `repeats` as often as it fits."""

    kind: ClassVar[str] = "gift"
    layer: ClassVar[Layer] = Layer.GIFT

    reach: int = argument(Shape.MONEY, "满", "From", least=1)
    """Minor units, or units of goods."""
    sku_id: str = argument(Shape.ID, "赠品", "Gift")
    value: int = argument(Shape.MONEY, "赠品单件价值", "Declared value of one", least=1)
    units: int = argument(Shape.COUNT, "件数", "Units", default=1)
    counts: Counts = argument(
        Shape.CHOICE, "按金额或件数", "Counted in", of=Counts, default=Counts.AMOUNT
    )
    repeats: bool = argument(Shape.FLAG, "每满都送", "Over and over", default=False)
    when_gone: WhenGone = argument(
        Shape.CHOICE, "送完之后", "When they run out", of=WhenGone, default=WhenGone.STOP
    )
    substitute: str = argument(Shape.ID, "替代赠品", "Substitute", default="")
    points: int = argument(Shape.COUNT, "改送积分", "Points instead", least=0, default=0)

    def __attrs_post_init__(self) -> None:
        """What comes instead is named."""
        if (self.when_gone is WhenGone.SUBSTITUTE) != bool(self.substitute):
            raise Invalid(field="substitute", reason="is named when gifts are substituted, only")
        if (self.when_gone is WhenGone.POINTS) != bool(self.points):
            raise Invalid(field="points", reason="are named when points come instead, only")

    def saving(self, standings: Sequence[Standing], freight: int) -> Saving | Unmet:  # noqa: ARG002
        """Add the gift."""
        missing = short_of(self.counts, self.reach, standings)
        if missing is not None:
            return missing
        times = reached(self.counts, standings) // self.reach if self.repeats else 1
        units = self.units * times
        return Saving((0,) * len(standings), gifts=(Gift(self.sku_id, units, self.value * units),))

    def sentence(self, currency: str, *, english: bool) -> str:
        """满 ¥99 送赠品 1 件（价值 ¥5），送完为止."""
        worth, count = money(self.value, currency), self.counts is Counts.COUNT
        asked = f"{self.reach} {'units' if english else '件'}" if count else money(self.reach)
        if english:
            gone = {"stop": "while they last", "substitute": "or a substitute", "points": ""}
            instead = gone[self.when_gone] or f"or {self.points} points"
            return f"a gift worth {worth} from {asked}, {instead}"
        gone = {"stop": "送完为止", "substitute": "送完换赠", "points": ""}
        instead = gone[self.when_gone] or f"送完改送 {self.points} 积分"
        return f"满 {asked}送赠品 {self.units} 件（单件价值 {worth}），{instead}"
