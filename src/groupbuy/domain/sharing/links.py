"""Links that remember who passed something on, and where. They are counted, and pay nobody."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

from attrs import frozen

from groupbuy.domain.sharing.copies import Channel

CODE_LETTERS = 12
"""Sixty bits: nobody finds a link by trying."""
REMEMBERED = timedelta(days=7)
"""How long a browser that opened a link counts as brought by it."""
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class VisitStep(StrEnum):
    """How far somebody came who opened a link."""

    SHOWN = "shown"
    """The page of the link was shown to a browser."""
    CLICKED = "clicked"
    """They pressed on to the campaign or the product."""


@frozen
class ShareLink:
    """A short link: its id is the code in the address. Append-only.

    One for each sharer, subject and channel, however often it is asked for.
    """

    id: str
    subject: str
    """The campaign or the product."""
    channel: Channel
    sharer_id: str
    created_at: datetime


@frozen
class ShareVisit:
    """One browser came so far, the first time it did. Append-only; nothing tells who it was."""

    id: str
    subject: str
    link_id: str
    step: VisitStep
    at: datetime

    @classmethod
    def of(cls, link: ShareLink, step: VisitStep, visitor: str, now: datetime) -> "ShareVisit":
        """Note a step of a browser; `visitor` is a random name that it was given."""
        key = f"{link.subject}/{link.id}/{step.value}/{visitor}"
        return cls(key, link.subject, link.id, step, now)


@frozen
class Attribution:
    """What a browser that opened a link carries along: the link, and a name without meaning."""

    link_id: str
    visitor: str
    at: datetime
    """When it opened the link, in whole seconds."""

    def holds(self, now: datetime) -> bool:
        """Tell whether it still counts."""
        return self.at <= now < self.at + REMEMBERED


def code_of(mark: str) -> str:
    """Return the code of a link from a keyed hash of what it is about, so that none is guessed."""
    number = int.from_bytes(hashlib.sha256(mark.encode()).digest()[:8]) >> 4
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(55, -1, -5))
