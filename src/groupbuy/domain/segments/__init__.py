"""Segments: which customers are meant, by what they bought and when. Import from here."""

from groupbuy.domain.segments.customer import Customer, Purchase
from groupbuy.domain.segments.model import NAME_AT_MOST, Segment, SegmentMember, member_key
from groupbuy.domain.segments.predicates import (
    Asks,
    Joined,
    Joins,
    Predicate,
    Simple,
    asked_by,
    holds,
    parts_of,
    read_predicate,
    write_predicate,
)
from groupbuy.domain.segments.rfm import BEST, Sale, Scores, Sums, scores_of, sums_of
from groupbuy.domain.segments.sentences import sentence

__all__ = [
    "BEST",
    "NAME_AT_MOST",
    "Asks",
    "Customer",
    "Joined",
    "Joins",
    "Predicate",
    "Purchase",
    "Sale",
    "Scores",
    "Segment",
    "SegmentMember",
    "Simple",
    "Sums",
    "asked_by",
    "holds",
    "member_key",
    "parts_of",
    "read_predicate",
    "scores_of",
    "sentence",
    "sums_of",
    "write_predicate",
]
