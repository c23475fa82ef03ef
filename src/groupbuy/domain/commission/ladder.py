"""The performance ladder: what a leader sold in a month decides a bonus on the whole of it.

A month's sales are the current bases of the order lines on which the leader earned and whose
order vested in that local month, whatever was refunded later. They are kept by the room each line
had below the ceiling of all rates, so that no bonus breaks it. The bonus is one formula of these
sums; what is made up for is new − old, so the order of events does not matter.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from attrs import evolve, field, frozen

from groupbuy.domain.commission.model import CommissionRole, Entry, Purse
from groupbuy.domain.commission.periods import Cycle, period_named, period_on
from groupbuy.domain.commission.rates import SHOP, Rate, RateRule
from groupbuy.domain.commission.rules import CAP_BP, taken_from
from groupbuy.domain.commission.states import EntryState
from groupbuy.domain.kernel import BASIS_POINTS, Invalid, Money

MOST_STEPS = 20


@frozen
class Step:
    """From so many sales of a month on, so much more is earned on all of them."""

    sales: Money
    bonus_bp: int


@frozen
class Ladder:
    """The steps that hold from a month on, for the shop or for one leader, until the next ones."""

    id: str
    """`shop/YYYY-MM`, or the leader's id in place of `shop`."""
    whose: str
    """`shop`, or a leader's id."""
    month: str
    """YYYY-MM, the first month it holds for."""
    steps: tuple[Step, ...]
    """Rising; none means that a leader goes by the shop's, and that the shop has none."""
    set_by: str
    set_at: datetime
    version: int = 0

    def reached(self, sales: int) -> Step | None:
        """Return the highest step that so many sales reach, if any."""
        return next((step for step in reversed(self.steps) if step.sales.minor <= sales), None)

    def next_above(self, sales: int) -> Step | None:
        """Return the lowest step that so many sales do not reach yet, if any."""
        return next((step for step in self.steps if step.sales.minor > sales), None)


@frozen
class Performance:
    """What one leader sold in one local month, as far as it vested, refunds taken off."""

    id: str
    """Leader and month: `ldr_…/YYYY-MM`."""
    leader_id: str
    month: str
    sales: Mapping[str, int] = field(factory=dict)
    """Minor units by the room below the ceiling, in basis points."""
    due: bool = True
    """Whether it has changed since the ladder was applied to it."""
    bonus_ids: tuple[str, ...] = ()
    """The entries made for it, reversals too."""
    version: int = 0

    @classmethod
    def blank(cls, key: str) -> "Performance":
        """Return the one of that id before anything is sold."""
        leader_id, _, month = key.partition("/")
        return cls(id=key, leader_id=leader_id, month=month)

    @property
    def total(self) -> int:
        """All sales, in minor units."""
        return sum(self.sales.values())

    def sold(self, by_room: Mapping[int, int]) -> "Performance":
        """Add sales by room; what was refunded is below zero."""
        sales = dict(self.sales)
        for room, amount in by_room.items():
            sales[str(room)] = sales.get(str(room), 0) + amount
        return evolve(self, sales={room: sales[room] for room in sorted(sales)}, due=True)


def ladder_id(whose: str, month: str) -> str:
    """Return the id of what holds for somebody from a month on."""
    return f"{whose}/{month}"


def performance_id(leader_id: str, at: datetime, zone: tzinfo) -> str:
    """Return the id of a leader's month that an instant belongs to."""
    return f"{leader_id}/{month_at(at, zone)}"


def month_at(at: datetime, zone: tzinfo) -> str:
    """Return the local month of an instant, YYYY-MM."""
    return period_on(at.astimezone(zone).date(), Cycle.MONTHLY).name


def month_named(name: str) -> str:
    """Return the name of a month as it is. Raises Invalid for what is none."""
    if period_named(name).cycle is not Cycle.MONTHLY:
        raise Invalid(field="month", reason="must read YYYY-MM")
    return name


def month_after(name: str) -> str:
    """Return the name of the month after one."""
    return period_on(period_named(name).after, Cycle.MONTHLY).name


def end_of(month: str, zone: tzinfo) -> datetime:
    """Return the last instant of a month: a bonus vests with its sales, not after them."""
    return period_named(month).cut(zone) - timedelta(microseconds=1)


