"""Shops for stories that must be true on every database.

Making a database takes longer than most stories: all of them share one, each in a tenant of its
own, so that they also show that tenants never see each other.
"""

from itertools import count

import pytest

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.adapters.persistence import open_database
from tests.support.checked import ENGINES, CheckedShop

_tenants = count(1)


@pytest.fixture(scope="session")
def shared_sqlite(tmp_path_factory):
    """One file for all stories."""
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('shared') / 'groupbuy.db'}")
    yield database
    database.close()


@pytest.fixture(scope="session")
def shared_postgres(pg_cluster, pg_template):
    """One database for all stories, as the application's own role."""
    with pg_cluster.database(pg_template) as place:
        database = open_database(place.app_url, pool_size=24)
        yield database
        database.close()


@pytest.fixture(params=ENGINES)
def checked_shop(request):
    """A shop that checks itself after every move, once per engine."""
    tenant = f"tenant-{next(_tenants)}"
    if request.param == "memory":
        return CheckedShop(MemoryDatabase().begin, tenant=tenant)
    name = {"sqlite": "shared_sqlite", "postgresql": "shared_postgres"}[request.param]
    return CheckedShop(request.getfixturevalue(name).begin, tenant=tenant)


@pytest.fixture
def postgres_shop(shared_postgres):
    """A shop on PostgreSQL, for races between real connections."""
    return CheckedShop(shared_postgres.begin, tenant=f"tenant-{next(_tenants)}")
