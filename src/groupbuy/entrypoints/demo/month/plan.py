"""The plan of the month: who offers what, who buys when, and what becomes of each order."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum

from attrs import evolve, frozen

from groupbuy.domain.kernel import BASIS_POINTS
from groupbuy.entrypoints.demo.month.calendar import (
    DAYS,
    ENDING,
    LAST_TO_SETTLE,
    OPENING,
    WAVES,
    day_of,
    moment,
)
from groupbuy.entrypoints.demo.month.draw import Draw
from groupbuy.entrypoints.demo.month.goods import MERCHANTS, Good

LEADERS = 20
ORDERS = 5_000
SEED = 20_260_901
FEWEST, MOST = 120, 20_000
"""How many orders a month may be asked for."""
RATES = (None, 300, 450, 600, 750, 900)
"""Leaders' own rates in basis points, in turn; None goes by the shop's default."""
DEFAULT_BP, HELPER_BP, POINT_BP = 500, 100, 100
PROVIDER_FEE_BP = 60
HELPERS = {0: 1, 5: 6}
"""Who helps whom to sell, by number of the leader."""
POINTS = (9, 19)
"""The leaders who run a pickup point."""
LADDER_OF = 3
"""The leader with a ladder of their own."""
LADDER = ((20_000, 50), (500_000, 100))
"""Its steps: from so many fen of a month on, so many basis points more."""
_PER_CAMPAIGN, _FEWEST_CAMPAIGNS, _MOST_CAMPAIGNS = 60, 20, 100
_LEAST_PAID = 4


class Fate(StrEnum):
    """What becomes of an order."""

    KEPT = "kept"
    SLOW = "slow"
    """Paid after the hold was over; the group still sells, so it is let back in."""
    LEAVES = "leaves"
    """The buyer leaves before the group forms."""
    FORGOTTEN = "forgotten"
    """Nobody ever pays it."""
    LATE = "late"
    """Paid when the campaign is over: the money goes back."""
    UNSENT = "unsent"
    """Refunded by the merchant before anything is sent."""
    PART = "part"
    """One unit is spoiled and refunded."""
    WHOLE = "whole"
    """All of it is spoiled; the merchant says nothing, and silence refunds it."""
    RETURNED = "returned"
    """Sent back and refunded."""
    LATER_PART = "later_part"
    """One unit is refunded after the month is settled."""
    LATER_WHOLE = "later_whole"
    """All of it is refunded after the month is settled."""


UNPAID = frozenset({Fate.FORGOTTEN, Fate.LATE})
"""Not among the paid orders; the money of late ones comes and goes back."""
LATER = frozenset({Fate.LATER_PART, Fate.LATER_WHOLE})
_FATES = (
    (Fate.UNSENT, 150), (Fate.PART, 250), (Fate.WHOLE, 150), (Fate.RETURNED, 120),
    (Fate.LATER_PART, 250), (Fate.LATER_WHOLE, 150),
)  # fmt: skip
"""The share of a formed campaign's orders that meet with each, in basis points."""


@frozen
class Wish:
    """What one buyer will order."""

    buyer: int
    """Number of the shopper; below zero for the campaign's own leader."""
    wave: int
    """Which of the campaign's waves they come with; the last minute is one more."""
    units: int
    fate: Fate = Fate.KEPT
    helped: bool = False
    """Somebody who helps the leader has sold it."""


@frozen
class CampaignPlan:
    """What a campaign offers, who wants it, and what must come of it."""

    number: int
    leader: int
    good: Good
    share_bp: int
    mode: str
    quorum: int
    first_day: int
    """Of the month, counted from 1."""
    days: int
    wishes: tuple[Wish, ...] = ()
    point: int | None = None
    """Number of the pickup point, if it is not sent by parcel."""
    presale: bool = False

    @property
    def title(self) -> str:
        """What it is called."""
        return f"{self.good.name} · 第 {self.number + 1} 团"

    @property
    def starts_at(self) -> datetime:
        """When it begins to sell."""
        return moment(day_of(self.first_day), OPENING)

    @property
    def ends_at(self) -> datetime:
        """When it ends."""
        return moment(day_of(self.first_day + self.days - 1), ENDING)

    def sells_on(self, day: date) -> bool:
        """Tell whether it sells on a day."""
        return self.starts_at.date() <= day <= self.ends_at.date()

    @property
    def waves(self) -> tuple[datetime, ...]:
        """When people join."""
        days = (day_of(self.first_day + number) for number in range(self.days))
        return tuple(moment(day, clock) for day in days for clock in WAVES)

    @property
    def price_fen(self) -> int:
        """What one unit costs."""
        return self.good.price_fen * self.share_bp // BASIS_POINTS

    @property
    def paid(self) -> int:
        """How many orders are paid."""
        return sum(wish.fate not in UNPAID for wish in self.wishes)

    @property
    def captured_fen(self) -> int:
        """What must have been paid, late money included."""
        paid = (wish for wish in self.wishes if wish.fate is not Fate.FORGOTTEN)
        return sum(wish.units * self.price_fen for wish in paid)

    @property
    def forms(self) -> bool:
        """Whether it must form."""
        staying = sum(wish.fate not in UNPAID | {Fate.LEAVES} for wish in self.wishes)
        return staying >= max(self.quorum, 1)


