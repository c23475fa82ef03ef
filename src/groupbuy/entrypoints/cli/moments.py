"""Instants and days as people type them."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


class Moment(click.ParamType[datetime | date]):
    """An instant with its zone (`2026-12-01T20:00+08:00`), or a day that begins in some zone."""

    name = "when"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | date:
        """Read an instant in UTC, or a date. Fails on an instant without a zone."""
        text = str(value)
        try:
            if len(text) == len("2026-12-01"):
                return date.fromisoformat(text)
            instant = datetime.fromisoformat(text)
        except ValueError:
            self.fail(f"{text!r} is no date and no instant", param, ctx)
        if instant.tzinfo is None:
            self.fail(f"{text!r} names no zone", param, ctx)
        return instant.astimezone(UTC)


MOMENT = Moment()
"""For options and arguments."""


def instant_of(typed: datetime | date, zone: str) -> datetime:
    """Return the instant; a day means its first moment in the zone."""
    if isinstance(typed, datetime):
        return typed
    return datetime.combine(typed, time(0), ZoneInfo(zone)).astimezone(UTC)


def since_option(command: F) -> F:
    """Add `--since` to a list; the command gets it as `since`."""
    option = click.option("--since", type=MOMENT, help="An instant with its zone, or a day.")
    return option(command)


def recent(
    found: Iterable[T],
    since: datetime | date | None,
    zone: str,
    at: Callable[[T], datetime],
) -> list[T]:
    """Keep what is not older than `since`, of a list whose newest come first.

    So a limit that was reached before still means the newest ones.
    """
    if since is None:
        return list(found)
    start = instant_of(since, zone)
    return [each for each in found if at(each) >= start]
