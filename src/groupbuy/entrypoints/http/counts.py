"""The public count of a group: every link of its chain, for anybody to check."""

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from groupbuy.application import campaigns
from groupbuy.domain.campaigns import CountLink, stamp
from groupbuy.entrypoints.http.auth import public
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit


class CountOut(msgspec.Struct, frozen=True):
    """One link.

    `hash` is SHA-256 over six lines without a line break at the end: the group's id, `sequence`,
    `at`, `count`, `joined` and `previous`.
    """

    sequence: int
    """From 1 on without a gap."""
    at: str
    """When it was counted, in UTC, to the second."""
    count: int
    """What the quorum counts: buyers, units, or minor units of money. Paid seats only."""
    joined: int
    """Distinct buyers who have paid."""
    previous: str
    """Hash of the link before; empty for the first one, which counts nobody."""
    hash: str


class GroupCounts(Controller):
    """/shop/groups/{group_id}/counter."""

    path = "/shop/groups"
    tags = ("shop",)

    @get("/{group_id:str}/counter", opt=public(), sync_to_thread=True)
    def counter(
        self, group_id: FromPath[str], visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[CountOut]]:
        """List how a group's count has grown, from nobody on, as a chain of hashes.

        A link is added within a minute of every change and never changed again. No name is in it.
        """
        found = visit.read(
            lambda work: campaigns.public_counts(work, group_id, page.fetch, page.after)
        )
        return page.answer(found, _count_out, lambda each: each.sequence)


def _count_out(link: CountLink) -> CountOut:
    return CountOut(
        sequence=link.sequence,
        at=stamp(link.at),
        count=link.count,
        joined=link.joined,
        previous=link.previous,
        hash=link.hash,
    )
