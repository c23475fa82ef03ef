"""Counting ratings anew: what they must come to, however they came about."""

from collections import defaultdict

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import pages
from groupbuy.application.write_path import Caller, Desk
from groupbuy.domain.community import PostState, Rating, Review
from groupbuy.domain.membership import Role

Counts = tuple[int, int, int, int, int]


@frozen
class WrongRating:
    """A product whose rating is not what its reviews come to."""

    product_id: str
    kept: Counts
    """One star, two, and so on, as they are shown."""
    counted: Counts
    """The same, counted from the reviews that are shown."""


def wrong_ratings(desk: Desk, caller: Caller) -> list[WrongRating]:
    """Count every rating anew, a page of reviews in memory at a time; return the wrong ones.

    A review that is shown or hidden meanwhile may look like a difference: count again then.
    Raises Forbidden.
    """
    caller.require(Role.OPERATOR)
    counted: dict[str, Rating] = defaultdict(lambda: Rating(""))
    for page in pages(desk, caller, Review, Query().where(state=PostState.PUBLISHED)):
        for review in page:
            counted[review.product_id] = counted[review.product_id].changed(None, review.stars)
    kept: dict[str, Rating] = defaultdict(lambda: Rating(""))
    for found in pages(desk, caller, Rating, Query()):
        kept |= {rating.id: rating for rating in found}
    return [
        WrongRating(key, kept[key].by_stars, counted[key].by_stars)
        for key in sorted({*kept, *counted})
        if kept[key].by_stars != counted[key].by_stars
    ]
