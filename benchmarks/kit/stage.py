"""A database for a benchmark, and one order in it that was really joined and paid for."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import typed_settings as ts
from attrs import evolve, frozen

from benchmarks.kit import clone
from benchmarks.kit.seed import TENANT, seed
from groupbuy.application import checkout, payments
from groupbuy.application.policy import Policy
from groupbuy.application.ports import KeyClaim, PaymentOutcome, PaymentReport, Query
from groupbuy.application.write_path import Caller
from groupbuy.domain.campaigns import group_of
from groupbuy.domain.ledger import Journal
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Contact
from groupbuy.entrypoints import bootstrap, keys
from groupbuy.entrypoints.bootstrap import App
from groupbuy.entrypoints.settings import DatabaseSettings, KeySettings, LogSettings, Settings
from tests.support.postgres import PgCluster, PgDatabase

QUICK = 1_000_000
"""Refunds a second where the provider's pace is not what is measured."""


@frozen
class Stage:
    """A migrated, seeded database, and how to get in."""

    cluster: PgCluster
    database: PgDatabase
    settings: Settings
    campaign_id: str
    sku_id: str

    @property
    def group_id(self) -> str:
        """The one group of the campaign."""
        return group_of(self.campaign_id)

    def admin(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """Connect as somebody who sees the rows of all tenants."""
        url = self.cluster.admin_url.rpartition("/")[0] + f"/{self.database.name}"
        return psycopg.connect(url, autocommit=True)

    @contextmanager
    def app(self) -> Iterator[App]:
        """Open the shop in this process."""
        app = bootstrap.build(self.settings)
        try:
            yield app
        finally:
            app.close()


@contextmanager
def stage(cluster: PgCluster, policy: Policy | None = None) -> Iterator[Stage]:
    """Lend a database with some open campaigns and shoppers."""
    with cluster.database() as database:
        settings = evolve(
            Settings(),
            database=DatabaseSettings(url=database.app_url, owner_url=database.owner_url),
            keys=KeySettings(master=ts.Secret(keys.generated())),
            policy=policy or Policy(refunds_per_second=QUICK),
            log=LogSettings(level="error"),
        )
        bootstrap.upgrade(settings)
        seeded = seed(settings)
        yield Stage(cluster, database, settings, *seeded.hot[0])


@frozen
class Bought:
    """An order, and what came with it."""

    order_id: str
    payment_id: str
    journal_id: str
    buyer_id: str


def bought(app: App, campaign_id: str, sku_id: str) -> Bought:
    """Let somebody join a campaign and pay, as the product does it."""
    buyer = app.kit.ids.new("usr")
    who = Caller(TENANT, buyer, frozenset({Role.SHOPPER}), data_key=app.kit.vault.new_data_key())
    join = checkout.Join(
        caller=who,
        claim=KeyClaim(f"{buyer}/joins", app.kit.ids.token(), "hash"),
        campaign_id=campaign_id,
        items=((sku_id, 1),),
        contact=Contact(name="王小明", phone="13800001111", address="幸福路 1 号", region="上海"),
    )
    made = list[checkout.Joined]()

    def render(joined: checkout.Joined) -> str:
        made.append(joined)
        return joined.order.id

    checkout.join_many(app.desk, [join], render, str)
    payment, system = made[0].payment, Caller.system(TENANT)
    if payment is None:
        raise RuntimeError("the order costs nothing")
    report = PaymentReport(
        payment.number,
        PaymentOutcome.CAPTURED,
        amount=payment.due,
        provider_ref="paid",
        paid_at=app.kit.clock.now(),
    )
    app.desk.run(system, lambda work: payments.settle_payments(work, [report]))
    order_id = made[0].order.id
    (journal,) = app.desk.read(
        system, lambda work: work.of(Journal).select(Query().where(subject=payment.id))
    )
    return Bought(order_id, payment.id, journal.id, buyer)


def members(stage: Stage, count: int) -> None:
    """Fill the campaign's one group with paid members; its end has come."""
    with stage.app() as app:
        one = bought(app, stage.campaign_id, stage.sku_id)
        millis = int(app.kit.clock.now().timestamp() * 1000)
        ended = app.kit.clock.now() - timedelta(minutes=1)
    with stage.admin() as connection:
        clone.prepare(connection)
        copy_orders(connection, one, millis, 2, count)
        group = {"id": stage.group_id, "n": count, "more": count - 1, "ended": ended}
        connection.execute(
            "UPDATE groups SET paid_seats = %(n)s, paid_buyers = %(n)s, live_buyers = %(n)s, "
            "paid_units = %(n)s, live_units = %(n)s, paid_amount = paid_amount * %(n)s, "
            "ends_at = %(ended)s WHERE id = %(id)s",
            group,
        )
        connection.execute(
            "UPDATE campaigns SET ends_at = %(ended)s WHERE id = %(id)s",
            {"ended": ended, "id": stage.campaign_id},
        )
        connection.execute(
            "UPDATE stock SET available = available - %(n)s, reserved = reserved + %(n)s "
            "WHERE id = %(id)s",
            {"n": count - 1, "id": stage.sku_id},
        )
        connection.execute("DELETE FROM tasks")
        connection.execute("VACUUM ANALYZE")


def copy_orders(
    connection: clone.Connection, one: Bought, millis: int, first: int, last: int, **more: str
) -> None:
    """Copy an order with line, seat, payment and journal; `more` changes columns of the order."""
    order, payment = clone.fresh("ord", millis), clone.fresh("pay", millis)
    buyer, journal = clone.fresh("usr", millis), clone.fresh("jrn", millis)
    buyer = more.pop("buyer_id", buyer)
    own = {"order_id": order, "buyer_id": buyer}
    its = f"id = '{one.order_id}'"
    parts = (
        ("orders", its, {"id": order, "buyer_id": buyer, **more}),
        ("order_lines", f"parent_id = '{one.order_id}'", {"parent_id": order}),
        ("seats", its, {"id": order, "buyer_id": buyer}),
        ("payments", f"id = '{one.payment_id}'", {"id": payment, **own}),
        ("journals", f"id = '{one.journal_id}'", {"id": journal, "subject": payment}),
        (
            "journal_lines",
            f"parent_id = '{one.journal_id}'",
            {"parent_id": journal, "account": f"replace(t.account, '{one.order_id}', {order})"},
        ),
    )
    for table, which, changes in parts:
        clone.copies(connection, table, which, changes, first, last)


def waited(until: Any, seconds: float = 900) -> float:
    """Return after how many seconds something came true. Raises SystemExit if it never does."""
    begun = time.perf_counter()
    while not until():
        if time.perf_counter() - begun > seconds:
            raise SystemExit("the work never ends")
        time.sleep(0.2)
    return time.perf_counter() - begun
