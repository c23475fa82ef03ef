"""In a big shop every hot statement finds its rows by an index and reads no more than it needs."""

import psycopg
import pytest

from groupbuy.adapters import persistence
from tests.support.hot import HotShop, Sent
from tests.support.plans import Fault, faults_of, grow

OF_MAIN = "SELECT set_config('groupbuy.tenant', 'main', false)"


@pytest.fixture(scope="module")
def big(pg_cluster, pg_template):
    """What the hot use cases sent to a database with thousands of orders, and a look at plans."""
    with pg_cluster.database(pg_template) as place:
        database = persistence.open_database(place.app_url)
        hot = HotShop(database)
        hot.live()
        with psycopg.connect(place.owner_url) as owner:
            owner.execute(OF_MAIN)
            owner.commit()
            grow(owner)
            owner.execute("ANALYZE")
        sent = hot.go_through()
        assert hot.shop.trouble == []
        with psycopg.connect(place.owner_url) as owner:
            owner.execute(OF_MAIN)
            yield owner, sent
            owner.rollback()
        database.close()


def test_every_hot_statement_is_bounded_by_an_index(big):
    owner, sent = big
    unbounded = {
        (each.use_case, each.text.partition(" FROM ")[2][:300] or each.text[:60], fault)
        for each in sent
        for fault in faults_of(owner, each)
    }
    assert unbounded == set()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("note = 'ring'", Fault("reads the index of the whole tenant", "orders")),
        ("buyer_id > 'usr' ORDER BY note", Fault("sorts", "")),
    ],
)
def test_a_question_no_index_answers_is_caught(big, text, fault):
    owner, _ = big
    text = f"SELECT id FROM orders WHERE tenant_id = 'main' AND cell = 0 AND {text}"
    found = faults_of(owner, Sent("", text))
    assert (fault.what, fault.table) in {(f.what[: len(fault.what)], f.table) for f in found}


def test_a_hot_statement_whose_index_is_gone_is_caught(big):
    owner, sent = big
    mine = [each for each in sent if each.use_case == "order list of a buyer"][:1]
    with owner.transaction(force_rollback=True):
        owner.execute("DROP INDEX ix_orders_tenant_id_buyer_id_created_at_id")
        assert [each for each in mine if faults_of(owner, each)] == mine


def test_a_whole_table_that_is_read_is_caught(big):
    owner, _ = big
    whole = Sent("", "SELECT count(*) FROM events")
    assert {fault.table for fault in faults_of(owner, whole)} == {"events"}


def test_a_scan_that_begins_in_the_middle_of_an_index_is_caught(big):
    owner, _ = big
    text = "SELECT id FROM statements WHERE tenant_id = 'main' AND cell = 0 AND period = '2026-11'"
    with owner.transaction(force_rollback=True):
        owner.execute("DROP INDEX ix_statements_tenant_id_period_id")
        assert faults_of(owner, Sent("", text))
