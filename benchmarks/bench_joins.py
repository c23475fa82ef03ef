"""Joins per second over HTTP on PostgreSQL: one hot campaign, and 1,000 of them.

Prints them beside what hand-written SQL, a handler that does nothing, and the same code without
batching reach in the same run; leaves the numbers in `benchmarks/out/joins.json`. See README.md.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import typed_settings as ts
from attrs import evolve, frozen

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.kit import floor, limit, machine, servers  # noqa: E402  after the path is set
from benchmarks.kit.loader import Load, Run, drive  # noqa: E402
from benchmarks.kit.report import Finding, aimed, limit_of, store, table  # noqa: E402
from benchmarks.kit.report import machine as machine_line  # noqa: E402
from benchmarks.kit.seed import GOODS, Joins, Seeded, seed  # noqa: E402
from groupbuy.domain.campaigns import group_of  # noqa: E402
from groupbuy.entrypoints import bootstrap, keys  # noqa: E402
from groupbuy.entrypoints.settings import DatabaseSettings, KeySettings, Settings  # noqa: E402
from tests.support.postgres import APP, PgCluster, PgDatabase, postgres_cluster  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "joins.json"
CLIENTS = 64
CROWD = 256
PROCESSES = 2

_COUNTS = {
    "201 answers lack a seat": "SELECT %(said)s - count(*) FROM seats",
    "seats lack an order": "SELECT count(*) FROM seats s LEFT JOIN orders o USING (id) "
    "WHERE o.id IS NULL",
    "orders lack a payment": "SELECT (SELECT count(*) FROM orders) - count(*) FROM payments",
    "groups count other seats": "SELECT count(*) FROM groups g WHERE held_seats <> "
    "(SELECT count(*) FROM seats s WHERE s.group_id = g.id)",
    "stock does not add up": "SELECT count(*) FROM stock WHERE available + reserved <> %(goods)s",
    "goods reserved without a seat": "SELECT (SELECT sum(reserved) FROM stock) - "
    "coalesce(sum(units), 0) FROM seats",
    "keys lack an answer": "SELECT count(*) FROM idempotency WHERE ok IS NOT TRUE",
}
"""What must be 0 once everybody was answered."""


@frozen
class Bench:
    """Everything the parts share."""

    cluster: PgCluster
    home: Path
    master: str
    template: str
    seeded: Seeded
    seconds: float
    windows: int
    postmaster: int

    def env(self, database: PgDatabase) -> dict[str, str]:
        """Return the settings of a web process."""
        return {
            "GROUPBUY_DATABASE_URL": database.app_url,
            "GROUPBUY_KEYS_MASTER": self.master,
            "GROUPBUY_LOG_FORMAT": "json",
        }

    def admin(self, name: str) -> str:
        """Return the administrator's URL of a database: sees the rows of all tenants."""
        return self.cluster.admin_url.rpartition("/")[0] + f"/{name}"


@contextmanager
def prepared(seconds: float, windows: int) -> Iterator[Bench]:
    """Start PostgreSQL with fsync on, migrate one database and fill it; the rest are copies."""
    master = keys.generated()
    with postgres_cluster(durable=True) as cluster, tempfile.TemporaryDirectory() as home:
        template = cluster.create()
        settings = evolve(
            Settings(),
            database=DatabaseSettings(url=template.app_url, owner_url=template.owner_url),
            keys=KeySettings(master=ts.Secret(master)),
        )
        bootstrap.upgrade(settings)
        seeded = seed(settings)
        with psycopg.connect(template.owner_url, autocommit=True) as connection:
            connection.execute("ANALYZE")  # as a shop that is older than a minute has been
        cluster.seal(template.name)
        yield Bench(
            cluster=cluster,
            home=Path(home),
            master=master,
            template=template.name,
            seeded=seeded,
            seconds=seconds,
            windows=windows,
            postmaster=machine.postmaster(cluster.url("postgres", APP)),
        )


