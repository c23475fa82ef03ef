"""Customers, made of the facts that reports keep of every order."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from attrs import evolve

from groupbuy.application.catalogue.shelf import category_tree, path_of
from groupbuy.application.ports import Query
from groupbuy.application.report_facts import OrderFact
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Refused
from groupbuy.domain.membership import Leader, LoginSession
from groupbuy.domain.segments import Asks, Customer, Purchase, Sums, scores_of

LOOKED_AT_MOST = 200_000
"""Orders that are looked at while somebody waits; the worker looks at any number."""
_AT_ONCE = 500
_SCORED = frozenset({Asks.RECENCY, Asks.FREQUENCY, Asks.VALUE})


def customers(
    work: Work, merchant_id: str | None, asked: Collection[Asks], most: int | None = None
) -> list[Customer]:
    """Return everybody who bought of a merchant, or of anybody, with what is asked of them.

    Orders count once they are binding and while something of them is left, in the shop's
    currency. Raises Refused (segments_are_counted_by_the_worker) beyond `most` orders.
    """
    query = Query() if merchant_id is None else Query().where(merchant_id=merchant_id)
    found, read = defaultdict[str, list[Purchase]](list), _reader(work, asked)
    for number, fact in enumerate(every(work.of(OrderFact), query)):
        if most is not None and number >= most:
            raise Refused(rule="segments_are_counted_by_the_worker", about=str(most))
        if _counts(fact, work.kit.policy.currency):
            found[fact.buyer_id].append(read(fact))
    known = [Customer(who, tuple(purchases)) for who, purchases in sorted(found.items())]
    if _SCORED.intersection(asked):
        known = _scored(known)
    return _seen(work, known) if Asks.SEEN in asked else known


def local_day(work: Work, at: datetime) -> date:
    """Return the day of an instant in the shop's zone."""
    return at.astimezone(ZoneInfo(work.kit.policy.zone)).date()


def _counts(fact: OrderFact, currency: str) -> bool:
    if fact.confirmed_at is None or fact.currency != currency:
        return False
    return any(line.left for line in fact.lines)


def _reader(work: Work, asked: Collection[Asks]) -> Callable[[OrderFact], Purchase]:
    """Return what makes a purchase of a fact; what nobody asks for is not looked up."""
    tree = {each.id: each for each in category_tree(work)} if Asks.CATEGORY in asked else {}
    groups = _communities(work) if Asks.COMMUNITY in asked else {}

    @cache
    def above(category_id: str) -> frozenset[str]:
        return frozenset({category_id, *(each.id for each in path_of(category_id, tree))})

    def purchase(fact: OrderFact) -> Purchase:
        kept = [line for line in fact.lines if line.left]
        places = {fact.point_id, fact.leader_id, *groups.get(fact.leader_id, ())}
        return Purchase(
            order_id=fact.id,
            day=local_day(work, fact.confirmed_at or fact.created_at),
            paid=sum(line.net - line.refunded for line in fact.lines),
            products=frozenset(line.product_id for line in kept),
            categories=frozenset().union(*(above(each.category_id) for each in kept)) - {""},
            communities=frozenset(places) - {""},
        )

    return purchase


def _communities(work: Work) -> dict[str, tuple[str, ...]]:
    """Return what the communities of each leader are called."""
    return {each.id: each.communities for each in every(work.of(Leader), Query())}


def _scored(known: list[Customer]) -> list[Customer]:
    sums = {
        each.id: Sums(max(p.day for p in each.purchases), len(each.purchases), each.spent)
        for each in known
    }
    scores = scores_of(sums)
    return [evolve(each, scores=scores[each.id]) for each in known]


def _seen(work: Work, known: list[Customer]) -> list[Customer]:
    last = dict[str, date]()
    for some in parts(each.id for each in known):
        for session in every(work.of(LoginSession), Query().among("user_id", some)):
            day = local_day(work, session.last_seen_at)
            last[session.user_id] = max(day, last.get(session.user_id, day))
    return [evolve(each, seen_on=last.get(each.id)) for each in known]


def parts(keys: Iterable[str]) -> Iterator[list[str]]:
    """Yield keys in parts that one statement takes."""
    rest = list(keys)
    return (rest[start : start + _AT_ONCE] for start in range(0, len(rest), _AT_ONCE))
