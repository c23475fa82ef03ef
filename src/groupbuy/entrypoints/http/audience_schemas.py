"""Whom a campaign is for, over HTTP."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from groupbuy.domain.campaigns import Audience, Campaign, HeadStart

_Rank = Annotated[int, Meta(ge=0, le=9)]


class AudienceIn(msgspec.Struct, forbid_unknown_fields=True):
    """Whom a campaign is open to; what is empty asks nothing."""

    level: _Rank = 0
    """The lowest level."""
    words: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=20)]], Meta(max_length=20)
    ] = msgspec.field(default_factory=list)
    """Communities and tags: one of them is enough."""

    def audience(self) -> Audience:
        """Return it in the words of the domain."""
        return Audience(self.level, tuple(dict.fromkeys(word.strip() for word in self.words)))


class HeadStartIn(msgspec.Struct, forbid_unknown_fields=True):
    """The first minutes of a campaign, in which only some may join; one reason is enough."""

    minutes: Annotated[int, Meta(ge=1, le=10_080)]
    level: _Rank = 0
    """The lowest level that comes first; 0 for none."""
    returning: bool = False
    """Those come first who have bought from the merchant before."""

    def head_start(self) -> HeadStart:
        """Return it in the words of the domain."""
        return HeadStart(self.minutes, self.level, self.returning)


class ForMeOut(msgspec.Struct, frozen=True):
    """Whether a campaign is open to the caller, and from when."""

    included: bool
    """It is for people like the caller at all."""
    opens_at: datetime
    """For the caller."""
    opens_for_all_at: datetime
    first: bool
    """The caller comes in before others."""


def audience_out(campaign: Campaign) -> AudienceIn:
    """Render whom a campaign is open to."""
    return AudienceIn(campaign.audience.level, list(campaign.audience.words))


def head_start_out(campaign: Campaign) -> HeadStartIn | None:
    """Render who comes in first."""
    first = campaign.head_start
    return HeadStartIn(first.minutes, first.level, first.returning) if first else None
