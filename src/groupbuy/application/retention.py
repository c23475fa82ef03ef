"""What is forgotten and when, whatever the storage is made of. Money and its traces never are."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from attrs import frozen

from groupbuy.application.limits import RateWindow
from groupbuy.application.ports.persistence import Task
from groupbuy.domain.membership import LoginSession
from groupbuy.domain.pictures import Picture

KEYS = "keys"
INBOX = "inbox"
INBOX_SCOPE = "inbox:"
"""How the scope of a key begins that a provider's event was given, not a caller's request."""

KEYS_KEPT: Mapping[str, timedelta] = MappingProxyType(
    {KEYS: timedelta(hours=72), INBOX: timedelta(days=90)}
)
"""How long an answered key replays its answer; providers repeat themselves for much longer."""


@frozen
class Kept:
    """How long things of one kind stay after the moment in one of their attributes."""

    name: str
    """Under which the forgotten are counted."""
    kind: type
    since: str
    """Attribute with the instant; things without one stay."""
    span: timedelta
    state: str = ""
    """Only things in this state are forgotten, if one is named."""


KEPT: tuple[Kept, ...] = (
    Kept("tasks", Task, "done_at", timedelta(days=30), state="done"),
    Kept("sessions", LoginSession, "ended_at", timedelta(days=90)),
    # Nobody ended it: it ran out.
    Kept("sessions", LoginSession, "expires_at", timedelta(days=90)),
    # Uploaded and never shown, or shown no longer.
    Kept("pictures", Picture, "loose_since", timedelta(days=1)),
    Kept("rate_windows", RateWindow, "started_at", timedelta(days=1)),
)
"""Everything else stays."""

FORGOTTEN: frozenset[type] = frozenset(kept.kind for kept in KEPT)
"""The kinds whose things may be removed."""
