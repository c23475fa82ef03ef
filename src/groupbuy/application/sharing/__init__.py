"""Sharing campaigns and products. Sharing is counted, and never rewarded. Import from here."""

from groupbuy.application.sharing.drawing import Draft, draft_card
from groupbuy.application.sharing.facts import facts_of
from groupbuy.application.sharing.funnels import Funnel, NamedRow, campaign_funnel, funnel
from groupbuy.application.sharing.linking import Landing, count_visit, open_link, share
from groupbuy.application.sharing.rolls import Roll, roll_of
from groupbuy.application.sharing.telling import PATH, ShareWish, Told, share_texts

__all__ = [
    "PATH",
    "Draft",
    "Funnel",
    "Landing",
    "NamedRow",
    "Roll",
    "ShareWish",
    "Told",
    "campaign_funnel",
    "count_visit",
    "draft_card",
    "facts_of",
    "funnel",
    "open_link",
    "roll_of",
    "share",
    "share_texts",
]
