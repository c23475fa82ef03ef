"""The schema goes up and down, and says when it is not what the code expects."""

import psycopg
import pytest
from sqlalchemy import create_engine, inspect, text

from groupbuy.adapters.persistence import (
    check,
    current,
    downgrade,
    grant,
    open_database,
    upgrade,
)


@pytest.fixture(params=["sqlite", "postgres"])
def owner_url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'groupbuy.db'}"
        return
    with request.getfixturevalue("pg_cluster").database() as empty:
        yield empty.owner_url


def _tables(url):
    engine = create_engine(url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def _run(url, statement):
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_up_is_what_the_code_expects_and_down_leaves_nothing(owner_url):
    assert current(owner_url) == ""
    upgrade(owner_url)
    assert check(owner_url) == []
    assert current(owner_url) == "0001"
    upgrade(owner_url)
    downgrade(owner_url)
    assert _tables(owner_url) <= {"alembic_version"}
    assert current(owner_url) == ""
    upgrade(owner_url)
    assert check(owner_url) == []


def test_a_missing_column_or_index_is_told(owner_url):
    upgrade(owner_url)
    _run(owner_url, "DROP INDEX ix_tasks_due")
    _run(owner_url, "ALTER TABLE balances DROP COLUMN amount")
    told = " ".join(check(owner_url))
    assert "ix_tasks_due" in told
    assert "amount" in told


def test_a_missing_wall_is_told(owner_url):
    upgrade(owner_url)
    if owner_url.startswith("sqlite"):
        _run(owner_url, "DROP TRIGGER journals_no_update")
        _run(owner_url, "DROP TRIGGER journals_no_delete")
        assert check(owner_url) == ["journals: may be changed"]
        return
    _run(owner_url, "ALTER TABLE orders NO FORCE ROW LEVEL SECURITY")
    _run(owner_url, "DROP TRIGGER audit_append_only ON audit")
    assert check(owner_url) == ["orders: no row-level security", "audit: may be changed"]


def test_a_missing_wall_around_closed_periods_is_told(owner_url):
    upgrade(owner_url)
    table = "" if owner_url.startswith("sqlite") else " ON journals"
    _run(owner_url, f"DROP TRIGGER journals_in_open_periods{table}")
    assert check(owner_url) == ["journals: closed periods are open"]


def test_another_role_may_be_granted_later(pg_database):
    with psycopg.connect(pg_database.owner_url) as connection:
        connection.execute("REVOKE ALL ON orders FROM groupbuy_app")
    grant(pg_database.owner_url)
    with psycopg.connect(pg_database.app_url) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (0,)


def test_a_fresh_file_sets_itself_up_and_a_used_one_is_left_alone(tmp_path):
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    open_database(url).close()
    assert check(url) == []
    downgrade(url)
    open_database(url).close()
    assert current(url) == ""
    open_database(url, migrate=True).close()
    assert current(url) == "0001"
