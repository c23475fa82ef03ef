"""What reviews, questions and answers have in common: an author, a text, and its moderation."""

from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from attrs import evolve, frozen

from groupbuy.domain.community.rules import Moderation
from groupbuy.domain.community.screening import Finding
from groupbuy.domain.community.states import PostMove, PostState
from groupbuy.domain.kernel import Event, Machine

MASK = "**"
"""Stands for the rest of a name."""


@frozen(kw_only=True)
class Post:
    """Something a person said in public."""

    id: str
    author_id: str
    merchant_id: str
    """Whose goods it is about."""
    text: str
    created_at: datetime
    leader_id: str | None = None
    """Who led the campaign it is about."""
    initial: str = ""
    """The first letter of the author's name, as it was; empty if they want to be nobody."""
    waiting: bool = False
    """Whether a moderator should look at it."""
    findings: tuple[Finding, ...] = ()
    """Why."""
    reports: int = 0
    helpful: int = 0
    """How many people it helped."""
    published_at: datetime | None = None
    """When it was first shown."""
    decided_by: str = ""
    """Which moderator decided about it last; empty if none did."""
    decided_at: datetime | None = None
    decision: str = ""
    """Why."""
    state: PostState = PostState.SUBMITTED
    version: int = 0

    @property
    def shown(self) -> bool:
        """Tell whether everybody sees it."""
        return self.state is PostState.PUBLISHED

    @property
    def name(self) -> str:
        """What others see of its author's name: `王**`; empty for somebody who is nobody here."""
        return self.initial + MASK if self.initial else ""


P = TypeVar("P", bound=Post)
Life = Machine[PostState, Any, Any]


def publish_or_hold(
    life: Life, post: P, found: tuple[Finding, ...], moderation: Moderation, now: datetime
) -> tuple[P, list[Event]]:
    """Show a submitted post; let it wait where screening found something or nothing goes unseen."""
    if found or moderation is Moderation.BEFORE:
        return evolve(post, waiting=True, findings=found), []
    return move(life, post, PostMove.PUBLISH, now, waiting=False, findings=())


def decide(
    life: Life, post: P, what: PostMove, by: str, reason: str, now: datetime
) -> tuple[P, list[Event]]:
    """A moderator publishes, hides or rejects it. Raises IllegalMove.

    To publish what is shown already confirms it: it need not be looked at again.
    """
    facts = {"waiting": False, "decided_by": by, "decided_at": now, "decision": reason}
    if what is PostMove.PUBLISH and post.shown:
        return evolve(post, **facts), []  # type: ignore[arg-type]
    return move(life, post, what, now, **facts)


def reported(post: P) -> P:
    """Note one more report: a moderator should look. It stays shown: a person decides."""
    findings = tuple(dict.fromkeys([*post.findings, Finding.REPORTED]))
    return evolve(post, reports=post.reports + 1, waiting=True, findings=findings)


def forgotten(post: P) -> P:
    """Return it without anything of its author, who was erased; what was said stays."""
    return evolve(post, initial="")


def move(
    life: Life, post: P, what: StrEnum, now: datetime, **changes: object
) -> tuple[P, list[Event]]:
    """Take one step of a table, with the facts that go with it. Raises IllegalMove, Refused.

    Moderators do the same to everything; each table has moves of its own.
    """
    edge = life.fire(post.state, type(life.edges[0].move)(what.value), post)
    if edge.target is PostState.PUBLISHED and post.published_at is None:
        changes |= {"published_at": now}
    after: P = evolve(post, state=edge.target, **changes)  # type: ignore[arg-type]
    return after, [Event(edge.event, post.id, now, {"merchant": post.merchant_id})]


@frozen
class Report:
    """Somebody thinks that a post should not be shown."""

    id: str
    """`post/person`: everybody reports a post once."""
    post_id: str
    reporter_id: str
    """A person, or `merchant:…` for whose goods it is about."""
    reason: str
    at: datetime


@frozen
class Vote:
    """A post helped somebody."""

    id: str
    """`post/person`: everybody says so once."""
    voter_id: str
    at: datetime
