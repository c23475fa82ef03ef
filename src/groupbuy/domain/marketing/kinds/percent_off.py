"""A coupon over a share of the price, with a cap: 8.5 折，最多减 ¥30."""

from collections.abc import Sequence
from typing import ClassVar

from attrs import frozen

from groupbuy.domain.kernel import BASIS_POINTS
from groupbuy.domain.marketing.arguments import Shape, argument
from groupbuy.domain.marketing.basket import Standing, spread
from groupbuy.domain.marketing.kinds.base import Counts, Layer, Saving, short_of
from groupbuy.domain.marketing.words import Unmet, money, percent, tenths


@frozen
class PercentOff:
    """`off_bp` of what is left to pay, at most `cap`."""

    kind: ClassVar[str] = "percent_off"
    layer: ClassVar[Layer] = Layer.COUPON

    off_bp: int = argument(Shape.SHARE, "减几成", "Share taken off")
    cap: int = argument(Shape.MONEY, "最多减", "At most", least=1)
    reach: int = argument(Shape.MONEY, "满", "From", default=0)

    def saving(self, standings: Sequence[Standing], freight: int) -> Saving | Unmet:  # noqa: ARG002
        """Take it off, rounded down once, shared by what is left to pay."""
        missing = short_of(Counts.AMOUNT, self.reach, standings)
        if missing is not None:
            return missing
        off = sum(each.net for each in standings) * self.off_bp // BASIS_POINTS
        return Saving(spread(min(off, self.cap), standings))

    def sentence(self, currency: str, *, english: bool) -> str:
        """满 ¥50 可用，8.5 折，最多减 ¥30."""
        cap, asked = money(self.cap, currency), money(self.reach, currency)
        if english:
            from_ = f" from {asked}" if self.reach else ""
            return f"{percent(self.off_bp)} % off{from_}, at most {cap}"
        share = tenths(BASIS_POINTS - self.off_bp)
        said = "免单" if self.off_bp == BASIS_POINTS else f"{share} 折"
        return f"{f'满 {asked} 可用，' if self.reach else ''}{said}，最多减 {cap}"
