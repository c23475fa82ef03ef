"""Where a join spends its time: microseconds of processor time, part by part, in one run.

Parts of the web process are measured alone and put beside what the whole takes over HTTP; what
the parts do not explain is a line of its own. See README.md.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import define, evolve, field

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

import typed_settings as ts  # noqa: E402  after the path is set

from benchmarks import bench_joins as joins  # noqa: E402
from benchmarks.kit import floor, machine, servers  # noqa: E402
from benchmarks.kit.batches import batches_of  # noqa: E402
from benchmarks.kit.loader import Load, drive  # noqa: E402
from benchmarks.kit.report import Finding, store  # noqa: E402
from benchmarks.kit.report import machine as machine_line  # noqa: E402
from benchmarks.kit.seed import TENANT, Joins  # noqa: E402
from groupbuy.adapters.persistence.unit_of_work import SqlUnitOfWork  # noqa: E402
from groupbuy.application import checkout  # noqa: E402
from groupbuy.application.membership import recognise, session_id_of  # noqa: E402
from groupbuy.entrypoints.bootstrap import App, build  # noqa: E402
from groupbuy.entrypoints.garbage import collect_rarely  # noqa: E402
from groupbuy.entrypoints.http.shop_campaigns import refused, rendered  # noqa: E402
from groupbuy.entrypoints.settings import DatabaseSettings, KeySettings, Settings  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "waterfall.json"
BATCH, BATCHES, WARM = 32, 200, 40

Parts = dict[str, float]
"""Microseconds a join."""


@define
class Watch:
    """Processor time of this thread, by the part that used it; parts nest."""

    spent: dict[str, float] = field(factory=dict)

    @contextmanager
    def on(self, owner: Any, name: str, part: str) -> Iterator[None]:
        """Charge what a function of `owner` uses to a part."""
        real: Callable[..., Any] = getattr(owner, name)

        def timed(*args: Any, **named: Any) -> Any:
            before = time.thread_time()
            try:
                return real(*args, **named)
            finally:
                self.spent[part] = self.spent.get(part, 0.0) + time.thread_time() - before

        setattr(owner, name, timed)
        try:
            yield
        finally:
            setattr(owner, name, real)


def http_alone(bench: joins.Bench) -> Parts:
    """Measure a handler that does nothing, and ours with an answer ready, sessions remembered."""
    with servers.asgi(
        "benchmarks.kit.floor:app", joins.PROCESSES, {}, bench.home, "/", factory=False
    ) as web:
        nothing = _per_request(web, floor.request)
    few = bench.seeded.tokens[:200]
    asked = Joins(bench.seeded.hot, few, joins.CLIENTS, "canned", hot=True)
    with (
        bench.cluster.database(bench.template) as database,
        servers.asgi(
            "benchmarks.kit.canned:application",
            joins.PROCESSES,
            bench.env(database),
            bench.home,
            "/health/ready",
            factory=True,
        ) as web,
    ):
        ours = _per_request(web, asked.request, asked.begin)
    return {
        "HTTP server and framework (a handler that does nothing)": nothing,
        "request to command and answer (ours, mailbox left out)": ours - nothing,
    }


def _per_request(
    web: servers.Servers,
    request: Callable[[int], bytes],
    begin: Callable[[int], None] = lambda _: None,
) -> float:
    run = drive(
        Load(web.ports, joins.CLIENTS, request),
        warm=3,
        seconds=2,
        windows=3,
        look=lambda: machine.trees({"web": web.pids})["web"],
        begin=begin,
    )
    return 1e6 * (run.after - run.before) / max(run.answered, 1)


def batch_alone(bench: joins.Bench) -> Parts:
    """Carry out batches in this process, one after the other, on the hot group."""
    with bench.cluster.database(bench.template) as database:
        settings = evolve(
            Settings(),
            database=DatabaseSettings(url=database.app_url),
            keys=KeySettings(master=ts.Secret(bench.master)),
        )
        app = build(settings)
        try:
            return {**_sessions(app, bench), **_batches(app, bench)}
        finally:
            app.close()


def _sessions(app: App, bench: joins.Bench) -> Parts:
    ids = [session_id_of(token) for token in bench.seeded.tokens]
    asked = [ids[n : n + BATCH] for n in range(0, BATCH * (WARM + BATCHES), BATCH)]
    for each in asked[:WARM]:
        recognise(app.desk, TENANT, each)
    ours, theirs = time.thread_time(), _postgres(bench)
    for each in asked[WARM:]:
        recognise(app.desk, TENANT, each)
    count = BATCH * BATCHES / 1e6
    return {
        "session look-up, of one who is not remembered": (time.thread_time() - ours) / count,
        "PostgreSQL: session look-up": (_postgres(bench) - theirs) / count,
    }


def _batches(app: App, bench: joins.Bench) -> Parts:
    batches = batches_of(app, bench.seeded, BATCH, WARM + BATCHES)
    collect_rarely()

    def carry(some: Sequence[Sequence[checkout.Join]]) -> None:
        for each in some:
            for answer in checkout.join_many(app.desk, each, rendered, refused):
                if not isinstance(answer, tuple) or not answer[0].ok:
                    raise SystemExit(f"a join was refused: {answer}")

    carry(batches[:WARM])
    watch, counted = Watch(), app.database.statements
    with (
        watch.on(checkout, "join_many", "all"),
        watch.on(SqlUnitOfWork, "__enter__", "open"),
        watch.on(checkout.Hall, "join", "domain"),
        watch.on(checkout, "_answer", "answer"),
        watch.on(SqlUnitOfWork, "__exit__", "write"),
    ):
        wall, theirs = time.perf_counter(), _postgres(bench)
        carry(batches[WARM:])
        wall, theirs = time.perf_counter() - wall, _postgres(bench) - theirs
    spent = {name: 1e6 * each / (BATCH * BATCHES) for name, each in watch.spent.items()}
    rest = spent["all"] - spent["open"] - spent["answer"] - spent["write"]
    return {
        "driver and mapping: opening, locks, readings": spent["open"],
        "domain: rules, seat, stock, price, order, payment": spent["domain"],
        "rendering the answer": spent["answer"] - spent["domain"],
        "driver and mapping: writing, commit": spent["write"],
        "the rest of the use case: keys, staging, telling": rest,
        "PostgreSQL: the batch": 1e6 * theirs / (BATCH * BATCHES),
        "(waited for PostgreSQL and the disk)": 1e6 * wall / (BATCH * BATCHES) - spent["all"],
        "(statements)": (app.database.statements - counted) / (BATCH * BATCHES),
    }


def _postgres(bench: joins.Bench) -> float:
    return machine.trees({"postgres": [bench.postmaster]})["postgres"]


def whole(bench: joins.Bench) -> tuple[Finding, Parts]:
    """Measure the whole over HTTP: sessions of 20,000 shoppers, 64 clients, two processes."""
    found = joins.measure_joins(bench, "the whole", joins._product, hot=True)
    return found, {
        "web, measured": 1_000 * found.details["web cpu ms"],
        "PostgreSQL, measured": 1_000 * found.details["postgres cpu ms"],
        "loader, measured": 1_000 * found.details["loader cpu ms"],
    }


def added_up(parts: Mapping[str, float], measured: Mapping[str, float]) -> Parts:
    """Return what the parts come to, and what of the whole they do not explain."""
    ours = [v for name, v in parts.items() if not name.startswith(("PostgreSQL", "("))]
    theirs = [v for name, v in parts.items() if name.startswith("PostgreSQL")]
    return {
        "web, sum of its parts": sum(ours),
        "web, not explained by them": measured["web, measured"] - sum(ours),
        "PostgreSQL, sum of its parts": sum(theirs),
        "PostgreSQL, not explained by them": measured["PostgreSQL, measured"] - sum(theirs),
    }


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4)
    given = parser.parse_args()
    print(f"before: {machine_line()}", flush=True)
    with joins.prepared(given.seconds, 3) as bench:
        parts = {**http_alone(bench), **batch_alone(bench)}
        found, measured = whole(bench)
    sums = added_up(parts, measured)
    everything = {**parts, **sums, **measured}
    store([Finding(name, each, unit="us a join") for name, each in everything.items()], OUT)
    for name, each in everything.items():
        print(f"{name:58}{each:9.1f}")
    print(f"\n{found.measured:.0f} joins/s over HTTP, p99 {found.p99_ms:.0f} ms", end="; ")
    print(f"{found.details['joins a batch']:g} joins a batch; {machine_line()}")


if __name__ == "__main__":
    main()
