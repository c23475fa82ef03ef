"""What the shop knows of somebody as its customer: level, tags, and whether they may join."""

from datetime import datetime

from attrs import evolve, frozen

from groupbuy.domain.kernel import Invalid, Refused

TAGS_AT_MOST = 50
TAG_AT_MOST = 20


@frozen
class Tag:
    """A word about a customer: a community they are part of (mums, residents), or anything."""

    word: str
    by: str
    """The merchant that gave it and alone sees it; empty: the operator, for all."""
    reason: str
    at: datetime


@frozen
class Bar:
    """Somebody may not join for now."""

    reason: str
    by: str
    since: datetime
    until: datetime | None = None
    """None: until an operator lifts it."""

    def holds(self, now: datetime) -> bool:
        """Tell whether it still does."""
        return self.until is None or now < self.until


@frozen
class Membership:
    """A customer, as every request of theirs carries it along: joining looks nothing up."""

    level: int = 0
    """The rank of their level; 0 for none."""
    tags: tuple[Tag, ...] = ()
    bar: Bar | None = None

    def words_for(self, merchant_id: str) -> frozenset[str]:
        """Return the tags a merchant may go by: its own and the operator's."""
        return frozenset(each.word for each in self.tags if each.by in ("", merchant_id))

    def tagged(self, tag: Tag) -> "Membership":
        """Add a tag; the same word of the same hand is replaced. Raises Invalid."""
        if not 1 <= len(tag.word) <= TAG_AT_MOST or tag.word != tag.word.strip():
            raise Invalid(field="word", reason=f"must have 1 to {TAG_AT_MOST} letters")
        kept = self._without(tag.word, tag.by)
        if len(kept) >= TAGS_AT_MOST:
            raise Refused(rule="few_tags", about=str(TAGS_AT_MOST))
        return evolve(self, tags=(*kept, tag))

    def untagged(self, word: str, by: str) -> "Membership":
        """Take a tag away; without it nothing changes."""
        return evolve(self, tags=tuple(self._without(word, by)))

    def check_may_join(self, now: datetime) -> None:
        """Refuse whoever is barred. Raises Refused."""
        if self.bar is not None and self.bar.holds(now):
            until = self.bar.until
            raise Refused(rule="you_may_join", about=until.isoformat() if until else "")

    def _without(self, word: str, by: str) -> list[Tag]:
        return [each for each in self.tags if (each.word, each.by) != (word, by)]
