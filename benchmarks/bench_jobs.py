"""The big jobs: 100,000 refunds of a failed group, 1,000,000 commission entries, 100,000 products.

Each runs on a PostgreSQL of its own with fsync on, at full size unless told otherwise, and is
checked afterwards: every member is refunded exactly once, statements equal entries, journals sum
to zero. Leaves its numbers in `benchmarks/out/jobs.json`. See README.md.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.kit import clone, stage  # noqa: E402  after the path is set
from benchmarks.kit.report import Finding, plain, store  # noqa: E402
from benchmarks.kit.report import machine as machine_line  # noqa: E402
from benchmarks.kit.seed import TENANT  # noqa: E402
from benchmarks.kit.stage import Stage, waited  # noqa: E402
from groupbuy.application import commission, forming  # noqa: E402
from groupbuy.application.policy import Policy  # noqa: E402
from groupbuy.application.write_path import Caller  # noqa: E402
from groupbuy.domain.commission import CommissionRole, Entry, EntryState, Purse  # noqa: E402
from groupbuy.domain.kernel import Money  # noqa: E402
from groupbuy.domain.membership import Leader, LeaderState  # noqa: E402
from tests.support.postgres import PgCluster, postgres_cluster  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "jobs.json"
WORKERS = 2
LATENCY_MILLIS = 20
"""How long the provider takes to answer a refund."""
LEADERS = 10_000
PACED, PACE = 400, 100
"""Members of the small group and refunds a second, where the pace is what is measured."""

_ZERO = {
    "refunds are not one a member": "SELECT count(*) FROM (SELECT payment_id FROM refunds "
    "GROUP BY payment_id HAVING count(*) <> 1) s",
    "refunds lack their journals": "SELECT (SELECT 2 * count(*) FROM refunds) - count(*) "
    "FROM journals WHERE moment IN ('refund_before_confirmation', 'refund_succeeded')",
    "members still have a seat": "SELECT count(*) FROM seats WHERE state <> 'released'",
    "orders are not closed": "SELECT count(*) FROM orders WHERE state <> 'closed'",
    "seats are still counted": "SELECT sum(paid_seats + live_units + paid_amount) FROM groups",
    "goods are still reserved": "SELECT sum(reserved) FROM stock",
    "minor units are out of balance": "SELECT sum(amount) FROM journal_lines",
    "minor units are owed to members": "SELECT coalesce(sum(abs(s)), 0) FROM (SELECT sum(amount) s "
    "FROM journal_lines GROUP BY account) a",
}
"""What must be 0 once everybody has their money back."""


@frozen
class Wanted:
    """How big everything is."""

    members: int = 100_000
    entries: int = 1_000_000
    products: int = 100_000


# --- a group that fails -------------------------------------------------------------------------


@contextmanager
def workers(on: Stage, home: Path, count: int, latency: int) -> Iterator[list[Path]]:
    """Run worker processes; each leaves what it saw in a file once the block ends."""
    settings = on.settings
    env = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}",
        "GROUPBUY_DATABASE_URL": settings.database.url,
        "GROUPBUY_KEYS_MASTER": settings.keys.master.get_secret_value(),
        "GROUPBUY_LOG_LEVEL": "error",
        "GROUPBUY_POLICY_REFUNDS_PER_SECOND": str(settings.policy.refunds_per_second),
    }
    files = [home / f"worker-{on.database.name}-{number}.json" for number in range(count)]
    command = [sys.executable, "-m", "benchmarks.kit.drainer"]
    running = [
        subprocess.Popen([*command, str(file), str(latency)], env=env, cwd=ROOT) for file in files
    ]
    try:
        yield files
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(60)


def measure_failure(cluster: PgCluster, members: int) -> list[Finding]:
    """Fail one group of many members and see every one of them refunded, once."""
    with stage.stage(cluster) as on, tempfile.TemporaryDirectory() as home:
        stage.members(on, members)
        decided, statements = _decide(on)
        with workers(on, Path(home), WORKERS, LATENCY_MILLIS) as files, on.admin() as connection:
            refunded = waited(
                lambda: _count(connection, "refunds", "state = 'succeeded'") >= members
            )
            told = refunded + waited(lambda: not _count(connection, "tasks", "state = 'pending'"))
        seen = [json.loads(file.read_text()) for file in files]
        with on.admin() as connection:
            _must_be_zero(connection, _ZERO)
        _must_be_once(seen, members)
    shares = sorted(len(each["refunds"]) for each in seen)
    longest = max(each["longest"] for each in seen)
    return [
        Finding(
            f"failing a group of {members:,}: the decision",
            round(decided * 1000, 1),
            "ms",
            details={"statements": statements},
            goal="one short transaction, < 1 s",
            holds=decided < 1,
        ),
        Finding(
            f"failing a group of {members:,}: everybody refunded",
            round(refunded, 1),
            "s",
            details={
                "refunds a second": round(members / refunded),
                "until all messages are out": round(told, 1),
                "longest transaction s": round(longest, 3),
                "statements a member": round(sum(e["statements"] for e in seen) / members, 2),
                "transactions a member": round(sum(e["transactions"] for e in seen) / members, 3),
                "peak RSS MB": round(max(each["rss_mb"] for each in seen)),
                **{f"worker {n} sent": share for n, share in enumerate(shares, 1)},
            },
            goal="each once, and every worker had a share",
            holds=shares[0] > members / WORKERS / 4,
        ),
    ]


def measure_pace(cluster: PgCluster) -> Finding:
    """Let several workers refund a group through a provider that takes few refunds a second."""
    policy = Policy(refunds_per_second=PACE)
    with stage.stage(cluster, policy) as on, tempfile.TemporaryDirectory() as home:
        stage.members(on, PACED)
        _decide(on)
        with workers(on, Path(home), WORKERS, 1) as files, on.admin() as connection:
            took = waited(lambda: _count(connection, "refunds", "state = 'succeeded'") >= PACED)
            tries = _count(connection, "tasks", "topic = 'refund' AND last_error <> ''")
        moments = sorted(at for f in files for _, at in json.loads(f.read_text())["refunds"])
    most = max(sum(start <= at < start + 1 for at in moments) for start in moments)
    return Finding(
        f"pace: {PACED} refunds by {WORKERS} workers at {PACE} a second",
        round(took, 1),
        "s",
        details={"most in any second": most, "tasks counted as failed": tries},
        goal=f"never more than twice {PACE} in any second, {PACE} in the long run",
        holds=most <= 2 * PACE and took > PACED / PACE - 1 and tries == 0,
    )


def _decide(on: Stage) -> tuple[float, int]:
    """Let the group's end come; return seconds and statements of the decision."""
    with on.app() as app:
        before, begun = app.database.statements, time.perf_counter()
        app.desk.run(Caller.system(TENANT), lambda work: forming.end_group(work, on.group_id))
        return time.perf_counter() - begun, app.database.statements - before


