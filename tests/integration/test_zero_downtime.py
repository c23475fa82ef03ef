"""Programs of the released version go on working while the next schema is already there."""

import psycopg
import pytest

from tests.support.released import broken, recorded

RELEASED = recorded()["statements"]


@pytest.fixture
def owner(pg_database):
    with psycopg.connect(pg_database.owner_url, autocommit=True) as connection:
        yield connection


def test_the_record_covers_what_is_sold_and_paid():
    words = " ".join(RELEASED)
    for table in ("orders", "seats", "payments", "refunds", "journals", "tasks"):
        assert f'"{table}"' in words or f" {table} " in words, table


def test_whatever_the_released_version_sends_this_schema_understands(owner):
    assert broken(owner, RELEASED) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("ALTER TABLE orders RENAME COLUMN state TO standing", 'column "state"'),
        ("ALTER TABLE payments DROP COLUMN due", 'column "due"'),
        ("ALTER TABLE seats RENAME TO places", 'relation "seats" does not exist'),
        ("ALTER TABLE orders ADD COLUMN colour text NOT NULL", "nothing is given for colour"),
    ],
)
def test_a_change_that_would_stop_it_is_found(owner, change, why):
    owner.execute(change)
    found = broken(owner, RELEASED)
    assert found
    assert any(why in each.why for each in found)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE orders ADD COLUMN colour text",
        "ALTER TABLE orders ADD COLUMN colour text NOT NULL DEFAULT ''",
        "CREATE TABLE colours (id text PRIMARY KEY)",
        "CREATE INDEX ix_orders_state ON orders (tenant_id, cell, state)",
    ],
)
def test_a_change_that_only_adds_is_fine(owner, change):
    owner.execute(change)
    assert broken(owner, RELEASED) == []
