"""新人首团价: the first units of somebody's first order cost a trial price."""

from typing import ClassVar

from attrs import frozen

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.marketing.arguments import Shape, argument
from groupbuy.domain.marketing.basket import Good
from groupbuy.domain.marketing.kinds.base import Layer
from groupbuy.domain.marketing.kinds.special_price import Tag
from groupbuy.domain.marketing.words import money


@frozen
class TrialPrice:
    """Up to `units` of each variant named; whoever takes more pays the group price for the rest.

    Set `first_order` among its conditions.
    """

    kind: ClassVar[str] = "trial_price"
    layer: ClassVar[Layer] = Layer.ACTIVITY

    tags: tuple[Tag, ...] = argument(Shape.ROWS, "首团价", "Trial prices", of=Tag, least=1)
    units: int = argument(Shape.COUNT, "每种最多几件", "Units of each", default=1)

    def __attrs_post_init__(self) -> None:
        """Every variant stands once."""
        if len({tag.sku_id for tag in self.tags}) != len(self.tags):
            raise Invalid(field="tags", reason="a variant stands twice")

    def line_total(self, good: Good) -> int | None:
        """Return what the line costs with its first units at the trial price."""
        for tag in self.tags:
            if tag.sku_id == good.sku_id:
                first = min(self.units, good.units)
                return tag.price * first + good.price * (good.units - first)
        return None

    def sentence(self, currency: str, *, english: bool) -> str:
        """新人首团价 ¥1 起，每种限 1 件."""
        least = money(min(tag.price for tag in self.tags), currency)
        if english:
            return f"trial price from {least}, {self.units} of each"
        return f"新人首团价 {least} 起，每种限 {self.units} 件"
