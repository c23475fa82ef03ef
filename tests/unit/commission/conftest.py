import pytest

from groupbuy.adapters.memory import MemoryDatabase
from tests.support.earnings import Earnings


@pytest.fixture
def shop():
    return Earnings(MemoryDatabase())
