"""第 N 件几折: every n-th unit of a variant costs less."""

from collections.abc import Sequence
from typing import ClassVar

from attrs import frozen

from groupbuy.domain.kernel import BASIS_POINTS
from groupbuy.domain.marketing.arguments import Shape, argument
from groupbuy.domain.marketing.basket import Standing, part_of
from groupbuy.domain.marketing.kinds.base import Layer, Saving
from groupbuy.domain.marketing.words import Unmet, percent, tenths


@frozen
class NthItem:
    """Of each variant every `nth` unit costs `share` of its price; 0 gives it away."""

    kind: ClassVar[str] = "nth_item"
    layer: ClassVar[Layer] = Layer.THRESHOLD

    nth: int = argument(Shape.COUNT, "第几件", "Which unit", least=2)
    share_bp: int = argument(
        Shape.SHARE, "付原价的几成", "Share of the price", least=0, most=BASIS_POINTS - 1
    )

    def saving(self, standings: Sequence[Standing], freight: int) -> Saving | Unmet:  # noqa: ARG002
        """Take off what every n-th unit need not pay, rounded down line by line."""
        most = max((each.good.units for each in standings), default=0)
        if most < self.nth:
            return Unmet("count_not_reached", self.nth - most)
        return Saving(tuple(self._off(each) for each in standings))

    def _off(self, standing: Standing) -> int:
        cheaper = part_of(standing, standing.good.units // self.nth)
        return cheaper * (BASIS_POINTS - self.share_bp) // BASIS_POINTS

    def sentence(self, currency: str, *, english: bool) -> str:  # noqa: ARG002
        """第 2 件 5 折."""
        if english:
            return f"every {self.nth}. unit at {percent(self.share_bp)} %"
        if self.share_bp == 0:
            return f"第 {self.nth} 件免费"
        return f"第 {self.nth} 件 {tenths(self.share_bp)} 折"
