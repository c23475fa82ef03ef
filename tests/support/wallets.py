"""Coupons and segments of the two shops."""

from collections.abc import Mapping
from typing import Any

from tests.support.shop_bodies import EVERY_BUYER, coupons_of, push_about


def coupons_had(world: Any, ids: Mapping[str, str], staff: Any, buyer: Any) -> dict[str, str]:
    """Let a merchant offer coupons and write a push, the buyer claim; return what was made."""
    made = world.send("POST", "/merchant/coupon-templates", staff, coupons_of(ids))
    mine = world.send("POST", f"/shop/coupon-templates/{made['id']}/claim", buyer)
    segment = world.send("POST", "/merchant/segments", staff, EVERY_BUYER)
    push = world.send(
        "POST", "/merchant/pushes", staff, push_about({**ids, "segment": segment["id"]})
    )
    return {
        "template": made["id"],
        "coupon": mine["id"],
        "segment": segment["id"],
        "push": push["id"],
    }
