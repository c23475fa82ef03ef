"""Double-entry bookkeeping in integer minor units. Import from here."""

from groupbuy.domain.ledger.balances import Balance, sums
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
    "POSTINGS",
    "Amount",
    "Balance",
    "Journal",
    "JournalLine",
    "Posting",
    "Unbalanced",
    "post",
    "posting_table",
    "reverse",
    "sums",
]
