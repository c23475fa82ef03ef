"""The desk of segments: a merchant keeps those of their own customers, an operator any."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from attrs import evolve, frozen

from groupbuy.application.ports import Query
from groupbuy.application.segments.customers import LOOKED_AT_MOST, customers, local_day
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import Category, Product
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.membership import Leader, Merchant, PickupPoint, Role, User
from groupbuy.domain.segments import (
    Asks,
    Customer,
    Predicate,
    Segment,
    Simple,
    asked_by,
    holds,
    parts_of,
    read_predicate,
    sentence,
)

SAMPLE = 5
"""How many a preview shows, those who bought last."""
_SURE: dict[Asks, type[Any]] = {Asks.CATEGORY: Category, Asks.PRODUCT: Product}
"""What has to exist where a predicate names it."""


@frozen
class Sampled:
    """One of those meant, as much of them as may be shown."""

    initial: str
    """The first letter of their name; empty without one."""
    orders: int
    spent: int
    """Minor units."""
    bought_on: date | None


@frozen
class Preview:
    """Who would be meant at this moment."""

    zh: str
    en: str
    """Who is meant, as a sentence."""
    count: int
    out_of: int
    """All customers there are to choose from."""
    sample: tuple[Sampled, ...]


def create_segment(work: Work, name: str, who: object, merchant_id: str | None = None) -> Segment:
    """Keep a segment; the worker finds out who belongs to it.

    A merchant's is about their own customers. Raises Invalid, NotFound, Forbidden.
    """
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    predicate = _checked(work, who)
    blank = Segment(
        id=work.new_id("seg"),
        merchant_id=_whose(work, merchant_id),
        name="",
        who="",
        created_at=work.now(),
        created_by=work.caller.user_id,
    )
    made = blank.meaning(name, predicate)
    work.of(Segment).add(made)
    work.audit("segment.create", made.id, who=made.who)
    _count_later(work, made.id, "made")
    return made


def edit_segment(work: Work, segment_id: str, name: str, who: object) -> Segment:
    """Say anew who is meant. Raises NotFound, Invalid."""
    before = _locked(work, segment_id)
    after = before.meaning(name, _checked(work, who))
    work.of(Segment).save(after)
    work.audit("segment.edit", segment_id, who=after.who)
    _count_later(work, segment_id, f"edit-{before.version}")
    return after


def remove_segment(work: Work, segment_id: str) -> Segment:
    """Forget a segment: nobody belongs to it any more. Raises NotFound."""
    before = _locked(work, segment_id)
    after = evolve(before, removed_at=work.now(), members=0)
    work.of(Segment).save(after)
    work.audit("segment.remove", segment_id)
    _count_later(work, segment_id, "removed")
    return after


def segments(work: Work, limit: int, after: tuple[Any, str] | None = None) -> list[Segment]:
    """Return the segments of the caller's merchant, or for operators all, the newest first."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    query = Query().where(removed_at=None).sorted("-created_at").page(limit, after)
    if Role.OPERATOR not in work.caller.roles:
        query = query.where(merchant_id=work.caller.merchant_id)
    return work.of(Segment).select(query)


def segment_of(work: Work, segment_id: str) -> Segment:
    """Return a segment of one's own. Raises NotFound."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    return _mine(work, work.of(Segment).find([segment_id]).get(segment_id), segment_id)


def preview_segment(work: Work, segment_id: str) -> Preview:
    """Tell who belongs to a segment at this moment. Raises NotFound, Refused."""
    found = segment_of(work, segment_id)
    return _preview(work, found.merchant_id, found.predicate)


def preview_who(work: Work, who: object, merchant_id: str | None = None) -> Preview:
    """Tell who would belong to a segment that nobody keeps yet. Raises Invalid, Refused."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    return _preview(work, _whose(work, merchant_id), _checked(work, who))


def names_of(work: Work, predicate: Predicate) -> dict[str, str]:
    """Return what the ids in a predicate are called, as far as they are called anything."""
    ids = {each.text for each in _simple(predicate) if each.text}
    kinds: Sequence[type[Any]] = (Category, Product, Leader, PickupPoint)
    return {key: str(it.name) for kind in kinds for key, it in work.of(kind).find(ids).items()}


def _preview(work: Work, merchant_id: str | None, predicate: Predicate) -> Preview:
    there = customers(work, merchant_id, asked_by(predicate), LOOKED_AT_MOST)
    today = local_day(work, work.now())
    meant = [each for each in there if holds(predicate, each, today)]
    names = names_of(work, predicate)
    return Preview(
        zh=sentence(predicate, names=names),
        en=sentence(predicate, english=True, names=names),
        count=len(meant),
        out_of=len(there),
        sample=_sample(work, meant),
    )


def _sample(work: Work, meant: Sequence[Customer]) -> tuple[Sampled, ...]:
    last = sorted(meant, key=lambda each: (each.bought_on or date.min, each.id), reverse=True)
    users = work.of(User).find([each.id for each in last[:SAMPLE]])
    return tuple(
        Sampled(
            initial=users[each.id].initial if each.id in users else "",
            orders=len(each.purchases),
            spent=each.spent,
            bought_on=each.bought_on,
        )
        for each in last[:SAMPLE]
    )


def _checked(work: Work, who: object) -> Predicate:
    """Read a predicate; the goods it names have to exist."""
    predicate = read_predicate(who)
    for each in _simple(predicate):
        kind = _SURE.get(each.asks)
        if kind is not None and each.text not in work.of(kind).find([each.text]):
            raise NotFound(kind=each.asks.value, key=each.text)
    return predicate


def _simple(predicate: Predicate) -> list[Simple]:
    return [each for each in parts_of(predicate) if isinstance(each, Simple)]


def _whose(work: Work, merchant_id: str | None) -> str | None:
    if Role.OPERATOR not in work.caller.roles:
        if merchant_id not in (None, work.caller.merchant_id):
            raise NotFound(kind="merchant", key=str(merchant_id))
        return work.caller.merchant_id
    if merchant_id is not None and merchant_id not in work.of(Merchant).find([merchant_id]):
        raise NotFound(kind="merchant", key=merchant_id)
    return merchant_id


def _locked(work: Work, segment_id: str) -> Segment:
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    return _mine(work, work.of(Segment).lock([segment_id]).get(segment_id), segment_id)


def _mine(work: Work, segment: Segment | None, key: str) -> Segment:
    if segment is None or segment.removed_at is not None:
        raise NotFound(kind="segment", key=key)
    if Role.OPERATOR not in work.caller.roles and segment.merchant_id != work.caller.merchant_id:
        raise NotFound(kind="segment", key=key)
    return segment


def _count_later(work: Work, segment_id: str, why: str) -> None:
    work.later("count_segment", segment_id, work.now(), once=why)
