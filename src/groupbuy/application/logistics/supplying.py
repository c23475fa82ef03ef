"""Orders first, goods after: what came in, and who gets it when it is not enough."""

import hashlib

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.cataloguing import count_goods, may_act_for
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.scene import set_scene
from groupbuy.application.steps.unwinding import Part, take_back_units
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, CampaignState, StockPolicy
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.kernel import Event, Invalid, NotFound, Refused
from groupbuy.domain.logistics import (
    Allocation,
    Demand,
    GoodsReceipt,
    Share,
    allocate,
    allocation_id,
)
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import BINDING, LineKind, Order, OrderState
from groupbuy.domain.payments import RefundCause

UNITS_AT_MOST = 1_000_000
REMARK_AT_MOST = 200
SHORT = "short supply"
_UNSENT = (OrderState.CONFIRMED, OrderState.APPROVED)


@frozen
class Receive:
    """Goods that came in for a campaign."""

    campaign_id: str
    sku_id: str
    units: int
    remark: str = ""


@frozen
class Sharing:
    """How a supply would be shared out, or was."""

    campaign_id: str
    sku_id: str
    supply: int
    shares: tuple[Share, ...]

    @property
    def digest(self) -> str:
        """Names exactly this sharing."""
        rows = [f"{self.campaign_id} {self.sku_id} {self.supply}"]
        rows += [f"{s.order_id} {s.line_no} {s.wanted} {s.given}" for s in self.shares]
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]

    @property
    def short(self) -> int:
        """How many units buyers do not get."""
        return sum(share.short for share in self.shares)


def receive_goods(work: Work, cmd: Receive) -> GoodsReceipt:
    """Count in what came for a presale; the stock journal names the campaign.

    Raises NotFound, Invalid, Refused for a variant that the campaign sells from stock.
    """
    campaign = own_campaign(work, cmd.campaign_id)
    _check_presale(campaign, cmd.sku_id)
    if not 1 <= cmd.units <= UNITS_AT_MOST:
        raise Invalid(field="units", reason=f"must be 1 to {UNITS_AT_MOST}")
    if len(cmd.remark) > REMARK_AT_MOST:
        raise Invalid(field="remark", reason=f"must have at most {REMARK_AT_MOST} letters")
    stock = work.of(Stock).lock([cmd.sku_id], create=Stock)[cmd.sku_id]
    count_goods(work, stock, cmd.units, f"received for {campaign.id}")
    receipt = GoodsReceipt(
        id=work.new_id("grc", near=campaign.id),
        campaign_id=campaign.id,
        merchant_id=campaign.merchant_id,
        sku_id=cmd.sku_id,
        units=cmd.units,
        at=work.now(),
        by=work.caller.user_id,
        remark=cmd.remark.strip(),
    )
    work.of(GoodsReceipt).add(receipt)
    facts = {"campaign": campaign.id, "sku": cmd.sku_id, "units": cmd.units}
    work.emit([Event("goods.received", campaign.id, work.now(), facts)])
    return receipt


def received(work: Work, campaign_id: str) -> dict[str, int]:
    """Return how many units of each variant came in for a campaign."""
    units: dict[str, int] = {}
    for receipt in every(work.of(GoodsReceipt), Query().where(campaign_id=campaign_id)):
        units[receipt.sku_id] = units.get(receipt.sku_id, 0) + receipt.units
    return units


def preview_sharing(
    work: Work, campaign_id: str, sku_id: str, supply: int | None = None
) -> Sharing:
    """Return who would get what of a supply; None means all goods in hand.

    Raises NotFound, Refused while the campaign sells or once it was shared out.
    """
    campaign = own_campaign(work, campaign_id)
    stock = work.of(Stock).find([sku_id]).get(sku_id) or Stock(sku_id)
    return _sharing(work, campaign, stock, supply, _unsent(work, campaign))