def measure_floor(bench: Bench) -> Finding:
    """Measure H."""
    with servers.asgi(
        "benchmarks.kit.floor:app", PROCESSES, {}, bench.home, "/", factory=False
    ) as web:
        load = Load(web.ports, CLIENTS, floor.request)
        run = drive(load, warm=1, seconds=2, windows=bench.windows, look=lambda: None)
        _must_be_clean(run)
    return _finding(f"H: bare handler, {CLIENTS} clients", run, {})


def measure_limit(bench: Bench, form: str, circles: int, name: str) -> Finding:
    """Measure hand-written SQL."""
    with bench.cluster.database() as database:
        found = limit.measure(
            database.owner_url,
            form,
            circles=circles,
            clients=CLIENTS,
            seconds=3,
            windows=bench.windows,
            home=bench.home,
        )
    return Finding(name, found.rate, windows=tuple(found.rates))


Servers = Callable[[Mapping[str, str], Path], AbstractContextManager[servers.Servers]]


def _product(env: Mapping[str, str], logs: Path) -> AbstractContextManager[servers.Servers]:
    return servers.product(PROCESSES, env, logs)


def _single(env: Mapping[str, str], logs: Path) -> AbstractContextManager[servers.Servers]:
    target = "benchmarks.kit.single:application"
    return servers.asgi(target, PROCESSES, env, logs, "/health/ready", factory=True)


def measure_joins(
    bench: Bench, name: str, start: Servers, *, hot: bool, clients: int = CLIENTS
) -> Finding:
    """Measure joins over HTTP on a fresh copy of the shop; then see that it adds up."""
    seeded = bench.seeded
    places = seeded.hot if hot else seeded.wide
    joins = Joins(places, seeded.tokens, clients, name.replace(" ", "-").replace(",", ""), hot)
    with (
        bench.cluster.database(bench.template) as database,
        start(bench.env(database), bench.home) as web,
        psycopg.connect(bench.admin(database.name), autocommit=True) as connection,
    ):
        run = drive(
            Load(web.ports, clients, joins.request),
            warm=3,
            seconds=bench.seconds,
            windows=bench.windows,
            look=lambda: _use(bench, web, connection),
            begin=joins.begin,
        )
        _must_be_clean(run)
        _must_add_up(connection, run.good)
    return _finding(name, run, _per_join(run))


def _use(
    bench: Bench, web: servers.Servers, connection: "psycopg.Connection[tuple[int, ...]]"
) -> machine.Use:
    row = connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone()
    counted = web.counted()
    roots = {"web": web.pids, "postgres": [bench.postmaster]}
    seconds = {**machine.trees(roots), "loader": machine.own()}
    return machine.Use(seconds, machine.everybody(), int(row[0]) if row else 0, counted)


def _per_join(run: Run[machine.Use]) -> dict[str, float]:
    """Return CPU milliseconds by who used them, statements, bytes of log; and the batch size."""
    before, after, joins = run.before, run.after, max(run.answered, 1)
    spent = {name: after.seconds[name] - before.seconds[name] for name in after.seconds}
    spent["strangers"] = max(0.0, after.everybody - before.everybody - sum(spent.values()))
    counted = {name: after.counted[name] - before.counted.get(name, 0.0) for name in after.counted}
    batches = counted.get("groupbuy_mailbox_batches", 0.0)
    return {
        **{f"{name} cpu ms": round(1000 * each / joins, 3) for name, each in spent.items()},
        "statements": round(counted.get("groupbuy_database_statements", 0.0) / joins, 2),
        "wal bytes": round((after.wal - before.wal) / joins),
        "joins a batch": round(counted.get("groupbuy_mailbox_posted", 0.0) / batches, 1)
        if batches
        else 0.0,
    }


def _finding(name: str, run: Run[Any], details: Mapping[str, float]) -> Finding:
    return Finding(
        name=name,
        measured=run.median(lambda w: w.rate),
        windows=tuple(w.rate for w in run.windows),
        p50_ms=run.median(lambda w: w.quantile(0.5)),
        p99_ms=run.median(lambda w: w.quantile(0.99)),
        details=details,
    )


def _must_be_clean(run: Run[Any]) -> None:
    if run.bad:
        raise SystemExit(f"answers that are not 201: {run.bad.most_common(2)}")


