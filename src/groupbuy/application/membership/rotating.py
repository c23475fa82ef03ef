"""A new master key: data keys are wrapped again, what they seal is not touched."""

from attrs import evolve, frozen

from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.membership import Role, User


@frozen
class Rotated:
    """What became of one batch of people."""

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
    stale, lost = list[str](), 0
    for person in people:
        try:
            if not person.erased and work.kit.vault.rewrap(person.data_key) != person.data_key:
                stale.append(person.id)
        except NotFound:
            lost += 1
    for person in work.of(User).lock(stale).values():
        # Erased while we were looking: there is nothing left to wrap.
        if not person.erased:
            again = evolve(person, data_key=work.kit.vault.rewrap(person.data_key))
            work.of(User).save(again)
    last = people[-1].id if len(people) == limit else ""
    return Rotated(len(people), len(stale), lost, last)
