"""Steps that the contract suites of storage share."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from groupbuy.application.ports.persistence import (
    Begin,
    Task,
    UnitOfWork,
)
from groupbuy.domain.kernel import Conflict
from groupbuy.domain.ledger import Balance
from groupbuy.testing.samples import NOON

MINE, OTHER = "tenant-a", "tenant-b"
_TRIES = 400
"""More conflicts in a row than any fair scheduler deals out."""


def added(begin: Begin, *things: object) -> None:
    """Store things of one tenant in one unit of work."""
    with begin(MINE) as tx:
        for thing in things:
            tx.of(type(thing)).add(thing)


def balance_of(begin: Begin, key: str) -> Balance:
    """Read a balance in a unit of work of its own."""
    with begin(MINE, write=False) as tx:
        return tx.of(Balance).get(key)


def some_tasks(count: int) -> list[Task]:
    """Return tasks that differ in everything a query may ask for."""
    return [
        Task(
            id=f"t/{n:02}",
            topic="odd" if n % 2 else "even",
            subject=f"s{n}",
            due_at=NOON + timedelta(hours=n),
            attempts=n % 4,
            claimed_until=NOON if n and n % 2 == 0 else None,
        )
        for n in range(count)
    ]


def retried(begin: Begin, work: Callable[[UnitOfWork], None]) -> None:
    """Run work in a unit of its own until it meets no conflict."""
    for _ in range(_TRIES):
        try:
            with begin(MINE) as tx:
                work(tx)
        except Conflict:
            continue
        return
    raise AssertionError("conflicts without end")


def at_once(count: int, work: Callable[[int], None]) -> None:
    """Run work in so many threads that start together."""
    start = Barrier(count)

    def run(number: int) -> None:
        start.wait()
        work(number)

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(run, range(count)))
