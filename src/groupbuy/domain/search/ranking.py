"""Which match is better: where a word stands, whether the words stand together, sales, age."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

NAME, LABELS, SPELLED, FACTS, STORY, CAMPAIGN = range(6, 0, -1)
"""Points of a word by where it stands."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SOLD_BITS = 20
_TIME_BITS = 33


def weight_of(sold: int, created_at: datetime) -> int:
    """Return what ranks a product whatever was asked for: sales, then how new it is."""
    units = min(max(sold, 0), (1 << _SOLD_BITS) - 1)
    seconds = (created_at - _EPOCH) // timedelta(seconds=1)
    return units << _TIME_BITS | min(max(seconds, 0), (1 << _TIME_BITS) - 1)


def units_in(weight: int) -> int:
    """Return the units sold that a weight was made from, at most a million."""
    return weight >> _TIME_BITS


def seconds_in(weight: int) -> int:
    """Return when the product of a weight was made, in seconds since 1970."""
    return weight & ((1 << _TIME_BITS) - 1)


def rank_of(points: int, phrase: int, weight: int) -> int:
    """Return one number of at most 59 bits; more is better, ties go by the id."""
    return (points * 4 + phrase) << (_SOLD_BITS + _TIME_BITS) | weight


def points_of(name_end: int, places: tuple[int, int], ends: tuple[int, int]) -> int:
    """Return the points of a word; 0 where it is not found.

    `places` are those in the head and in the rest, -1 where it is absent; `ends` those of the
    facts and of the story in the rest.
    """
    in_head, in_rest = places
    if in_head >= 0:
        return NAME if in_head < name_end else LABELS
    if in_rest < 0:
        return 0
    facts_end, story_end = ends
    if in_rest < facts_end:
        return FACTS
    return STORY if in_rest < story_end else CAMPAIGN


def phrase_in(name: str, terms: Sequence[str]) -> int:
    """Tell how much of a phrase the words are in a folded name, from 0 to 3."""
    phrase = " ".join(terms)
    at = name.find(phrase)
    if at < 0:
        return 0
    if at > 0:
        return 1
    return 3 if name == phrase else 2
