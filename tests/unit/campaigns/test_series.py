"""When a campaign comes again: days and times of a zone, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.campaigns import Rhythm, Series, SeriesState
from groupbuy.domain.kernel import IllegalMove, Invalid

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
MONDAY_NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)
EVENING = 20 * 60


def series_of(rhythm, **more):
    next_at = rhythm.next_after(MONDAY_NOON, SHANGHAI)
    start = Series(
        "ser_1",
        "cmp_1",
        "mch_1",
        rhythm,
        "Asia/Shanghai",
        publish=True,
        next_at=next_at,
        created_by="usr_1",
        created_at=MONDAY_NOON,
    )
    return evolve(start, **more)


@given(
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 1_439),
    st.integers(0, 5_000_000).map(
        lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=n)
    ),
    st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")]),
)
def test_the_next_start_is_the_first_one_that_lies_behind(weekdays, minute, at, zone):
    """Compared with every minute in which a clock on the wall shows that time."""
    found = Rhythm(weekdays, minute, 60).next_after(at, zone)
    assert at < found <= at + timedelta(days=8, hours=1)
    local = found.astimezone(zone)
    shown = local.hour * 60 + local.minute
    assert shown == minute or (found - timedelta(hours=1)).astimezone(zone).utcoffset() != (
        local.utcoffset()
    )
    assert (local.weekday() in weekdays) or shown < minute
    between = (at + timedelta(minutes=30 * n) for n in range(1, 400))
    days = {each.astimezone(zone).date() for each in between if each < found - timedelta(days=1)}
    whole = days - {at.astimezone(zone).date(), found.astimezone(zone).date()}
    assert not {day.weekday() for day in whole} & weekdays


def test_a_time_the_clocks_skip_begins_when_they_have_skipped():
    rhythm = Rhythm(frozenset(range(7)), 2 * 60 + 30, 60)
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert rhythm.next_after(before, BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    twice = rhythm.next_after(datetime(2026, 10, 24, 12, tzinfo=UTC), BERLIN)
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert rhythm.next_after(twice, BERLIN) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_the_last_one_ends_the_series():
    series = series_of(Rhythm(frozenset({0, 3}), EVENING, 60), left=2)
    assert series.next_at == datetime(2026, 11, 2, 12, tzinfo=UTC)
    once, _ = series.make("cmp_2", SHANGHAI, series.next_at)
    assert (once.left, once.made, once.next_at.date()) == (1, 1, date(2026, 11, 5))
    twice, happened = once.make("", SHANGHAI, once.next_at)
    assert (twice.state, twice.made, twice.last_campaign_id) == (SeriesState.ENDED, 1, "cmp_2")
    assert [event.name for event in happened] == ["series.made", "series.ended"]


def test_what_was_missed_is_not_made_up_for():
    series = series_of(Rhythm(frozenset({0}), EVENING, 60))
    asleep = series.next_at + timedelta(days=20)
    after, _ = series.make("", SHANGHAI, asleep)
    assert asleep < after.next_at <= asleep + timedelta(days=7)
    paused, _ = series.pause(asleep)
    with pytest.raises(IllegalMove):
        paused.make("cmp_2", SHANGHAI, asleep)
    resumed, _ = paused.resume(SHANGHAI, asleep)
    assert resumed.next_at == after.next_at
    ended, _ = resumed.end(asleep)
    with pytest.raises(IllegalMove):
        ended.resume(SHANGHAI, asleep)


@pytest.mark.parametrize(
    "said",
    [
        (frozenset(), 0, 60, 0),
        (frozenset({7}), 0, 60, 0),
        (frozenset({0}), -1, 60, 0),
        (frozenset({0}), 1_440, 60, 0),
        (frozenset({0}), 0, 0, 0),
        (frozenset({0}), 0, 43_201, 0),
        (frozenset({0}), 0, 60, -1),
        (frozenset({0}), 0, 60, 10_081),
    ],
)
def test_a_rhythm_that_never_comes_or_never_ends_is_refused(said):
    with pytest.raises(Invalid):
        Rhythm(*said)
