"""A shop in memory with one merchant."""

import pytest

from tests.support.shop import Shop


@pytest.fixture
def shop():
    made = Shop()
    made.merchant()
    return made
