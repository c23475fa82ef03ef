"""What distributes the tables on Citus: its text, and that it is said once and only there.

Citus itself is not to be had here. Its functions are stood in for by some that note their calls.
"""

import re
from pathlib import Path

import psycopg
import pytest

from groupbuy.adapters import persistence
from groupbuy.adapters.persistence import distribution
from groupbuy.adapters.persistence.engine import open_engine
from groupbuy.adapters.persistence.migrations.walls import missing_walls
from groupbuy.adapters.persistence.schema import schema_of
from groupbuy.domain.kernel import Refused
from groupbuy.domain.ordering import OrderState
from tests.support.shop import Shop

GOLDEN = Path(__file__).parent / "golden" / "distribute.sql"
STAND_IN = """
CREATE SCHEMA stand_in;
SET search_path = public, stand_in;
CREATE TABLE stand_in.pg_dist_partition (said serial, logicalrelid regclass PRIMARY KEY, how text);
CREATE FUNCTION stand_in.create_reference_table(name regclass) RETURNS void LANGUAGE sql AS
$$ INSERT INTO pg_dist_partition (logicalrelid, how) VALUES (name, 'copied') $$;
CREATE FUNCTION stand_in.create_distributed_table(name regclass, by text, colocate_with text)
RETURNS void LANGUAGE sql AS
$$ INSERT INTO pg_dist_partition (logicalrelid, how) VALUES (name, by || '/' || colocate_with) $$;
"""


@pytest.fixture
def owner(pg_database):
    with psycopg.connect(pg_database.owner_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def citus(owner, pg_database, monkeypatch):
    """The same database with stand-ins for the functions of Citus."""
    owner.execute(STAND_IN)
    owner.execute(f'ALTER DATABASE "{pg_database.name}" SET search_path = public, stand_in')
    monkeypatch.setattr(distribution, "EXTENSION", "plpgsql")
    return owner


def test_the_script_is_the_one_that_was_read():
    made = distribution.script()
    assert made == GOLDEN.read_text(encoding="utf-8")


def test_every_table_is_copied_or_lives_beside_the_groups():
    said = distribution.statements()
    known = {*schema_of().tables, "alembic_version"}
    copied = {found[1] for each in said if (found := re.search(r"reference_table\('(\w+)'", each))}
    placed = {found[1] for each in said if (found := re.search(r"uted_table\('(\w+)'", each))}
    assert copied | placed == known
    assert not copied & placed
    assert all("'cell'" in each for each in said if "distributed_table" in each)


def test_it_is_said_once(citus, pg_database):
    said = persistence.distribute(pg_database.owner_url)
    assert said == distribution.statements()
    rows = citus.execute("SELECT logicalrelid::text, how FROM pg_dist_partition").fetchall()
    how = dict(rows)
    assert (how["groups"], how["orders"], how["campaigns"]) == (
        "cell/none",
        "cell/groups",
        "copied",
    )
    assert persistence.distribute(pg_database.owner_url) == []


def test_what_was_said_before_is_not_said_again(citus, pg_database):
    citus.execute("SELECT create_reference_table('tenants')")
    citus.execute("SELECT create_distributed_table('groups', 'cell', colocate_with => 'none')")
    said = persistence.distribute(pg_database.owner_url)
    assert not [each for each in said if "'tenants'" in each or "table('groups'" in each]
    assert "SELECT create_distributed_table('orders', 'cell', colocate_with => 'groups')" in said


def test_a_failure_leaves_nothing_half_distributed(citus, pg_database):
    citus.execute("DROP TABLE shelf")
    with pytest.raises(Exception, match="shelf"):
        persistence.distribute(pg_database.owner_url)
    assert citus.execute("SELECT count(*) FROM pg_dist_partition").fetchone() == (0,)
    triggers = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"
    assert citus.execute(triggers).fetchone() != (0,)


def test_elsewhere_it_says_that_citus_is_missing(owner, pg_database):
    with pytest.raises(Refused, match="citus_is_installed"):
        persistence.distribute(pg_database.owner_url)
    assert owner.execute("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal").fetchone()[0]


@pytest.mark.usefixtures("citus")
def test_a_distributed_database_needs_no_triggers(pg_database):
    engine = open_engine(pg_database.owner_url, 1)
    persistence.distribute(pg_database.owner_url)
    with engine.connect() as connection:
        assert missing_walls(connection, schema_of()) == []
        connection.exec_driver_sql("DELETE FROM pg_dist_partition")
        assert missing_walls(connection, schema_of())
    engine.dispose()


def test_the_main_job_runs_with_the_tenant_set_by_command(citus, pg_database):
    persistence.distribute(pg_database.owner_url)
    database = persistence.open_database(pg_database.app_url, distributed=True)
    try:
        shop = Shop(begin=database.begin)
        joined = shop.join_and_pay(shop.campaign(), 3)
        shop.pass_time(days=3)
        assert {shop.order(each).state for each in joined} == {OrderState.CONFIRMED}
        assert database.ledger(shop.tenant).unbalanced == ()
        database.counter.texts = []
        shop.order(joined[0])
        opening = database.counter.texts[0]
        assert "SET LOCAL groupbuy.tenant = 'main'; SET LOCAL lock_timeout" in opening
        with database.begin("o'neill; DROP") as tx:
            assert tx.session.rows("SELECT current_setting('groupbuy.tenant')", (), "tenant") == [
                ("o'neill; DROP",)
            ]
    finally:
        database.close()
