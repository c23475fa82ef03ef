"""Segments: customers by what they bought and when, kept and counted. Import from here."""

from groupbuy.application.segments.counting import count_due, count_segment
from groupbuy.application.segments.customers import LOOKED_AT_MOST, customers
from groupbuy.application.segments.keeping import (
    SAMPLE,
    Preview,
    Sampled,
    create_segment,
    edit_segment,
    names_of,
    preview_segment,
    preview_who,
    remove_segment,
    segment_of,
    segments,
)

__all__ = [
    "LOOKED_AT_MOST",
    "SAMPLE",
    "Preview",
    "Sampled",
    "count_due",
    "count_segment",
    "create_segment",
    "customers",
    "edit_segment",
    "names_of",
    "preview_segment",
    "preview_who",
    "remove_segment",
    "segment_of",
    "segments",
]
