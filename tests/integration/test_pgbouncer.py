"""Behind PgBouncer in transaction mode everything works: no statement relies on its connection."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from groupbuy.adapters import persistence
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.ordering import OrderState
from tests.support.pgbouncer import PROGRAM, SERVER_CONNECTIONS, pooled
from tests.support.shop import Shop

pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="pgbouncer is not installed (apt-get install pgbouncer)"
)
THREADS = 8
JOINS = 10


@pytest.fixture
def database(pg_database):
    with pooled(pg_database.app_url) as url:
        opened = persistence.open_database(
            url, pool_size=THREADS, pooled_outside=True, direct_url=pg_database.app_url
        )
        yield opened
        opened.close()


def test_joins_and_captures_of_many_threads_share_few_connections(database, pg_database):
    shops = [Shop(begin=database.begin, tenant=f"shop-{number}") for number in range(THREADS)]

    def sell(shop):
        campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 1))
        return shop.join_and_pay(campaign, JOINS)

    with ThreadPoolExecutor(THREADS) as pool:
        sold = list(pool.map(sell, shops))
    for shop, joined in zip(shops, sold, strict=True):
        shop.work_off()
        assert {shop.order(each).state for each in joined} == {OrderState.CONFIRMED}
        assert shop.trouble == []
        assert len(shop.all(type(shop.order(joined[0])))) == JOINS
        assert database.ledger(shop.tenant).unbalanced == ()
        with database.books(shop.tenant) as books:
            assert len(list(books.journals())) == books.count() == 2 * JOINS
    with psycopg.connect(pg_database.owner_url) as owner:
        (open_now,) = owner.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'groupbuy_app' "
            "AND datname = current_database()"
        ).fetchone()
    assert open_now <= SERVER_CONNECTIONS


def test_signals_are_sent_through_the_pooler_and_heard_past_it(database):
    heard, told = [], threading.Event()

    def hear(tenant, subjects):
        heard.append((tenant, subjects))
        told.set()

    stop = database.signals.listen(hear)
    database.signals.publish("main", ["grp_1"])
    assert told.wait(20)
    stop()
    assert heard == [("main", ("grp_1",))]
