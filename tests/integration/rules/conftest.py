"""The stories of groups, money and goods, the same on memory, SQLite and PostgreSQL.

After every single move every invariant is asked; at rest the provider's own books must agree.
"""

import pytest


@pytest.fixture
def shop(checked_shop):
    return checked_shop
