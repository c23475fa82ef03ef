"""The rating of a product: how many stars how often, counted as reviews come and go.

The mean is Bayesian, (C·m + Σ stars) / (C + n): as if C reviews of m stars had been there from
the beginning. One enthusiastic review does not beat a hundred good ones, and with many reviews
the C no longer matter. It is the "weighted rating" that IMDb publishes for its charts, there
written (v·R + m·C) / (v + m).

m is a constant the operator sets and not the shop's own mean on purpose: the shop's mean would move
every product whenever any other one is reviewed, and every review would lock one row of the shop.
"""

from collections.abc import Iterable

from attrs import evolve, frozen

from groupbuy.domain.community.reviews import STARS

HUNDREDTHS = 100


@frozen
class Rating:
    """Counts of the reviews of one product that are shown."""

    id: str
    """The product."""
    one: int = 0
    two: int = 0
    three: int = 0
    four: int = 0
    five: int = 0
    version: int = 0

    @property
    def by_stars(self) -> tuple[int, int, int, int, int]:
        """How many gave one star, two, and so on."""
        return (self.one, self.two, self.three, self.four, self.five)

    @property
    def count(self) -> int:
        """How many reviews there are."""
        return sum(self.by_stars)

    @property
    def total(self) -> int:
        """All their stars together."""
        return sum(stars * many for stars, many in zip(STARS, self.by_stars, strict=True))

    def changed(self, was: int | None, now: int | None) -> "Rating":
        """A review gave `was` stars and gives `now`; None is a review that is not shown."""
        counts = list(self.by_stars)
        if was is not None:
            counts[was - 1] -= 1
        if now is not None:
            counts[now - 1] += 1
        one, two, three, four, five = counts
        return evolve(self, one=one, two=two, three=three, four=four, five=five)

    def mean(self, prior_mean: int, prior_reviews: int) -> int | None:
        """Return the Bayesian mean in hundredths of a star, halves rounded up; None of nothing.

        `prior_mean` is in hundredths too: 4 reviews of 5 stars beside 5 of 400 make 444.
        """
        weight = prior_reviews + self.count
        if not self.count:
            return None
        above = prior_reviews * prior_mean + HUNDREDTHS * self.total
        return (2 * above + weight) // (2 * weight)


def rating_of(product_id: str, stars: Iterable[int]) -> Rating:
    """Count the stars of all reviews that are shown: what a rating must come to."""
    rating = Rating(product_id)
    for each in stars:
        rating = rating.changed(None, each)
    return rating
