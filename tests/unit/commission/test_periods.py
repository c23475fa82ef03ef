from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.adapters.system import ChineseWorkdays
from groupbuy.application import commission
from groupbuy.application.policy import Policy
from groupbuy.domain.commission import (
    Cycle,
    SettlementRules,
    last_ready,
    period_named,
    period_on,
    weekdays,
    workday_after,
)
from groupbuy.domain.kernel import Invalid, Refused
from tests.support.earnings import FINANCE, Earnings

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
TWO_YEARS = [date(2025, 12, 1) + n * DAY for n in range(2 * 365 + 62)]
WORKDAYS = ChineseWorkdays()


def noon(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)


@pytest.mark.parametrize("cycle", Cycle)
def test_every_day_of_two_years_belongs_to_exactly_one_period(cycle):
    periods = {period_on(day, cycle) for day in TWO_YEARS}
    for day in TWO_YEARS:
        holders = [p for p in periods if p.first <= day < p.after]
        assert holders == [period_on(day, cycle)]


@pytest.mark.parametrize("cycle", Cycle)
def test_periods_follow_each_other_without_a_gap_and_their_names_sort_like_time(cycle):
    periods = sorted({period_on(day, cycle) for day in TWO_YEARS}, key=lambda p: p.first)
    for one, following in pairwise(periods):
        assert one.after == following.first
        assert one.name < following.name
        assert one.cut(SHANGHAI) < following.cut(SHANGHAI)


@pytest.mark.parametrize("cycle", Cycle)
def test_a_name_leads_back_to_its_period(cycle):
    for day in TWO_YEARS:
        period = period_on(day, cycle)
        assert period_named(period.name) == period


@pytest.mark.parametrize("cycle", Cycle)
def test_a_period_ends_at_local_midnight_and_is_half_open(cycle):
    for day in TWO_YEARS[::13]:
        period = period_on(day, cycle)
        cut = period.cut(SHANGHAI)
        assert (cut.hour, cut.minute) == (16, 0)
        assert period_on(cut.astimezone(SHANGHAI).date(), cycle) != period
        before = cut - timedelta(microseconds=1)
        assert period_on(before.astimezone(SHANGHAI).date(), cycle) == period


@pytest.mark.parametrize("days", [0, 1, 2, 5])
@pytest.mark.parametrize("cycle", Cycle)
def test_the_last_period_is_ready_and_the_one_after_it_is_not(cycle, days):
    rules = SettlementRules(cycle, days)
    for day in TWO_YEARS:
        found = last_ready(noon(day), SHANGHAI, rules, WORKDAYS.works_on)
        following = period_on(found.after, cycle)
        assert found.ready(SHANGHAI, rules, WORKDAYS.works_on) <= noon(day)
        assert noon(day) < following.ready(SHANGHAI, rules, WORKDAYS.works_on)


@pytest.mark.parametrize(
    "name",
    ["2026-W00", "2026-W54", "2025-W53", "2026-11-H0", "2026-11-H3", "2026-02-30", "2026-W4"],
)
def test_what_is_no_period_is_refused(name):
    with pytest.raises(Invalid):
        period_named(name)


def test_a_year_of_53_weeks_has_its_last_one():
    assert period_named("2026-W53").after == date(2027, 1, 4)


def test_the_national_holiday_and_its_make_up_days_are_known():
    assert not WORKDAYS.works_on(date(2026, 10, 1))
    assert WORKDAYS.works_on(date(2026, 10, 10))
    assert workday_after(date(2026, 9, 30), 1, WORKDAYS.works_on) == date(2026, 10, 8)


def test_a_year_nobody_knows_has_plain_weeks():
    assert not WORKDAYS.knows(2099)
    week = [date(2099, 10, 1) + n * DAY for n in range(7)]
    assert [WORKDAYS.works_on(day) for day in week] == [weekdays(day) for day in week]


@pytest.mark.parametrize(
    ("cycle", "name"),
    [
        (Cycle.MONTHLY, "2026-10"),
        (Cycle.HALF_MONTHLY, "2026-10-H1"),
        (Cycle.WEEKLY, "2026-W41"),
        (Cycle.DAILY, "2026-10-05"),
    ],
)
def test_any_cycle_is_previewed_and_run_by_its_digest(cycle, name):
    shop = Earnings(MemoryDatabase(), Policy(settlement=SettlementRules(cycle)))
    leader = shop.leader()
    shop.earn(leader)
    shop.clock.at = period_named(name).cut(SHANGHAI) + DAY
    (statement,) = shop.settle(name).settled
    assert (statement.period, shop.available(leader)) == (name, 1_000)


def test_a_period_of_another_cycle_is_refused():
    shop = Earnings(MemoryDatabase(), Policy(settlement=SettlementRules(Cycle.WEEKLY)))
    with pytest.raises(Invalid):
        shop.preview("2026-10")


def test_a_day_before_a_holiday_waits_for_the_first_workday_and_the_worker_knows_it():
    policy = Policy(settlement=SettlementRules(Cycle.DAILY, 1))
    shop = Earnings(MemoryDatabase(), policy)
    shop.kit = evolve(shop.kit, workdays=WORKDAYS)
    shop.desk = evolve(shop.desk, kit=shop.kit)
    leader = shop.leader()
    shop.clock.at = datetime(2026, 9, 30, 4, tzinfo=UTC)
    shop.earn(leader)
    shop.clock.at = datetime(2026, 10, 7, 15, 59, tzinfo=UTC)
    planned = shop.preview("2026-09-30")
    with pytest.raises(Refused):
        commission.run(shop.desk, FINANCE, planned.period, planned.digest, "T+1")
    assert commission.settle_due(shop.desk, "main").settled == ()
    shop.clock.at = datetime(2026, 10, 7, 16, tzinfo=UTC)
    (statement,) = commission.settle_due(shop.desk, "main").settled
    assert statement.settled.minor == shop.available(leader) == 1_000


def test_a_preview_warns_of_a_year_without_a_calendar():
    shop = Earnings(MemoryDatabase(), Policy(settlement=SettlementRules(Cycle.DAILY, 1)))
    shop.kit = evolve(shop.kit, workdays=WORKDAYS)
    shop.desk = evolve(shop.desk, kit=shop.kit)
    assert shop.preview("2026-10-05").unknown_years == ()
    assert shop.preview("2099-10-05").unknown_years == (2099,)
