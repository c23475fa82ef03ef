"""What a basket costs and why. The result explains every fen."""

from collections.abc import Sequence

from attrs import evolve, frozen

from groupbuy.domain.kernel import Invalid, Money
from groupbuy.domain.ordering.model import Attribution, Funder, LineKind, OrderLine, Weight


@frozen
class Item:
    """One variant somebody wants, at its original and its group price per unit."""

    sku_id: str
    product_id: str
    title: str
    options: str
    units: int
    original: Money
    price: Money
    category_id: str = ""
    commission_bp: int = 0
    commission_why: str = ""
    fee_bp: int = 0
    stock_policy: str = "tracked"
    return_policy: str = "ordinary"
    unit_grams: int | None = None
    """What a unit of goods sold by weight should weigh."""


@frozen
class Quote:
    """Priced lines; `payable` is their sum."""

    lines: tuple[OrderLine, ...]
    payable: Money


@frozen
class Grant:
    """What something other than the group price takes off a line."""

    line_no: int
    """Goods are numbered from 1 in the order of the basket; freight comes last."""
    layer: str
    rule: str
    amount: Money
    funder: Funder = Funder.MERCHANT


def quote(
    items: Sequence[Item], *, activity: str, freight: Money, grants: Sequence[Grant] = ()
) -> Quote:
    """Price a basket: the activity price, then freight as a line of its own, then the grants.

    `activity` names the campaign that grants the group price. Every variant may stand once.
    Raises Invalid where a grant takes off more than there is.
    """
    if not items:
        raise Invalid(field="lines", reason="nothing is ordered")
    if len({item.sku_id for item in items}) != len(items):
        raise Invalid(field="lines", reason="a variant stands twice")
    lines = [_line(number, item, activity) for number, item in enumerate(items, start=1)]
    if freight:
        lines.append(_freight(len(lines) + 1, freight))
    if grants:
        lines = [_granted(line, [g for g in grants if g.line_no == line.line_no]) for line in lines]
    payable = sum((line.net for line in lines), Money(0, freight.currency))
    return Quote(tuple(lines), payable)


def _granted(line: OrderLine, grants: Sequence[Grant]) -> OrderLine:
    if not grants:
        return line
    reasons = tuple(Attribution(g.layer, g.rule, g.amount, g.funder) for g in grants)
    net = sum((-g.amount for g in grants), line.net)
    return evolve(line, net=net, attributions=(*line.attributions, *reasons))


def _line(number: int, item: Item, activity: str) -> OrderLine:
    if item.units < 1:
        raise Invalid(field=f"lines.{number - 1}.units", reason="must be at least 1")
    gross, net = item.original * item.units, item.price * item.units
    saved = gross - net
    reasons = (Attribution("activity", activity, saved, Funder.MERCHANT),) if saved else ()
    return OrderLine(
        line_no=number,
        kind=LineKind.GOODS,
        sku_id=item.sku_id,
        product_id=item.product_id,
        title=item.title,
        options=item.options,
        units=item.units,
        gross=gross,
        net=net,
        attributions=reasons,
        category_id=item.category_id,
        commission_bp=item.commission_bp,
        commission_why=item.commission_why,
        fee_bp=item.fee_bp,
        stock_policy=item.stock_policy,
        return_policy=item.return_policy,
        weight=None if item.unit_grams is None else Weight(item.unit_grams),
        refunded=Money(0, net.currency),
    )


def _freight(number: int, freight: Money) -> OrderLine:
    return OrderLine(
        line_no=number,
        kind=LineKind.FREIGHT,
        sku_id="",
        product_id="",
        title="freight",
        options="",
        units=1,
        gross=freight,
        net=freight,
        stock_policy="none",
        return_policy="none",
        refunded=Money(0, freight.currency),
    )
