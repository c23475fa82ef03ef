"""Segments as they are kept, and who was found to belong to them."""

import json
from datetime import datetime

from attrs import evolve, frozen

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.segments.predicates import Predicate, read_predicate, write_predicate

NAME_AT_MOST = 40


@frozen
class Segment:
    """Which customers are meant, under a name."""

    id: str
    merchant_id: str | None
    """Whose customers are looked at; None for everybody's, which operators keep."""
    name: str
    who: str
    """The predicate, as text."""
    created_at: datetime
    created_by: str
    counted_at: datetime | None = None
    """When it was last found out who belongs to it; None as long as it was not."""
    members: int = 0
    """How many did then."""
    removed_at: datetime | None = None
    version: int = 0

    @property
    def predicate(self) -> Predicate:
        """Return who is meant."""
        return read_predicate(json.loads(self.who))

    def meaning(self, name: str, predicate: Predicate) -> "Segment":
        """Give it a name and say who is meant; it has to be counted then. Raises Invalid."""
        tidy = name.strip()
        if not 1 <= len(tidy) <= NAME_AT_MOST:
            raise Invalid(field="name", reason=f"must have 1 to {NAME_AT_MOST} letters")
        said = json.dumps(write_predicate(predicate), ensure_ascii=False, separators=(",", ":"))
        return evolve(self, name=tidy, who=said, counted_at=None)


@frozen
class SegmentMember:
    """Somebody who belongs to a segment, or did; the id is `segment/user`."""

    id: str
    segment_id: str
    user_id: str
    since: datetime
    """When they came in last."""
    inside: bool = True
    version: int = 0


def member_key(segment_id: str, user_id: str) -> str:
    """Return the id under which somebody belongs to a segment."""
    return f"{segment_id}/{user_id}"
