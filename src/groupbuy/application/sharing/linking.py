"""Short links: made once for each sharer and channel, opened by anybody, counted by browser."""

from attrs import frozen

from groupbuy.application.limits import Rate, count
from groupbuy.application.sharing.facts import (
    CAMPAIGN,
    PRODUCT,
    facts_of,
    shown_campaign,
    shown_product,
)
from groupbuy.application.sharing.telling import PATH, ShareWish, Told
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.kernel import NotFound, Refused, TooMany, kind_of
from groupbuy.domain.membership import Role
from groupbuy.domain.sharing import (
    Channel,
    ShareFacts,
    ShareLink,
    ShareVisit,
    VisitStep,
    code_of,
    write_copy,
)

COUNTED_FROM_ONE_ADDRESS = 300
"""Browsers behind one address that are counted within the time below; others see the page too."""
COUNTED_MINUTES = 60


@frozen
class Landing:
    """What somebody sees who opens a link."""

    subject: str
    title: str
    facts: ShareFacts | None
    """None once nobody can join any more."""
    link: ShareLink | None
    """None behind a plain link, which names nobody."""


def share(work: Work, wish: ShareWish, kind: str = "") -> Told:
    """Write texts with short links of the caller's own, one for each channel asked for.

    Asking again gives the same links. Raises what `share_texts` raises, and Unauthenticated.
    """
    work.caller.require(*Role)
    facts = facts_of(work, wish.subject, kind)
    copies = []
    for channel in wish.channels:
        link = _link(work, wish.subject, channel)
        address = wish.base_url + PATH + link.id
        copies.append(write_copy(facts, channel, wish.tone, address, english=wish.english))
    return Told(facts, copies)


def open_link(work: Work, code: str) -> Landing:
    """Return what is behind a code, or behind the id of what is shared. Raises NotFound."""
    link = work.of(ShareLink).find([code]).get(code)
    subject = link.subject if link else code
    try:
        facts = facts_of(work, subject)
    except Refused:
        facts = None
    return Landing(subject, _title(work, subject), facts, link)


def count_visit(
    desk: Desk, caller: Caller, link: ShareLink, step: VisitStep, visitor: str, address: str
) -> bool:
    """Count a browser that came so far, once; tell whether it was counted.

    It is not where too many come from one address within an hour, nor is the sharer: numbers shall
    mean other people. Raises Conflict, Unavailable.
    """
    if caller.user_id == link.sharer_id:
        return False
    rate = Rate(f"share-{step.value}", address, COUNTED_FROM_ONE_ADDRESS, COUNTED_MINUTES)

    def use_case(work: Work) -> bool:
        visit = ShareVisit.of(link, step, visitor, work.now())
        if visit.id in work.of(ShareVisit).find([visit.id]):
            return False
        count(work, [rate])
        work.of(ShareVisit).add(visit)
        return True

    try:
        return desk.run(caller, use_case)
    except TooMany:
        return False


def _link(work: Work, subject: str, channel: Channel) -> ShareLink:
    """Return the caller's link, made if it is the first time; its code follows from what it is."""
    sharer = work.caller.user_id
    said = f"{work.caller.tenant}|{sharer}|{subject}|{channel.value}"
    code = code_of(work.kit.vault.fingerprint("share", said))
    known = work.of(ShareLink).find([code]).get(code)
    if known is not None:
        return known
    link = ShareLink(code, subject, channel, sharer, work.now())
    work.of(ShareLink).add(link)
    return link


def _title(work: Work, subject: str) -> str:
    if kind_of(subject) == CAMPAIGN:
        return shown_campaign(work, subject).title
    if kind_of(subject) == PRODUCT:
        return shown_product(work, subject).name
    raise NotFound(kind="share", key=subject)
