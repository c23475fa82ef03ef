"""Following the event log behind the write path: nothing is missed, whatever commits late.

Ids of events sort by the clock of who told them, but become visible at the commit: a lower id may
come after a higher one. So a pass notes, before it reads, since when the oldest transaction has
been open, and the next pass begins there: whatever this one could not see was told later than that.
Some events are therefore read twice: a follower has to count what is, never what was added.
"""

from datetime import UTC, datetime, timedelta

from attrs import evolve, frozen

from groupbuy.application.ports import LoggedEvent, Query
from groupbuy.application.ports.reporting import Horizon
from groupbuy.application.report_facts import ReportPosition
from groupbuy.application.write_path import Desk, Work
from groupbuy.domain.kernel import make_id

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Before the first event of any shop."""


@frozen
class Page:
    """Some events of a pass, and where it stands behind them."""

    events: list[LoggedEvent]
    position: ReportPosition
    """To be saved together with what was made of the events."""
    over: bool
    """The pass has read everything there was when it began."""


def settled_until(desk: Desk, horizon: Horizon) -> datetime:
    """Return an instant before which nobody who has not committed yet has told anything.

    Clocks of machines may differ by `policy.report_margin_seconds`. Raises Unavailable.
    """
    now = desk.kit.clock.now()
    margin = timedelta(seconds=desk.kit.policy.report_margin_seconds)
    return now - horizon.oldest_open() - margin


def lock_position(work: Work, follower: str, rules: int = 0) -> ReportPosition:
    """Lock how far a follower has read; whoever reads for it waits here for each other.

    One that has read nothing yet follows the rules of now.
    """
    zone = work.kit.policy.zone

    def begin(key: str) -> ReportPosition:
        return ReportPosition(key, BEGINNING, zone=zone, rules=rules)

    return work.of(ReportPosition).lock([follower], create=begin)[follower]


def next_page(work: Work, position: ReportPosition, next_since: datetime, most: int) -> Page:
    """Read one page of the pass that is going on, or begin one whose follower begins then."""
    now = work.now()
    if position.next_since is None:
        position = evolve(position, next_since=next_since)
    low = make_id("evt", millis=int(position.since.timestamp() * 1000), cell=0, entropy=0)
    query = Query().since("id", low).sorted("id")
    place = (position.after, position.after) if position.after else None
    events = work.of(LoggedEvent).select(query.page(most, place))
    if len(events) == most:
        return Page(events, evolve(position, after=events[-1].id), over=False)
    # A clock that was set back must not lose what was known.
    begin = max(position.since, position.next_since or position.since)
    ended = evolve(position, since=begin, after="", next_since=None, read_at=now)
    return Page(events, ended, over=True)
