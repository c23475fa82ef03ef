"""Hot lists of a shop in tests: read on, count anew, look."""

from typing import Any

from groupbuy.application import discovery
from groupbuy.application.discovery import HotList, Rebuilt
from groupbuy.application.discovery.following import Step


def follow(shop: Any) -> Step:
    """Read on to the end."""
    return discovery.follow(shop.desk, shop.begin.__self__, shop.tenant)


def rebuild(shop: Any) -> Rebuilt:
    """Count everything anew."""
    return discovery.rebuild(shop.desk, shop.begin.__self__, shop.system())


def dump(shop: Any) -> bytes:
    """Return all habits and heats as bytes."""
    return bytes(shop.desk.read(shop.system(), discovery.dump))


def hot(shop: Any, **wish: Any) -> HotList:
    """Return a hot list as anybody sees it."""
    nobody = shop.caller("")
    found: HotList = shop.desk.read(nobody, lambda w: discovery.hot(w, discovery.HotWish(**wish)))
    return found


def listed(shop: Any, **wish: Any) -> list[str]:
    """Return the products of a hot list, in order."""
    return [slot.shelved.id for slot in hot(shop, **wish).slots]
