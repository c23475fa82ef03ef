"""Feedback and complaints: opened by people, answered by operators in time."""

from groupbuy.application.feedback.exporting import COLUMNS, export_rows, written
from groupbuy.application.feedback.handling import (
    Case,
    CasesSought,
    Line,
    answer_case,
    assign_case,
    case_of,
    cases,
    close_case,
    hear_time,
    note_on_case,
)
from groupbuy.application.feedback.merchants import (
    merchant_case,
    merchant_cases,
    merchant_says,
)
from groupbuy.application.feedback.telling import (
    Complaint,
    my_case,
    my_cases,
    open_case,
    rate_case,
    reopen_case,
    say_more,
    withdraw_case,
)

__all__ = [
    "COLUMNS",
    "Case",
    "CasesSought",
    "Complaint",
    "Line",
    "answer_case",
    "assign_case",
    "case_of",
    "cases",
    "close_case",
    "export_rows",
    "hear_time",
    "merchant_case",
    "merchant_cases",
    "merchant_says",
    "my_case",
    "my_cases",
    "note_on_case",
    "open_case",
    "rate_case",
    "reopen_case",
    "say_more",
    "withdraw_case",
    "written",
]
