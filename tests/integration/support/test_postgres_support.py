import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import APP, OWNER, postgres_cluster

ROOT = Path(__file__).parents[3]


def one(url, statement):
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchone()


def test_the_application_role_sees_no_more_than_it_should(pg_database):
    assert one(
        pg_database.app_url,
        "SELECT current_user, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole"
        " FROM pg_roles WHERE rolname = current_user",
    ) == (APP, False, False, False, False)


def test_the_owner_owns_the_database(pg_database):
    assert one(
        pg_database.owner_url,
        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()",
    ) == (OWNER,)


def test_the_application_role_cannot_make_tables(pg_database):
    with psycopg.connect(pg_database.app_url) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE public.mine (a int)")


def test_one_test_never_sees_the_rows_of_another(pg_cluster, pg_template):
    with pg_cluster.database(pg_template) as first:
        with psycopg.connect(first.owner_url) as connection:
            connection.execute("CREATE TABLE only_here (a int)")
        with pg_cluster.database(pg_template) as second:
            assert one(second.owner_url, "SELECT to_regclass('only_here')") == (None,)


def test_texts_are_utf_8_and_sorted_alike_on_every_machine(pg_database):
    assert one(
        pg_database.app_url,
        "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database"
        " WHERE datname = current_database()",
    ) == ("UTF8", "C.UTF-8")


@pytest.mark.skipif("GROUPBUY_TEST_PG_DSN" in os.environ, reason="that server is not ours")
def test_a_durable_cluster_keeps_fsync_on():
    with postgres_cluster(durable=True) as cluster:
        with cluster.database() as database:
            assert one(database.app_url, "SHOW fsync") == ("on",)
            assert one(database.app_url, "SHOW synchronous_commit") == ("on",)


@pytest.mark.skipif(
    sys.platform != "linux" or "GROUPBUY_TEST_PG_DSN" in os.environ,
    reason="the parent-death signal is Linux's, and that server is not ours",
)
def test_a_killed_run_leaves_no_server_behind():
    program = """
        import psycopg, sys
        from tests.support.postgres import postgres_cluster
        with postgres_cluster() as cluster:
            print(cluster.admin_url, flush=True)
            sys.stdin.read()
    """
    run = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    url = run.stdout.readline().strip()
    with psycopg.connect(url) as connection:
        run.send_signal(signal.SIGKILL)
        run.communicate()
        # The open connection ends because its server does; no clock is read here.
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT pg_sleep(60)")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
