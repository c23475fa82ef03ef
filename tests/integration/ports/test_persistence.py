"""Every storage keeps what `groupbuy.testing.persistence` promises."""

import pytest

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.adapters.persistence import KINDS, open_database
from groupbuy.testing.persistence import PersistenceContract
from groupbuy.testing.persistence_queries import QueryContract
from groupbuy.testing.persistence_races import KeyContract, RaceContract
from groupbuy.testing.samples import sample_of
from groupbuy.testing.storage_steps import MINE


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def database(request, tmp_path):
    if request.param == "memory":
        yield MemoryDatabase()
        return
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'groupbuy.db'}"
    else:
        url = request.getfixturevalue("pg_database").app_url
    opened = open_database(url, pool_size=10)
    yield opened
    opened.close()


@pytest.fixture
def begin(database):
    return database.begin


class TestThings(PersistenceContract):
    pass


class TestQueries(QueryContract):
    pass


class TestKeys(KeyContract):
    pass


class TestRaces(RaceContract):
    pass


def test_every_stored_kind_comes_back_equal_with_nothing_left_empty(begin):
    kinds = [kind.cls for kind in KINDS]
    for cls in kinds:
        with begin(MINE) as tx:
            tx.of(cls).add(sample_of(cls, "one"))
    for cls in kinds:
        with begin(MINE, write=False) as tx:
            assert tx.of(cls).get("one") == sample_of(cls, "one")
