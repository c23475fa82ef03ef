"""Ten thousand open streams on two web processes: how soon all have news, and what each costs.

Every update is a join over HTTP, so the time runs from the shopper's request to the last reader's
bytes. Leaves the numbers in `benchmarks/out/live.json`. See README.md.
"""

import argparse
import http.client
import resource
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

from attrs import frozen

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.kit import servers  # noqa: E402  after the path is set
from benchmarks.kit.report import Finding, machine, store  # noqa: E402
from benchmarks.kit.seed import Joins, Place, Seeded  # noqa: E402
from benchmarks.kit.shop import PROCESSES, prepared, product  # noqa: E402
from benchmarks.kit.watchers import Watchers  # noqa: E402
from groupbuy.domain.campaigns import group_of  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "live.json"
LISTENERS = 10_000
UPDATES = 11
SPARE = 200
"""Files the loader needs besides its streams."""
ALL_SECONDS = 1.0
KILOBYTES = 30
WRITES_AHEAD = 65_536
"""Bytes the server takes for a reader before it holds back."""
_JOINS_AT_MOST = 2_000
_PATIENCE = 20.0


@frozen
class Stage:
    """A product that runs, and the group everybody looks at."""

    web: servers.Servers
    place: Place
    seeded: Seeded

    @property
    def path(self) -> str:
        """Where its progress is streamed."""
        return f"/api/v1/shop/groups/{group_of(self.place[0])}/events"


class Shopper:
    """Joins the group again and again, each time as somebody else."""

    def __init__(self, stage: Stage) -> None:
        self._joins = Joins([stage.place], stage.seeded.tokens, clients=1, run="live", hot=True)
        self._address = ("127.0.0.1", stage.web.ports[-1])

    def ask(self) -> None:
        """Send a join, over a connection of its own: the server closes those that idle."""
        self._place = socket.create_connection(self._address)
        self._place.sendall(self._joins.request(0))

    def hear(self) -> None:
        """Await its answer. Raises RuntimeError unless the join was taken."""
        with self._place:
            answer = http.client.HTTPResponse(self._place)
            answer.begin()
            said = answer.read()
        if answer.status != http.client.CREATED:
            raise RuntimeError(said[:500])


