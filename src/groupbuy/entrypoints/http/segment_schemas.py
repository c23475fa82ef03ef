"""Bodies and answers about segments."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from groupbuy.application.segments import Preview
from groupbuy.domain.kernel import Money
from groupbuy.domain.segments import NAME_AT_MOST, Segment, sentence, write_predicate
from groupbuy.entrypoints.http.amounts import Amount, IdText, amount

_Plain = dict[str, Any]


class SegmentIn(msgspec.Struct, forbid_unknown_fields=True):
    """Which customers are meant."""

    name: Annotated[str, Meta(min_length=1, max_length=NAME_AT_MOST)]
    who: _Plain
    """One predicate: `{"all": [{"category": "cat_…"}, {"bought_within_days": 90}]}`."""
    merchant_id: IdText | None = None
    """For operators: only customers of this merchant. An edit does not change it."""


class SegmentOut(msgspec.Struct, frozen=True, kw_only=True):
    """A segment as it is kept."""

    id: str
    name: str
    merchant_id: str | None
    who: _Plain
    sentence: str
    """Who is meant, in Chinese, with ids as they are."""
    sentence_en: str
    created_at: datetime
    counted_at: datetime | None
    """When it was last found out who belongs to it; null as long as it was not."""
    members: int


class SampledOut(msgspec.Struct, frozen=True, kw_only=True):
    """One of those meant, without what tells who it is."""

    initial: str
    orders: int
    spent: Amount
    bought_on: date | None


class SegmentPreviewOut(msgspec.Struct, frozen=True, kw_only=True):
    """Who is meant at this moment."""

    sentence: str
    sentence_en: str
    count: int
    out_of: int
    """All customers there are to choose from."""
    sample: list[SampledOut]


def segment_out(segment: Segment) -> SegmentOut:
    """Render a segment."""
    predicate = segment.predicate
    return SegmentOut(
        id=segment.id,
        name=segment.name,
        merchant_id=segment.merchant_id,
        who=write_predicate(predicate),
        sentence=sentence(predicate),
        sentence_en=sentence(predicate, english=True),
        created_at=segment.created_at,
        counted_at=segment.counted_at,
        members=segment.members,
    )


def segment_preview_out(found: Preview, currency: str) -> SegmentPreviewOut:
    """Render who is meant."""
    sample = [
        SampledOut(
            initial=each.initial,
            orders=each.orders,
            spent=amount(Money(each.spent, currency)),
            bought_on=each.bought_on,
        )
        for each in found.sample
    ]
    return SegmentPreviewOut(
        sentence=found.zh,
        sentence_en=found.en,
        count=found.count,
        out_of=found.out_of,
        sample=sample,
    )
