"""A shop whose orders are partitioned by month: it works as before and looks into one month."""

import json
from datetime import timedelta

import psycopg
import pytest
from attrs import evolve

from groupbuy.adapters import persistence
from groupbuy.adapters.persistence import partitions
from groupbuy.domain.kernel import Conflict, Invalid, make_id
from groupbuy.domain.ledger import ClosedPeriod, Journal
from groupbuy.domain.ordering import OrderState
from tests.support.hot import HotShop
from tests.support.shop import Shop


@pytest.fixture
def parted(pg_database):
    """A shop with orders of November, then partitioned from December on."""
    database = persistence.open_database(pg_database.app_url)
    shop = Shop(begin=database.begin)
    campaign = shop.campaign()
    old = shop.join_and_pay(campaign, 3)
    shop.work_off()
    with psycopg.connect(pg_database.owner_url, autocommit=True) as owner:
        owner.execute(partitions.setup("2026-12", 2))
    yield shop, old, database, pg_database
    database.close()


def scanned(plan):
    """Return the tables a plan reads."""
    here = [plan["Relation Name"]] if "Relation Name" in plan else []
    return [*here, *(name for part in plan.get("Plans", ()) for name in scanned(part))]


def looked_into(place, table, column, key):
    with psycopg.connect(place.owner_url) as owner:
        owner.execute("SELECT set_config('groupbuy.tenant', 'main', true)")
        (found,) = owner.execute(
            f"EXPLAIN (FORMAT JSON) SELECT * FROM {table} WHERE tenant_id = 'main' AND cell = 0 "
            f"AND {column} = ANY(%s::text[])",
            (f"{{{key}}}",),
        ).fetchone()
    return scanned((found if isinstance(found, list) else json.loads(found))[0]["Plan"])


def test_closed_periods_stay_closed(parted):
    shop, _, _, _ = parted
    journal = shop.all(Journal)[0]
    end = journal.at + timedelta(days=1)
    shop.store(ClosedPeriod("2026-11", end, end, "usr_1", 1, "digest"))
    with pytest.raises(Conflict):
        shop.store(evolve(journal, id=make_id("jrn", millis=1, cell=0, entropy=1)))
    shop.store(evolve(journal, id=make_id("jrn", millis=1, cell=0, entropy=2), at=end))


def test_what_was_there_is_kept_and_new_orders_go_to_their_month(parted):
    shop, old, _, place = parted
    assert {shop.order(each).state for each in old} == {OrderState.CONFIRMED}
    shop.clock.forward(days=35)
    new = shop.join_and_pay(shop.campaign(), 3)
    shop.work_off()
    assert {shop.order(each).state for each in new} == {OrderState.CONFIRMED}
    assert shop.trouble == []
    with psycopg.connect(place.owner_url) as owner:
        owner.execute("SELECT set_config('groupbuy.tenant', 'main', true)")
        for month, joined in (("before", old), ("2026_12", new)):
            rows = owner.execute(f"SELECT id FROM orders_{month}").fetchall()
            assert {key for (key,) in rows} == {each.order.id for each in joined}


def test_looking_for_an_id_looks_into_one_month(parted):
    shop, old, _, place = parted
    shop.clock.forward(days=35)
    new = shop.join(shop.campaign())
    for joined, part in ((old[0], "before"), (new, "2026_12")):
        order_id, payment_id = joined.order.id, joined.payment.id
        assert looked_into(place, "orders", "id", order_id) == [f"orders_{part}"]
        assert looked_into(place, "seats", "id", order_id) == [f"seats_{part}"]
        assert looked_into(place, "order_lines", "parent_id", order_id) == [f"order_lines_{part}"]
        assert looked_into(place, "payments", "id", payment_id) == [f"payments_{part}"]


def test_every_hot_use_case_works_on_partitions(pg_database):
    with psycopg.connect(pg_database.owner_url, autocommit=True) as owner:
        owner.execute(partitions.setup("2026-11", 3))
    database = persistence.open_database(pg_database.app_url)
    try:
        hot = HotShop(database)
        hot.live()
        hot.go_through()
        assert hot.shop.trouble == []
        assert database.ledger("main").unbalanced == ()
    finally:
        database.close()


def test_the_walls_stand_around_partitions(parted):
    _, _, _, place = parted
    assert persistence.check(place.owner_url) == []
    with psycopg.connect(place.app_url) as app:
        assert app.execute("SELECT count(*) FROM orders").fetchone() == (0,)
        for statement in ("SELECT * FROM orders_before", "DELETE FROM journals"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
                app.execute(statement)


def test_further_months_are_added_before_they_begin(parted):
    _, _, _, place = parted
    with psycopg.connect(place.owner_url, autocommit=True) as owner:
        owner.execute(partitions.further("2027-02", 2))
        found = owner.execute(
            "SELECT relname FROM pg_class WHERE relispartition AND relname ~ '^orders_[a-z0-9_]+$'"
            " AND relkind = 'r' ORDER BY 1"
        ).fetchall()
    assert [name for (name,) in found] == [
        *("orders_2026_12", "orders_2027_01", "orders_2027_02", "orders_2027_03"),
        *("orders_before", "orders_later"),
    ]


def test_a_month_begins_with_the_least_id_of_its_first_millisecond():
    first = 1_796_083_200_000  # 2026-12-01 in UTC
    cut = partitions.bound("ord", "2026-12")
    assert make_id("ord", millis=first - 1, cell=4095, entropy=(1 << 62) - 1) < cut
    assert cut <= make_id("ord", millis=first, cell=0, entropy=0)


@pytest.mark.parametrize("month", ["2026-13", "2026", "December", ""])
def test_what_is_no_month_is_refused(month):
    with pytest.raises(Invalid, match="YYYY-MM"):
        partitions.setup(month, 1)
