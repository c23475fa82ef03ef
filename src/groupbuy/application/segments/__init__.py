"""Segments: customers by what they bought and when, kept and counted. Import from here."""

from groupbuy.application.segments.consenting import consent, my_consent, token_of, unsubscribe
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
from groupbuy.application.segments.pushing import (
    NewPush,
    PushPreview,
    cancel_push,
    preview_push,
    push_of,
    pushes,
    send_push,
    write_push,
)
from groupbuy.application.segments.sending import PushReport, report_push, send_on

__all__ = [
    "LOOKED_AT_MOST",
    "SAMPLE",
    "NewPush",
    "Preview",
    "PushPreview",
    "PushReport",
    "Sampled",
    "cancel_push",
    "consent",
    "count_due",
    "count_segment",
    "create_segment",
    "customers",
    "edit_segment",
    "my_consent",
    "names_of",
    "preview_push",
    "preview_segment",
    "preview_who",
    "push_of",
    "pushes",
    "remove_segment",
    "report_push",
    "segment_of",
    "segments",
    "send_on",
    "send_push",
    "token_of",
    "unsubscribe",
    "write_push",
]
