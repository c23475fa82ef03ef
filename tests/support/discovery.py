"""Hot lists of a shop in tests: read on, count anew, look."""

from groupbuy.application import discovery


def follow(shop):
    """Read on to the end."""
    return discovery.follow(shop.desk, shop.begin.__self__, shop.tenant)


def rebuild(shop):
    """Count everything anew."""
    return discovery.rebuild(shop.desk, shop.begin.__self__, shop.system())


def dump(shop):
    """Return all habits and heats as bytes."""
    return shop.desk.read(shop.system(), discovery.dump)


def hot(shop, **wish):
    """Return a hot list as anybody sees it."""
    nobody = shop.caller("")
    return shop.desk.read(nobody, lambda w: discovery.hot(w, discovery.HotWish(**wish)))


def listed(shop, **wish):
    """Return the products of a hot list, in order."""
    return [slot.shelved.id for slot in hot(shop, **wish).slots]
