"""Where a join and a paid order spend their time: microseconds of processor time, part by part.

Parts of the web process are measured alone and put beside what the whole takes over HTTP in the
same run; what the parts do not explain is a line of its own. See README.md.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks import bench_joins, bench_paid  # noqa: E402  after the path is set
from benchmarks.kit import floor, machine, servers  # noqa: E402
from benchmarks.kit.batches import batches_of, callback_of, carry_out, hear  # noqa: E402
from benchmarks.kit.loader import Load, drive  # noqa: E402
from benchmarks.kit.paying import Provider  # noqa: E402
from benchmarks.kit.report import Finding, store  # noqa: E402
from benchmarks.kit.report import machine as machine_line  # noqa: E402
from benchmarks.kit.rounds import Stand, take_turns  # noqa: E402
from benchmarks.kit.seed import GOODS, TENANT, Joins, Terms  # noqa: E402
from benchmarks.kit.shop import BATCH, CLIENTS, PROCESSES, SECRET, Bench, prepared, product  # noqa: E402
from benchmarks.kit.watch import Watch  # noqa: E402
from groupbuy.adapters.persistence.unit_of_work import SqlUnitOfWork  # noqa: E402
from groupbuy.application import checkout, payments  # noqa: E402
from groupbuy.application.membership import recognise, session_id_of  # noqa: E402
from groupbuy.entrypoints.bootstrap import App, build  # noqa: E402
from groupbuy.entrypoints.garbage import collect_rarely  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "waterfall.json"
BATCHES, WARM = 200, 40

Parts = dict[str, float]
"""Microseconds a join, or an order."""


@frozen
class Shape:
    """What is looked at."""

    name: str
    hot: bool
    paid: bool = False

    @property
    def terms(self) -> Terms:
        """A paid order is confirmed at once: the first payer forms the group."""
        return Terms(quorum=1) if self.paid else Terms()


SHAPES = {
    "hot": Shape("a join, one hot group", hot=True),
    "wide": Shape("a join, 1,000 groups", hot=False),
    "paid": Shape("a paid order, one hot group", hot=True, paid=True),
}


def http_alone(bench: Bench, shape: Shape) -> Parts:
    """Measure a handler that does nothing, and ours with an answer ready, sessions remembered."""
    with servers.asgi(
        "benchmarks.kit.floor:app", PROCESSES, {}, bench.home, "/", factory=False
    ) as web:
        nothing = _per_request(web, floor.request)
    few = bench.seeded.tokens[:200]
    asked = Joins(bench.seeded.hot, few, CLIENTS, "canned", hot=True)
    target = "benchmarks.kit.canned:application"
    with (
        bench.cluster.database(bench.template) as database,
        servers.asgi(
            target, PROCESSES, bench.env(database), bench.home, "/health/ready", factory=True
        ) as web,
    ):
        ours = _per_request(web, asked.request, asked.begin)
        told = _per_request(web, _callback(), status=b"204") if shape.paid else nothing
    found = {
        "HTTP server and framework (a handler that does nothing)": nothing,
        "request to command and answer (ours, mailbox left out)": ours - nothing,
    }
    if shape.paid:
        found["callback: HTTP server and framework"] = nothing
        found["callback: signature, report, answer (mailbox left out)"] = told - nothing
    return found


def _callback() -> Callable[[int], bytes]:
    """Return callbacks of a provider about the same payment, each an event of its own."""
    provider, due = Provider(SECRET.encode()), {"amount": 79_920, "currency": "CNY"}
    joined = json.dumps({"payment": {"number": "0" * 32, "due": due}}).encode()
    return lambda client: provider.callback(client, joined)


def _per_request(
    web: servers.Servers,
    request: Callable[[int], bytes],
    begin: Callable[[int], None] = lambda _: None,
    status: bytes = b"201",
) -> float:
    run = drive(
        Load(web.ports, CLIENTS, request, status=status),
        warm=3,
        seconds=2,
        windows=3,
        look=lambda: machine.trees({"web": web.pids})["web"],
        begin=begin,
    )
    if run.bad:
        raise SystemExit(f"answers that are not as they should be: {run.bad.most_common(2)}")
    return 1e6 * (run.after - run.before) / max(run.answered, 1)


def batches_alone(bench: Bench, shape: Shape) -> Parts:
    """Carry out batches in this process, one after the other."""
    with bench.cluster.database(bench.template) as database:
        app = build(bench.settings(database))
        try:
            parts = {**_sessions(app, bench), **_joins(app, bench, shape)}
            return {**parts, **_captures(app, bench)} if shape.paid else parts
        finally:
            app.close()


def _sessions(app: App, bench: Bench) -> Parts:
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


def _joins(app: App, bench: Bench, shape: Shape) -> Parts:
    batches = batches_of(app, bench.seeded, BATCH, WARM + BATCHES, hot=shape.hot)
    collect_rarely()
    for each in batches[:WARM]:
        carry_out(app, each)
    watch = Watch()
    with (
        watch.on(checkout, "join_many", "all"),
        watch.on(SqlUnitOfWork, "__enter__", "open"),
        watch.on(checkout.Hall, "join", "domain"),
        watch.on(checkout, "_answer", "answer"),
        watch.on(SqlUnitOfWork, "__exit__", "write"),
    ):
        spent = _spent(bench, app, watch, lambda: [carry_out(app, each) for each in batches[WARM:]])
    rest = spent["all"] - spent["open"] - spent["answer"] - spent["write"]
    return {
        "driver and mapping: opening, locks, readings": spent["open"],
        "domain: rules, seat, stock, price, order, payment": spent["domain"],
        "rendering the answer": spent["answer"] - spent["domain"],
        "driver and mapping: writing, commit": spent["write"],
        "the rest of the use case: keys, staging, telling": rest,
        "PostgreSQL: the batch": spent["postgres"],
        "(waited for PostgreSQL and the disk)": spent["wall"] - spent["all"],
        "(statements)": spent["statements"],
    }


def _captures(app: App, bench: Bench) -> Parts:
    """Carry out batches of callbacks about payments of orders that nobody has paid yet."""
    paid = [
        [callback_of(app, number) for number in carry_out(app, each)]
        for each in batches_of(app, bench.seeded, BATCH, WARM + BATCHES, run="paid")
    ]
    _hear(app, paid[:WARM])
    watch = Watch()
    with (
        watch.on(payments, "hear_payments", "all"),
        watch.on(SqlUnitOfWork, "__enter__", "open"),
        watch.on(payments, "set_scene_of_payments", "scene"),
        watch.on(payments, "_settle", "domain"),
        watch.on(SqlUnitOfWork, "__exit__", "write"),
    ):
        spent = _spent(bench, app, watch, lambda: _hear(app, paid[WARM:]))
    read = spent["open"] + spent["scene"]
    return {
        "callback: driver and mapping: opening, locks, readings": read,
        "callback: domain: capture, seat, confirmation, journals": spent["domain"],
        "callback: driver and mapping: writing, commit": spent["write"],
        "callback: the rest of the use case": spent["all"]
        - read
        - spent["domain"]
        - spent["write"],
        "PostgreSQL: the batch of callbacks": spent["postgres"],
        "(callback: waited for PostgreSQL and the disk)": spent["wall"] - spent["all"],
        "(callback: statements)": spent["statements"],
    }


def _hear(app: App, batches: Sequence[Sequence[payments.Heard]]) -> None:
    for heard in batches:
        hear(app, heard)


def _spent(bench: Bench, app: App, watch: Watch, work: Callable[[], object]) -> Parts:
    """Return microseconds each by part, of this thread and of PostgreSQL, and statements each."""
    counted, theirs, wall = app.database.statements, _postgres(bench), time.perf_counter()
    work()
    wall, theirs = time.perf_counter() - wall, _postgres(bench) - theirs
    each = 1 / (BATCH * BATCHES)
    return {
        **{name: 1e6 * seconds * each for name, seconds in watch.spent.items()},
        "wall": 1e6 * wall * each,
        "postgres": 1e6 * theirs * each,
        "statements": (app.database.statements - counted) * each,
    }


def _postgres(bench: Bench) -> float:
    return machine.trees({"postgres": [bench.postmaster]})["postgres"]


def whole(bench: Bench, shape: Shape, seconds: float) -> tuple[Finding, Parts]:
    """Measure the whole over HTTP: sessions of 20,000 shoppers, 64 clients, two processes."""
    with ExitStack() as stack:
        stand = Stand(bench, stack)
        if shape.paid:
            part = bench_paid.flow_of(stand, "the whole", hot=shape.hot)
        else:
            counts, values = bench_joins.COUNTS, {"goods": GOODS}
            part = stand.flow("the whole", product, hot=shape.hot, counts=counts, values=values)
        part.seconds = seconds
        take_turns([part], 3)
    found = part.finding
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


def waterfall(shape: Shape, seconds: float) -> list[Finding]:
    """Measure and print one of them."""
    with prepared(shape.terms) as bench:
        parts = {**http_alone(bench, shape), **batches_alone(bench, shape)}
        found, measured = whole(bench, shape, seconds)
    everything = {**parts, **added_up(parts, measured), **measured}
    print(f"\n{shape.name}")
    for name, each in everything.items():
        print(f"{name:58}{each:9.1f}")
    print(f"{found.measured:.0f}/s over HTTP, p99 {found.p99_ms:.0f} ms", end="; ")
    print(f"{found.details['joins a batch']:g} joins a batch; {machine_line()}", flush=True)
    return [Finding(f"{shape.name}: {n}", each, unit="us") for n, each in everything.items()]


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--of", choices=sorted(SHAPES), action="append", help="which; all if none")
    given = parser.parse_args()
    print(f"before: {machine_line()}", flush=True)
    wanted = given.of or list(SHAPES)
    store([each for name in wanted for each in waterfall(SHAPES[name], given.seconds)], OUT)


if __name__ == "__main__":
    main()
