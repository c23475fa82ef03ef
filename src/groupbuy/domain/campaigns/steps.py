"""What a campaign would earn, step by step of its ladder, before anybody has joined."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from attrs import frozen

from groupbuy.domain.campaigns.model import Campaign
from groupbuy.domain.campaigns.terms import Measure, Mode
from groupbuy.domain.kernel import Money


@frozen
class Earned:
    """What one order comes to; minor units, without freight."""

    buyer: int
    """What the buyer pays for the goods."""
    merchant: int
    """What is the merchant's, after commission and fee."""
    leader: int
    fee: int
    cost: int | None = None
    """What the goods cost the merchant; None if that is not known."""

    @property
    def profit(self) -> int | None:
        """What the merchant keeps of an order; None while a cost is unknown."""
        return None if self.cost is None else self.merchant - self.cost


@frozen
class Step:
    """One step: from so many orders on everybody pays that price."""

    reached: int
    """In the quorum's measure: the quorum, or the step of the ladder."""
    orders: int
    """The fewest orders that reach it."""
    price: Money
    """Of a unit."""
    order: Earned
    """What each order comes to, from here to the next step."""

    def profit(self, orders: int, fixed: int) -> int | None:
        """Return what so many orders leave the merchant, less what it costs anyway."""
        return None if self.order.profit is None else orders * self.order.profit - fixed


@frozen
class WhatIf:
    """Steps of one variant, and when the merchant gets back what the campaign costs anyway."""

    sku_id: str
    units: int
    """Of the variant in every order."""
    fixed: int
    """What the campaign costs however many join; minor units."""
    steps: tuple[Step, ...]
    orders_at_most: int | None
    """As many as there is room for; None without a capacity."""

    @property
    def break_even(self) -> int | None:
        """Return the fewest orders that lose nothing; None if no number does, or nobody knows."""
        for step, last in zip(self.steps, self._lasts(), strict=True):
            each = step.order.profit
            if each is None:
                return None
            enough = each * step.orders >= self.fixed
            fewest = step.orders if enough else _at_least(self.fixed, each)
            if fewest is not None and (last is None or fewest <= last):
                return fewest
        return None

    @property
    def falls(self) -> tuple[int, ...]:
        """Return the steps, as `reached`, where one order more leaves the merchant with less."""
        return tuple(
            later.reached
            for earlier, later in pairwise(self.steps)
            if earlier.order.profit is not None
            and later.order.profit is not None
            and later.orders * later.order.profit < (later.orders - 1) * earlier.order.profit
        )

    def _lasts(self) -> Sequence[int | None]:
        ends = [step.orders - 1 for step in self.steps[1:]]
        return [*ends, self.orders_at_most] if self.steps else []


def what_if(
    campaign: Campaign, sku_id: str, units: int, fixed: int, earned: Callable[[int], Earned]
) -> WhatIf:
    """Walk up the ladder with orders of so many units of one variant.

    `earned` says what an order comes to once so much is reached, in the quorum's measure. Steps
    below the quorum are never paid: such a group fails.
    """
    most = _orders_at_most(campaign, units)
    steps = list[Step]()
    reached, orders = 0, 0
    for goal in sorted({campaign.target, *(tier.reached for tier in campaign.tiers)}):
        each = _counted(campaign.measure, units, earned(reached).buyer)
        more = max(0, -(-(goal - reached) // each))
        reached, orders = reached + more * each, orders + more
        if goal >= campaign.target and (most is None or orders <= most):
            steps.append(Step(goal, orders, campaign.price_at(sku_id, reached), earned(reached)))
    return WhatIf(sku_id, units, fixed, tuple(steps), most)


def _counted(measure: Measure, units: int, paid: int) -> int:
    if measure is Measure.BUYERS:
        return 1
    return units if measure is Measure.UNITS else paid


def _orders_at_most(campaign: Campaign, units: int) -> int | None:
    """Return how many orders there is room for, each of somebody else; teams have no end."""
    if campaign.capacity is None or campaign.mode is Mode.TEAM:
        return None
    buyers = campaign.capacity.measure is Measure.BUYERS
    return campaign.capacity.limit if buyers else campaign.capacity.limit // units


def _at_least(fixed: int, each: int) -> int | None:
    """Return how many orders of so much cover the fixed cost; None if none ever do."""
    return -(-fixed // each) if each > 0 else None
