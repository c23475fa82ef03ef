"""On PostgreSQL every search asks the index over tokens, and the walls between shops stand."""

import json

import psycopg
import pytest
from attrs import evolve

from groupbuy.adapters.persistence import check, downgrade, open_database, upgrade
from groupbuy.application.ports.search import Reach
from groupbuy.testing.searching import entry, wanted
from groupbuy.testing.storage_steps import MINE, OTHER, added

INDEX = "ix_search_tokens"


@pytest.fixture(scope="module")
def place(pg_cluster, pg_template):
    with pg_cluster.database(pg_template) as made:
        database = open_database(made.app_url)
        for tenant in (MINE, OTHER):
            with database.begin(tenant) as tx:
                for number in range(1_500):
                    story = "棉" * (number % 3) + f"山里 {number}"
                    made_of = entry(f"prd_{number:06}", f"土鸡蛋{number}", story=story)
                    tx.of(type(made_of)).add(made_of)
        yield made, database
        database.close()


@pytest.fixture(params=["never analysed", "analysed"])
def database(request, place):
    made, database = place
    if request.param == "analysed":
        with psycopg.connect(made.owner_url, autocommit=True) as owner:
            owner.execute("ANALYZE search")
    return database


def nodes(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def plans_of(database, ask):
    """Return what PostgreSQL does about each statement that a search sends, as the product."""
    with database.begin(MINE, write=False) as tx:
        sent, rows = [], tx.session.rows

        def note(text, values, about):
            sent.append((text, tuple(values)))
            return rows(text, values, about)

        tx.session.rows = note
        found = ask(tx.search())
        tx.session.rows = rows
        answers = [rows(f"EXPLAIN (FORMAT JSON) {text}", values, "plan") for text, values in sent]
    said = [answer[0][0] for answer in answers]
    return found, [(json.loads(s) if isinstance(s, str) else s)[0]["Plan"] for s in said]


@pytest.mark.parametrize(
    ("asked", "reach"),
    [
        (wanted("蛋"), Reach.NAME),
        (wanted("土鸡蛋", "1"), Reach.NAME),
        (wanted("山里"), Reach.ANYWHERE),
        (wanted("土鸡蛋", lowest=1, highest=10**6), Reach.ANYWHERE),
        (wanted("土鸡蛋", without=("prd_000001", "prd_000002")), Reach.ANYWHERE),
        (wanted("tujid"), Reach.SPELLED),
        (wanted(each_of=(frozenset({"Ｌ"}),)), Reach.ANYWHERE),
    ],
)
def test_every_search_asks_the_index_over_tokens(database, asked, reach):
    found, (plan,) = plans_of(database, lambda index: index.find(asked, reach))
    assert found
    scans = [node for node in nodes(plan) if node.get("Index Name") or node.get("Relation Name")]
    assert {node.get("Index Name", INDEX) for node in scans} == {INDEX}
    assert any(node["Node Type"] == "Bitmap Index Scan" for node in scans)


def test_the_newest_are_read_in_the_order_of_their_index(database):
    found, (plan,) = plans_of(database, lambda index: index.newest(wanted(limit=20)))
    assert len(found) == 20
    kinds = {node["Node Type"] for node in nodes(plan)}
    assert "Sort" not in kinds
    names = {node["Index Name"] for node in nodes(plan) if "Index Name" in node}
    assert names == {"ix_search_tenant_id_listed_created_at_id"}


def test_goods_in_hand_are_looked_up_one_by_one(database):
    ids = [f"prd_{number:06}" for number in range(1_000)]
    _, (plan,) = plans_of(database, lambda index: index.stocked(ids))
    assert all(node["Node Type"] != "Seq Scan" for node in nodes(plan))


def test_a_shop_sees_through_the_view_what_is_its_own(place):
    made, _ = place
    with psycopg.connect(made.app_url) as app:
        for seen in ("search", "search_own"):
            count = f"SELECT count(*) FROM {seen}"
            assert app.execute(count).fetchone() == (0,)
            for tenant, there in ((MINE, 1_500), ("nobody", 0)):
                app.execute("SELECT set_config('groupbuy.tenant', %s, true)", (tenant,))
                assert app.execute(count).fetchone() == (there,)
            app.rollback()
        app.execute("SELECT set_config('groupbuy.tenant', %s, true)", (MINE,))
        tenants = app.execute("SELECT DISTINCT tenant_id FROM search_own").fetchall()
        assert tenants == [(MINE,)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("DELETE FROM search_own")


def test_tokens_follow_their_rows_on_sqlite_however_often_they_change(sqlite_url):
    database = open_database(sqlite_url)
    added(database.begin, entry("prd_1", "土鸡蛋"))
    for turn in range(5):
        with database.begin(MINE) as tx:
            known = tx.of(type(entry("x", "y"))).get("prd_1")
            said = known.said
            again = entry("prd_1", f"土鸡{turn}", labels=said.labels)
            tx.of(type(known)).save(evolve(again, version=known.version))
    with database.begin(MINE, write=False) as tx:
        index = tx.search()
        assert [hit.id for hit in index.find(wanted("土鸡4"), Reach.NAME)] == ["prd_1"]
        assert index.find(wanted("土鸡3"), Reach.NAME) == []
    with database.engine.connect() as raw:
        raw.exec_driver_sql("VACUUM")
        check = "INSERT INTO search_words (search_words) VALUES ('integrity-check')"
        raw.exec_driver_sql(check)
    with database.begin(MINE, write=False) as tx:
        assert [hit.id for hit in tx.search().find(wanted("土鸡4"), Reach.NAME)] == ["prd_1"]
    database.close()


def test_a_schema_without_what_search_stands_on_is_told(sqlite_url, pg_database):
    open_database(sqlite_url).close()
    for url, lost, name in (
        (sqlite_url, "DROP TRIGGER search_changes", "search_changes"),
        (pg_database.owner_url, "DROP INDEX ix_search_tokens", "ix_search_tokens"),
        (pg_database.owner_url, "DROP VIEW search_own", "search_own"),
    ):
        before = check(url)
        opened = open_database(url)
        with opened.engine.begin() as connection:
            connection.exec_driver_sql(lost)
        opened.close()
        assert check(url) == [*before, f"search: no {name}"]


def test_the_schema_goes_down_and_up_again(sqlite_url):
    upgrade(sqlite_url)
    downgrade(sqlite_url)
    upgrade(sqlite_url)
    assert check(sqlite_url) == []
