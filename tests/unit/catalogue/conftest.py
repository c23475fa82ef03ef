"""A shop in memory with one merchant."""

import pytest

from tests.support.shelf import put_category
from tests.support.shop import Shop


@pytest.fixture
def shop():
    made = Shop()
    made.merchant()
    return made


@pytest.fixture
def fruit(shop):
    return put_category(shop, "水果")
