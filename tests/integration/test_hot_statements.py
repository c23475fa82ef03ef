"""What the hot paths send is fit for a distributed engine: it says where everything lives."""

import re

import psycopg
import pytest
from sqlalchemy import UniqueConstraint

from groupbuy.adapters import persistence
from groupbuy.adapters.persistence.schema import schema_of
from groupbuy.domain.campaigns import GroupState
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import RefundState
from tests.support.hot import HotShop, Sent
from tests.support.shop import Shop

NEEDS_NO_CELL = {
    "tenants": "belongs to nobody and is copied to every node; it tells which cells there are",
}
"""Tables whose statements name no cell, and why."""


def told(sent):
    """Say which of tenant and cell a statement does not name."""
    words = sent.text.replace('"', "")
    if words.startswith("INSERT"):
        head = words.partition(")")[0]
        return [name for name in ("tenant_id", "cell") if not re.search(rf"\b{name}\b", head)]
    _, _, where = words.partition(" WHERE ")
    if not where:  # keys are found by a join with the list of those asked for
        _, _, where = words.partition(" ON ")
    return [name for name in ("tenant_id", "cell") if not re.search(rf"\b{name} = ", where)]


def table_of(sent):
    return re.search(r"(?:FROM|INTO|UPDATE) \"?(\w+)", sent.text)[1]


@pytest.fixture
def database(pg_database):
    opened = persistence.open_database(pg_database.app_url)
    yield opened
    opened.close()


def test_every_hot_statement_names_its_tenant_and_its_cell(database):
    hot = HotShop(database)
    hot.live()
    database.counter.texts = []
    sent = hot.go_through()
    counted, database.counter.texts = database.counter.texts, None
    assert {each.use_case for each in sent} == set(hot.names)
    assert {each.text for each in sent} == {t for t in counted if Sent("", t).about_rows}
    silent = {
        (each.use_case, table_of(each), tuple(missing))
        for each in sent
        if (missing := told(each)) and table_of(each) not in NEEDS_NO_CELL
    }
    assert silent == set()
    assert hot.shop.trouble == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("SELECT cell FROM orders WHERE tenant_id = %s AND id = %s", ["cell"]),
        ("SELECT id FROM orders WHERE cell = %s AND id = %s", ["tenant_id"]),
        ("INSERT INTO orders (tenant_id, id) VALUES (1, 2)", ["cell"]),
        ("UPDATE orders AS t SET cell = 1 FROM v WHERE t.tenant_id = %s AND t.id = v.id", ["cell"]),
        ("SELECT id FROM orders", ["tenant_id", "cell"]),
        ("UPDATE orders AS t SET a = 1 WHERE t.tenant_id = %s AND t.cell = v.cell", []),
    ],
)
def test_a_statement_that_says_too_little_is_caught(text, missing):
    assert told(Sent("", text)) == missing


def test_every_key_contains_tenant_and_cell():
    for table in schema_of().tables.values():
        if table.name in NEEDS_NO_CELL:
            continue
        unique = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
        unique += [index for index in table.indexes if index.unique]
        for key in (table.primary_key, *unique):
            names = [column.name for column in key.columns]
            assert names[:2] == ["tenant_id", "cell"], (table.name, key.name)


def test_nothing_hot_needs_a_trigger(pg_database):
    with psycopg.connect(pg_database.owner_url) as owner:
        triggers = owner.execute(
            "SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal"
        ).fetchall()
        assert triggers
        for name, table in triggers:
            owner.execute(f"DROP TRIGGER {name} ON {table}")
    database = persistence.open_database(pg_database.app_url)
    try:
        shop = Shop(begin=database.begin)
        full, thin = shop.campaign(), shop.campaign()
        paid, alone = shop.join_and_pay(full, 3), shop.join_and_pay(thin)[0]
        shop.pass_time(days=3)
        assert {shop.order(joined).state for joined in paid} == {OrderState.CONFIRMED}
        assert shop.group(thin).state is GroupState.FAILED
        assert [refund.state for refund in shop.refunds(alone)] == [RefundState.SUCCEEDED]
        assert shop.balances().get(f"buyer:{alone.order.id}") is None
        assert shop.trouble == []
    finally:
        database.close()


def test_without_triggers_grants_still_keep_what_was_written(pg_database):
    with psycopg.connect(pg_database.owner_url) as owner:
        owner.execute("DROP TRIGGER journals_append_only ON journals")
    with psycopg.connect(pg_database.app_url) as app:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
            app.execute("DELETE FROM journals")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
            app.execute("UPDATE journals SET subject = ''")
