"""Pushes: quiet hours, how often, what a template may say, and the table of its life."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.kernel import IllegalMove, Invalid
from groupbuy.domain.segments import (
    Hearing,
    Push,
    PushConsent,
    PushMove,
    PushRules,
    PushState,
    PushText,
    hearing_of,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 5, 20, 12, tzinfo=SHANGHAI)
WORDS = {"title": "新品", "body": "{subject}", "title_en": "New", "body_en": "{subject}"}


def at(hour, minute=0, day=20):
    return datetime(2026, 5, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "loud"),
    [
        (at(8, 59), at(9)),
        (at(9), at(9)),
        (at(20, 59), at(20, 59)),
        (at(21), at(9, day=21)),
        (at(0), at(9)),
    ],
)
def test_what_comes_at_night_waits_for_the_morning(now, loud):
    assert PushRules().loud_at(now.astimezone(UTC), SHANGHAI) == loud


def test_hours_that_begin_and_end_alike_are_no_quiet_hours():
    rules = PushRules(quiet_from=5, quiet_until=5)
    assert rules.loud_at(at(5), SHANGHAI) == at(5)


@given(st.integers(0, 23), st.integers(0, 23), st.integers(0, 24 * 60 - 1))
def test_nothing_ever_arrives_in_a_quiet_hour_and_nothing_waits_a_day(begin, end, minute):
    rules = PushRules(quiet_from=begin, quiet_until=end)
    now = at(0) + timedelta(minutes=minute)
    quiet = {(begin + n) % 24 for n in range((end - begin) % 24)}

    loud = rules.loud_at(now, SHANGHAI)

    assert loud.astimezone(SHANGHAI).hour not in quiet
    assert timedelta(0) <= loud - now < timedelta(days=1)
    assert (loud == now) == (now.hour not in quiet)


def test_rules_that_make_no_sense_are_refused():
    with pytest.raises(Invalid):
        PushRules(quiet_from=24)
    with pytest.raises(Invalid):
        PushRules(at_most=0)


def test_nobody_hears_what_they_did_not_agree_to_or_too_often():
    some = PushConsent("usr_1", frozenset({"inbox"}), NOON)
    none = PushConsent("usr_1", frozenset(), NOON)

    assert hearing_of(some, 2, PushRules()) is Hearing.SENT
    assert hearing_of(some, 3, PushRules()) is Hearing.OFTEN_ENOUGH
    assert hearing_of(none, 0, PushRules()) is Hearing.NO_CONSENT
    assert hearing_of(None, 0, PushRules()) is Hearing.NO_CONSENT


def test_blanks_are_filled_in_once():
    filled = PushText(**WORDS).filled("{merchant}桃", "果园")
    assert filled["body"] == filled["body_en"] == "{merchant}桃"


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("title", " ", "must have 1 to 40 letters"),
        ("body", "x" * 201, "must have 1 to 200 letters"),
        ("body_en", "{price}", "knows only"),
        ("body", "{subject.__class__}", "knows only"),
        ("body", "{subject!r}", "knows only"),
        ("body", "{}", "knows only"),
        ("title_en", "{subject", "has a brace too many"),
    ],
)
def test_a_template_that_makes_no_sense_is_refused_where_it_stands(field, text, reason):
    with pytest.raises(Invalid) as refused:
        PushText(**{**WORDS, field: text})
    assert refused.value.field == field
    assert refused.value.reason.startswith(reason)


def test_a_push_is_sent_once_and_a_cancelled_one_never():
    draft = Push("psh_1", "mch", "seg", "cmp", "a", "b", "c", "d", NOON, "usr")
    sending, happened = draft.move(PushMove.SEND, NOON)

    assert (sending.state, sending.sent_at) == (PushState.SENDING, NOON)
    assert [each.name for each in happened] == ["push.sending"]
    for wrong in (draft.move(PushMove.CANCEL, NOON)[0], sending):
        with pytest.raises(IllegalMove):
            wrong.move(PushMove.SEND, NOON)
