"""Double-entry bookkeeping in integer minor units. Import from here."""

from groupbuy.domain.ledger.balances import Balance, sums
from groupbuy.domain.ledger.chart import CHART, ChartRow, Side, row_of
from groupbuy.domain.ledger.closing import (
    CLOSED_AFTER,
    ClosedPeriod,
    digest_of,
    last_closed,
)
from groupbuy.domain.ledger.postings import (
    ACCOUNTS,
    POSTINGS,
    Amount,
    Journal,
    JournalLine,
    Posting,
    Unbalanced,
    post,
    posting_table,
    reverse,
)

__all__ = [
    "ACCOUNTS",
    "CHART",
    "CLOSED_AFTER",
    "POSTINGS",
    "Amount",
    "Balance",
    "ChartRow",
    "ClosedPeriod",
    "Journal",
    "JournalLine",
    "Posting",
    "Side",
    "Unbalanced",
    "digest_of",
    "last_closed",
    "post",
    "posting_table",
    "reverse",
    "row_of",
    "sums",
]
