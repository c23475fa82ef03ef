"""Reports are read from the replica where one is named; everything else from the main database."""

import pytest

from groupbuy.adapters import persistence
from groupbuy.application import bookkeeping, ledger_reports, membership
from groupbuy.application.write_path import Caller
from groupbuy.entrypoints.bootstrap import open_database
from groupbuy.entrypoints.settings import load
from tests.support.shop import Shop


@pytest.fixture
def main_and_replica(pg_cluster, pg_template):
    """Two databases: the second one stands for a replica that has fallen behind for ever."""
    with pg_cluster.database(pg_template) as main, pg_cluster.database(pg_template) as replica:
        yield main.app_url, replica.app_url


@pytest.fixture
def database(main_and_replica):
    url, reports = main_and_replica
    opened = persistence.open_database(url, reports_url=reports)
    yield opened
    opened.close()


def test_only_reports_see_the_replica(database, main_and_replica):
    shop = Shop(begin=database.begin)
    shop.user()
    shop.join_and_pay(shop.campaign())
    desk = shop.desk
    with database.begin_report(shop.tenant) as tx:
        assert tx.session.rows("SELECT count(*) FROM orders", (), "orders") == [(0,)]
    with database.begin(shop.tenant, write=False) as tx:
        assert tx.session.rows("SELECT count(*) FROM orders", (), "orders") == [(1,)]
    caller = Caller.system(shop.tenant)
    assert ledger_reports.books(database, caller).accounts == ()
    there = persistence.open_database(main_and_replica[0])
    assert ledger_reports.books(there, caller).accounts
    there.close()
    assert desk.reports is None


def test_a_closing_counts_what_the_replica_has_not_heard_of(database):
    shop = Shop(begin=database.begin)
    shop.join_and_pay(shop.campaign())
    caller = Caller.system(shop.tenant)
    seen = bookkeeping.preview_closing(shop.desk, database, caller, "2026-11")
    assert seen.books.journals == 1
    with database.books(shop.tenant) as behind:
        assert behind.count() == 0


def test_a_desk_with_a_replica_reads_reports_there(database):
    shop = Shop(begin=database.begin)
    shop.user()
    desk = type(shop.desk)(
        shop.desk.begin, shop.desk.kit, shop.desk.signals, shop.desk.backoff, database.begin_report
    )
    everybody = lambda work: membership.list_users(work, 10, None)  # noqa: E731  named to be read
    assert len(desk.read(shop.system(), everybody)) == 1
    assert desk.report(shop.system(), everybody) == []
    assert len(shop.desk.report(shop.system(), everybody)) == 1


def test_the_replica_is_never_written_to(database):
    with pytest.raises(RuntimeError, match="only reads"):
        database.begin_report("main", write=True)
    with (
        pytest.raises(RuntimeError, match="only reads"),
        database.begin_report("main") as tx,
    ):
        tx.claim_keys([])


def test_the_setting_names_it(main_and_replica):
    url, reports = main_and_replica
    settings = load(overrides={"database": {"url": url, "reports_url": reports}})
    opened = open_database(settings)
    with opened.begin_report("main") as tx:
        (row,) = tx.session.rows("SELECT current_database()", (), "reports")
    opened.close()
    assert reports.endswith(row[0])
