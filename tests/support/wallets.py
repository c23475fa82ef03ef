"""Coupons of the two shops."""

from collections.abc import Mapping
from typing import Any

from tests.support.shop_bodies import coupons_of


def coupons_had(world: Any, ids: Mapping[str, str], staff: Any, buyer: Any) -> dict[str, str]:
    """Let a merchant offer coupons and the buyer claim one; return what to call both."""
    made = world.send("POST", "/merchant/coupon-templates", staff, coupons_of(ids))
    mine = world.send("POST", f"/shop/coupon-templates/{made['id']}/claim", buyer)
    return {"template": made["id"], "coupon": mine["id"]}
