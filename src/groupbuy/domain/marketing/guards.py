"""What the law asks of a price, checked before it is shown; each refusal has a source."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from attrs import frozen

REFERENCE_DAYS = 7
"""The lowest deal of the seven days before, else the last deal (State Administration for Market
Regulation, provisions on promotions of 2020; order 56 of 2022 on clear pricing, art. 16)."""


class Exempt(StrEnum):
    """When goods may go below their cost (rules of 2020-12-22 for community group buying)."""

    FRESH = "fresh"
    SEASONAL = "seasonal"
    OVERSTOCK = "overstock"


@frozen
class Deal:
    """What somebody really paid for a unit, and when; minor units."""

    at: datetime
    price: int
    sales: int = 1
    """How many sales of that price."""


@frozen
class Evidence:
    """What a struck-through price rests on; stored with the campaign that shows it."""

    price: int
    """The most that may be shown."""
    since: datetime
    until: datetime
    deals: int
    """How many sales it rests on; 0 if it is the last sale before the window."""


def reference_price(deals: Iterable[Deal], at: datetime) -> Evidence | None:
    """Return the most that may be shown as the earlier price.

    The lowest of the seven days before; without sales in them, the last sale before that; None if
    nothing was ever sold, and then nothing may be struck through.
    """
    since = at - timedelta(days=REFERENCE_DAYS)
    known = [deal for deal in deals if deal.at < at]
    recent = [deal for deal in known if deal.at >= since]
    if recent:
        sales = sum(deal.sales for deal in recent)
        return Evidence(min(deal.price for deal in recent), since, at, sales)
    if not known:
        return None
    last = max(known, key=lambda deal: (deal.at, -deal.price))
    return Evidence(last.price, last.at, at, 0)


def overstated(shown: int, most: int | None) -> bool:
    """Tell whether a struck-through price may not be shown; None: nothing was ever sold."""
    return most is None or shown > most


def below_cost(price: int, cost: int | None, exempt: Exempt | None = None) -> bool:
    """Tell whether a price is below cost and nothing allows it; an unknown cost forbids nothing."""
    return cost is not None and price < cost and exempt is None


def personal_price(public: int, personal: int) -> int:
    """Return what one person pays: never more than everybody.

    Source: Personal Information Protection Law, art. 24, against prices set by who somebody is.
    """
    return min(public, personal)
