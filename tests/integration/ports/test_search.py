"""Every storage finds what `groupbuy.testing.searching` promises."""

import pytest

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.adapters.persistence import open_database
from groupbuy.testing.searching import SearchContract


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def begin(request, tmp_path):
    if request.param == "memory":
        yield MemoryDatabase().begin
        return
    url = f"sqlite:///{tmp_path / 'groupbuy.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("pg_database").app_url
    opened = open_database(url)
    yield opened.begin
    opened.close()


class TestSearch(SearchContract):
    pass
