"""Discovery: what shoppers are shown before they search, and why. Import from here."""

from groupbuy.application.discovery.following import follow
from groupbuy.application.discovery.home_page import (
    SHOWN,
    CampaignSlot,
    Home,
    ProductSlot,
    home,
    newcomers,
)
from groupbuy.application.discovery.keeping import keep
from groupbuy.application.discovery.listing import HotList, HotSlot, HotWish, hot
from groupbuy.application.discovery.rebuilding import Rebuilt, dump, rebuild
from groupbuy.application.discovery.recommending import ForYou, bought_with, for_you
from groupbuy.application.discovery.words import Why

__all__ = [
    "SHOWN",
    "CampaignSlot",
    "ForYou",
    "Home",
    "HotList",
    "HotSlot",
    "HotWish",
    "ProductSlot",
    "Rebuilt",
    "Why",
    "bought_with",
    "dump",
    "follow",
    "for_you",
    "home",
    "hot",
    "keep",
    "newcomers",
    "rebuild",
]
