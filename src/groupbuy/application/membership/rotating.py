"""A new master key: data keys are wrapped again, what they seal is not touched."""

from collections.abc import Sequence

from attrs import evolve, frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.sealing import KeyHolder
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.membership import Merchant, Role, User


@frozen
class Rotated:
    """What became of one batch of people; merchants who have a key count as people."""

    seen: int
    wrapped: int
    """Those whose key was under an older master."""
    lost: int
    """Those whose key none of the masters opens."""
    last: str
    """The id to go on after; empty when everybody was seen."""


def rotate_keys(work: Work, after: str, limit: int) -> Rotated:
    """Wrap the data keys of the next people by id under the newest master key.

    Whoever was done before is left alone: a run that was broken off is simply run again.
    """
    work.caller.require(Role.ADMIN)
    query = Query().page(limit, (after, after) if after else None)
    people = work.of(User).select(query)
    # Merchants are few: they go with the first people, and are locked before them.
    shops = [] if after else [m for m in every(work.of(Merchant), Query()) if m.data_key]
    stale_shops, lost_shops = _stale(work, shops)
    for shop in work.of(Merchant).lock(stale_shops).values():
        again = evolve(shop, data_key=work.kit.vault.rewrap(shop.data_key))
        work.of(Merchant).save(again)
    stale, lost = _stale(work, [person for person in people if not person.erased])
    for person in work.of(User).lock(stale).values():
        # Erased while we were looking: there is nothing left to wrap.
        if not person.erased:
            work.of(User).save(evolve(person, data_key=work.kit.vault.rewrap(person.data_key)))
    last = people[-1].id if len(people) == limit else ""
    wrapped = len(stale) + len(stale_shops)
    return Rotated(len(people) + len(shops), wrapped, lost + lost_shops, last)


def _stale(work: Work, holders: Sequence[KeyHolder]) -> tuple[list[str], int]:
    """Return whose keys are under an older master, and how many no master opens."""
    stale, lost = list[str](), 0
    for holder in holders:
        try:
            if work.kit.vault.rewrap(holder.data_key) != holder.data_key:
                stale.append(holder.id)
        except NotFound:
            lost += 1
    return stale, lost
