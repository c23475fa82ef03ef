"""Search in our own words: the index over what is for sale, and how Chinese is written and read."""

from collections.abc import Collection, Hashable, Iterable
from datetime import datetime
from enum import Enum
from typing import NamedTuple, Protocol

from attrs import frozen

WINDOW = 500
"""Products one search ranks, counts and pages through at most."""

Tokens = frozenset[str]


class Letters(Hashable, Protocol):
    """Knows the characters of Chinese; equal ones know the same."""

    def simplified(self, character: str) -> str:
        """Return the simplified form of one character; itself if it has none."""
        ...

    def readings(self, character: str) -> tuple[str, ...]:
        """Return how a character is read, in letters without tones; nothing for others."""
        ...

    def syllables(self) -> Collection[str]:
        """Return every syllable that common characters have."""
        ...


@frozen
class PlainLetters:
    """Knows no Chinese: every character is what it is, and none is read."""

    def simplified(self, character: str) -> str:
        """Return the character itself."""
        return character

    def readings(self, character: str) -> tuple[str, ...]:  # noqa: ARG002  nothing is known
        """No character is read."""
        return ()

    def syllables(self) -> Collection[str]:
        """There are none."""
        return frozenset()


class Reach(Enum):
    """How far a search reaches; each step finds more than the one before, and less well."""

    NAME = "name"
    """Names, brands and categories."""
    ANYWHERE = "anywhere"
    """Everything that is said."""
    SPELLED = "spelled"
    """Names that are read like the letters that were typed."""


@frozen
class Term:
    """One word of a query, folded, and what a text that holds it must have."""

    text: str
    name: Tokens
    anywhere: Tokens
    spelled: tuple[Tokens, ...] = ()
    """Ways to read it as pinyin."""
    again: bool = False
    """Its tokens over-match: the text has to be looked at."""


@frozen
class Wanted:
    """What to find. Tokens are told apart by shop: all carry the tag of the tenant."""

    terms: tuple[Term, ...] = ()
    tag: str = ""
    each_of: tuple[Tokens, ...] = ()
    """Of every set here an entry has at least one token."""
    lowest: int | None = None
    """Minor units."""
    highest: int | None = None
    """Minor units, inclusive."""
    now: datetime | None = None
    """When a campaign must not be over yet to count; left out, none counts."""
    running: bool = False
    """Only what a campaign sells."""
    without: tuple[str, ...] = ()
    """Ids of entries that are known already and left out of what `find` returns."""
    limit: int = WINDOW + 1


class Hit(NamedTuple):
    """One entry that was found: what ranks it, counts it and shows where it matched."""

    id: str
    category_id: str
    brand_id: str | None
    price: int
    """Minor units."""
    weight: int
    running: bool
    """A campaign sells it."""
    head: str
    """Name and labels, folded, a line each."""
    facts_end: int
    """Where the facts end in the rest of the text."""
    story_end: int
    in_rest: tuple[int, ...] = ()
    """Where each term stands in the rest of the text, 0 where it is not, 1 at its beginning;
    nothing by `NAME`."""


class SearchIndex(Protocol):
    """Finds entries of one tenant in the committed state."""

    def find(self, wanted: Wanted, reach: Reach) -> list[Hit]:
        """Return the newest that match, at most `limit`; what is `SPELLED` needs another look.

        There is at least one term or set of tokens to go by.
        """
        ...

    def newest(self, wanted: Wanted) -> list[Hit]:
        """Return the newest that are for sale, by price and campaign; no tokens are looked at."""
        ...

    def stocked(self, product_ids: Iterable[str]) -> set[str]:
        """Return those of some products of which there are goods in hand right now."""
        ...


def combined(wanted: Wanted, reach: Reach, most: int = 8) -> list[Tokens]:
    """Return the sets of tokens of which a matching entry has all of one, without tags."""
    ways: list[Tokens] = [frozenset()]
    for term in wanted.terms:
        mine: tuple[Tokens, ...] = (term.name if reach is Reach.NAME else term.anywhere,)
        if reach is Reach.SPELLED and term.spelled:
            mine = term.spelled
        ways = [done | more for done in ways for more in mine][:most]
    return ways


def looked_at_again(wanted: Wanted, reach: Reach) -> list[str]:
    """Return the terms whose place in the text has to be checked."""
    spelled = reach is Reach.SPELLED
    return [t.text for t in wanted.terms if t.again and not (spelled and t.spelled)]
