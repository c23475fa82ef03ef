"""Joins per second over HTTP on PostgreSQL: one hot campaign, and 1,000 of them.

Prints them beside what hand-written SQL, a handler that does nothing, and the same code without
batching reach in the same rounds; leaves the numbers in `benchmarks/out/joins.json`. See README.md.
"""

import argparse
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from attrs import evolve, frozen

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.kit import floor, servers  # noqa: E402  after the path is set
from benchmarks.kit.report import Finding, limit_of, store, table  # noqa: E402
from benchmarks.kit.report import machine as machine_line  # noqa: E402
from benchmarks.kit.rounds import Asked, Part, Stand, ratio, take_turns  # noqa: E402
from benchmarks.kit.seed import GOODS  # noqa: E402
from benchmarks.kit.shop import CLIENTS, PROCESSES, Bench, prepared, product  # noqa: E402
from groupbuy.domain.campaigns import group_of  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "joins.json"
CROWD = 256

COUNTS = {
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


GOALS: Mapping[str, Mapping[str, float]] = {
    "one hot group": {"single": 10, "raw": 8, "L": 0.5},
    "1,000 groups": {"single": 3, "raw": 1, "L": 0.3},
}
"""How many times the rate of what."""
P99_MS = 100
READS = 0.6


def _single(env: Mapping[str, str], logs: Path) -> AbstractContextManager[servers.Servers]:
    target = "benchmarks.kit.single:application"
    return servers.asgi(target, PROCESSES, env, logs, "/health/ready", factory=True)


@frozen
class Shape:
    """The parts that are compared for one shape of load."""

    name: str
    raw: Part
    many: Part
    single: Part
    ours: Part

    @property
    def parts(self) -> list[Part]:
        """In the order of a round."""
        return [self.raw, self.many, self.single, self.ours]


def shape(stand: Stand, name: str) -> Shape:
    """Prepare everything that one shape of load is compared with."""
    hot = name == "one hot group"
    circles, goods = 1 if hot else 1_000, {"goods": GOODS}
    return Shape(
        name,
        raw=stand.by_hand(f"raw SQL, a transaction a join, {name}", "one", circles),
        many=stand.by_hand(f"B: raw SQL, 32 joins each, {name}", "many", circles),
        single=stand.flow(
            f"one transaction a join, {name}", _single, hot=hot, counts=COUNTS, values=goods
        ),
        ours=stand.flow(f"groupbuy, {name}", product, hot=hot, counts=COUNTS, values=goods),
    )


def floor_of(bench: Bench, stack: ExitStack) -> Asked:
    """Prepare H."""
    target = "benchmarks.kit.floor:app"
    web = stack.enter_context(servers.asgi(target, PROCESSES, {}, bench.home, "/", factory=False))
    name = f"H: bare handler, {CLIENTS} clients"
    return Asked(name, web=web, request=floor.request, status=b"201")


def reads_of(stand: Stand) -> list[Part]:
    """Prepare what everybody looks at."""
    bench, stack = stand.bench, stand.stack
    campaign, _ = bench.seeded.hot[0]
    paths = {
        "campaign page": f"/api/v1/shop/campaigns/{campaign}",
        "progress": f"/api/v1/shop/groups/{group_of(campaign)}/progress",
    }
    database = stack.enter_context(bench.cluster.database(bench.template))
    web = stack.enter_context(product(bench.env(database), bench.home))
    parts = list[Part]()
    for name, path in paths.items():
        asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        label = f"{name}, {CLIENTS} clients"
        request = lambda _, asked=asked: asked  # noqa: E731
        parts.append(Asked(label, "reads/s", web=web, request=request, status=b"200"))
    return parts


def measured(bench: Bench, rounds: int, seconds: float) -> list[Finding]:
    """Measure everything in turns, and compare like with like."""
    with ExitStack() as stack:
        stand = Stand(bench, stack)
        h = floor_of(bench, stack)
        shapes = [shape(stand, name) for name in GOALS]
        crowd = stand.flow(
            f"groupbuy, one hot group, {CROWD} clients",
            product,
            hot=True,
            counts=COUNTS,
            values={"goods": GOODS},
            clients=CROWD,
        )
        reads = reads_of(stand)
        parts = [h, *shapes[0].parts, crowd, *shapes[1].parts, *reads]
        for part in parts:
            part.seconds = seconds
        take_turns(parts, rounds)
    goals = [goal for each in shapes for goal in _goals(each, h)]
    goals += [_patience(shapes[0].ours.finding)]
    goals += [_aimed(crowd, "64 clients", 1, shapes[0].ours)]
    goals += [_aimed(each, "H", READS, h) for each in reads]
    said = {id(each.ours): _ratios(each, h) for each in shapes}
    return [*(evolve(p.finding, ratios=said.get(id(p), {})) for p in parts), *goals]


def _ratios(shape: Shape, h: Part) -> dict[str, float]:
    def limit(n: int) -> float:
        return limit_of(h.rates[n], shape.many.rates[n])

    return {
        "raw": ratio(shape.ours, lambda n: shape.raw.rates[n]),
        "single": ratio(shape.ours, lambda n: shape.single.rates[n]),
        "L": ratio(shape.ours, limit),
    }


def _goals(shape: Shape, h: Part) -> list[Finding]:
    found, reached = shape.ours.finding, _ratios(shape, h)
    return [_goal(found, name, reached[name], least) for name, least in GOALS[shape.name].items()]


def _aimed(part: Part, against: str, least: float, other: Part) -> Finding:
    return _goal(part.finding, against, ratio(part, lambda n: other.rates[n]), least)


def _goal(finding: Finding, against: str, reached: float, least: float) -> Finding:
    return Finding(
        name=f"{finding.name} x {against}",
        measured=finding.measured,
        unit=finding.unit,
        ratios={against: reached},
        goal=f"at least {least:g} x {against}",
        holds=reached >= least,
    )


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


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3, help="length of a window")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print(f"before: {machine_line()}", flush=True)
    with prepared() as bench:
        found = measured(bench, given.rounds, given.seconds)
    store(found, OUT)
    print(table(found))
    print(f"\nafter: {machine_line()}; {CLIENTS} clients, {PROCESSES} web processes, fsync on")
    print("nothing oversold: every 201 has its seat, order, payment and goods")


if __name__ == "__main__":
    main()
