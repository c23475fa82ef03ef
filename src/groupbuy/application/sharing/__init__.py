"""Sharing campaigns and products. Sharing is counted, and never rewarded. Import from here."""

from groupbuy.application.sharing.facts import facts_of
from groupbuy.application.sharing.telling import PATH, ShareWish, Told, copies_of, share_texts

__all__ = ["PATH", "ShareWish", "Told", "copies_of", "facts_of", "share_texts"]
