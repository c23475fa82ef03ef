"""What a simulated campaign looks like over HTTP."""

from collections.abc import Sequence

import msgspec

from groupbuy.domain.campaigns import Campaign, Measure, Step, WhatIf
from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.http.amounts import Amount, amount


class EarnedOut(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets what, freight left out."""

    buyers_pay: Amount
    leader_earns: Amount
    fee: Amount
    merchant_earns: Amount
    goods_cost: Amount | None
    """None where it is not known, or not the caller's to know."""
    profit: Amount | None
    """What the merchant keeps; of all orders, less the fixed cost."""


class StepOut(msgspec.Struct, frozen=True, kw_only=True):
    """From so many orders on everybody pays that price."""

    reached: int
    """In the quorum's measure."""
    orders: int
    price: Amount
    an_order: EarnedOut
    all_orders: EarnedOut
    one_more_earns_less: bool
    """The order that reaches this step leaves the merchant with less than one order fewer."""


class VariantWhatIfOut(msgspec.Struct, frozen=True, kw_only=True):
    """One variant, as if every order held so many units of it and nothing else."""

    sku_id: str
    units: int
    steps: list[StepOut]
    break_even: int | None
    """The fewest orders that lose nothing; null if no number does, or a cost is not known."""
    orders_at_most: int | None


class WhatIfOut(msgspec.Struct, frozen=True, kw_only=True):
    """What each step of a campaign would earn whom."""

    campaign_id: str
    measure: Measure
    fixed_cost: Amount
    variants: list[VariantWhatIfOut]


def what_if_out(simulated: tuple[Campaign, Sequence[WhatIf]]) -> WhatIfOut:
    """Render what a campaign would earn."""
    campaign, found = simulated
    return WhatIfOut(
        campaign_id=campaign.id,
        measure=campaign.measure,
        fixed_cost=amount(Money(found[0].fixed if found else 0, campaign.currency)),
        variants=[_variant(each, campaign.currency) for each in found],
    )


def _variant(found: WhatIf, currency: str) -> VariantWhatIfOut:
    return VariantWhatIfOut(
        sku_id=found.sku_id,
        units=found.units,
        steps=[_step(found, step, currency) for step in found.steps],
        break_even=found.break_even,
        orders_at_most=found.orders_at_most,
    )


def _step(found: WhatIf, step: Step, currency: str) -> StepOut:
    return StepOut(
        reached=step.reached,
        orders=step.orders,
        price=amount(step.price),
        an_order=_earned(step, 1, step.order.profit, currency),
        all_orders=_earned(step, step.orders, step.profit(step.orders, found.fixed), currency),
        one_more_earns_less=step.reached in found.falls,
    )


def _earned(step: Step, orders: int, profit: int | None, currency: str) -> EarnedOut:
    def times(minor: int) -> Amount:
        return amount(Money(minor * orders, currency))

    order = step.order
    return EarnedOut(
        buyers_pay=times(order.buyer),
        leader_earns=times(order.leader),
        fee=times(order.fee),
        merchant_earns=times(order.merchant),
        goods_cost=None if order.cost is None else times(order.cost),
        profit=None if profit is None else amount(Money(profit, currency)),
    )
