"""Texts to share, one for each channel."""

from collections.abc import Sequence

from attrs import frozen

from groupbuy.application.sharing.facts import facts_of
from groupbuy.application.write_path import Work
from groupbuy.domain.sharing import Channel, ShareCopy, ShareFacts, Tone, write_copy

PATH = "/s/"
"""Where links to share begin; behind it stands a code, or the id of what is shared."""


@frozen
class ShareWish:
    """What somebody wants to pass on, and how it shall sound."""

    subject: str
    """A campaign or a product."""
    base_url: str
    """How we are reached, without a slash at the end."""
    tone: Tone = Tone.CLASSIC
    channels: tuple[Channel, ...] = tuple(Channel)
    english: bool = False


@frozen
class Told:
    """What was true, and the texts that say it."""

    facts: ShareFacts
    copies: Sequence[ShareCopy]


def share_texts(work: Work, wish: ShareWish, kind: str = "") -> Told:
    """Write the texts of a campaign or a product, with its plain link: it names nobody.

    `kind` is what the subject has to be. Raises NotFound; Refused for a campaign nobody can join
    any more, and for a title that induces people to share.
    """
    facts = facts_of(work, wish.subject, kind)
    link = wish.base_url + PATH + wish.subject
    copies = [
        write_copy(facts, channel, wish.tone, link, english=wish.english)
        for channel in wish.channels
    ]
    return Told(facts, copies)
