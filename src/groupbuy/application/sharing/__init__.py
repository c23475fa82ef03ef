"""Sharing campaigns and products. Sharing is counted, and never rewarded. Import from here."""

from groupbuy.application.sharing.facts import facts_of
from groupbuy.application.sharing.linking import Landing, count_visit, open_link, share
from groupbuy.application.sharing.telling import PATH, ShareWish, Told, share_texts

__all__ = [
    "PATH",
    "Landing",
    "ShareWish",
    "Told",
    "count_visit",
    "facts_of",
    "open_link",
    "share",
    "share_texts",
]
