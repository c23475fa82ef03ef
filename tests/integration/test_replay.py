"""A replay as of any moment is what the shop's own rows said at that moment."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.adapters.persistence import open_database
from tests.support.past import MOVES, Story, seen_again, seen_now
from tests.support.shop import Shop

PLOT = (
    *("buy", "buy", "buy", "wait", "join", "open", "buy", "send", "leave", "buy", "cancel"),
    *("wait", "wait", "wait", "reject", "open", "join", "pay", "buy", "buy", "wait", "wait"),
)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def database(request, tmp_path):
    if request.param == "memory":
        yield MemoryDatabase()
        return
    url = f"sqlite:///{tmp_path / 'groupbuy.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("pg_database").app_url
    opened = open_database(url, pool_size=4)
    yield opened
    opened.close()


def played(database, moves):
    """Play moves and look after each."""
    shop = Shop(database.begin)
    story = Story(shop)
    seen = [seen_now(shop, database)]
    for move, which in moves:
        story.play(move, which)
        seen.append(seen_now(shop, database))
    return shop, seen


def test_a_replay_shows_every_moment_as_it_was(database):
    shop, seen = played(database, [(move, n * 5) for n, move in enumerate(PLOT)])
    for then in seen:
        assert seen_again(shop, database, then.at) == then
    assert {state for then in seen for state in then.groups.values()} >= {"open", "formed"}
    assert len({tuple(then.balances.items()) for then in seen}) > 5


@given(st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 50)), max_size=25))
@settings(max_examples=40)
def test_a_replay_shows_every_moment_of_any_story(moves):
    database = MemoryDatabase()
    shop, seen = played(database, moves)
    for then in seen:
        assert seen_again(shop, database, then.at) == then
