"""A shop after years: millions of orders, each with line, seat, payment and commission.

The database copies one order that was really joined and paid for; see `clone`. What one shopper,
merchant, campaign or leader has is the same at any size: only the number of them grows.
"""

import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from benchmarks.kit import clone
from benchmarks.kit.clone import fresh, numbered
from benchmarks.kit.seed import TENANT
from benchmarks.kit.stage import Stage, bought
from groupbuy.application.report_facts import Grain, Key, Rollup
from groupbuy.application.write_path import Caller, Work
from groupbuy.domain.commission import (
    CommissionRole,
    Entry,
    EntryState,
    Purse,
    Statement,
    StatementState,
)
from groupbuy.domain.kernel import Money
from groupbuy.domain.membership import Leader, LeaderState, User

OF_A_CAMPAIGN, OF_A_SHOPPER, OF_A_MERCHANT, OF_A_LEADER = 200, 10, 10_000, 1_000
"""Orders each of them has."""
PERIOD = "2026-01"
SOLD_ON = "2026-01-15"
"""The day of all reports: the more a shop sells on it, the more there is to pass over."""
BYTES_AN_ORDER = 5_000
"""What an order takes on disk while a shop is filled: 3,450 stay, the rest is sorted and logged."""
_GROWING = (
    "orders",
    "order_lines",
    "seats",
    "payments",
    "commission_entries",
    "campaigns",
    "groups",
    "users",
    "report_sums",
)


