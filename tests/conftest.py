"""Fixtures for everybody: databases, and how Hypothesis behaves here and in CI."""

import importlib
import os

import pytest
from hypothesis import HealthCheck, settings

from tests.support.postgres import PgCluster, postgres_cluster

# A busy machine is no defect of the code: no deadline. In CI every run draws the same examples.
settings.register_profile("dev", deadline=None)
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def pg_cluster():
    """A PostgreSQL server for this test process."""
    with postgres_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def pg_template(pg_cluster: PgCluster) -> str:
    """The name of a database with the newest schema, to be copied by every test."""
    template = pg_cluster.create()
    if upgrade := _migrations():
        upgrade(template.owner_url)
    pg_cluster.seal(template.name)
    return template.name


@pytest.fixture
def pg_database(pg_cluster: PgCluster, pg_template: str):
    """A fresh migrated database: `.owner_url` migrates, `.app_url` is what the product uses."""
    with pg_cluster.database(pg_template) as database:
        yield database


@pytest.fixture
def sqlite_url(tmp_path) -> str:
    """A fresh SQLite file, still empty."""
    return f"sqlite:///{tmp_path / 'groupbuy.db'}"


def _migrations():
    try:
        persistence = importlib.import_module("groupbuy.adapters.persistence")
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("groupbuy.adapters"):
            raise
        return None
    return getattr(persistence, "upgrade", None)
