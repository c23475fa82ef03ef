"""Prices of the layer `activity`: for a limited time, for members, for a first group."""

from typing import ClassVar

from attrs import frozen

from groupbuy.domain.kernel import BASIS_POINTS, Invalid
from groupbuy.domain.marketing.arguments import Shape, argument
from groupbuy.domain.marketing.basket import Good
from groupbuy.domain.marketing.kinds.base import Layer
from groupbuy.domain.marketing.words import money, percent, tenths


@frozen
class Tag:
    """What a unit of a variant costs."""

    sku_id: str = argument(Shape.ID, "规格", "Variant")
    price: int = argument(Shape.MONEY, "价格", "Price", least=1)


@frozen
class SpecialPrice:
    """A price a variant, or a share of the group price for all that are named nowhere.

    For a limited time, for members, for one community: that is a matter of its conditions.
    """

    kind: ClassVar[str] = "special_price"
    layer: ClassVar[Layer] = Layer.ACTIVITY

    tags: tuple[Tag, ...] = argument(Shape.ROWS, "按规格定价", "Prices", of=Tag, default=())
    share_bp: int = argument(
        Shape.SHARE, "其余按团购价的几成", "Others: share of the group price", default=BASIS_POINTS
    )

    def __attrs_post_init__(self) -> None:
        """It says something, and of every variant once."""
        if not self.tags and self.share_bp == BASIS_POINTS:
            raise Invalid(field="share_bp", reason="give prices or a share below the whole")
        if len({tag.sku_id for tag in self.tags}) != len(self.tags):
            raise Invalid(field="tags", reason="a variant stands twice")

    def line_total(self, good: Good) -> int | None:
        """Return what the line costs at the special price."""
        for tag in self.tags:
            if tag.sku_id == good.sku_id:
                return tag.price * good.units
        if self.share_bp == BASIS_POINTS:
            return None
        return good.price * good.units * self.share_bp // BASIS_POINTS

    def sentence(self, currency: str, *, english: bool) -> str:
        """专享价 ¥9.90 起，其余 9.5 折."""
        said = []
        if self.tags:
            least = money(min(tag.price for tag in self.tags), currency)
            said.append(f"special price from {least}" if english else f"专享价 {least} 起")
        if self.share_bp < BASIS_POINTS:
            more = percent(BASIS_POINTS - self.share_bp)
            said.append(f"{more} % off" if english else f"团购价 {tenths(self.share_bp)} 折")
        return (", " if english else "，").join(said)
