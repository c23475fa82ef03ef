"""Questions about products and campaigns, and what buyers, merchant and leader answer."""

from datetime import datetime
from enum import StrEnum

from attrs import evolve, frozen

from groupbuy.domain.community.posts import Post
from groupbuy.domain.kernel import Event

ASKED, ANSWERED = "question.asked", "answer.given"


class Badge(StrEnum):
    """Who answers; `BADGE_TEXTS` says it in words."""

    MERCHANT = "merchant"
    LEADER = "leader"
    BUYER = "buyer"
    """Bought what the question is about."""
    SHOPPER = "shopper"
    """Anybody else, who may only reply."""


BADGE_TEXTS: dict[Badge, tuple[str, str]] = {
    Badge.MERCHANT: ("商家", "Merchant"),
    Badge.LEADER: ("团长", "Leader"),
    Badge.BUYER: ("已购", "Bought it"),
    Badge.SHOPPER: ("", ""),
}
"""Texts by badge: zh-CN, en."""


@frozen(kw_only=True)
class Question(Post):
    """One question about a product or a campaign."""

    about: str
    """The product or the campaign."""
    answers: int = 0
    """How many answers to it are shown."""

    def asked(self) -> Event:
        """Return the event that tells of a new one."""
        return Event(ASKED, self.id, self.created_at, {"about": self.about})

    def counted(self, more: int) -> "Question":
        """More answers, or fewer, are shown."""
        return evolve(self, answers=self.answers + more)


@frozen(kw_only=True)
class Answer(Post):
    """An answer to a question, or a reply to such an answer."""

    question_id: str
    badge: Badge
    reply_to: str = ""
    """The answer it replies to."""

    def given(self) -> Event:
        """Return the event that tells of a new one."""
        return Event(ANSWERED, self.id, self.created_at, {"question": self.question_id})


@frozen
class Follow:
    """A past buyer wishes to help: they hear of new questions about a product."""

    id: str
    """`product/person`."""
    about: str
    user_id: str
    at: datetime
    on: bool = True
    version: int = 0
