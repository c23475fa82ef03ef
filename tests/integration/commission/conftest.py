import pytest

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.adapters.persistence import open_database
from tests.support.earnings import Earnings


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def shop(request):
    if request.param == "memory":
        yield Earnings(MemoryDatabase())
        return
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
    else:
        url = request.getfixturevalue("pg_database").app_url
    database = open_database(url, pool_size=8)
    yield Earnings(database)
    database.close()