def _must_be_once(seen: Sequence[dict[str, Any]], members: int) -> None:
    asked = Counter(number for each in seen for number, _ in each["refunds"])
    if len(asked) != members or set(asked.values()) != {1}:
        raise SystemExit(f"{len(asked)} refunds for {members} members, {asked.most_common(1)}")


# --- a month of commission ----------------------------------------------------------------------


def measure_settlement(cluster: PgCluster, entries: int) -> list[Finding]:
    """Preview and run the settlement of a month, each in a process of its own."""
    with stage.stage(cluster) as on:
        period = _earned(on, entries)
        with on.admin() as connection:
            preview = _settle_apart(on, "preview", period)
            run = _settle_apart(on, "run", period, preview["digest"])
            _must_be_zero(connection, _settled(entries))
    took = preview["seconds"] + run["seconds"]
    return [
        Finding(
            f"settling {entries:,} entries of {LEADERS:,} leaders: preview and run",
            round(took, 1),
            "s",
            details={
                "preview s": round(preview["seconds"], 1),
                "run s": round(run["seconds"], 1),
                "longest transaction s": round(run["longest"], 3),
                "statements": run["statements"],
                "peak RSS MB": round(run["rss_mb"]),
                "peak RSS MB of the preview": round(preview["rss_mb"]),
            },
            goal="< 300 s, < 400 MB",
            holds=took < 300 and run["rss_mb"] < 400,
        )
    ]