def reachable(listeners: int) -> int:
    """Raise the limit of open files as far as it goes; return how many streams fit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    fit = listeners if hard == resource.RLIM_INFINITY else min(listeners, hard - SPARE)
    if fit < listeners:
        print(f"only {fit} streams: this machine allows {hard} open files", flush=True)
    return fit - fit % PROCESSES


@contextmanager
def running() -> Iterator[Stage]:
    """Run PostgreSQL with fsync on and the product on it."""
    with (
        prepared() as bench,
        bench.cluster.database(bench.template) as database,
        product(bench.env(database), bench.home) as web,
    ):
        yield Stage(web, bench.seeded.hot[0], bench.seeded)


def measured(listeners: int = LISTENERS, updates: int = UPDATES) -> list[Finding]:
    """Open the streams, change the group, and say how it went."""
    listeners = reachable(listeners)
    with running() as stage:
        watchers = Watchers(stage.path)
        shopper = Shopper(stage)
        with closing(watchers):
            sequence, held_back = _stall_one(stage, watchers, shopper)
            before = _kilobytes(stage)
            watchers.open(stage.web.ports, listeners // PROCESSES, _PATIENCE * 2)
            idle = (_kilobytes(stage) - before) / listeners
            told = [_told(watchers, shopper, sequence + n) for n in range(1, updates + 1)]
            after = (_kilobytes(stage) - before) / listeners
            watchers.free()
            sequence += updates
            alone = [_told(watchers, shopper, sequence + n) for n in range(1, updates + 1)]
    stalled = _stalled(told, alone, held_back)
    return [*_times(listeners, told + alone), _memory(listeners, idle, after), stalled]


def _stall_one(stage: Stage, watchers: Watchers, shopper: Shopper) -> tuple[int, int]:
    """Leave a reader alone until the server holds back what it is owed; return the sequence."""
    watchers.stall(stage.web.ports[0])
    watchers.open(stage.web.ports, 1, _PATIENCE)
    for sequence in range(1, _JOINS_AT_MOST):
        _told(watchers, shopper, sequence)
        if sequence % 50 == 0 and (held := watchers.held_back()) > WRITES_AHEAD:
            return sequence, held
    raise RuntimeError("the reader that never reads did not stall")


def _told(watchers: Watchers, shopper: Shopper, sequence: int) -> list[float]:
    """Join once; return after how many seconds each reader knew, soonest first."""
    began = time.monotonic()
    shopper.ask()
    arrived = watchers.until_all_saw(sequence, _PATIENCE)
    shopper.hear()
    return sorted(at - began for at in arrived)


def _times(listeners: int, told: list[list[float]]) -> list[Finding]:
    last = [each[-1] for each in told]
    middle = {"median_listener_s": round(median(median(each) for each in told), 3)}
    windows = tuple(round(each, 3) for each in last)
    goal = f"an update reaches all {LISTENERS} in < {ALL_SECONDS:g} s"
    names = {"median": median(last), "worst": max(last)}
    return [
        Finding(
            f"live: join until the last of {listeners} streams knows, {name}",
            round(seconds, 3),
            unit="s",
            windows=windows,
            ratios={"goal": round(seconds / ALL_SECONDS, 3)},
            details=middle,
            goal=goal,
            holds=seconds < ALL_SECONDS if listeners >= LISTENERS else None,
        )
        for name, seconds in names.items()
    ]


def _memory(listeners: int, idle: float, after: float) -> Finding:
    return Finding(
        "live: memory of the web processes per stream (PSS)",
        round(max(idle, after), 2),
        unit="kB",
        ratios={"goal": round(max(idle, after) / KILOBYTES, 3)},
        details={"idle_kB": round(idle, 2), "after_updates_kB": round(after, 2)},
        goal=f"<= {KILOBYTES} kB each",
        holds=max(idle, after) <= KILOBYTES if listeners >= LISTENERS else None,
    )


def _stalled(told: list[list[float]], alone: list[list[float]], held_back: int) -> Finding:
    """Compare the updates beside the stalled reader with those after it had gone."""
    late = sum(seconds >= ALL_SECONDS for each in told for seconds in each)
    beside, without = (median(each[-1] for each in some) for some in (told, alone))
    return Finding(
        "live: news that came late while one reader was stalled",
        late,
        unit="frames",
        windows=tuple(round(each[-1], 3) for each in alone),
        ratios={"without": round(beside / without, 3)},
        details={
            "held_back_bytes": held_back,
            "frames": sum(map(len, told)),
            "last_beside_s": round(beside, 3),
            "last_without_s": round(without, 3),
        },
        goal="one stalled reader delays nobody",
        holds=late == 0,
    )


def _kilobytes(stage: Stage) -> float:
    """Return the proportional set size of the web processes."""
    found = 0.0
    for pid in stage.web.pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                found += float(line.split()[1])
    return found


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listeners", type=int, default=LISTENERS)
    parser.add_argument("--updates", type=int, default=UPDATES)
    given, _ = parser.parse_known_args()  # the others are for other programs here
    print(f"before: {machine()}", flush=True)
    found = measured(given.listeners, given.updates)
    store(found, OUT)
    for each in found:
        verdict = {True: "holds", False: "FAILS", None: "-"}[each.holds]
        print(f"{each.name:66}{each.measured:9g} {each.unit:7}{verdict:6} ({each.goal})")
        told = "  ".join(f"{name} {value:g}" for name, value in each.details.items())
        print(f"    {told}  {' '.join(f'{window:g}' for window in each.windows)}")
    print(f"after: {machine()}; {PROCESSES} web processes, fsync on, loader on the same cores")


if __name__ == "__main__":
    main()
