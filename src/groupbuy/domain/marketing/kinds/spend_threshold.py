"""满减: so much off once a basket reaches so much, in steps or over and over."""

from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar

from attrs import frozen

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.marketing.arguments import Shape, argument
from groupbuy.domain.marketing.basket import Standing, spread
from groupbuy.domain.marketing.kinds.base import Counts, Layer, Saving, reached, short_of
from groupbuy.domain.marketing.words import Unmet, money


@frozen
class Step:
    """From `reach` on, `off` is taken off."""

    reach: int = argument(Shape.MONEY, "满", "From", least=1)
    """Minor units, or units of goods."""
    off: int = argument(Shape.MONEY, "减", "Take off", least=1)


@frozen
class SpendThreshold:
    """The highest step that is reached counts; with `repeats`, the one step as often as it fits."""

    kind: ClassVar[str] = "spend_threshold"
    layer: ClassVar[Layer] = Layer.THRESHOLD

    steps: tuple[Step, ...] = argument(Shape.ROWS, "档位", "Steps", of=Step, least=1)
    counts: Counts = argument(
        Shape.CHOICE, "按金额或件数", "Counted in", of=Counts, default=Counts.AMOUNT
    )
    repeats: bool = argument(Shape.FLAG, "每满都减", "Over and over", default=False)

    def __attrs_post_init__(self) -> None:
        """Steps rise, and whoever buys more never gets less off."""
        pairs = [(step.reach, step.off) for step in self.steps]
        rising = pairwise(pairs)
        if any(low[0] >= high[0] or low[1] >= high[1] for low, high in rising):
            raise Invalid(field="steps", reason="each step must ask more and take more off")
        if self.repeats and len(self.steps) != 1:
            raise Invalid(field="repeats", reason="needs exactly one step")
        if self.counts is Counts.AMOUNT and any(off >= reach for reach, off in pairs):
            raise Invalid(field="steps", reason="must take off less than they ask")

    def saving(self, standings: Sequence[Standing], freight: int) -> Saving | Unmet:  # noqa: ARG002
        """Take off what the highest step reached says."""
        missing = short_of(self.counts, self.steps[0].reach, standings)
        if missing is not None:
            return missing
        come = reached(self.counts, standings)
        step = max((s for s in self.steps if s.reach <= come), key=lambda s: s.reach)
        times = come // step.reach if self.repeats else 1
        return Saving(spread(step.off * times, standings))

    def sentence(self, currency: str, *, english: bool) -> str:
        """满 ¥100 减 ¥20；满 ¥200 减 ¥50."""
        return ("; " if english else "；").join(
            self._step(step, currency, english=english) for step in self.steps
        )

    def _step(self, step: Step, currency: str, *, english: bool) -> str:
        off, every = money(step.off, currency), self.repeats
        if self.counts is Counts.COUNT:
            zh = f"{'每' if every else ''}满 {step.reach} 件减 {off}"
            en = f"{off} off {'every' if every else 'from'} {step.reach} units"
        else:
            asked = money(step.reach, currency)
            zh = f"{'每' if every else ''}满 {asked} 减 {off}"
            en = f"{off} off {'every' if every else 'from'} {asked}"
        return en if english else zh
