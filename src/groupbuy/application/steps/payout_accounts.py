"""Where people and shops are paid: which texts may name an account."""

import re

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.payouts import CHANNELS

_ACCOUNTS = {
    "bank_card": re.compile(r"[0-9]{12,19}"),
    "wechat_wallet": re.compile(r"[A-Za-z0-9_-]{6,64}"),
}
ACCOUNT = "payout_account"
HOLDER = "payout_name"
"""Names of the fields in seals."""


def checked_account(channel: str, account: str, name: str) -> tuple[str, str]:
    """Return account and holder as they are kept. Raises Invalid."""
    plain, holder = account.replace(" ", ""), name.strip()
    if channel not in CHANNELS or not _ACCOUNTS[channel].fullmatch(plain):
        raise Invalid(field="account", reason="does not fit the channel")
    if not holder:
        raise Invalid(field="name", reason="is needed")
    return plain, holder
