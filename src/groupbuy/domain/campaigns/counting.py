"""The public count of a group: a chain of links that anybody can check, without a name in it.

A link says when how many had paid, and its hash covers the hash of the link before it. Whoever has
kept one hash can prove later that nothing before it was rewritten. It begins with nobody, at the
moment the group opened: there is no place for members that were never there.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from attrs import evolve, frozen

from groupbuy.domain.campaigns.group import Group
from groupbuy.domain.campaigns.terms import Measure


@frozen
class CountLink:
    """One link. Append-only."""

    id: str
    """The group and the number of the link, in twelve digits."""
    group_id: str
    sequence: int
    """From 1 on without a gap."""
    at: datetime
    """When it was counted; a whole second."""
    count: int
    """What the quorum counts: buyers, units, or minor units of money. Paid seats only."""
    joined: int
    """Distinct buyers who have paid."""
    previous: str
    """Hash of the link before; empty for the first one."""
    hash: str


@frozen
class CountHead:
    """The newest link of a group's chain; its id is the group's."""

    id: str
    sequence: int = 0
    count: int = 0
    joined: int = 0
    hash: str = ""
    version: int = 0


@frozen
class CountFinding:
    """Where a chain is not as it must be."""

    sequence: int
    check: str
    """`gap` (a number is missing or out of turn), `broken_link`, `hash_differs`, `clock` (it is
    older than the one before), `first_is_not_zero`."""


def stamp(at: datetime) -> str:
    """Return the one text of an instant that a hash covers: `2026-11-02T04:00:00Z`."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def hash_of(link: CountLink) -> str:
    """Return SHA-256 over group, number, instant, count, joined and the hash before, in lines."""
    said = (link.group_id, link.sequence, stamp(link.at), link.count, link.joined, link.previous)
    return hashlib.sha256("\n".join(map(str, said)).encode()).hexdigest()


def count_on(
    head: CountHead, group: Group, measure: Measure, now: datetime
) -> tuple[CountHead, list[CountLink]]:
    """Go on counting: no link if nothing changed, and one for nobody before the very first."""
    links = list[CountLink]()
    if not head.sequence:
        head = _put(head, links, group.opens_at, (0, 0))
    counted = (group.reached(measure), group.paid_buyers)
    if counted != (head.count, head.joined):
        head = _put(head, links, max(now, group.opens_at), counted)
    return head, links


def check_chain(links: Iterable[CountLink]) -> Iterator[CountFinding]:
    """Find what is wrong with the links of one group, in their order, from the first on."""
    before: CountLink | None = None
    for number, link in enumerate(links, 1):
        if link.sequence != number:
            yield CountFinding(link.sequence, "gap")
        if link.previous != ("" if before is None else before.hash):
            yield CountFinding(link.sequence, "broken_link")
        if link.hash != hash_of(link):
            yield CountFinding(link.sequence, "hash_differs")
        if before is None and (link.count, link.joined) != (0, 0):
            yield CountFinding(link.sequence, "first_is_not_zero")
        if before is not None and link.at < before.at:
            yield CountFinding(link.sequence, "clock")
        before = link


def _put(
    head: CountHead, links: list[CountLink], at: datetime, counted: tuple[int, int]
) -> CountHead:
    count, joined = counted
    unsigned = CountLink(
        id=f"{head.id}/{head.sequence + 1:012d}",
        group_id=head.id,
        sequence=head.sequence + 1,
        at=at.replace(microsecond=0),
        count=count,
        joined=joined,
        previous=head.hash,
        hash="",
    )
    link = evolve(unsigned, hash=hash_of(unsigned))
    links.append(link)
    return evolve(head, sequence=link.sequence, count=count, joined=joined, hash=link.hash)
