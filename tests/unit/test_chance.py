"""Bytes nobody can guess, and nobody gets twice."""

import os
from concurrent.futures import ThreadPoolExecutor

from groupbuy.adapters.system.chance import DRAWN, Chance


def test_no_bytes_are_given_out_twice_whoever_asks():
    chance = Chance()
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda _: chance.draw(16), range(4 * DRAWN // 16)))
    assert len(set(drawn)) == len(drawn)
    assert {len(each) for each in drawn} == {16}


def test_more_than_is_fetched_at_once_may_be_drawn():
    assert len(Chance().draw(3 * DRAWN)) == 3 * DRAWN


def test_a_child_process_shares_nothing_with_its_parent():
    chance = Chance()
    chance.draw(1)
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(theirs, chance.draw(16))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(ours, 16) != chance.draw(16)
    os.close(ours)
    os.close(theirs)
