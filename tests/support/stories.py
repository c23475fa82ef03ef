"""What the stories of groups, money and goods share."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from groupbuy.application import fulfilment
from groupbuy.application.steps.parcels import Parcel
from groupbuy.domain.campaigns import Campaign, Measure, Quorum
from groupbuy.domain.membership import PickupPoint, Role
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import Refund

PRICE = 79920
"""What a buyer pays for one watch, in fen."""
MS = timedelta(milliseconds=1)


def states(shop: Any, joined: Iterable[Any]) -> list[OrderState]:
    return [shop.order(each).state for each in joined]


def only_refund(shop: Any, joined: Any) -> Refund:
    refund: Refund
    (refund,) = shop.refunds(joined)
    return refund


def sent(shop: Any, joined: Any, number: str = "SF1") -> None:
    """Approve an order and hand it to a carrier."""
    staff = shop.merchant_caller()
    shop.do(staff, fulfilment.approve_order, joined.order.id)
    shop.do(staff, fulfilment.ship_order, Parcel(joined.order.id, "sf", number))


def collected_shop(shop: Any) -> tuple[Campaign, Any, str]:
    """Lay an order out at a pickup point; return its campaign, what the join made, the code."""
    point = shop.store(PickupPoint(id=shop.ids.new("pup"), name="楼下", region="上海", address="1"))
    campaign = shop.campaign(pickup_point_ids=(point.id,), quorum=Quorum(Measure.BUYERS, 1))
    buyer = shop.user(roles=frozenset({Role.SHOPPER}))
    who = shop.caller(buyer.id, Role.SHOPPER)
    joined = shop.join(campaign, who, pickup_point_id=point.id)
    shop.pay(joined)
    shop.rest()
    shop.do(shop.merchant_caller(), fulfilment.approve_order, joined.order.id)
    bag = shop.do(shop.merchant_caller(), fulfilment.ready_for_pickup, joined.order.id)
    code = bag.pickup_code_sealed.rpartition("]")[2]
    return campaign, joined, code
