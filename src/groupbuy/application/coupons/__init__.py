"""Coupons: offered by shops, claimed by shoppers, held and used by orders."""

from groupbuy.application.coupons.claiming import (
    Held,
    claim,
    claim_by_code,
    expire_coupon,
    on_offer,
    wallet,
    welcome,
)
from groupbuy.application.coupons.offering import (
    CODES_AT_ONCE,
    GIVEN_AT_ONCE,
    Handed,
    Use,
    give,
    make_codes,
    move_template,
    offer,
    revoke,
    template_of,
    templates,
    use_of,
)

__all__ = [
    "CODES_AT_ONCE",
    "GIVEN_AT_ONCE",
    "Handed",
    "Held",
    "Use",
    "claim",
    "claim_by_code",
    "expire_coupon",
    "give",
    "make_codes",
    "move_template",
    "offer",
    "on_offer",
    "revoke",
    "template_of",
    "templates",
    "use_of",
    "wallet",
    "welcome",
]