def share_out(work: Work, seen: Sharing, digest: str, reason: str) -> Allocation:
    """Give the goods to those who were shown; whoever gets less is refunded by the worker.

    `seen` names campaign, variant and supply; `digest` is the preview's. Raises NotFound,
    Invalid, Refused also if it would come out otherwise by now.
    """
    if not reason.strip():
        raise Invalid(field="reason", reason="say why, the audit keeps it")
    campaign = own_campaign(work, seen.campaign_id)
    unsent = [order.id for order in _unsent(work, campaign)]
    stock = work.of(Stock).lock([seen.sku_id], create=Stock)[seen.sku_id]
    orders = list(work.of(Order).lock(unsent).values())
    sharing = _sharing(work, campaign, stock, seen.supply, orders)
    if sharing.digest != digest:
        raise Refused(rule="preview_is_current", about=digest)
    now = work.now()
    shared = Allocation(
        id=allocation_id(campaign.id, seen.sku_id),
        campaign_id=campaign.id,
        sku_id=seen.sku_id,
        merchant_id=campaign.merchant_id,
        supply=sharing.supply,
        at=now,
        by=work.caller.user_id,
        shares=sharing.shares,
    )
    work.of(Allocation).add(shared)
    count_goods(work, stock, -shared.given, f"shared out for {campaign.id}")
    work.audit(
        "goods.share_out", shared.id, reason, given=str(shared.given), short=str(sharing.short)
    )
    for order_id in sorted({share.order_id for share in shared.shares if share.short}):
        work.later("refund_short", f"{shared.id}/{order_id}", now)
    return shared


def refund_short(work: Work, subject: str) -> None:
    """Give back what an order did not get of a short supply (the worker calls this).

    Its line is brought down to what it was given, so that doing it again does nothing.
    """
    shared_id, _, order_id = subject.rpartition("/")
    shared = work.of(Allocation).get(shared_id)
    scene = set_scene(work, [order_id], refunds=True)
    before = scene.orders[order_id].refunded
    for share in shared.shares:
        order = scene.orders[order_id]
        if share.order_id != order_id or order.state not in BINDING:
            continue
        back = order.goods_line(share.line_no).left - share.given
        if back > 0:
            part = Part(order_id, share.line_no, back)
            key = f"{shared_id}/{share.line_no}"
            take_back_units(scene, part, cause=RefundCause.MERCHANT, effect_key=key, reason=SHORT)
    after = scene.orders[order_id]
    total = after.refunded - before
    work.audit("order.refund_short", order_id, SHORT, amount=str(total.minor), allocation=shared_id)
    work.tell(after.buyer_id, "order.short", order_id, amount=total)


def own_campaign(work: Work, campaign_id: str) -> Campaign:
    """Return a campaign of the caller's shop. Raises NotFound."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    found = work.of(Campaign).find([campaign_id]).get(campaign_id)
    if found is None or not may_act_for(work, found.merchant_id):
        raise NotFound(kind="campaign", key=campaign_id)
    return found


def _sharing(
    work: Work, campaign: Campaign, stock: Stock, supply: int | None, orders: list[Order]
) -> Sharing:
    _check_presale(campaign, stock.id)
    if campaign.state is not CampaignState.CLOSED:
        raise Refused(rule="campaign_has_ended", about=campaign.id)
    key = allocation_id(campaign.id, stock.id)
    if work.of(Allocation).find([key]):
        raise Refused(rule="goods_are_shared_out_once", about=key)
    have = stock.available if supply is None else supply
    if have > stock.available:
        raise Refused(rule="goods_in_stock", about=stock.id)
    demands = [
        Demand(order.id, line.line_no, line.left, order.placed_at or order.created_at)
        for order in orders
        if order.state in _UNSENT
        for line in order.lines
        if line.kind is LineKind.GOODS and line.sku_id == stock.id and line.left
    ]
    return Sharing(campaign.id, stock.id, have, allocate(demands, have))


def _unsent(work: Work, campaign: Campaign) -> list[Order]:
    query = Query().where(campaign_id=campaign.id).among("state", _UNSENT)
    return list(every(work.of(Order), query))


def _check_presale(campaign: Campaign, sku_id: str) -> None:
    presold = {o.sku_id for o in campaign.offers if o.stock_policy is StockPolicy.PRESALE}
    if sku_id not in presold:
        raise Refused(rule="goods_are_sold_before_they_come", about=sku_id)
