"""Paid orders per second over HTTP on PostgreSQL: a join, the provider's callback, a confirmation.

Prints them beside what Vendure and Saleor reach; leaves the numbers in `benchmarks/out/paid.json`.
See README.md.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import typed_settings as ts
from attrs import evolve, frozen

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.kit import machine, servers  # noqa: E402  after the path is set
from benchmarks.kit.loader import Load, Run, drive  # noqa: E402
from benchmarks.kit.paying import Provider  # noqa: E402
from benchmarks.kit.report import Finding, store, table  # noqa: E402
from benchmarks.kit.report import machine as machine_line  # noqa: E402
from benchmarks.kit.seed import Joins, Seeded, Terms, seed  # noqa: E402
from groupbuy.entrypoints import bootstrap, keys  # noqa: E402
from groupbuy.entrypoints.settings import DatabaseSettings, KeySettings, Settings  # noqa: E402
from tests.support.postgres import APP, PgCluster, PgDatabase, postgres_cluster  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "paid.json"
PEER = OUT.parent / "vendure.json"
CLIENTS = 64
PROCESSES = 2
SECRET = "bench-secret"
VENDURE = 8.8
SALEOR = 2.6
"""Paid orders a second of the peers at 64 clients on a like machine, measured before; not here."""
TIMES_VENDURE, TIMES_SALEOR = 100, 300

_COUNTS = {
    "answered callbacks lack a captured payment": "SELECT %(said)s - count(*) FROM payments "
    "WHERE state = 'captured'",
    "paid orders are not confirmed": "SELECT %(said)s - count(*) FROM orders "
    "WHERE state = 'confirmed'",
    "captured payments lack their journal": "SELECT count(*) FROM payments p WHERE "
    "state = 'captured' AND NOT EXISTS (SELECT FROM journals j WHERE j.subject = p.id "
    "AND j.moment = 'capture')",
    "confirmed orders lack their journal": "SELECT count(*) FROM orders o WHERE "
    "state = 'confirmed' AND NOT EXISTS (SELECT FROM journals j WHERE j.subject = o.id "
    "AND j.moment = 'confirm')",
    "fen do not add up in the ledger": "SELECT coalesce(sum(amount), 0) FROM journal_lines",
    "journals do not add up": "SELECT count(*) FROM (SELECT parent_id FROM journal_lines "
    "GROUP BY parent_id HAVING sum(amount) <> 0) AS uneven",
    "fen of confirmed orders are still held": "SELECT count(*) FROM (SELECT account FROM "
    "journal_lines WHERE account LIKE 'buyer:%%' GROUP BY account HAVING sum(amount) <> 0) AS held",
    "refunds were granted": "SELECT count(*) FROM refunds",
}
"""What must be 0 once everybody was answered."""


@frozen
class Bench:
    """What the measurements share."""

    cluster: PgCluster
    home: Path
    master: str
    template: str
    seeded: Seeded
    postmaster: int

    def env(self, database: PgDatabase) -> dict[str, str]:
        """Return the settings of a web process."""
        return {
            "GROUPBUY_DATABASE_URL": database.app_url,
            "GROUPBUY_KEYS_MASTER": self.master,
            "GROUPBUY_PROVIDER_SECRET": SECRET,
            "GROUPBUY_LOG_FORMAT": "json",
        }

    def admin(self, name: str) -> str:
        """Return the administrator's URL of a database: sees the rows of all tenants."""
        return self.cluster.admin_url.rpartition("/")[0] + f"/{name}"


@contextmanager
def prepared(terms: Terms) -> Iterator[Bench]:
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
        seeded = seed(settings, terms)
        with psycopg.connect(template.owner_url, autocommit=True) as connection:
            connection.execute("ANALYZE")  # as a shop that is older than a minute has been
        cluster.seal(template.name)
        pid = machine.postmaster(cluster.url("postgres", APP))
        yield Bench(cluster, Path(home), master, template.name, seeded, pid)


