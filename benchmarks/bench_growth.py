"""Cost stays flat as work grows: the same questions to a small shop and to one of millions.

Two databases on one server, asked in turn, so that whatever else the machine does hits both. The
numbers go to `benchmarks/out/growth.json`. See README.md.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import psycopg
from attrs import frozen

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.kit import stage  # noqa: E402  after the path is set
from benchmarks.kit.grow import PERIOD, SOLD_ON, Grown, grow  # noqa: E402
from benchmarks.kit.report import Finding, plain, store  # noqa: E402
from benchmarks.kit.report import machine as machine_line  # noqa: E402
from benchmarks.kit.seed import TENANT  # noqa: E402
from groupbuy.application import campaigns, checkout, commission, orders, reporting  # noqa: E402
from groupbuy.application.ports import KeyClaim, Query  # noqa: E402
from groupbuy.application.write_path import Caller  # noqa: E402
from groupbuy.domain.campaigns import Campaign, group_of  # noqa: E402
from groupbuy.domain.membership import Role  # noqa: E402
from groupbuy.domain.ordering import Contact  # noqa: E402
from groupbuy.entrypoints.bootstrap import App  # noqa: E402
from groupbuy.entrypoints.garbage import collect_rarely  # noqa: E402
from tests.support.postgres import postgres_cluster  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "growth.json"
SMALL = 100_000
MOST = 1.5
PAGE = 50
_MONTH = reporting.days.month(SOLD_ON[:7])
_LOOKS = 60
_FAR = 2_654_435_761
"""Multiples of it are scattered over everybody."""
_CONTACT = Contact(name="王小明", phone="13800001111", address="幸福路 1 号", region="上海")


@frozen
class Shop:
    """A grown shop, open."""

    app: App
    grown: Grown
    data_key: str

    def join(self, number: int) -> None:
        """Join a campaign, alone."""
        buyer = self.grown.shopper(number)
        who = Caller(TENANT, buyer, frozenset({Role.SHOPPER}), data_key=self.data_key)
        join = checkout.Join(
            caller=who,
            claim=KeyClaim(f"{buyer}/joins", self.app.kit.ids.token(), "hash"),
            campaign_id=self.grown.campaign(number),
            items=((self.grown.sku(number), 1),),
            contact=_CONTACT,
        )
        (answer,) = checkout.join_many(self.app.desk, [join], lambda made: made.order.id, str)
        if not isinstance(answer, tuple) or not answer[0].ok:
            raise SystemExit(f"a join was refused: {answer}")

    def orders_of_a_shopper(self, number: int) -> None:
        """List the newest orders of a buyer."""
        who = Caller(TENANT, self.grown.shopper(number), frozenset({Role.SHOPPER}))
        newest = Query().sorted("-created_at").page(PAGE)
        self._some(self.app.desk.read(who, lambda work: orders.my_orders(work, newest)))

    def orders_of_a_merchant(self, number: int) -> None:
        """List the newest paid orders of a shop."""
        newest = Query().sorted("-created_at").page(PAGE)
        who = _staff(self.grown.merchant(number))
        self._some(self.app.desk.read(who, lambda work: orders.merchant_orders(work, newest)))

    def report_of_a_campaign(self, number: int) -> None:
        """Ask for the report of one campaign as its merchant, of a month and the one before."""
        wanted = reporting.Ask(_MONTH, campaigns=(self.grown.campaign(number),), compare=True)
        who = _staff(self.grown.merchant_of(number))
        self._sold(reporting.show_mine, who, wanted)

    def report_of_a_leader(self, number: int) -> None:
        """Ask what a leader sold in a month, campaign by campaign."""
        key = self.grown.leader(number)
        who = Caller(TENANT, "usr_leader", frozenset({Role.LEADER}), leader_id=key)
        self._sold(reporting.show_led, who, reporting.Ask(_MONTH))

    def campaign(self, number: int) -> None:
        """Look at a campaign as its merchant: terms, progress, newest orders."""
        key = self.grown.campaign(number)
        newest = Query().where(campaign_id=key).sorted("-created_at").page(PAGE)
        desk, admin = self.app.desk, Caller.system(TENANT)
        desk.read(admin, lambda work: work.of(Campaign).get(key))
        desk.read(admin, lambda work: campaigns.progress(work, [group_of(key)]))
        self._some(desk.read(admin, lambda work: orders.merchant_orders(work, newest)))

    def statement_of_a_leader(self, number: int) -> None:
        """Show a leader's statement with all its lines."""
        leader, system = self.grown.leader(number), Caller.system(TENANT)
        page = self.app.desk.read(system, lambda work: commission.show(work, leader, PERIOD))
        self._some(page.lines)

    def _sold(self, show: Callable[..., reporting.Report], who: Caller, ask: reporting.Ask) -> None:
        report = show(self.app.desk, who, reporting.Wanted("campaign", ask))
        self._some(report.totals[[m.code for m in report.measures].index("sales")])

    def _some(self, found: object) -> None:
        if not found:
            raise SystemExit("a question finds nothing: what it costs would say nothing")


