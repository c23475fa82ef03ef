"""The life of a case, and when an answer is due."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from groupbuy.domain.feedback import (
    FEEDBACK,
    WAITING,
    Feedback,
    FeedbackKind,
    FeedbackMove,
    FeedbackState,
    answer_due,
)
from groupbuy.domain.kernel import IllegalMove, Invalid, Refused

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 2, 4, tzinfo=UTC)
MONTH = timedelta(days=30)


def weekdays(day):
    return day.isoweekday() <= 5


def a_case():
    return Feedback("fbk_1", "usr_1", FeedbackKind.ORDER, NOW, NOW + timedelta(days=2))


def answered():
    return a_case().answer("usr_op", NOW)[0]


def test_two_workdays_end_with_the_second_one_in_the_shops_own_zone():
    monday = datetime(2026, 11, 2, 4, tzinfo=UTC)
    assert answer_due(monday, 2, SHANGHAI, weekdays) == datetime(2026, 11, 4, 16, tzinfo=UTC)


def test_a_weekend_and_a_holiday_are_no_workdays():
    friday = datetime(2026, 11, 6, 12, tzinfo=UTC)
    assert answer_due(friday, 2, SHANGHAI, weekdays) == datetime(2026, 11, 10, 16, tzinfo=UTC)
    holiday = date(2026, 11, 9)
    due = answer_due(friday, 2, SHANGHAI, lambda day: weekdays(day) and day != holiday)
    assert due == datetime(2026, 11, 11, 16, tzinfo=UTC)


def test_late_in_the_evening_it_is_tomorrow_already_where_the_shop_is():
    evening = datetime(2026, 11, 2, 17, tzinfo=UTC)
    assert answer_due(evening, 1, SHANGHAI, weekdays) == datetime(2026, 11, 4, 16, tzinfo=UTC)


def test_whoever_waits_for_an_answer_is_the_one_a_deadline_is_for():
    case = a_case()
    assert case.waiting
    assert case.assign("usr_op", NOW)[0].waiting
    assert not answered().waiting
    assert answered().reopen(MONTH, NOW + MONTH, NOW)[0].waiting
    assert {FeedbackState.OPEN, FeedbackState.IN_PROGRESS, FeedbackState.REOPENED} == WAITING


def test_the_shop_closes_nothing_it_has_not_answered():
    for state in WAITING:
        assert not FEEDBACK.allows(state, FeedbackMove.CLOSE)
    with pytest.raises(IllegalMove):
        a_case().close(NOW)
    assert answered().close(NOW)[0].state is FeedbackState.CLOSED


def test_its_person_may_withdraw_it_before_it_is_answered():
    assert a_case().withdraw(NOW)[0].state is FeedbackState.CLOSED
    with pytest.raises(IllegalMove):
        answered().withdraw(NOW)


def test_an_answer_is_doubted_within_a_window_and_gets_a_new_deadline():
    closed = answered().close(NOW)[0]
    again, _ = closed.reopen(MONTH, NOW + MONTH, NOW + timedelta(days=29))
    assert (again.state, again.answer_by, again.reopened) == (
        FeedbackState.REOPENED,
        NOW + MONTH,
        1,
    )
    assert again.closed_at is None
    with pytest.raises(Refused) as late:
        closed.reopen(MONTH, NOW + MONTH, NOW + MONTH)
    assert late.value.rule == "within_the_reopening_window"


def test_a_late_answer_is_told_once_a_deadline():
    case = a_case()
    assert case.overdue(NOW) == (case, [])
    late, (event,) = case.overdue(case.answer_by)
    assert (late.overdue_at, event.name) == (case.answer_by, "feedback.overdue")
    assert late.overdue(case.answer_by + MONTH) == (late, [])
    assert answered().overdue(NOW + MONTH)[1] == []


def test_satisfaction_is_about_an_answer_and_goes_from_one_to_five():
    assert answered().rate(4).satisfaction == 4
    with pytest.raises(Refused):
        a_case().rate(4)
    for odd in (0, 6):
        with pytest.raises(Invalid):
            answered().rate(odd)
    assert answered().rate(4).reopen(MONTH, NOW, NOW)[0].satisfaction is None
