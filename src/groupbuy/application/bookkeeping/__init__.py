"""The books for whoever keeps them: statements, the past, exports, closing a period."""

from groupbuy.application.bookkeeping.closing import (
    ClosingPreview,
    close_period,
    closing_key,
    closings,
    preview_closing,
    reopen_period,
)
from groupbuy.application.bookkeeping.exporting import Tally, as_json, journals_of
from groupbuy.application.bookkeeping.replaying import LIVES, Replay, ReplayRow, replaying
from groupbuy.application.bookkeeping.statement import (
    AccountStatement,
    StatementLine,
    statement_of,
)

__all__ = [
    "LIVES",
    "AccountStatement",
    "ClosingPreview",
    "Replay",
    "ReplayRow",
    "StatementLine",
    "Tally",
    "as_json",
    "close_period",
    "closing_key",
    "closings",
    "journals_of",
    "preview_closing",
    "reopen_period",
    "replaying",
    "statement_of",
]
