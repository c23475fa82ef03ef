"""The search entry: what one product is found by, kept beside it."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime

from attrs import evolve, frozen

from groupbuy.domain.kernel import Money
from groupbuy.domain.search.ranking import weight_of
from groupbuy.domain.search.spelling import Readings, spelled_tokens
from groupbuy.domain.search.words import Mark, all_grams, body_tokens, joined, key_token

HEAD_AT_MOST = 400
"""Characters of the name and of the labels that are searched, each."""
FACTS_AT_MOST = 1_200
STORY_AT_MOST = 1_200
RUNNING_AT_MOST = 20
"""Campaigns of one product that are searched, those that end last."""
BANDS = (0, 1_000, 3_000, 5_000, 10_000, 20_000, 50_000)
"""Where price bands begin, in minor units; the last one has no end."""


@frozen
class Said:
    """Everything that is said about a product, folded, by how much it counts."""

    name: str
    labels: str
    """Brand and categories."""
    facts: str
    """Attributes, code, unit, options."""
    story: str
    """Description and whatever else praises it."""


@frozen
class Running:
    """A campaign that sells a product, and the words it is found by."""

    id: str
    ends_at: datetime
    words: str
    """Title and leader, folded."""


@frozen
class SearchEntry:
    """What one product is found by; its id is the product's id.

    `tokens` are those of the text, each behind a tag of the shop, empty while it is not for sale.
    """

    id: str
    merchant_id: str
    category_id: str
    price: Money
    created_at: datetime
    brand_id: str | None = None
    sold: int = 0
    """Units sold when it was last looked at."""
    weight: int = 0
    """What ranks it whatever is asked for."""
    listed: bool = False
    running_until: datetime | None = None
    """When the last campaign that sells it is over."""
    head: str = ""
    """Name and labels, a line each."""
    rest: str = ""
    """Facts, story and campaigns, a line each."""
    facts_end: int = 0
    """Where the facts end in `rest`."""
    story_end: int = 0
    running: tuple[Running, ...] = ()
    tokens: str = ""
    version: int = 0

    @property
    def said(self) -> Said:
        """What was said about it, without its campaigns."""
        name, _, labels = self.head.partition("\n")
        facts = self.rest[: self.facts_end]
        return Said(name, labels, facts, self.rest[self.facts_end + 1 : self.story_end])

    def with_running(
        self, running: Iterable[Running], tag: str, readings: Readings
    ) -> "SearchEntry":
        """Return it with these campaigns instead of those it had."""
        return entry_of(evolve(self, running=tuple(running)), self.said, tag, readings)


def entry_of(base: SearchEntry, said: Said, tag: str, readings: Readings) -> SearchEntry:
    """Return an entry with its text and tokens made anew from what is said about the product."""
    last = sorted(base.running, key=lambda each: (each.ends_at, each.id))[-RUNNING_AT_MOST:]
    name, labels = said.name[:HEAD_AT_MOST].strip(), said.labels[:HEAD_AT_MOST].strip()
    facts, story = said.facts[:FACTS_AT_MOST].strip(), said.story[:STORY_AT_MOST].strip()
    head, text = f"{name}\n{labels}", f"{facts}\n{story}"
    rest = f"{text}\n{' '.join(each.words for each in last)}"
    made = evolve(
        base,
        weight=weight_of(base.sold, base.created_at),
        running=tuple(last),
        running_until=last[-1].ends_at if last else None,
        head=head,
        rest=rest,
        facts_end=len(facts),
        story_end=len(text),
    )
    return evolve(made, tokens=joined(_tokens(made, readings), tag) if base.listed else "")


def band_of(minor: int) -> int:
    """Return the number of the price band an amount lies in."""
    return bisect_right(BANDS, minor, lo=1) - 1


def bands_within(lowest: int | None, highest: int | None) -> range:
    """Return the numbers of the bands that prices from `lowest` to `highest` may lie in."""
    until = len(BANDS) if highest is None else band_of(highest) + 1
    return range(band_of(lowest or 0), until)


def _tokens(entry: SearchEntry, readings: Readings) -> set[str]:
    found = all_grams(entry.head, Mark.NAME) | body_tokens(entry.head) | body_tokens(entry.rest)
    found |= spelled_tokens(entry.head, readings)
    found |= {
        key_token(Mark.LISTED),
        key_token(Mark.CATEGORY, entry.category_id),
        key_token(Mark.MERCHANT, entry.merchant_id),
        key_token(Mark.BAND, str(band_of(entry.price.minor))),
    }
    if entry.brand_id:
        found.add(key_token(Mark.BRAND, entry.brand_id))
    if entry.running:
        found.add(key_token(Mark.RUNNING))
    return found
