"""Coupons and segments of the two shops."""

from collections.abc import Mapping
from typing import Any

from tests.support.shop_bodies import EVERY_BUYER, coupons_of


def coupons_had(world: Any, ids: Mapping[str, str], staff: Any, buyer: Any) -> dict[str, str]:
    """Let a merchant offer coupons and keep a segment, the buyer claim; return what was made."""
    made = world.send("POST", "/merchant/coupon-templates", staff, coupons_of(ids))
    mine = world.send("POST", f"/shop/coupon-templates/{made['id']}/claim", buyer)
    segment = world.send("POST", "/merchant/segments", staff, EVERY_BUYER)
    return {"template": made["id"], "coupon": mine["id"], "segment": segment["id"]}
