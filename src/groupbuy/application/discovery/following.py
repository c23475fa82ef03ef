"""Reading on in the event log, and keeping habits and heats: behind the write path, once each.

A habit is what the orders say now, and a heat changes by the difference of two habits. So an event
read twice, late or out of turn changes nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial

from attrs import evolve, frozen

from groupbuy.application.ports import LoggedEvent, Query
from groupbuy.application.ports.reporting import Horizon
from groupbuy.application.report_facts import ReportPosition
from groupbuy.application.reporting.days import day_of
from groupbuy.application.reporting.gathering import orders_behind
from groupbuy.application.steps.following import lock_position, next_page, settled_until
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.catalogue import Product
from groupbuy.domain.community import Rating, Review
from groupbuy.domain.discovery import NOTHING, Buy, Habit, Heat, Share, change
from groupbuy.domain.ordering import LineKind, Order

FOLLOWER = "discovery"
"""The id of our position in the event log."""
RULES = 1
"""Which rules of counting are followed; by others everything is counted anew."""
EVENTS = 250
"""Events read in one transaction; the writer of a SQLite file waits for it."""

Buys = dict[str, list[Buy]]
"""What orders say, by the id of the habit."""


@frozen
class Step:
    """What one pass has done."""

    orders: int = 0
    """How many binding orders it looked at again."""
    over: bool = True
    stale: bool = False
    """Heats follow other rules or another zone: everything has to be counted anew."""


def follow(
    desk: Desk, horizon: Horizon, tenant: str, go_on: Callable[[], bool] = lambda: True
) -> Step:
    """Run one pass over what was told since the last one. Safe beside others and to repeat.

    Raises Unavailable; what was read before stays counted.
    """
    caller, orders = Caller.system(tenant), 0
    since = settled_until(desk, horizon)
    while True:
        step = desk.run(caller, partial(_read_some, next_since=since))
        orders += step.orders
        if step.over or not go_on():
            return evolve(step, orders=orders)


def is_stale(work: Work, position: ReportPosition) -> bool:
    """Tell whether what is kept follows other rules than it would now."""
    return (position.zone, position.rules) != (work.kit.policy.zone, RULES)


def recount(work: Work, order_ids: Iterable[str], more: Iterable[str] = ()) -> int:
    """Bring habits and heats to what some orders are now; return how many of them are binding.

    `more` are products of which other things have changed: their rating, their category.
    """
    orders = work.of(Order).find(order_ids)
    buys = buys_of(orders.values(), work.kit.policy.zone)
    habits = work.of(Habit).lock(buys, create=Habit.of)
    changes = defaultdict[str, Share](lambda: NOTHING)
    for key, habit in habits.items():
        after = habit.with_buys(buys[key])
        if after != habit:
            work.of(Habit).save(after)
        for community, share in change(habit, after).items():
            name = heat_key(habit.product_id, community)
            changes[name] = changes[name].plus(share)
    _warm(work, changes, more)
    return sum(1 for order in orders.values() if order.confirmed_at is not None)


def buys_of(orders: Iterable[Order], zone: str) -> Buys:
    """Return what was bought in binding orders, by habit; lines of one product count together."""
    found: Buys = defaultdict(list)
    for order in orders:
        if order.confirmed_at is None:
            continue
        day = date.fromisoformat(day_of(order.confirmed_at, zone))
        communities = tuple(filter(None, (order.pickup_point_id, order.leader_id)))
        counts = defaultdict[str, list[int]](lambda: [0, 0])
        for line in order.lines:
            if line.kind is LineKind.GOODS:
                counts[line.product_id][0] += line.units
                counts[line.product_id][1] += line.refunded_units
        for product_id, (units, back) in counts.items():
            buy = Buy(order.id, day, communities, units, back)
            found[f"{order.buyer_id}/{product_id}"].append(buy)
    return found


def heat_key(product_id: str, community: str) -> str:
    """Return the id of a heat."""
    return f"{product_id}/{community}" if community else product_id


def judged(work: Work, heats: Mapping[str, Heat]) -> dict[str, Heat]:
    """Return some heats with the rating and the category that their products have now."""
    product_ids = {heat.product_id for heat in heats.values()}
    products, ratings = work.of(Product).find(product_ids), work.of(Rating).find(product_ids)
    rules = work.kit.policy.community
    found = dict[str, Heat]()
    for key, heat in heats.items():
        product = products.get(heat.product_id)
        rating = ratings.get(heat.product_id, Rating(heat.product_id))
        mean = rating.mean(rules.prior_mean, rules.prior_reviews)
        stars = rules.prior_mean if mean is None else mean
        category = product.category_id if product else ""
        found[key] = heat.judged(category, stars, rating.count)
    return found


def _read_some(work: Work, next_since: datetime) -> Step:
    """Read one page of the pass that is going on, or begin one whose follower begins then."""
    position, now = lock_position(work, FOLLOWER, RULES), work.now()
    if position.held_until is not None and position.held_until > now:
        return Step()
    if is_stale(work, position):
        return Step(stale=True)
    page = next_page(work, position, next_since, EVENTS)
    count = recount(work, orders_behind(work, page.events), _products_behind(work, page.events))
    work.of(ReportPosition).save(page.position)
    return Step(count, page.over)


def _products_behind(work: Work, events: Sequence[LoggedEvent]) -> set[str]:
    subjects = {event.subject for event in events}
    reviews = work.of(Review).find(each for each in subjects if each.startswith("rvw_"))
    found = {review.product_id for review in reviews.values()}
    return found | {each for each in subjects if each.startswith("prd_")}


def _warm(work: Work, changes: Mapping[str, Share], more: Iterable[str]) -> None:
    """Add to heats, and judge anew those that changed and all of some products."""
    wanted = sorted(set(more))
    known = every(work.of(Heat), Query().among("product_id", wanted)) if wanted else ()
    keys = {*changes, *(heat.id for heat in known)}
    heats = work.of(Heat).lock(keys, create=Heat.of)
    after = {
        key: heat.counting(heat.share.plus(changes.get(key, NOTHING)))
        for key, heat in heats.items()
    }
    for key, heat in judged(work, after).items():
        if heat != heats[key]:
            work.of(Heat).save(heat)