def checked(steps: Sequence[Step], currency: str) -> tuple[Step, ...]:
    """Return the steps of a ladder if they make sense. Raises Invalid."""
    if not 1 <= len(steps) <= MOST_STEPS:
        raise Invalid(field="steps", reason=f"must be 1 to {MOST_STEPS}")
    if any(step.sales.currency != currency for step in steps):
        raise Invalid(field="steps.sales", reason=f"must be {currency}")
    if steps[0].sales.minor < 1:
        raise Invalid(field="steps.sales", reason="must be at least 0.01")
    if any(low.sales.minor >= high.sales.minor for low, high in pairwise(steps)):
        raise Invalid(field="steps.sales", reason="every step must lie above the one before")
    if not all(0 <= step.bonus_bp <= CAP_BP for step in steps):
        raise Invalid(field="steps.bonus_bp", reason=f"must be 0 to {CAP_BP}")
    return tuple(steps)


def ladder_for(ladders: Iterable[Ladder], leader_id: str, month: str) -> Ladder | None:
    """Return what holds for a leader in a month: the leader's own before the shop's."""
    begun = sorted((each for each in ladders if each.month <= month), key=lambda each: each.month)
    for whose in (leader_id, SHOP):
        last = next((each for each in reversed(begun) if each.whose == whose), None)
        if last is not None and last.steps:
            return last
    return None


def bonus_of(step: Step | None, sales: Mapping[str, int]) -> int:
    """Return the bonus in minor units: ⌊Σ sales × min(bonus, room) / 10 000⌋."""
    if step is None:
        return 0
    each = (amount * min(step.bonus_bp, int(room)) for room, amount in sales.items())
    return sum(each) // BASIS_POINTS


@frozen
class Adjusted:
    """What brings a month's bonus to what it should be."""

    performance: Performance
    """No longer due."""
    made: tuple[Entry, ...] = ()
    changed: tuple[Entry, ...] = ()
    """Earlier entries of which nothing is left."""


def adjust(
    performance: Performance,
    ladder: Ladder | None,
    earlier: Sequence[Entry],
    *,
    currency: str,
    vested_at: datetime,
    now: datetime,
    new_id: Callable[[], str],
) -> Adjusted:
    """Bring a month's bonus to its formula: a new entry, reversals, or nothing.

    `earlier` are the entries made for that month. What is taken back is taken from the last
    entry first, out of the purse where its money is, and never more than is left of it.
    """
    step = ladder.reached(performance.total) if ladder else None
    missing = bonus_of(step, performance.sales) - sum(each.amount.minor for each in earlier)
    bp = step.bonus_bp if step else 0
    base = performance.total - sum(each.base.minor for each in earlier)
    if missing > 0:
        entry = Entry(
            id=new_id(), order_id="", line_no=0, leader_id=performance.leader_id,
            role=CommissionRole.LADDER, base=Money(base, currency), bp=bp,
            amount=Money(missing, currency), created_at=now, purse=Purse.VESTED,
            posted_to=Purse.VESTED, state=EntryState.VESTED, vested_at=vested_at, asked_bp=bp,
            why=Rate(bp, RateRule.LADDER, performance.id).why,
        )  # fmt: skip
        return Adjusted(_settled(performance, [entry]), (entry,))
    made, changed = list[Entry](), dict[str, Entry]()
    for entry in reversed([each for each in earlier if each.reverses is None]):
        before = [each for each in earlier if each.reverses == entry.id]
        left = entry.amount.minor + sum(each.amount.minor for each in before)
        taken = min(left, -missing)
        if taken:
            reversal, gone = taken_from(
                entry, before, Money(base, currency), Money(-taken, currency),
                reversal_id=new_id(), now=now,
            )  # fmt: skip
            made.append(evolve(reversal, bp=bp, asked_bp=bp))
            changed.update({each.id: each for each in gone})
            missing, base = missing + taken, 0
    return Adjusted(_settled(performance, made), tuple(made), tuple(changed.values()))


def _settled(performance: Performance, made: Iterable[Entry]) -> Performance:
    ids = (*performance.bonus_ids, *(entry.id for entry in made))
    return evolve(performance, due=False, bonus_ids=ids)