def measure(bench: Bench, name: str, *, hot: bool, seconds: float, windows: int) -> Finding:
    """Measure paid orders on a fresh copy of the shop; then see that the books are right."""
    places = bench.seeded.hot if hot else bench.seeded.wide
    joins = Joins(places, bench.seeded.tokens, CLIENTS, "paid-hot" if hot else "paid-wide", hot)
    provider = Provider(SECRET.encode())
    with (
        bench.cluster.database(bench.template) as database,
        servers.product(PROCESSES, bench.env(database), bench.home) as web,
        psycopg.connect(bench.admin(database.name), autocommit=True) as connection,
    ):
        run = drive(
            Load(web.ports, CLIENTS, joins.request, follow=provider.callback),
            warm=3,
            seconds=seconds,
            windows=windows,
            look=lambda: _use(bench, web, connection),
            begin=joins.begin,
        )
        if run.bad:
            raise SystemExit(f"answers that are not as they should be: {run.bad.most_common(2)}")
        must_be_nothing(connection, _COUNTS, {"said": run.good})
    return Finding(
        name=name,
        measured=run.median(lambda w: w.rate),
        unit="paid orders/s",
        windows=tuple(w.rate for w in run.windows),
        p50_ms=run.median(lambda w: w.quantile(0.5)),
        p99_ms=run.median(lambda w: w.quantile(0.99)),
        details=_per_order(run),
    )


def must_be_nothing(
    connection: "psycopg.Connection[tuple[int, ...]]",
    counts: dict[str, str],
    values: dict[str, int],
) -> None:
    """End the program unless each of these queries says 0."""
    for trouble, query in counts.items():
        row = connection.execute(query, values).fetchone()
        if row is None or row[0] != 0:
            raise SystemExit(f"{row and row[0]} {trouble}")


def _use(
    bench: Bench, web: servers.Servers, connection: "psycopg.Connection[tuple[int, ...]]"
) -> machine.Use:
    row = connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone()
    counted = web.counted()
    seconds = machine.trees({"web": web.pids, "postgres": [bench.postmaster]})
    seconds["loader"] = machine.own()
    return machine.Use(seconds, machine.everybody(), int(row[0]) if row else 0, counted)


def _per_order(run: Run[machine.Use]) -> dict[str, float]:
    before, after, orders = run.before, run.after, max(run.answered, 1)
    spent = {name: after.seconds[name] - before.seconds[name] for name in after.seconds}
    spent["strangers"] = max(0.0, after.everybody - before.everybody - sum(spent.values()))
    counted = {name: after.counted[name] - before.counted.get(name, 0.0) for name in after.counted}
    return {
        **{f"{name} cpu ms": round(1000 * each / orders, 3) for name, each in spent.items()},
        "statements": round(counted.get("groupbuy_database_statements", 0.0) / orders, 2),
        "wal bytes": round((after.wal - before.wal) / orders),
    }


def measured(seconds: float = 4, windows: int = 3) -> list[Finding]:
    """Measure a hot group and 1,000 groups, and compare with the peers."""
    with prepared(Terms(quorum=1)) as bench:
        shapes = {"paid orders, one hot group": True, "paid orders, 1,000 groups": False}
        found = [
            measure(bench, name, hot=hot, seconds=seconds, windows=windows)
            for name, hot in shapes.items()
        ]
    return [_compared(each) for each in found]


def _compared(finding: Finding) -> Finding:
    ratios = {"Vendure": finding.measured / VENDURE, "Saleor": finding.measured / SALEOR}
    here = vendure_here()
    if here:
        ratios["Vendure here"] = finding.measured / here
    enough = ratios.get("Vendure here", ratios["Vendure"]) >= TIMES_VENDURE
    return evolve(
        finding,
        ratios={name: round(each, 1) for name, each in ratios.items()},
        goal=f">= {TIMES_VENDURE} x Vendure, >= {TIMES_SALEOR} x Saleor",
        holds=enough and ratios["Saleor"] >= TIMES_SALEOR,
    )


def vendure_here() -> float | None:
    """Return what Vendure reached on this machine at 64 clients; None if that is not known."""
    if not PEER.exists():
        return None
    return float(json.loads(PEER.read_text())["orders_per_second"]["64"])


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4, help="length of a window")
    parser.add_argument("--windows", type=int, default=3)
    given = parser.parse_args()
    print(f"before: {machine_line()}", flush=True)
    found = measured(given.seconds, given.windows)
    store(found, OUT)
    print(table(found))
    for each in found:
        told = ", ".join(f"{ratio:g} x {name}" for name, ratio in each.ratios.items())
        print(f"{each.name}: {told}; goal {each.goal}: {'held' if each.holds else 'missed'}")
    print(f"peers, measured before on a like machine: Vendure {VENDURE}/s, Saleor {SALEOR}/s")
    print(f"after: {machine_line()}; {CLIENTS} clients, {PROCESSES} web processes, fsync on")
    print("every paid order is confirmed and booked, the ledger adds up to nothing")


if __name__ == "__main__":
    main()
