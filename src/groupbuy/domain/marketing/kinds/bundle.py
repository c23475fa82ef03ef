"""组合价: certain goods together cost less, as often as the basket holds all of them."""

from collections.abc import Sequence
from typing import ClassVar

from attrs import evolve, frozen

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.marketing.arguments import Shape, argument
from groupbuy.domain.marketing.basket import Standing, part_of, spread
from groupbuy.domain.marketing.kinds.base import Layer, Saving
from groupbuy.domain.marketing.words import Unmet, money


@frozen
class Piece:
    """What one bundle needs of a variant."""

    sku_id: str = argument(Shape.ID, "规格", "Variant")
    units: int = argument(Shape.COUNT, "件数", "Units", default=1)


@frozen
class Bundle:
    """One bundle costs `price`; what its goods would cost above that is taken off them."""

    kind: ClassVar[str] = "bundle"
    layer: ClassVar[Layer] = Layer.THRESHOLD

    pieces: tuple[Piece, ...] = argument(Shape.ROWS, "组合", "Goods", of=Piece, least=2)
    price: int = argument(Shape.MONEY, "一组的价格", "Price of a bundle")

    def __attrs_post_init__(self) -> None:
        """Every variant stands once."""
        if len({piece.sku_id for piece in self.pieces}) != len(self.pieces):
            raise Invalid(field="pieces", reason="a variant stands twice")

    def saving(self, standings: Sequence[Standing], freight: int) -> Saving | Unmet:  # noqa: ARG002
        """Take off what complete bundles cost above their price."""
        need = {piece.sku_id: piece.units for piece in self.pieces}
        held = {each.good.sku_id: each.good.units for each in standings}
        bundles = min(held.get(sku, 0) // units for sku, units in need.items())
        if not bundles:
            return Unmet("bundle_incomplete")
        inside = [
            evolve(each, net=part_of(each, bundles * need.get(each.good.sku_id, 0)))
            for each in standings
        ]
        above = sum(each.net for each in inside) - bundles * self.price
        return Saving(spread(max(above, 0), inside))

    def sentence(self, currency: str, *, english: bool) -> str:
        """组合价 ¥59（3 件）."""
        price, units = money(self.price, currency), sum(piece.units for piece in self.pieces)
        return f"{units} units together {price}" if english else f"组合价 {price}（{units} 件）"
