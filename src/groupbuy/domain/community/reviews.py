"""A review: what the buyer of a delivered line thinks of it, in stars, words and pictures."""

from datetime import datetime, timedelta

from attrs import evolve, frozen

from groupbuy.domain.community.posts import Post, move
from groupbuy.domain.community.rules import (
    REVIEW_AT_MOST,
    REVIEW_PICTURES_AT_MOST,
    pictures_of,
    words_of,
)
from groupbuy.domain.community.states import REVIEW, ReviewMove
from groupbuy.domain.kernel import Event, Invalid, Refused

STARS = range(1, 6)
SUBMITTED = "review.submitted"


@frozen
class Opinion:
    """What a review says. Raises Invalid for what could not stand in one."""

    stars: int
    text: str
    pictures: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        """Refuse stars out of range, empty or long texts, and odd pictures."""
        if self.stars not in STARS:
            raise Invalid(field="stars", reason="must be 1 to 5 stars")
        words_of(self.text, REVIEW_AT_MOST)
        pictures_of(self.pictures, REVIEW_PICTURES_AT_MOST)


@frozen
class Edition:
    """A review as it was before its author changed it."""

    stars: int
    text: str
    until: datetime


@frozen(kw_only=True)
class Review(Post):
    """One review of one order line. It is changed once at most and never deleted."""

    order_id: str
    line_no: int
    line_key: str
    """`order/line`, unique: a line has one review for ever."""
    product_id: str
    title: str
    """What was bought."""
    options: str
    """In which variant."""
    stars: int
    pictures: tuple[str, ...] = ()
    editions: tuple[Edition, ...] = ()
    """As it was before it was amended; moderators see it."""
    reply: str = ""
    """The merchant's one answer, in its newest wording."""
    replied: bool = False
    replied_by: str = ""
    replied_at: datetime | None = None

    @property
    def amended(self) -> bool:
        """Whether the author has changed it already."""
        return bool(self.editions)

    @property
    def counted(self) -> int | None:
        """How many stars it adds to the rating of its product; None while it is not shown."""
        return self.stars if self.shown else None

    def submitted(self) -> Event:
        """Return the event that tells of a new one."""
        data = {"order": self.order_id, "line": self.line_no, "stars": self.stars}
        return Event(SUBMITTED, self.id, self.created_at, data)

    def amend(
        self, said: Opinion, window: timedelta, now: datetime
    ) -> "tuple[Review, list[Event]]":
        """The author says it otherwise, once; it is screened and moderated as a new one is.

        Raises Refused past the window, or the second time.
        """
        if now >= self.created_at + window:
            raise Refused(rule="within_the_amending_window", about=self.id)
        return move(
            REVIEW,
            self,
            ReviewMove.AMEND,
            now,
            stars=said.stars,
            text=words_of(said.text, REVIEW_AT_MOST),
            pictures=said.pictures,
            editions=(*self.editions, Edition(self.stars, self.text, now)),
        )

    def answer(self, by: str, text: str, now: datetime) -> "Review":
        """The merchant answers, or words the one answer anew. Raises Refused if it is not shown."""
        if not self.shown:
            raise Refused(rule="review_is_shown", about=self.id)
        return evolve(self, reply=text, replied=True, replied_by=by, replied_at=now)


def check_may_review(delivered_at: datetime | None, window: timedelta, now: datetime) -> None:
    """Tell whether goods may be reviewed: once they were delivered, and for a while.

    Raises Refused.
    """
    if delivered_at is None:
        raise Refused(rule="goods_were_delivered")
    if now >= delivered_at + window:
        raise Refused(rule="within_the_review_window")
