"""A coupon that is worth goods: so many units of a variant for nothing."""

from collections.abc import Sequence
from typing import ClassVar

from attrs import frozen

from groupbuy.domain.marketing.arguments import Shape, argument
from groupbuy.domain.marketing.basket import Standing, part_of
from groupbuy.domain.marketing.kinds.base import Layer, Saving
from groupbuy.domain.marketing.words import Unmet


@frozen
class Exchange:
    """Up to `units` of a variant cost nothing."""

    kind: ClassVar[str] = "exchange"
    layer: ClassVar[Layer] = Layer.COUPON

    sku_id: str = argument(Shape.ID, "规格", "Variant")
    units: int = argument(Shape.COUNT, "件数", "Units", default=1)

    def saving(self, standings: Sequence[Standing], freight: int) -> Saving | Unmet:  # noqa: ARG002
        """Take off what those units cost."""
        if all(each.good.sku_id != self.sku_id for each in standings):
            return Unmet("no_such_goods")
        return Saving(tuple(self._off(each) for each in standings))

    def _off(self, standing: Standing) -> int:
        if standing.good.sku_id != self.sku_id:
            return 0
        return part_of(standing, min(self.units, standing.good.units))

    def sentence(self, currency: str, *, english: bool) -> str:  # noqa: ARG002
        """兑换 1 件."""
        return f"{self.units} for nothing" if english else f"兑换 {self.units} 件"