def _staff(merchant_id: str) -> Caller:
    return Caller(TENANT, "usr_staff", frozenset({Role.MERCHANT}), merchant_id=merchant_id)


QUESTIONS: Mapping[str, Callable[[Shop, int], None]] = {
    "a join": Shop.join,
    "orders of a shopper": Shop.orders_of_a_shopper,
    "orders of a merchant": Shop.orders_of_a_merchant,
    "campaign with progress and orders": Shop.campaign,
    "report of a campaign": Shop.report_of_a_campaign,
    "report of a leader": Shop.report_of_a_leader,
    "statement of a leader, with lines": Shop.statement_of_a_leader,
}


def measured(count: int = 1_000_000, samples: int = 400) -> list[Finding]:
    """Ask both shops everything, twice: first from the disk, then from memory."""
    with ExitStack() as stack:
        cluster = stack.enter_context(postgres_cluster(durable=True))
        grown = [grow(stack.enter_context(stage.stage(cluster)), size) for size in (SMALL, count)]
        shops = list[Shop]()
        for each in grown:
            app = stack.enter_context(each.stage.app())
            shops.append(Shop(app, each, app.kit.vault.new_data_key()))
        small, large = grown
        _rest(cluster.admin_url)
        collect_rarely()  # as `groupbuy serve` does
        print(f"filled: {machine_line()}", flush=True)
        filled = Finding(
            f"filling a shop with {count:,} orders",
            round(large.seconds, 1),
            "s",
            details={
                "GB": round(large.bytes / 1e9, 2),
                "bytes an order": round((large.bytes - small.bytes) / max(count - SMALL, 1)),
            },
        )
        first = [_asked(name, shops, samples, "first") for name in QUESTIONS]
        return [filled, *first, *(_asked(name, shops, samples, "again") for name in QUESTIONS)]


def _rest(url: str) -> None:
    """Wait until PostgreSQL has looked at what was filled in."""
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(_LOOKS):
            time.sleep(2)
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'"
            ).fetchone()
            if row == (0,):
                return


def _asked(name: str, shops: list[Shop], samples: int, turn_of: str) -> Finding:
    """Ask the small and the large shop in turn; somebody else every time, the same in both.

    `first` is about people nobody has asked for yet, whose pages lie on the disk, as a large shop
    has more of than it has memory; `again` asks for the same ones.
    """
    ask = QUESTIONS[name]
    took: list[list[float]] = [[], []]
    for turn in range(samples + samples // 10):
        number = turn * _FAR % (1 << 40)
        for shop, times in zip(shops, took, strict=True):
            begun = time.perf_counter()
            ask(shop, number)
            if turn >= samples // 10:
                times.append(1000 * (time.perf_counter() - begun))
    small, large = ([statistics.median(t), statistics.quantiles(t, n=100)[98]] for t in took)
    ratio = large[1] / small[1]
    return Finding(
        f"{name}, {turn_of}",
        round(large[1], 2),
        "ms p99",
        p50_ms=round(large[0], 2),
        p99_ms=round(large[1], 2),
        ratios={"p99 ratio": round(ratio, 2), "p50 ratio": round(large[0] / small[0], 2)},
        details={
            f"p50 ms at {SMALL:,}": round(small[0], 2),
            f"p99 ms at {SMALL:,}": round(small[1], 2),
            "p50 ms": round(large[0], 2),
        },
        goal=f"p99 ≤ {MOST} × that at {SMALL:,} orders",
        holds=ratio <= MOST,
    )


def main() -> None:
    """Fill, ask, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--samples", type=int, default=400)
    given = parser.parse_args()
    print(f"before: {machine_line()}", flush=True)
    found = measured(given.orders, given.samples)
    store(found, OUT)
    print(plain(found))
    print(f"\nafter: {machine_line()}; {given.samples} samples each, the two shops in turn")


if __name__ == "__main__":
    main()