@frozen
class Plan:
    """The whole month."""

    orders: int
    seed: int
    shoppers: int
    campaigns: tuple[CampaignPlan, ...]


def planned(orders: int = ORDERS, seed: int = SEED) -> Plan:
    """Draw a month of exactly so many paid orders."""
    draw = Draw(f"month/{seed}/{orders}")
    count = min(max(orders // _PER_CAMPAIGN, _FEWEST_CAMPAIGNS), _MOST_CAMPAIGNS)
    shoppers = max(FEWEST, orders // 5)
    sizes = _shared_out(draw, orders, count)
    campaigns = (_campaign(draw, number, count, shoppers, sizes[number]) for number in range(count))
    return Plan(orders, seed, shoppers, tuple(campaigns))


def rate_of(leader: int) -> int:
    """Return what a leader earns on their own campaigns, in basis points."""
    own = RATES[leader % len(RATES)]
    return DEFAULT_BP if own is None else own


def _shared_out(draw: Draw, orders: int, count: int) -> list[int]:
    """Share the orders out among the campaigns: some are loved more than others."""
    weights = [6 + draw.below(9) for _ in range(count)]
    free = orders - count * _LEAST_PAID
    ends = [free * sum(weights[: place + 1]) // sum(weights) for place in range(count)]
    return [_LEAST_PAID + end - start for start, end in zip([0, *ends], ends, strict=False)]


def _campaign(draw: Draw, number: int, count: int, shoppers: int, size: int) -> CampaignPlan:
    merchant = number % len(MERCHANTS)
    fails, relay = number % 9 == 4, number % 5 == 1
    days = 2 if relay or number % 3 else 3
    bare = CampaignPlan(
        number=number,
        leader=number % LEADERS,
        good=draw.one_of(MERCHANTS[merchant].goods()),
        share_bp=8_000 + 250 * draw.below(7),
        mode="relay" if relay and not fails else "pool",
        quorum=0,
        first_day=1 + number * (DAYS - 3) // count,
        days=days,
        point=number // 4 % len(POINTS) if number % 4 == 2 else None,
        presale=number % 6 == 5,
    )
    wishes = tuple(_wishes(draw, bare, shoppers, size, fails=fails))
    leaving = sum(wish.fate is Fate.LEAVES for wish in wishes)
    return evolve(bare, quorum=_quorum(bare, size - leaving, fails=fails), wishes=wishes)


def _quorum(bare: CampaignPlan, staying: int, *, fails: bool) -> int:
    """Some miss it by three, some reach it with the last order only, most after two thirds."""
    if bare.mode == "relay":
        return 0
    if fails:
        return staying + 3
    return staying if bare.number % 7 == 3 else max(2, staying * 2 // 3)


def _wishes(
    draw: Draw, bare: CampaignPlan, shoppers: int, size: int, *, fails: bool
) -> Iterator[Wish]:
    """Yield those who pay, those who forget to, and who comes at the last minute."""
    forgetting, late = draw.share_of(size, 600), 1 if bare.number % 3 == 0 else 0
    buyers = draw.some_of(shoppers, size + forgetting + late)
    waves, helps = len(bare.waves), bare.leader in HELPERS
    fates = _fates(draw, bare, size, fails=fails)
    for place, buyer in enumerate(buyers[:size]):
        fate, units = (
            fates.get(place, Fate.KEPT),
            1 + (draw.below(20) >= 11) + (draw.below(20) > 16),
        )
        own = place == size - 1 and not fails and bare.number < LEADERS and fate is Fate.KEPT
        yield Wish(
            buyer=-1 if own else buyer,
            wave=place * waves // size,
            units=max(2, units) if fate in (Fate.PART, Fate.LATER_PART) else units,
            fate=fate,
            helped=helps and draw.below(4) == 0,
        )
    for buyer in buyers[size : size + forgetting]:
        yield Wish(buyer, draw.below(waves), 1, Fate.FORGOTTEN)
    for buyer in buyers[size + forgetting :]:
        yield Wish(buyer, waves, 1, Fate.LATE)


def _fates(draw: Draw, bare: CampaignPlan, size: int, *, fails: bool) -> dict[int, Fate]:
    """Return what becomes of some of those who pay, by their place in the row."""
    first_wave = len([p for p in range(size) if p * len(bare.waves) // size == 0])
    leaving = min(first_wave, 1 + size // 40) if bare.mode == "pool" and size >= 8 else 0
    found = dict.fromkeys(range(leaving), Fate.LEAVES)
    if fails:
        return found
    # The last one stays as it is: with it a group may form, and it is the leader's own.
    free = [leaving + place for place in draw.some_of(size - leaving - 1, size - leaving - 1)]
    settled = bare.ends_at.date() <= LAST_TO_SETTLE
    slow = bare.mode == "relay" and size >= 8
    for fate, share in ((Fate.SLOW, 300 if slow else 0), *_FATES):
        if fate in LATER and not settled:
            continue
        for _ in range(min(draw.share_of(size, share), len(free))):
            found[free.pop()] = fate
    return found