def _must_add_up(connection: "psycopg.Connection[tuple[int, ...]]", said: int) -> None:
    for trouble, query in _COUNTS.items():
        row = connection.execute(query, {"said": said, "goods": GOODS}).fetchone()
        if row is None or row[0] != 0:
            raise SystemExit(f"{row and row[0]} {trouble}")


def measure_reads(bench: Bench, what: str, floor_rate: float) -> Finding:
    """Measure what everybody looks at, over HTTP, as often as a handler that does nothing."""
    campaign, _ = bench.seeded.hot[0]
    path = f"/api/v1/shop/campaigns/{campaign}"
    if what == "progress":
        path = f"/api/v1/shop/groups/{group_of(campaign)}/progress"
    asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    with (
        bench.cluster.database(bench.template) as database,
        _product(bench.env(database), bench.home) as web,
    ):
        load = Load(web.ports, CLIENTS, lambda _client: asked, status=b"200")
        run = drive(load, warm=1, seconds=2, windows=bench.windows, look=lambda: None)
        _must_be_clean(run)
    found = _finding(f"{what}, {CLIENTS} clients", run, {})
    return aimed(evolve(found, unit="reads/s"), "H", floor_rate, 0.6)


GOALS: Mapping[str, Mapping[str, float]] = {
    "one hot group": {"single": 10, "raw": 8, "L": 0.5},
    "1,000 groups": {"single": 3, "raw": 1, "L": 0.3},
}
"""How many times the rate of what."""
P99_MS = 100


def measured(bench: Bench) -> list[Finding]:
    """Measure everything, and compare like with like."""
    h = measure_floor(bench)
    found, goals, ours_at_64 = [h], list[Finding](), dict[str, Finding]()
    for shape, circles in (("one hot group", 1), ("1,000 groups", 1_000)):
        raw = measure_limit(bench, "one", circles, f"raw SQL, a transaction a join, {shape}")
        many = measure_limit(bench, "many", circles, f"B: raw SQL, 32 joins each, {shape}")
        hot = circles == 1
        single = measure_joins(bench, f"one transaction a join, {shape}", _single, hot=hot)
        ours = measure_joins(bench, f"groupbuy, {shape}", _product, hot=hot)
        divisors = {
            "raw": raw.measured,
            "single": single.measured,
            "L": limit_of(h.measured, many.measured),
        }
        ours = ours_at_64[shape] = _compared(ours, divisors)
        found += [raw, many, _compared(single, {"raw": raw.measured}), ours]
        goals += [aimed(ours, name, divisors[name], least) for name, least in GOALS[shape].items()]
    hot_at_64 = ours_at_64["one hot group"]
    crowd = measure_joins(
        bench, f"groupbuy, one hot group, {CROWD} clients", _product, hot=True, clients=CROWD
    )
    found.append(crowd)
    goals += [_patience(hot_at_64), aimed(crowd, "64 clients", hot_at_64.measured, 1)]
    goals += [measure_reads(bench, what, h.measured) for what in ("campaign page", "progress")]
    return [*found, *goals]


def _patience(hot: Finding) -> Finding:
    waited = hot.p99_ms or 0.0
    return Finding(
        "p99 of the hot group",
        waited,
        unit="ms",
        goal=f"at most {P99_MS} ms",
        ratios={"goal": round(waited / P99_MS, 3)},
        holds=waited <= P99_MS,
    )


def _compared(finding: Finding, divisors: Mapping[str, float]) -> Finding:
    ratios = {name: round(finding.measured / each, 3) for name, each in divisors.items()}
    return evolve(finding, ratios=ratios)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4, help="length of a window of joins")
    parser.add_argument("--windows", type=int, default=3)
    given = parser.parse_args()
    print(f"before: {machine_line()}", flush=True)
    with prepared(given.seconds, given.windows) as bench:
        found = measured(bench)
    store(found, OUT)
    print(table(found))
    print(f"\nafter: {machine_line()}; {CLIENTS} clients, {PROCESSES} web processes, fsync on")
    print("nothing oversold: every 201 has its seat, order, payment and goods")


if __name__ == "__main__":
    main()
