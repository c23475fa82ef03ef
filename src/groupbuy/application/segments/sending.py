"""Sending a push, some people at a time, and what came of it."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from groupbuy.application.ports import Query
from groupbuy.application.report_facts import OrderFact
from groupbuy.application.segments.consenting import token_of
from groupbuy.application.segments.customers import parts
from groupbuy.application.segments.pushing import heard_by, push_of
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.membership import Notice
from groupbuy.domain.segments import (
    Hearing,
    Push,
    PushConsent,
    PushHearing,
    PushMove,
    PushState,
    SegmentMember,
    hearing_of,
)

AT_ONCE = 200
"""People that are looked at in one transaction."""
PUSHED = "push.offer"
"""What a push is called among messages."""


@frozen
class PushReport:
    """What came of a push."""

    push: Push
    by_hearing: Mapping[str, int]
    opened: int
    """Read in the inbox."""
    joined: int
    """People who ordered what it was about within the days that count."""
    sales: int
    """What they paid for that and have not got back, in minor units."""


def send_on(work: Work, push_id: str) -> datetime | None:
    """Write to the next people of a push; return when to go on, None once all were looked at.

    Each person has one row for good, and one message with a key of its own: whatever is cut short
    or done twice, nobody gets one twice. In quiet hours everything waits.
    """
    push = work.of(Push).lock([push_id])[push_id]
    if push.state is not PushState.SENDING:
        return None
    rules, now = work.kit.policy.pushes, work.now()
    loud = rules.loud_at(now, ZoneInfo(work.kit.policy.zone))
    if loud > now:
        return loud
    query = Query().where(segment_id=push.segment_id).sorted("id")
    after = (push.seen, push.seen) if push.seen else None
    page = work.of(SegmentMember).select(query.page(AT_ONCE, after))
    _tell(work, push, [each.user_id for each in page if each.inside])
    if len(page) == AT_ONCE:
        work.of(Push).save(evolve(push, seen=page[-1].id))
        return now
    done, happened = push.move(PushMove.FINISH, now)
    work.of(Push).save(evolve(done, seen=page[-1].id if page else push.seen))
    work.emit(happened)
    return None


def report_push(work: Work, push_id: str) -> PushReport:
    """Tell whom a push reached and what they did. Raises NotFound."""
    push = push_of(work, push_id)
    rows = list(every(work.of(PushHearing), Query().where(push_id=push_id)))
    sent = {each.user_id: each.at for each in rows if each.hearing is Hearing.SENT}
    opened = sum(
        1
        for some in parts(notice_key(push_id, who) for who in sent)
        for notice in work.of(Notice).find(some).values()
        if notice.read_at is not None
    )
    joined, sales = _bought(work, push, sent)
    counts = Counter(each.hearing.value for each in rows)
    return PushReport(push, dict(sorted(counts.items())), opened, joined, sales)


def notice_key(push_id: str, user_id: str) -> str:
    """Return the key of the message that one person gets."""
    return f"notify/{push_id}/{PUSHED}/{user_id}"


def _tell(work: Work, push: Push, users: list[str]) -> None:
    there = work.of(PushHearing).find(f"{push.id}/{who}" for who in users)
    fresh = [who for who in users if f"{push.id}/{who}" not in there]
    # One push at a time decides about a person, or two would each find that it is not too often.
    consents, heard = work.of(PushConsent).lock(fresh), heard_by(work, fresh)
    for who in fresh:
        hearing = hearing_of(consents.get(who), heard[who], work.kit.policy.pushes)
        work.of(PushHearing).add(PushHearing(f"{push.id}/{who}", push.id, who, work.now(), hearing))
        if hearing is Hearing.SENT:
            _write(work, push, consents[who])


def _write(work: Work, push: Push, agreed: PushConsent) -> None:
    work.tell(
        agreed.id,
        PUSHED,
        push.id,
        about=push.subject,
        title=push.title,
        body=push.body,
        title_en=push.title_en,
        body_en=push.body_en,
        channels=" ".join(sorted(agreed.channels)),
        unsubscribe=token_of(work, agreed.id),
    )


def _bought(work: Work, push: Push, sent: Mapping[str, datetime]) -> tuple[int, int]:
    days = timedelta(days=work.kit.policy.pushes.counted_days)
    buyers, sales = set[str](), 0
    facts = every(work.of(OrderFact), Query().where(merchant_id=push.merchant_id)) if sent else ()
    for fact in facts:
        told = sent.get(fact.buyer_id)
        if told is None or not told <= fact.created_at < told + days or not fact.placed_at:
            continue
        lines = [line for line in fact.lines if push.subject in (fact.campaign_id, line.product_id)]
        if lines:
            buyers.add(fact.buyer_id)
            sales += sum(line.net - line.refunded for line in lines)
    return len(buyers), sales
