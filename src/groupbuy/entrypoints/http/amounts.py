"""Money and id types at the boundary."""

from typing import Annotated

import msgspec
from msgspec import Meta

from groupbuy.domain.kernel import Money

MOST = 10**13
"""The largest amount anybody may send: 100 billion yuan."""
END = r"$(?!\n)"
"""The end of a pattern. A bare `$` would let one more line end through."""
Text80 = Annotated[str, Meta(min_length=1, max_length=80)]
Text200 = Annotated[str, Meta(max_length=200)]
Text2000 = Annotated[str, Meta(max_length=2000)]
IdText = Annotated[str, Meta(pattern=r"^[a-z]{3}_[0-9A-HJKMNP-TV-Z]{26}" + END)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]


class Amount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount in minor units of a currency: `{"amount": 3990, "currency": "CNY"}` is ¥39.90."""

    amount: Annotated[int, Meta(ge=-MOST, le=MOST, description="Minor units (fen)")]
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}" + END)] = "CNY"

    def money(self) -> Money:
        """Return it as the domain counts it."""
        return Money(self.amount, self.currency)


def amount(money: Money) -> Amount:
    """Render money."""
    return Amount(money.minor, money.currency)


def amount_or_none(money: "Money | None") -> "Amount | None":
    """Render money that may be absent."""
    return None if money is None else amount(money)
