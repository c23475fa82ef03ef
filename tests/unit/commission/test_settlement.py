from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.commission import (
    CommissionRole,
    Entry,
    EntryState,
    Purse,
    StatementState,
    cut_of,
    digest_of,
    is_due,
    last_ready,
    same_digest,
    settle,
    totals_of,
)
from groupbuy.domain.kernel import Invalid, Money, Refused

SHANGHAI = ZoneInfo("Asia/Shanghai")
VESTED = datetime(2026, 10, 20, tzinfo=UTC)
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def an_entry(number, minor, *, reverses=None, purse=Purse.VESTED):
    return Entry(
        id=f"cme_{number}",
        order_id=f"ord_{number % 3}",
        line_no=1,
        leader_id="ldr_1",
        role=CommissionRole.LEADER,
        base=Money(minor * 10),
        bp=1_000,
        amount=Money(minor),
        created_at=VESTED,
        purse=purse,
        posted_to=purse,
        state=EntryState.VESTED,
        vested_at=VESTED,
        reverses=reverses,
    )


amounts = st.integers(1, 10**7)
entries = st.lists(
    st.one_of(
        amounts.map(lambda minor: (minor, None, Purse.VESTED)),
        amounts.map(lambda minor: (-minor, "cme_0", Purse.VESTED)),
        amounts.map(lambda minor: (-minor, "cme_0", Purse.AVAILABLE)),
    ),
    min_size=1,
    max_size=20,
).map(
    lambda rows: [
        an_entry(n, minor, reverses=of, purse=purse) for n, (minor, of, purse) in enumerate(rows)
    ]
)


@given(entries)
def test_the_header_of_a_statement_is_the_sum_of_its_lines(lines):
    statement, paid, _ = settle(
        lines, statement_id="stm_1", period="2026-10", currency="CNY", now=NOW
    )
    header = statement.accrued + statement.reversals + statement.deducted
    assert header.minor == sum(entry.amount.minor for entry in paid)
    assert statement.settled == statement.accrued + statement.reversals
    assert statement.lines == len(paid) == len(lines)
    assert {entry.statement_id for entry in paid} == {"stm_1"}
    assert {entry.state for entry in paid} == {EntryState.PAID}


@given(entries)
def test_a_digest_is_the_same_before_and_after_settling_and_in_any_order(lines):
    statement, paid, _ = settle(
        lines, statement_id="stm_1", period="2026-10", currency="CNY", now=NOW
    )
    assert statement.digest == digest_of(paid) == digest_of(reversed(lines))


@given(entries, st.data())
def test_a_digest_differs_as_soon_as_one_fen_does(lines, data):
    place = data.draw(st.integers(0, len(lines) - 1))
    other = list(lines)
    other[place] = evolve(other[place], amount=other[place].amount + Money(1))
    assert digest_of(other) != digest_of(lines)


def test_deducted_reversals_are_listed_and_not_moved_again():
    lines = [an_entry(1, 900), an_entry(2, -200, reverses="cme_0", purse=Purse.AVAILABLE)]
    totals = totals_of(lines, "CNY")
    assert (totals.settled, totals.deducted) == (Money(900), Money(-200))


def test_a_statement_is_frozen_and_settled_in_one_go_and_says_both():
    statement, _, happened = settle(
        [an_entry(1, 900)], statement_id="stm_1", period="2026-10", currency="CNY", now=NOW
    )
    assert statement.state is StatementState.SETTLED
    assert [event.name for event in happened] == ["statement.frozen", "statement.settled"]


def test_an_empty_statement_is_refused():
    with pytest.raises(Refused):
        settle([], statement_id="stm_1", period="2026-10", currency="CNY", now=NOW)


def test_a_month_ends_at_local_midnight():
    assert cut_of("2026-10", SHANGHAI) == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert cut_of("2026-12", SHANGHAI) == datetime(2026, 12, 31, 16, tzinfo=UTC)


def test_an_entry_vested_at_the_cut_waits_for_the_next_month():
    cut = cut_of("2026-10", SHANGHAI)
    entry = an_entry(1, 900)
    assert is_due(evolve(entry, vested_at=cut - timedelta(microseconds=1)), cut)
    assert not is_due(evolve(entry, vested_at=cut), cut)


def test_a_stated_or_pending_entry_is_not_due():
    cut = cut_of("2026-10", SHANGHAI)
    assert not is_due(evolve(an_entry(1, 900), statement_id="stm_0"), cut)
    assert not is_due(evolve(an_entry(1, 900), state=EntryState.PENDING), cut)


def test_the_last_month_is_told_in_local_time():
    assert last_ready(datetime(2026, 10, 31, 15, 59, tzinfo=UTC), SHANGHAI).name == "2026-09"
    assert last_ready(datetime(2026, 10, 31, 16, 0, tzinfo=UTC), SHANGHAI).name == "2026-10"
    assert last_ready(datetime(2026, 12, 31, 16, 0, tzinfo=UTC), SHANGHAI).name == "2026-12"
    assert last_ready(datetime(2027, 1, 15, tzinfo=UTC), SHANGHAI).name == "2026-12"


@pytest.mark.parametrize(
    "period", ["2026-13", "2026-1", "26-10", "2026-10-32", "", "２０２６-10", "20２６-10"]
)
def test_only_a_month_is_a_period(period):
    with pytest.raises(Invalid):
        cut_of(period, SHANGHAI)


def test_a_digest_may_be_shortened_to_twelve_digits_but_not_further():
    real = "9f3c1d0a77be" + "0" * 52
    assert same_digest("9f3c1d0a77be", real)
    assert not same_digest("9f3c1d0a77bf", real)
    for wrong in ("9f3c1d0a77b", "", "9F3C1D0A77BE", real + "0"):
        with pytest.raises(Invalid):
            same_digest(wrong, real)
