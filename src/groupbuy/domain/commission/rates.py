"""Which rate applies and why: pure precedence, from the most specific word to the shop's."""

from collections.abc import Sequence
from enum import StrEnum

from attrs import frozen

SHOP = "shop"
"""Stands for the shop itself where a leader's id could stand."""


class RateRule(StrEnum):
    """Whose word a rate is; the leader's share goes by the first of the first five that is set."""

    OFFER = "offer"
    """Said for one variant of one campaign."""
    CAMPAIGN = "campaign"
    CATEGORY = "category"
    """Of the product's category, or of the nearest one above it that has a rate."""
    LEADER = "leader"
    SHOP = "shop"
    """The shop's default: nobody said anything more specific."""
    HELPER = "helper"
    PICKUP_POINT = "pickup_point"
    LADDER = "ladder"
    """A bonus for what a leader sold in a month; its source names leader and month."""
    DISPUTE = "dispute"
    """The answer to a dispute, which its source names."""


@frozen
class Said:
    """A rate as one of those who may say one did, or did not."""

    source: str
    """Id of what bears the rate."""
    bp: int | None
    """Basis points; None means nothing was said."""


@frozen
class Rate:
    """The rate that applies, and why."""

    bp: int
    rule: RateRule
    source: str = ""
    """Id of what bears the rate; empty for the shop."""

    @classmethod
    def kept(cls, bp: int, why: str) -> "Rate":
        """Return a rate as it was kept with its `why`."""
        return cls(bp, rule_in(why), source_in(why))

    @property
    def why(self) -> str:
        """Rule and source as one text, such as `category:cat_…`, to be kept with an order."""
        return f"{self.rule}:{self.source}"


def rate_of(
    *, offer: Said, campaign: Said, categories: Sequence[Said], leader: Said, shop_bp: int
) -> Rate:
    """Return the leader's rate: the most specific that is set wins, and 0 is set.

    `categories` are the product's own and those above it, the nearest first. Nobody else's sales
    and nobody's recruits come into it: there is one level, the leader's own.
    """
    words = (
        (RateRule.OFFER, offer),
        (RateRule.CAMPAIGN, campaign),
        *((RateRule.CATEGORY, category) for category in categories),
        (RateRule.LEADER, leader),
    )
    for rule, said in words:
        if said.bp is not None:
            return Rate(said.bp, rule, said.source)
    return Rate(shop_bp, RateRule.SHOP)


def rule_in(why: str) -> RateRule:
    """Return the rule of a kept `why`; text that names none was the shop's default."""
    return _RULES.get(why.partition(":")[0], RateRule.SHOP)


def source_in(why: str) -> str:
    """Return the source of a kept `why`."""
    return why.partition(":")[2]


_RULES = {rule.value: rule for rule in RateRule}
