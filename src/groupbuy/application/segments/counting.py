"""Finding out who belongs to segments: once a day, and soon after one is changed."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from attrs import evolve

from groupbuy.application.ports import Query
from groupbuy.application.segments.customers import customers, local_day, parts
from groupbuy.application.steps.reading import every, pages
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.membership import User
from groupbuy.domain.segments import Segment, SegmentMember, asked_by, holds, member_key


def count_due(desk: Desk, tenant: str) -> int:
    """Count every segment of a tenant; return how many people came in or left."""
    caller = Caller.system(tenant)
    return sum(
        count_segment(desk, caller, segment.id)
        for page in pages(desk, caller, Segment, Query().where(removed_at=None))
        for segment in page
    )


def count_segment(desk: Desk, caller: Caller, segment_id: str) -> int:
    """Find out who belongs to a segment now; return how many people came in or left.

    What changed is written part by part, so it may be cut short and done again anywhere.
    """
    segment, meant, before = desk.read(caller, partial(_compared, segment_id=segment_id))
    changed = sorted(meant ^ before)
    for some in parts(changed):
        desk.run(caller, partial(_write, segment_id=segment_id, some=some, meant=meant))
    if segment is not None and segment.removed_at is None:
        desk.run(caller, partial(_counted, segment=segment, members=len(meant)))
    return len(changed)


def _compared(work: Work, segment_id: str) -> tuple[Segment | None, set[str], set[str]]:
    segment = work.of(Segment).find([segment_id]).get(segment_id)
    there = every(work.of(SegmentMember), Query().where(segment_id=segment_id))
    before = {each.user_id for each in there if each.inside}
    if segment is None or segment.removed_at is not None:
        return segment, set(), before
    predicate, today = segment.predicate, local_day(work, work.now())
    known = customers(work, segment.merchant_id, asked_by(predicate))
    meant = [each.id for each in known if holds(predicate, each, today)]
    return segment, _reachable(work, meant), before


def _reachable(work: Work, meant: Sequence[str]) -> set[str]:
    """Leave out who is erased: nobody is left to be meant."""
    users = (work.of(User).find(some).values() for some in parts(meant))
    return {user.id for some in users for user in some if not user.erased}


def _write(work: Work, segment_id: str, some: Sequence[str], meant: set[str]) -> None:
    by_key = {member_key(segment_id, who): who for who in some}

    def fresh(key: str) -> SegmentMember:
        return SegmentMember(key, segment_id, by_key[key], work.now(), inside=False)

    for key, found in work.of(SegmentMember).lock(by_key, create=fresh).items():
        after = _placed(found, work.now(), inside=by_key[key] in meant)
        if after != found:
            work.of(SegmentMember).save(after)


def _placed(found: SegmentMember, now: datetime, *, inside: bool) -> SegmentMember:
    since = now if inside and not found.inside else found.since
    return evolve(found, inside=inside, since=since)


def _counted(work: Work, segment: Segment, members: int) -> None:
    """Write down the count, unless who is meant was changed meanwhile."""
    found = work.of(Segment).lock([segment.id])[segment.id]
    if found.who == segment.who and found.removed_at is None:
        work.of(Segment).save(evolve(found, counted_at=work.now(), members=members))
