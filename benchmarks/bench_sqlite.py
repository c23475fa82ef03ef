"""Joins per second on one SQLite file, embedded: one process, its mailbox, synchronous=FULL."""

import sys
import tempfile
import time
from collections import deque
from concurrent.futures import Future
from pathlib import Path
from statistics import median
from typing import Any

import typed_settings as ts
from attrs import evolve

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.kit.batches import joins_of  # noqa: E402  after the path is set
from benchmarks.kit.report import Finding, store  # noqa: E402
from benchmarks.kit.report import machine as machine_line  # noqa: E402
from benchmarks.kit.seed import TENANT, Seeded, seed  # noqa: E402
from groupbuy.entrypoints import bootstrap, keys  # noqa: E402
from groupbuy.entrypoints.bootstrap import App, build  # noqa: E402
from groupbuy.entrypoints.garbage import collect_rarely  # noqa: E402
from groupbuy.entrypoints.http import mailbox_of  # noqa: E402
from groupbuy.entrypoints.settings import DatabaseSettings, KeySettings, Settings  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "sqlite.json"
LEAST = 3_000
WAITING, JOINS, WINDOWS = 64, 6_000, 3
"""Joins on their way at once; joins a window; windows."""


def measured() -> list[Finding]:
    """Measure joins of one hot group, each answered after its commit."""
    with tempfile.TemporaryDirectory() as home:
        settings = evolve(
            Settings(),
            database=DatabaseSettings(url=f"sqlite:///{home}/shop.db"),
            keys=KeySettings(master=ts.Secret(keys.generated())),
        )
        bootstrap.upgrade(settings)
        seeded = seed(settings)
        app = build(settings)
        try:
            rates = [_window(app, seeded, number) for number in range(WINDOWS + 1)][1:]
        finally:
            app.close()
    rate = median(rates)
    return [
        Finding(
            "groupbuy on SQLite, one hot group",
            rate,
            windows=tuple(rates),
            ratios={"goal": round(rate / LEAST, 3)},
            goal=f"at least {LEAST:,} a second, one process, synchronous=FULL",
            holds=rate >= LEAST,
        )
    ]


def _window(app: App, seeded: Seeded, number: int) -> float:
    """Post joins into a mailbox, so many at a time, and return how many a second were answered."""
    joins = joins_of(app, seeded, JOINS, [seeded.hot[number]], str(number))
    collect_rarely()  # as `groupbuy serve` does
    box = mailbox_of(app)
    box.start()
    waiting = deque[Future[Any]]()
    started = time.perf_counter()
    for join in joins:
        waiting.append(box.post(TENANT, join.group_id, join))
        if len(waiting) >= WAITING:
            _must_be_made(waiting.popleft())
    while waiting:
        _must_be_made(waiting.popleft())
    spent = time.perf_counter() - started
    box.close()
    return len(joins) / spent


def _must_be_made(answer: "Future[Any]") -> None:
    outcome = answer.result(timeout=30)
    if isinstance(outcome, Exception) or not outcome[0].ok:
        raise SystemExit(f"a join was refused: {outcome}")


def main() -> None:
    """Measure, print, keep."""
    found = measured()
    store(found, OUT)
    for each in found:
        windows = " ".join(f"{rate:.0f}" for rate in each.windows)
        print(f"{each.name}: {each.measured:.0f} joins/s ({windows}); {machine_line()}")


if __name__ == "__main__":
    main()
