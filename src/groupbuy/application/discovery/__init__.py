"""Discovery: what shoppers are shown before they search, and why. Import from here."""

from groupbuy.application.discovery.following import follow
from groupbuy.application.discovery.keeping import keep
from groupbuy.application.discovery.listing import HotList, HotSlot, HotWish, hot
from groupbuy.application.discovery.rebuilding import Rebuilt, dump, rebuild
from groupbuy.application.discovery.words import Why

__all__ = [
    "HotList",
    "HotSlot",
    "HotWish",
    "Rebuilt",
    "Why",
    "dump",
    "follow",
    "hot",
    "keep",
    "rebuild",
]
