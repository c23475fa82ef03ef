"""The merchant's money: where it goes, what is owed, and paying it out. Import from here."""

from groupbuy.application.merchants.account import (
    MerchantAccount,
    change_payout_account,
    my_payout_account,
)
from groupbuy.application.merchants.books import bookings_of, sums_of
from groupbuy.application.merchants.paying import (
    Due,
    RequestPayout,
    approve_payout,
    cancel_my_payout,
    cancel_payout,
    due,
    hold_payout,
    list_payouts,
    my_due,
    my_payouts,
    parse_key,
    request_my_payout,
    request_payout,
    resume_payout,
    show_payout,
)
from groupbuy.application.merchants.statements import (
    every_line,
    my_lines,
    my_statement,
    statement,
)

__all__ = [
    "Due",
    "MerchantAccount",
    "RequestPayout",
    "approve_payout",
    "bookings_of",
    "cancel_my_payout",
    "cancel_payout",
    "change_payout_account",
    "due",
    "every_line",
    "hold_payout",
    "list_payouts",
    "my_due",
    "my_lines",
    "my_payout_account",
    "my_payouts",
    "my_statement",
    "parse_key",
    "request_my_payout",
    "request_payout",
    "resume_payout",
    "show_payout",
    "statement",
    "sums_of",
]
