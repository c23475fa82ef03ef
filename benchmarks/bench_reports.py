"""A day of a million orders, reported from its sums; and how fast orders are counted into them."""

import argparse
import random  # noqa: TID251  a load to choose, not a secret
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.kit.report import Finding, plain, store  # noqa: E402  after the path is set
from benchmarks.kit.report import machine as machine_line  # noqa: E402
from groupbuy.adapters.persistence import Database, open_database  # noqa: E402
from groupbuy.application import reporting  # noqa: E402
from groupbuy.application.report_facts import (  # noqa: E402
    FactLine,
    FactMove,
    OrderFact,
    What,
)
from groupbuy.application.reporting.counting import Sums, sums_of  # noqa: E402
from groupbuy.application.reporting.feeding import apply  # noqa: E402
from groupbuy.domain.kernel import make_id  # noqa: E402
from groupbuy.domain.ordering import OrderState  # noqa: E402
from tests.support.postgres import postgres_cluster  # noqa: E402
from tests.support.shop import Shop  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "reports.json"
ZONE, DAY = "Asia/Shanghai", datetime(2026, 11, 10, 16, tzinfo=UTC)
"""The eleventh of November begins in Shanghai."""
MERCHANTS, LEADERS, CAMPAIGNS, SKUS, BUYERS, REGIONS = 50, 500, 500, 2_000, 300_000, 300
PART, TIMES = 10_000, 5
GOAL_MS = 1_000.0


def facts(count: int, chance: random.Random) -> Iterator[OrderFact]:
    """Yield orders of one day, spread as a shop spreads them."""
    for number in range(count):
        campaign = min(int(chance.expovariate(1 / 60)), CAMPAIGNS - 1)
        sku = campaign * 4 + chance.randrange(4)
        at = DAY + timedelta(seconds=86_400 * number // count)
        net = 1_000 + 37 * sku
        paid = chance.random() < 0.9
        back = paid and chance.random() < 0.03
        moves: tuple[FactMove, ...] = ()
        if paid:
            moves = (
                FactMove(at, What.PAID, net),
                FactMove(at, What.SALES, net),
                FactMove(at, What.COMMISSION, net // 20),
                FactMove(at, What.FEES, net // 100),
            )
        if back:
            moves += (FactMove(at, What.REFUNDS, net, "after_sale:damaged"),)
        yield OrderFact(
            id=_id("ord", number),
            merchant_id=_id("mch", campaign % MERCHANTS),
            campaign_id=_id("cmp", campaign),
            leader_id=_id("ldr", campaign % LEADERS),
            point_id="",
            buyer_id=_id("usr", chance.randrange(BUYERS)),
            region=f"地区 {chance.randrange(REGIONS)}",
            currency="CNY",
            created_at=at,
            placed_at=at if paid else None,
            confirmed_at=at if paid else None,
            state=OrderState.CONFIRMED if paid else OrderState.EXPIRED,
            close_reason="",
            lines=(
                FactLine(
                    sku_id=_id("sku", sku),
                    product_id=_id("prd", sku // 2),
                    category_id=_id("cat", sku % 40),
                    units=1,
                    left=0 if back else 1,
                    gross=net + 500,
                    net=net,
                    refunded=net if back else 0,
                ),
            ),
            moves=moves,
        )


def measured(orders: int, live: int, *, buyers: bool) -> list[Finding]:
    """Fill a database, read every report of the day, and count orders of a real shop."""
    with postgres_cluster(durable=True) as cluster, cluster.database() as place:
        database = open_database(place.owner_url, migrate=True)
        database.close()
        database = open_database(place.app_url)
        try:
            shop = Shop(database.begin)
            return [*_reports(shop, orders, buyers=buyers), _counted(shop, database, live)]
        finally:
            database.close()


def _reports(shop: Any, orders: int, *, buyers: bool) -> Iterator[Finding]:
    chance, part, sums = random.Random(1), list[OrderFact](), Sums()
    for fact in facts(orders, chance):
        part.append(fact)
        if len(part) == PART:
            sums.take(_sums(part, buyers=buyers))
            part = []
    sums.take(_sums(part, buyers=buyers))
    _put(shop, sums)
    rows = len(sums.by_key)
    for name in reporting.REPORTS if buyers else [n for n in reporting.REPORTS if n != "cohorts"]:
        for by in ("hour", "region", "community", "state") if name == "distribution" else ("",):
            times = [_shown(shop, name, by) for _ in range(TIMES)]
            yield Finding(
                f"report {name} {by}".strip() + f", a day of {orders:,} orders",
                round(median(times), 1),
                "ms",
                windows=tuple(times),
                details={"rows": rows},
                # Cohorts are about all buyers of all time, not about a day.
                goal="" if name == "cohorts" else f"below {GOAL_MS:,.0f} ms",
                holds=None if name == "cohorts" else median(times) < GOAL_MS,
            )


def _sums(some: list[OrderFact], *, buyers: bool) -> Sums:
    sums = sums_of(some, ZONE)
    if buyers:
        return sums
    # A row for each buyer takes long to write, and no report of a day reads it.
    return Sums({key: counts for key, counts in sums.by_key.items() if key.day})


def _put(shop: Any, sums: Sums) -> None:
    keys = list(sums.by_key)
    for start in range(0, len(keys), PART):
        some = Sums({key: sums.by_key[key] for key in keys[start : start + PART]})
        shop.desk.run(shop.system(), partial(apply, sums=some))


def _shown(shop: Any, name: str, by: str) -> float:
    """Return how many milliseconds a report took, whole and with the period before."""
    ask = reporting.Ask(reporting.days.day("2026-11-11"), by=by, compare=True)
    started = time.perf_counter()
    found = reporting.show(shop.desk, shop.system(), reporting.Wanted(name, ask))
    spent = (time.perf_counter() - started) * 1000
    if not found.rows and by != "community" and name != "turnover":
        raise SystemExit(f"{name} is empty")
    return spent


def _counted(shop: Any, database: Database, live: int) -> Finding:
    """Count real orders that were joined, paid and confirmed; return how many a second."""
    campaign = shop.campaign(shop.variant(stock=10**6))
    shop.join_and_pay(campaign, live)
    shop.work_off(10**6)
    started = time.perf_counter()
    step = reporting.feed(shop.desk, database, shop.tenant)
    rate = step.orders / (time.perf_counter() - started)
    return Finding("orders counted into reports, one worker", round(rate), "orders/s")


def _id(kind: str, number: int) -> str:
    return make_id(kind, millis=1_800_000_000_000, cell=0, entropy=number)


def main() -> None:
    """Measure, print, keep."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--orders", type=int, default=1_000_000)
    asked.add_argument("--live", type=int, default=2_000)
    asked.add_argument("--buyers", action="store_true", help="rows of buyers too; takes long")
    said = asked.parse_args()
    found = measured(said.orders, said.live, buyers=said.buyers)
    OUT.parent.mkdir(exist_ok=True)
    store(found, OUT)
    print(plain(found) + f"\n{machine_line()}")


if __name__ == "__main__":
    main()
