import pytest

from tests.support.web import Premises, served


@pytest.fixture(scope="session")
def premises(tmp_path_factory):
    opened = Premises(tmp_path_factory.mktemp("shop"))
    yield opened
    opened.close()


@pytest.fixture
def shop(premises):
    return premises.fresh()


@pytest.fixture
def pg_shop(pg_database):
    with served(pg_database.app_url) as opened:
        yield opened
