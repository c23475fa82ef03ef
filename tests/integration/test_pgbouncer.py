"""Behind a pooler in transaction mode everything works: no statement relies on its connection.

Behind ours, which is stricter and always at hand, and behind PgBouncer where it is installed.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest

from groupbuy.adapters import persistence
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.kernel import Unavailable
from groupbuy.domain.ordering import OrderState
from tests.support.pgbouncer import PROGRAM, SERVER_CONNECTIONS, pooled
from tests.support.pooler import pooling
from tests.support.shop import Shop

THREADS = 8
JOINS = 10
WITH_PGBOUNCER = pytest.mark.skipif(
    PROGRAM is None, reason="pgbouncer is not installed (apt-get install pgbouncer)"
)


@pytest.fixture
def ours(pg_database):
    with pooling(pg_database.app_url, SERVER_CONNECTIONS) as (pooler, url):
        yield pooler, url
        assert [server.left_behind() for server in pooler.servers] == [[]] * SERVER_CONNECTIONS
        assert pooler.handed_out > 0


@pytest.fixture(params=["ours", pytest.param("pgbouncer", marks=WITH_PGBOUNCER)])
def through(request, pg_database):
    if request.param == "ours":
        yield request.getfixturevalue("ours")[1]
        return
    with pooled(pg_database.app_url) as url:
        yield url


@pytest.fixture
def database(pg_database, through):
    opened = persistence.open_database(
        through, pool_size=THREADS, pooled_outside=True, direct_url=pg_database.app_url
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


@pytest.mark.parametrize(
    ("spoken", "kept"),
    [
        ("SET work_mem = '8MB'", [("setting", "work_mem")]),
        ("SELECT pg_advisory_lock(7)", [("lock", "7")]),
        ("PREPARE mine AS SELECT 1", [("prepared", "mine")]),
        ("CREATE TEMP TABLE scratch (n int)", [("table", "scratch")]),
        ("LISTEN news", [("listens", "news")]),
    ],
)
def test_whatever_a_transaction_leaves_on_its_connection_is_noticed(pg_database, spoken, kept):
    with pooling(pg_database.owner_url, 1) as (pooler, url):
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as client:
            client.execute(spoken)
        assert pooler.servers[0].left_behind() == kept


def test_a_shop_that_forgets_its_pooler_is_refused_at_once(pg_database):
    with pooling(pg_database.app_url, 1) as (pooler, url):
        forgetful = persistence.open_database(url, pool_size=1)
        with closing(forgetful), pytest.raises(Unavailable):
            forgetful.tenants()
        assert pooler.handed_out == 0
        with pytest.raises(psycopg.OperationalError, match="unsupported startup parameter"):
            psycopg.connect(url, options="-c timezone=UTC")
