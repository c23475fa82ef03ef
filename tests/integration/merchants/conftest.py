import pytest

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.adapters.persistence import open_database
from tests.support.earnings import Earnings
from tests.support.merchants import Trade


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def trade(request):
    if request.param == "memory":
        yield Trade(Earnings(MemoryDatabase()))
        return
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
    else:
        url = request.getfixturevalue("pg_database").app_url
    database = open_database(url, pool_size=8)
    yield Trade(Earnings(database))
    database.close()
