"""Codes of links, and how long a browser counts as brought."""

from datetime import UTC, datetime, timedelta

from groupbuy.domain.sharing import (
    REMEMBERED,
    Attribution,
    Channel,
    ShareLink,
    ShareVisit,
    VisitStep,
    code_of,
)

NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)


def test_a_code_is_short_plain_and_follows_from_what_it_is_about():
    codes = {code_of(f"mark-{number}") for number in range(2_000)}
    assert len(codes) == 2_000
    assert all(len(code) == 12 and code.isascii() and code.isalnum() for code in codes)
    assert not [code for code in codes if set(code) & set("ilouABC")]
    assert code_of("mark-1") == code_of("mark-1")
    # Every letter of the alphabet is used in every place.
    assert {len({code[place] for code in codes}) for place in range(12)} == {32}


def test_a_visit_names_link_and_step_and_nobody():
    link = ShareLink("abc", "cmp_1", Channel.WEIBO, "usr_1", NOON)
    visit = ShareVisit.of(link, VisitStep.CLICKED, "x7", NOON)
    assert visit.id == "cmp_1/abc/clicked/x7"
    assert "usr_1" not in repr(visit)


def test_whoever_opened_a_link_counts_as_brought_for_a_week():
    brought = Attribution("abc", "x7", NOON)
    assert brought.holds(NOON)
    assert brought.holds(NOON + REMEMBERED - timedelta(seconds=1))
    assert not brought.holds(NOON + REMEMBERED)
    assert not brought.holds(NOON - timedelta(seconds=1))
