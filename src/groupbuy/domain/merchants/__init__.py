"""The merchant's own money: payouts and statements. Import from here."""

from groupbuy.domain.merchants.payouts import (
    MERCHANT_PAYOUT,
    MerchantPayout,
    digest_of_due,
    is_merchant_number,
    merchant_payout_id_of,
    merchant_payout_number,
)
from groupbuy.domain.merchants.statements import (
    Booking,
    MerchantStatement,
    MerchantSums,
    Owed,
    StatementLine,
    line_of,
    owed_accounts,
    statement_of,
)

__all__ = [
    "MERCHANT_PAYOUT",
    "Booking",
    "MerchantPayout",
    "MerchantStatement",
    "MerchantSums",
    "Owed",
    "StatementLine",
    "digest_of_due",
    "is_merchant_number",
    "line_of",
    "merchant_payout_id_of",
    "merchant_payout_number",
    "owed_accounts",
    "statement_of",
]
