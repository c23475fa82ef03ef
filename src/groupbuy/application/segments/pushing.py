"""Pushes: written, previewed, sent as they were previewed, cancelled."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.segments.consenting import consents_of
from groupbuy.application.segments.customers import parts
from groupbuy.application.segments.keeping import segment_of
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, CampaignState
from groupbuy.domain.catalogue import Product, ProductState
from groupbuy.domain.commission import ChangedSincePreview
from groupbuy.domain.kernel import NotFound, Refused
from groupbuy.domain.membership import Merchant, Role
from groupbuy.domain.segments import (
    Hearing,
    Push,
    PushHearing,
    PushMove,
    PushText,
    SegmentMember,
    hearing_of,
)
from groupbuy.domain.sharing import check_text

DIGEST_LEAST = 12
"""Letters of a digest that have to be given."""
_ALIVE = (CampaignState.SCHEDULED, CampaignState.OPEN)


@frozen
class NewPush:
    """Somebody wants to write to a segment about a campaign or a product of the merchant."""

    segment_id: str
    subject: str
    text: PushText


@frozen
class PushPreview:
    """Whom a push would reach at this moment."""

    push: Push
    members: int
    by_hearing: Mapping[str, int]
    digest: str
    """Of who and what; sending asks for it."""


def write_push(work: Work, new: NewPush) -> Push:
    """Write a push; nothing is sent yet.

    Raises NotFound, Refused (share_text_induces_nobody, pushed_while_it_can_be_bought).
    """
    segment = segment_of(work, new.segment_id)
    name, merchant_id = _subject(work, new.subject)
    own = work.caller.merchant_id == merchant_id or Role.OPERATOR in work.caller.roles
    if not own or segment.merchant_id not in (None, merchant_id):
        raise NotFound(kind="subject", key=new.subject)
    filled = new.text.filled(name, work.of(Merchant).get(merchant_id).name)
    for part in filled.values():
        check_text(part)
    push = Push(
        id=work.new_id("psh"),
        merchant_id=merchant_id,
        segment_id=segment.id,
        subject=new.subject,
        created_at=work.now(),
        created_by=work.caller.user_id,
        title=filled["title"],
        body=filled["body"],
        title_en=filled["title_en"],
        body_en=filled["body_en"],
    )
    work.of(Push).add(push)
    work.audit("push.write", push.id, segment=segment.id)
    return push


def pushes(work: Work, limit: int, after: tuple[Any, str] | None = None) -> list[Push]:
    """Return the pushes of the caller's merchant, or for operators all, the newest first."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    query = Query().sorted("-created_at").page(limit, after)
    if Role.OPERATOR not in work.caller.roles:
        query = query.where(merchant_id=work.caller.merchant_id)
    return work.of(Push).select(query)


def push_of(work: Work, push_id: str) -> Push:
    """Return a push of one's own. Raises NotFound."""
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    return _mine(work, work.of(Push).find([push_id]).get(push_id), push_id)


def preview_push(work: Work, push_id: str) -> PushPreview:
    """Tell whom a push would reach at this moment, and whom not. Raises NotFound."""
    return _preview(work, push_of(work, push_id))


def send_push(work: Work, push_id: str, digest: str) -> Push:
    """Send a push to who belongs to its segment, as it was previewed.

    Raises NotFound, IllegalMove, ChangedSincePreview, Refused (pushed_while_it_can_be_bought).
    """
    push = _locked(work, push_id)
    _subject(work, push.subject)
    now, given = _preview(work, push).digest, digest.strip().lower()
    after, happened = push.move(PushMove.SEND, work.now())
    if len(given) < DIGEST_LEAST or not now.startswith(given):
        raise ChangedSincePreview(settlement=push_id, digest=now[:DIGEST_LEAST])
    work.of(Push).save(after)
    work.emit(happened)
    work.audit("push.send", push_id, digest=now[:DIGEST_LEAST])
    work.later("push", push_id, work.now())
    return after


def cancel_push(work: Work, push_id: str) -> Push:
    """Send it to nobody else. Raises NotFound, IllegalMove."""
    after, happened = _locked(work, push_id).move(PushMove.CANCEL, work.now())
    work.of(Push).save(after)
    work.emit(happened)
    work.audit("push.cancel", push_id)
    return after


def heard_by(work: Work, users: list[str]) -> Counter[str]:
    """Return how many pushes some people got in the days that count."""
    since = work.now() - work.kit.policy.pushes.window
    query = Query().among("user_id", users).since("at", since)
    found = every(work.of(PushHearing), query, order="at") if users else ()
    return Counter(each.user_id for each in found if each.hearing is Hearing.SENT)


def members_of(work: Work, segment_id: str) -> Iterator[str]:
    """Yield who belongs to a segment, in the order of ids."""
    query = Query().where(segment_id=segment_id)
    return (each.user_id for each in every(work.of(SegmentMember), query) if each.inside)


def _preview(work: Work, push: Push) -> PushPreview:
    counts, members, mark = Counter[str](), 0, hashlib.sha256()
    for part in (push.id, push.title, push.body, push.title_en, push.body_en):
        mark.update(f"{part}\n".encode())
    for some in parts(members_of(work, push.segment_id)):
        consents, heard = consents_of(work, some), heard_by(work, some)
        for who in some:
            hearing = hearing_of(consents.get(who), heard[who], work.kit.policy.pushes)
            counts[hearing.value] += 1
            mark.update(f"{who} {hearing.value}\n".encode())
        members += len(some)
    return PushPreview(push, members, dict(sorted(counts.items())), mark.hexdigest())


def _subject(work: Work, subject: str) -> tuple[str, str]:
    """Return the name and the merchant of what a push is about, while it can be bought."""
    campaign = work.of(Campaign).find([subject]).get(subject)
    if campaign is not None and campaign.state in _ALIVE:
        return campaign.title, campaign.merchant_id
    product = work.of(Product).find([subject]).get(subject) if campaign is None else None
    if product is not None and product.state is ProductState.LISTED:
        return product.name, product.merchant_id
    if campaign is None and product is None:
        raise NotFound(kind="subject", key=subject)
    raise Refused(rule="pushed_while_it_can_be_bought", about=subject)


def _locked(work: Work, push_id: str) -> Push:
    work.caller.require(Role.MERCHANT, Role.OPERATOR)
    return _mine(work, work.of(Push).lock([push_id]).get(push_id), push_id)


def _mine(work: Work, push: Push | None, key: str) -> Push:
    own = push is not None and push.merchant_id == work.caller.merchant_id
    if push is None or not (own or Role.OPERATOR in work.caller.roles):
        raise NotFound(kind="push", key=key)
    return push
