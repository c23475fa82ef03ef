"""What progress looks like over HTTP."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from groupbuy.domain.campaigns import Measure, Progress


class ProgressOut(msgspec.Struct, frozen=True):
    """*30 joined, 20 missing, 24 h left.* Only people who have paid are counted."""

    campaign_id: str
    group_id: str
    state: str
    measure: Measure
    target: int
    reached: int
    joined: int
    missing: int
    held: int
    seats_left: int | None
    seconds_left: int
    ends_at: datetime
    server_time: datetime
    waived: bool
    sequence: int
    tier_bp: int | None
    """The step of the price ladder everybody pays now."""
    next_tier_bp: int | None
    tier_missing: int | None


class TeamsOut(msgspec.Struct, frozen=True):
    """Teams of a campaign that anybody may join."""

    items: list[ProgressOut]


def progress_out(progress: Progress) -> ProgressOut:
    """Render the progress of a group."""
    return ProgressOut(**{name: getattr(progress, name) for name in ProgressOut.__struct_fields__})


def teams_out(teams: Iterable[Progress]) -> TeamsOut:
    """Render open teams."""
    return TeamsOut([progress_out(team) for team in teams])