def _settled(entries: int) -> dict[str, str]:
    return {
        "entries are not paid": f"SELECT {entries} - count(*) FROM commission_entries "
        "WHERE state = 'paid' AND statement_id IS NOT NULL",
        "statements differ from their entries": "SELECT count(*) FROM statements s JOIN (SELECT "
        "statement_id, sum(amount) a, count(*) c FROM commission_entries GROUP BY 1) e "
        "ON e.statement_id = s.id WHERE s.settled <> e.a OR s.lines <> e.c",
        "leaders lack their statement": "SELECT (SELECT count(DISTINCT leader_id) FROM "
        "commission_entries) - count(*) FROM statements",
        "balances differ from statements": "SELECT (SELECT sum(amount) FROM balances) - "
        "(SELECT sum(settled) FROM statements)",
        "minor units are out of balance": "SELECT sum(amount) FROM journal_lines",
    }


def _earned(on: Stage, entries: int) -> str:
    """Let leaders have earned last month; return the month."""
    with on.app() as app:
        system, now = Caller.system(TENANT), app.kit.clock.now()
        period = app.desk.read(system, commission.last_month)
        vested = datetime.fromisoformat(f"{period}-15T04:00:00+00:00")
        millis = int(now.timestamp() * 1000)
        leader = Leader(
            id=clone.numbered("ldr", millis, 1),
            user_id=clone.numbered("usr", millis, 1),
            name="何秀兰",
            applied_at=vested - timedelta(days=90),
            state=LeaderState.APPROVED,
        )
        entry = Entry(
            id=clone.numbered("cme", millis, 1),
            order_id=clone.numbered("ord", millis, 1),
            line_no=1,
            leader_id=clone.numbered("ldr", millis, 2),
            role=CommissionRole.LEADER,
            base=Money(79_920),
            bp=500,
            amount=Money(3_996),
            created_at=vested - timedelta(days=7),
            campaign_id=on.campaign_id,
            purse=Purse.VESTED,
            state=EntryState.VESTED,
            vested_at=vested,
        )

        def add(work: Any) -> None:
            work.of(Leader).add(leader)
            work.of(Entry).add(entry)

        app.desk.run(system, add)
    mine = f"(n %% {LEADERS} + 1)::bigint".replace("%%", "%")
    with on.admin() as connection:
        clone.prepare(connection)
        user = {"id": clone.fresh("ldr", millis), "user_id": clone.fresh("usr", millis)}
        clone.copies(connection, "leaders", f"id = '{leader.id}'", user, 2, LEADERS)
        own = {
            "id": clone.fresh("cme", millis),
            "order_id": clone.fresh("ord", millis),
            "leader_id": clone.fresh("ldr", millis, mine),
        }
        clone.copies(connection, "commission_entries", f"id = '{entry.id}'", own, 2, entries)
        connection.execute("VACUUM ANALYZE")
    return period


_SETTLE = """
import json, resource, sys, time
from attrs import evolve
from benchmarks.kit.drainer import Stopwatch
from groupbuy.application import commission
from groupbuy.application.write_path import Caller
from groupbuy.entrypoints import bootstrap
from groupbuy.entrypoints.settings import load
what, period, digest = sys.argv[1:]
app, caller = bootstrap.build(load()), Caller.system("main", channel="cli", actor="bench")
watch = Stopwatch(app.desk.begin)
desk, begun = evolve(app.desk, begin=watch), time.perf_counter()
if what == "preview":
    digest = commission.preview(desk, caller, period).digest
else:
    commission.run(desk, caller, period, digest, "monthly")
print(json.dumps({"digest": digest, "seconds": time.perf_counter() - begun,
    "longest": watch.longest, "statements": app.database.statements,
    "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
app.close()
"""


