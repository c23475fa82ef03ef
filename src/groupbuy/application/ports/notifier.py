"""Telling people what happened to their money and their goods."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from attrs import field, frozen


@frozen
class Message:
    """One thing to tell one person. `key` is unique per thing told: a repeat is dropped."""

    key: str
    user_id: str
    kind: str
    """What happened, e.g. `group.failed`; texts are made from it where they are shown."""
    subject: str
    """The id it is about."""
    at: datetime
    facts: Mapping[str, str] = field(factory=dict)


class Notifier(Protocol):
    """One channel to reach people. Raises Unavailable when it should be tried again."""

    def send(self, tenant: str, messages: list[Message]) -> None:
        """Deliver, each key at most once."""
        ...
