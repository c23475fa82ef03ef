"""200 buyers press join at the same moment for 50 units: who gets one, and what the rest hear.

Once with 50 units in stock, once with 50 seats in the group; two web processes on PostgreSQL.
Leaves what it saw in `benchmarks/out/race.json`. See README.md.
"""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.kit.report import Finding, store  # noqa: E402  after the path is set
from benchmarks.kit.seed import Joins, Terms  # noqa: E402
from benchmarks.kit.shop import must_be_nothing, prepared, product  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "race.json"
BUYERS, UNITS = 200, 50
PATIENCE = 60
"""Seconds within which everybody must be answered."""
RACES = {"stock of 50": Terms(quorum=1, goods=UNITS), "room for 50": Terms(quorum=1, seats=UNITS)}

_COUNTS = {
    "orders too many or too few": "SELECT count(*) - %(units)s FROM orders",
    "seats too many or too few": "SELECT count(*) - %(units)s FROM seats WHERE state = 'held'",
    "payments too many or too few": "SELECT count(*) - %(units)s FROM payments",
    "goods not reserved": "SELECT sum(reserved) - %(units)s FROM stock",
    "goods left or gone": "SELECT count(*) FROM stock WHERE available + reserved <> %(goods)s",
    "payments captured": "SELECT count(*) FROM payments WHERE captured IS NOT NULL",
    "refunds": "SELECT count(*) FROM refunds",
    "journals": "SELECT count(*) FROM journals",
}
"""What must be 0 once everybody was answered."""


@frozen
class Told:
    """One buyer's answer."""

    status: int
    kind: str
    """Its content type."""
    rule: str


def race(name: str, terms: Terms) -> Finding:
    """Let everybody press at once on a fresh shop; end the program if one unit is wrong."""
    with prepared(terms, past=0) as bench, bench.cluster.database(bench.template) as database:
        joins = Joins(bench.seeded.hot[:1], bench.seeded.tokens, BUYERS, "race", hot=True)
        with product(bench.env(database), bench.home) as web:
            requests = [joins.request(number) for number in range(BUYERS)]
            told = asyncio.run(_all_at_once(web.ports, requests))
        with bench.admin(database) as connection:
            must_be_nothing(connection, _COUNTS, {"units": UNITS, "goods": terms.goods})
    seen = Counter(told)
    for each, many in sorted(seen.items(), key=lambda pair: pair[0].status):
        print(f"{name}: {many} x {each.status} {each.rule} ({each.kind})")
    sold = sum(many for each, many in seen.items() if each.status == 201)
    clean = sum(many for each, many in seen.items() if _refuses(each))
    if (sold, clean) != (UNITS, BUYERS - UNITS):
        raise SystemExit(f"{name}: {sold} sold, {clean} clean refusals")
    return Finding(
        f"{BUYERS} buyers, {name}: sold",
        sold,
        "orders",
        details={"clean refusals": clean, "captured or refunded": 0},
        goal=f"exactly {UNITS}, {BUYERS - UNITS} clean refusals, nobody charged",
        holds=True,
    )


def _refuses(told: Told) -> bool:
    return told.status in (409, 422) and told.kind == "application/problem+json"


async def _all_at_once(ports: list[int], requests: list[bytes]) -> list[Told]:
    """Connect everybody first, then let them all press."""
    pairs = [
        await asyncio.open_connection("127.0.0.1", ports[number % len(ports)])
        for number in range(len(requests))
    ]
    for (_, writer), request in zip(pairs, requests, strict=True):
        writer.write(request)
    async with asyncio.timeout(PATIENCE):
        told = await asyncio.gather(*(_answer(reader) for reader, _ in pairs))
    for _, writer in pairs:
        writer.close()
    return list(told)


async def _answer(reader: asyncio.StreamReader) -> Told:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    fields = dict(line.split(": ", 1) for line in head.splitlines()[1:] if line)
    body = json.loads(await reader.readexactly(int(fields["content-length"])))
    status = int(head.split(" ", 2)[1])
    rule = "" if status == 201 else str(body.get("rule") or body.get("code"))
    return Told(status, fields["content-type"].partition(";")[0], rule)


def measured() -> list[Finding]:
    """Run both races."""
    return [race(name, terms) for name, terms in RACES.items()]


def main() -> None:
    """Race, print, keep."""
    found = measured()
    store(found, OUT)
    for each in found:
        print(f"{each.name} {each.measured:g}; goal: {each.goal}; held")


if __name__ == "__main__":
    main()