def _settle_apart(on: Stage, what: str, period: str, digest: str = "") -> dict[str, Any]:
    said = subprocess.run(
        [sys.executable, "-c", _SETTLE, what, period, digest],
        env=_env(on),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(said.stdout)
    return found


# --- a catalogue --------------------------------------------------------------------------------


def measure_import(cluster: PgCluster, products: int) -> list[Finding]:
    """Import a tenth of the products and then all of them, with the command of the operator."""
    small, large = (_imported(cluster, count) for count in (max(products // 10, 1), products))
    growth = large["rss_mb"] - small["rss_mb"]
    return [
        Finding(
            f"importing {products:,} products, applied and verified",
            round(large["seconds"], 1),
            "s",
            details={
                "products a second": round(products / large["seconds"]),
                "peak RSS MB": round(large["rss_mb"]),
                "peak RSS MB of a tenth": round(small["rss_mb"]),
            },
            goal="memory does not grow with the file: < 25 MB more than for a tenth",
            holds=growth < 25,
        )
    ]


def _imported(cluster: PgCluster, products: int) -> dict[str, float]:
    with stage.stage(cluster) as on, tempfile.TemporaryDirectory() as home:
        file = Path(home) / "products.jsonl"
        with file.open("w", encoding="utf-8") as out:
            for number in range(products):
                out.write(json.dumps(_product(number), ensure_ascii=False) + "\n")
        main = "from groupbuy.entrypoints.console import main; main()"
        command = [sys.executable, "-c", main, "import", "products", str(file), "--quiet", "--yes"]
        begun = time.perf_counter()
        process = subprocess.Popen(command, env=_env(on), cwd=home, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"the import ended with {process.returncode}")
        with on.admin() as connection:
            _must_be_zero(
                connection,
                {
                    "products are missing": f"SELECT {products} + 1 - count(*) FROM products",
                    "goods are missing": f"SELECT {100 * products} - sum(available) FROM stock "
                    "WHERE available = 100",
                },
            )
    return {"seconds": took, "rss_mb": used.ru_maxrss / 1024}


def _product(number: int) -> dict[str, object]:
    yuan, fen = divmod(1_990 + number % 1_000, 100)
    return {
        "code": f"B{number}",
        "name": f"水蜜桃 {number}",
        "category": ["水果", f"第 {number % 50} 类"],
        "brand": f"果园 {number % 20}",
        "skus": [{"code": f"B{number}-1", "price": f"{yuan}.{fen:02}", "stock": 100}],
    }


# --- all of them ----------------------------------------------------------------------------------


def _env(on: Stage) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}",
        "GROUPBUY_DATABASE_URL": on.settings.database.url,
        "GROUPBUY_KEYS_MASTER": on.settings.keys.master.get_secret_value(),
        "GROUPBUY_LOG_LEVEL": "error",
    }


def _count(connection: clone.Connection, table: str, condition: str) -> int:
    query = f"SELECT count(*) FROM {table} WHERE {condition}"
    return clone.number_of(connection, query)


def _must_be_zero(connection: clone.Connection, counts: dict[str, str]) -> None:
    for trouble, query in counts.items():
        if found := clone.number_of(connection, query):
            raise SystemExit(f"{found} {trouble}")


def measured(wanted: Wanted | None = None) -> list[Finding]:
    """Measure every job that is not of size 0."""
    wanted = wanted or Wanted()
    found = list[Finding]()
    with postgres_cluster(durable=True) as cluster:
        if wanted.members:
            found += [*measure_failure(cluster, wanted.members), measure_pace(cluster)]
        if wanted.entries:
            found += measure_settlement(cluster, wanted.entries)
        if wanted.products:
            found += measure_import(cluster, wanted.products)
    return found


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=Wanted().members)
    parser.add_argument("--entries", type=int, default=Wanted().entries)
    parser.add_argument("--products", type=int, default=Wanted().products)
    given = parser.parse_args()
    print(f"before: {machine_line()}", flush=True)
    begun = time.perf_counter()
    found = measured(evolve(Wanted(), **vars(given)))
    store(found, OUT)
    print(plain(found))
    print(f"\nafter: {machine_line()}; took {time.perf_counter() - begun:.0f} s; fsync on")
    print("exact: every member refunded once, statements equal entries, journals sum to zero")


if __name__ == "__main__":
    main()
