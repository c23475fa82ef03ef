"""A seeded shop on a PostgreSQL of its own, and what a run over it used."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import typed_settings as ts
from attrs import evolve, frozen

from benchmarks.kit import machine, servers
from benchmarks.kit.batches import batches_of, callback_of, carry_out, hear
from benchmarks.kit.loader import Run
from benchmarks.kit.seed import Seeded, Terms, seed
from groupbuy.entrypoints import bootstrap, keys
from groupbuy.entrypoints.settings import DatabaseSettings, KeySettings, Settings
from tests.support.postgres import APP, PgCluster, PgDatabase, postgres_cluster

BATCH = 32
CLIENTS = 64
PROCESSES = 2
SECRET = "bench-secret"

Connection = psycopg.Connection[tuple[int, ...]]
Servers = Callable[[Mapping[str, str], Path], AbstractContextManager[servers.Servers]]


@frozen
class Bench:
    """What all parts of a program share."""

    cluster: PgCluster
    home: Path
    master: str
    template: str
    seeded: Seeded
    postmaster: int
    past: int
    """Orders there were before."""

    def env(self, database: PgDatabase) -> dict[str, str]:
        """Return the settings of a web process."""
        return {
            "GROUPBUY_DATABASE_URL": database.app_url,
            "GROUPBUY_KEYS_MASTER": self.master,
            "GROUPBUY_PROVIDER_SECRET": SECRET,
            "GROUPBUY_LOG_FORMAT": "json",
        }

    def settings(self, database: PgDatabase) -> Settings:
        """Return the same for an app in this process."""
        return evolve(
            Settings(),
            database=DatabaseSettings(url=database.app_url),
            keys=KeySettings(master=ts.Secret(self.master)),
        )

    def admin(self, database: PgDatabase) -> Connection:
        """Connect as somebody who sees the rows of all tenants."""
        url = self.cluster.admin_url.rpartition("/")[0] + f"/{database.name}"
        return psycopg.connect(url, autocommit=True)

    def use(self, web: servers.Servers, connection: Connection) -> machine.Use:
        """Return what was used so far, by whom."""
        row = connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone()
        counted = web.counted()
        seconds = machine.trees({"web": web.pids, "postgres": [self.postmaster]})
        seconds["loader"] = machine.own()
        return machine.Use(seconds, machine.everybody(), int(row[0]) if row else 0, counted)


@contextmanager
def prepared(terms: Terms | None = None, past: int = 2_048) -> Iterator[Bench]:
    """Start PostgreSQL with fsync on, migrate one database and fill it; the rest are copies.

    It has sold something already: of an empty table PostgreSQL knows nothing, so it plans as if a
    tenant were a two-hundredth of it, which no shop has to bear for longer than a minute.
    """
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
        _sell(settings, seeded, past, paid=terms is not None and terms.quorum == 1)
        with psycopg.connect(template.owner_url, autocommit=True) as connection:
            connection.execute("ANALYZE")  # as a shop that is older than a minute has been
        cluster.seal(template.name)
        pid = machine.postmaster(cluster.url("postgres", APP))
        yield Bench(cluster, Path(home), master, template.name, seeded, pid, past)


def _sell(settings: Settings, seeded: Seeded, count: int, *, paid: bool) -> None:
    """Let shoppers join all over the shop, and pay where that confirms them at once."""
    app = bootstrap.build(settings)
    try:
        for each in batches_of(app, seeded, BATCH, count // BATCH, hot=False, run="past"):
            numbers = carry_out(app, each)
            if paid:
                hear(app, [callback_of(app, number) for number in numbers])
    finally:
        app.close()


def product(env: Mapping[str, str], logs: Path) -> AbstractContextManager[servers.Servers]:
    """Run the product as an operator would, in two processes."""
    return servers.product(PROCESSES, env, logs)


def per_answer(used: list[machine.Use], answered: int) -> dict[str, float]:
    """Return CPU milliseconds by who used them, statements, bytes of log; and the batch size.

    `used` holds pairs: before and after each stretch that counts.
    """
    pairs, count = list(zip(used[::2], used[1::2], strict=True)), max(answered, 1)
    spent = {
        name: sum(after.seconds[name] - before.seconds[name] for before, after in pairs)
        for name in used[0].seconds
    }
    everybody = sum(after.everybody - before.everybody for before, after in pairs)
    spent["strangers"] = max(0.0, everybody - sum(spent.values()))
    counted = {
        name: sum(after.counted[name] - before.counted.get(name, 0.0) for before, after in pairs)
        for name in used[-1].counted
    }
    batches = counted.get("groupbuy_mailbox_batches", 0.0)
    posted = counted.get("groupbuy_mailbox_posted", 0.0)
    return {
        **{f"{name} cpu ms": round(1000 * each / count, 3) for name, each in spent.items()},
        "statements": round(counted.get("groupbuy_database_statements", 0.0) / count, 2),
        "wal bytes": round(sum(after.wal - before.wal for before, after in pairs) / count),
        "joins a batch": round(posted / batches, 1) if batches else 0.0,
    }


def must_be_clean(run: Run[Any]) -> None:
    """End the program if anybody got another answer than the good one."""
    if run.bad:
        raise SystemExit(f"answers that are not as they should be: {run.bad.most_common(2)}")


def must_be_nothing(
    connection: Connection, counts: Mapping[str, str], values: Mapping[str, int]
) -> None:
    """End the program unless each of these queries says 0."""
    for trouble, query in counts.items():
        row = connection.execute(query, values).fetchone()
        if row is None or row[0] != 0:
            raise SystemExit(f"{row and row[0]} {trouble}")
