"""A shop whose orders earn points."""

from typing import Any

from attrs import evolve

from groupbuy.application.policy import Policy
from groupbuy.application.ports import ParcelState
from groupbuy.domain.points import PointRules
from tests.support.stories import sent


def give_points(shop: Any, **rules: int) -> None:
    """Let orders from now on earn points: one for each 1.00 unless told otherwise."""
    points = PointRules(**({"per_yuan": 1} | rules))
    set_policy(shop, evolve(shop.policy, points=points))


def set_policy(shop: Any, policy: Policy) -> None:
    """Give the shop another policy from now on."""
    shop.policy, shop.kit = policy, evolve(shop.kit, policy=policy)
    shop.desk = evolve(shop.desk, kit=shop.kit)
    shop.relay = shop.a_relay()


def completed(shop: Any, joined: Any) -> Any:
    """Send an order of a formed group, let it arrive and its window pass."""
    sent(shop, joined)
    shop.work_off()
    shop.carrier.move("sf", "SF1", ParcelState.DELIVERED)
    shop.pass_time(hours=3)
    shop.pass_time(days=8)
    return shop.order(joined)
