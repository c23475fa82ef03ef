"""Paid orders per second over HTTP on PostgreSQL: a join, the provider's callback, a confirmation.

Prints them beside what Vendure and Saleor reach; leaves the numbers in `benchmarks/out/paid.json`.
See README.md.
"""

import argparse
import json
import sys
from contextlib import ExitStack
from pathlib import Path

from attrs import evolve

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.kit.paying import Provider  # noqa: E402  after the path is set
from benchmarks.kit.report import Finding, store, table  # noqa: E402
from benchmarks.kit.report import machine as machine_line  # noqa: E402
from benchmarks.kit.rounds import Part, Stand, take_turns  # noqa: E402
from benchmarks.kit.seed import Terms  # noqa: E402
from benchmarks.kit.shop import CLIENTS, PROCESSES, SECRET, prepared, product  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "paid.json"
PEER = OUT.parent / "vendure.json"
VENDURE = 8.8
SALEOR = 2.6
"""Paid orders a second of the peers at 64 clients on a like machine, measured before; not here."""
TIMES_VENDURE, TIMES_SALEOR = 100, 300

COUNTS = {
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


def flow_of(stand: Stand, name: str, *, hot: bool) -> Part:
    """Prepare paid orders on a fresh copy of the shop; at the end the books must be right."""
    part = stand.flow(name, product, hot=hot, counts=COUNTS)
    part.unit = "orders/s"
    part.follow = Provider(SECRET.encode()).callback
    return part


def measured(rounds: int = 3, seconds: float = 4) -> list[Finding]:
    """Measure a hot group and 1,000 groups in turns, and compare with the peers."""
    with prepared(Terms(quorum=1)) as bench, ExitStack() as stack:
        stand = Stand(bench, stack)
        parts = [
            flow_of(stand, "paid orders, one hot group", hot=True),
            flow_of(stand, "paid orders, 1,000 groups", hot=False),
        ]
        for part in parts:
            part.seconds = seconds
        take_turns(parts, rounds)
    return [_compared(part.finding) for part in parts]


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
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(f"before: {machine_line()}", flush=True)
    found = measured(given.rounds, given.seconds)
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