@frozen
class Grown:
    """A shop of a size, and who is in it."""

    stage: Stage
    orders: int
    millis: int
    seconds: float
    """How long it took to fill."""
    bytes: int

    def _one(self, kind: str, number: int, each: int) -> str:
        return numbered(kind, self.millis, number % max(self.orders // each, 1) + 1)

    def campaign(self, number: int) -> str:
        """Return some campaign's id."""
        return self._one("cmp", number, OF_A_CAMPAIGN)

    def sku(self, number: int) -> str:
        """Return what that campaign sells."""
        return self._one("sku", number, OF_A_CAMPAIGN)

    def shopper(self, number: int) -> str:
        """Return some shopper's id."""
        return self._one("usr", number, OF_A_SHOPPER)

    def merchant(self, number: int) -> str:
        """Return some merchant's id."""
        return self._one("mch", number, OF_A_MERCHANT)

    def merchant_of(self, number: int) -> str:
        """Return the id of the merchant of that campaign."""
        nth = number % max(self.orders // OF_A_CAMPAIGN, 1) + 1
        return self._one("mch", (nth * OF_A_CAMPAIGN - 1) // OF_A_MERCHANT, OF_A_MERCHANT)

    def leader(self, number: int) -> str:
        """Return some leader's id."""
        return self._one("ldr", number, OF_A_LEADER)


def grow(stage: Stage, orders: int) -> Grown:
    """Fill a shop. Raises SystemExit if the disk has no room for it."""
    free = shutil.disk_usage(Path(stage_folder(stage))).free
    if free < orders * BYTES_AN_ORDER:
        raise SystemExit(f"{orders:,} orders need {orders * BYTES_AN_ORDER / 1e9:.0f} GB free")
    with stage.app() as app:
        one = bought(app, stage.campaign_id, stage.sku_id)
        millis = int(app.kit.clock.now().timestamp() * 1000)
        things = _templates(millis, stage, app.kit.clock.now(), app.kit.vault.new_data_key())
        system = Caller.system(TENANT)

        def add(work: Work) -> None:
            for thing in things:
                work.of(type(thing)).add(thing)

        app.desk.run(system, add)
    begun = time.perf_counter()
    with stage.admin() as connection:
        clone.prepare(connection)
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '512MB'")
        dropped = _without_indexes(connection)
        _people(connection, things, millis, orders)
        _campaigns(connection, stage, millis, orders)
        _orders(connection, one.order_id, one.payment_id, millis, orders)
        _reports(connection, stage, millis, orders)
        _commission(connection, things, millis, orders)
        for text in dropped:
            connection.execute(text)
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
        size = clone.number_of(connection, "SELECT pg_database_size(current_database())")
    return Grown(stage, orders, millis, time.perf_counter() - begun, size)


def stage_folder(stage: Stage) -> str:
    """Return where the server keeps its data."""
    with stage.admin() as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    return str(row[0]) if row else "/"


def _templates(millis: int, stage: Stage, now: datetime, data_key: str) -> list[Any]:
    vested = now - timedelta(days=200)
    zero, owed = Money(0), Money(3_996 * OF_A_LEADER)
    user = User(
        id=numbered("usr", millis, 1),
        phone_fingerprint="grown-1",
        phone_sealed="",
        name_sealed="",
        password_hash="",
        data_key=data_key,
        created_at=now,
    )
    leader = Leader(
        id=numbered("ldr", millis, 1),
        user_id=user.id,
        name="何秀兰",
        applied_at=vested,
        state=LeaderState.APPROVED,
    )
    statement = Statement(
        id=numbered("stm", millis, 1),
        leader_id=leader.id,
        period=PERIOD,
        accrued=owed,
        reversals=zero,
        deducted=zero,
        adjusted=zero,
        settled=owed,
        carried=zero,
        payable=owed,
        lines=OF_A_LEADER,
        digest="0" * 64,
        created_at=now,
        settled_at=now,
        state=StatementState.SETTLED,
    )
    entry = Entry(
        id=numbered("cme", millis, 1),
        order_id=numbered("ord", millis, 1),
        line_no=1,
        leader_id=leader.id,
        role=CommissionRole.LEADER,
        base=Money(79_920),
        bp=500,
        amount=Money(3_996),
        created_at=vested,
        campaign_id=stage.campaign_id,
        purse=Purse.AVAILABLE,
        state=EntryState.PAID,
        vested_at=vested,
        statement_id=statement.id,
    )
    return [user, leader, statement, entry, *_sums(stage)]


def _sums(stage: Stage) -> list[Rollup]:
    """Return what reports keep of one campaign; the ids are made anew for every copy."""
    sales = {"begun": OF_A_CAMPAIGN, "orders": OF_A_CAMPAIGN, "sales": 79_920 * OF_A_CAMPAIGN}
    goods = {"units": OF_A_CAMPAIGN, "sales": 79_920 * OF_A_CAMPAIGN}
    of = (stage.campaign_id, "ldr")
    parts = {
        Grain.SALES: (of, sales),
        Grain.GOODS: ((*of, "prd", stage.sku_id, "cat"), goods),
        Grain.CAMPAIGNS: ((stage.campaign_id,), {"participants": OF_A_CAMPAIGN}),
    }
    made = []
    for grain, (said, counts) in parts.items():
        day = "" if grain is Grain.CAMPAIGNS else SOLD_ON
        key = Key(grain, "template", day, "CNY", said)
        made.append(evolve(Rollup.of(key), counts=counts))
    return made


def _without_indexes(connection: clone.Connection) -> list[str]:
    """Drop what only slows filling down; return how to make it again."""
    found = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "AND tablename = ANY(%s) AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        [list(_GROWING)],
    ).fetchall()
    for name, _ in found:
        connection.execute(f'DROP INDEX "{name}"')
    return [text for _, text in found]


def _people(connection: clone.Connection, things: list[Any], millis: int, orders: int) -> None:
    user, leader, statement, *_ = things
    shoppers, leaders = max(orders // OF_A_SHOPPER, 1), max(orders // OF_A_LEADER, 1)
    own = {"id": fresh("usr", millis), "phone_fingerprint": "'grown-' || n"}
    clone.copies(connection, "users", f"id = '{user.id}'", own, 2, shoppers)
    own = {"id": fresh("ldr", millis), "user_id": fresh("usr", millis)}
    clone.copies(connection, "leaders", f"id = '{leader.id}'", own, 2, leaders)
    own = {"id": fresh("stm", millis), "leader_id": fresh("ldr", millis)}
    clone.copies(connection, "statements", f"id = '{statement.id}'", own, 2, leaders)


def _campaigns(connection: clone.Connection, stage: Stage, millis: int, orders: int) -> None:
    """Each sells goods of its own; the last ones have room for whoever joins."""
    count = max(orders // OF_A_CAMPAIGN, 1)
    merchant = _of("mch", millis, orders, OF_A_MERCHANT, f"(n * {OF_A_CAMPAIGN} - 1)")
    sku = fresh("sku", millis)
    own = {
        "id": fresh("cmp", millis),
        "merchant_id": merchant,
        "offers": f"replace(t.offers, '{stage.sku_id}', {sku})",
        "created_at": _earlier(f"(n * {OF_A_CAMPAIGN})", orders),
    }
    clone.copies(connection, "campaigns", f"id = '{stage.campaign_id}'", own, 1, count)
    own = {"id": fresh("grp", millis), "campaign_id": fresh("cmp", millis)}
    own |= {name: str(OF_A_CAMPAIGN) for name in ("paid_seats", "paid_buyers", "live_buyers")}
    own |= {name: str(OF_A_CAMPAIGN) for name in ("paid_units", "live_units")}
    clone.copies(connection, "groups", f"id = '{stage.group_id}'", own, 1, count)
    clone.copies(connection, "stock", f"id = '{stage.sku_id}'", {"id": sku}, 1, count)


def _orders(
    connection: clone.Connection,
    order_id: str,
    payment_id: str,
    millis: int,
    orders: int,
) -> None:
    order, payment = fresh("ord", millis), fresh("pay", millis)
    place = {
        "group_id": _of("grp", millis, orders, OF_A_CAMPAIGN),
        "campaign_id": _of("cmp", millis, orders, OF_A_CAMPAIGN),
        "buyer_id": _scattered("usr", millis, orders // OF_A_SHOPPER),
    }
    at, its = _earlier("n", orders), f"id = '{order_id}'"
    merchant = _of("mch", millis, orders, OF_A_MERCHANT)
    leader = _of("ldr", millis, orders, OF_A_LEADER)
    own = {"id": order, **place, "merchant_id": merchant, "leader_id": leader, "created_at": at}
    clone.copies(connection, "orders", its, own, 1, orders)
    line = {"parent_id": order, "sku_id": _of("sku", millis, orders, OF_A_CAMPAIGN)}
    clone.copies(connection, "order_lines", f"parent_id = '{order_id}'", line, 1, orders)
    clone.copies(connection, "seats", its, {"id": order, **place}, 1, orders)
    paid = {
        "id": payment,
        "order_id": order,
        "group_id": place["group_id"],
        "buyer_id": place["buyer_id"],
        "created_at": at,
    }
    clone.copies(connection, "payments", f"id = '{payment_id}'", paid, 1, orders)


def _reports(connection: clone.Connection, stage: Stage, millis: int, orders: int) -> None:
    """Every campaign sold all it sold on one day, through one leader."""
    count = max(orders // OF_A_CAMPAIGN, 1)
    campaign, sku = fresh("cmp", millis), fresh("sku", millis)
    merchant = _of("mch", millis, orders, OF_A_MERCHANT, f"(n * {OF_A_CAMPAIGN} - 1)")
    leader = _of("ldr", millis, orders, OF_A_LEADER, f"(n * {OF_A_CAMPAIGN} - 1)")
    parts = {
        Grain.SALES: f"{campaign} || '/' || {leader}",
        Grain.GOODS: f"{campaign} || '/' || {leader} || '/prd/' || {sku} || '/cat'",
        Grain.CAMPAIGNS: campaign,
    }
    for grain, said in parts.items():
        day = "" if grain is Grain.CAMPAIGNS else SOLD_ON
        own = {
            "id": f"{merchant} || '/{grain}/{day}/CNY/' || {said}",
            "merchant_id": merchant,
            "parts": _swapped({stage.campaign_id: campaign, "ldr": leader, stage.sku_id: sku}),
            "campaign_id": f"CASE t.campaign_id WHEN '' THEN '' ELSE {campaign} END",
            "leader_id": f"CASE t.leader_id WHEN '' THEN '' ELSE {leader} END",
        }
        which = f"merchant_id = 'template' AND grain = '{grain}'"
        clone.copies(connection, "report_sums", which, own, 1, count)


def _swapped(others: dict[str, str]) -> str:
    """Return SQL for the parts of a sum with these values in place of those of the template."""
    text = "t.parts"
    for value, other in others.items():
        text = f"""replace({text}, '"{value}"', '"' || {other} || '"')"""
    return text


def _commission(connection: clone.Connection, things: list[Any], millis: int, orders: int) -> None:
    own = {
        "id": fresh("cme", millis),
        "order_id": fresh("ord", millis),
        "leader_id": _of("ldr", millis, orders, OF_A_LEADER),
        "statement_id": _of("stm", millis, orders, OF_A_LEADER),
        "campaign_id": _of("cmp", millis, orders, OF_A_CAMPAIGN),
    }
    (entry,) = (thing for thing in things if isinstance(thing, Entry))
    which = f"id = '{entry.id}'"
    clone.copies(connection, "commission_entries", which, own, 2, orders)


def _of(kind: str, millis: int, orders: int, each: int, number: str = "(n - 1)") -> str:
    """Return SQL for whose the n-th order is, where neighbours in time belong together."""
    most = max(orders // each, 1)
    return fresh(kind, millis, f"(({number} / {each}) % {most} + 1)::bigint")


def _scattered(kind: str, millis: int, most: int) -> str:
    """Return SQL for whose the n-th order is, where neighbours in time are strangers."""
    return fresh(kind, millis, f"((n::bigint * 7919) % {max(most, 1)} + 1)::bigint")


def _earlier(number: str, orders: int) -> str:
    return f"t.created_at - ({orders} - {number}) * interval '1 second'"
