"""The public count of a group is a chain: whatever is changed in it later is found."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.campaigns import (
    CountHead,
    Group,
    Measure,
    check_chain,
    count_on,
    hash_of,
    stamp,
)

OPENS = datetime(2026, 11, 2, 4, 0, 0, 654_321, tzinfo=UTC)
GROUP = Group("grp_1", "cmp_1", OPENS, OPENS + timedelta(days=3))
COUNTS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 600)), min_size=1, max_size=12)


def chain(*counted, measure=Measure.BUYERS):
    """Count a group again and again, a minute apart; return the head and all links."""
    head, links = CountHead(GROUP.id), []
    for minute, (buyers, units) in enumerate(counted, 1):
        group = evolve(GROUP, paid_buyers=buyers, paid_units=units)
        head, more = count_on(head, group, measure, OPENS + timedelta(minutes=minute))
        links += more
    return head, links


def test_a_count_begins_with_nobody_when_the_group_opens():
    _, links = chain((3, 3))
    assert [(each.sequence, each.joined) for each in links] == [(1, 0), (2, 3)]
    assert [stamp(each.at) for each in links] == ["2026-11-02T04:00:00Z", "2026-11-02T04:01:00Z"]


def test_what_has_not_changed_is_not_told_again():
    head, links = chain((0, 0), (1, 1), (1, 1), (2, 2), (2, 2))
    assert [each.joined for each in links] == [0, 1, 2]
    assert (head.sequence, head.joined, head.hash) == (3, 2, links[-1].hash)


def test_a_count_is_in_the_measure_of_the_quorum_and_tells_buyers_besides():
    _, links = chain((2, 7), measure=Measure.UNITS)
    assert (links[-1].count, links[-1].joined) == (7, 2)


def test_a_count_falls_when_somebody_leaves():
    _, links = chain((2, 2), (1, 1))
    assert [each.joined for each in links] == [0, 2, 1]
    assert list(check_chain(links)) == []


def test_a_hash_covers_every_value_a_line_each():
    _, links = chain((1, 2))
    said = f"grp_1\n2\n2026-11-02T04:01:00Z\n1\n1\n{links[0].hash}"
    assert links[1].hash == hash_of(links[1]) == hashlib.sha256(said.encode()).hexdigest()


@given(COUNTS)
def test_an_untouched_chain_has_no_findings(counted):
    head, links = chain(*counted)
    assert list(check_chain(links)) == []
    assert (links[-1].joined, links[-1].hash) == (head.joined, head.hash)


@given(COUNTS, st.data())
def test_whatever_is_changed_in_a_link_is_found(counted, data):
    _, links = chain((1, 1), *counted)
    number = data.draw(st.integers(0, len(links) - 1))
    change = data.draw(
        st.sampled_from(["count", "joined", "sequence", "at", "previous", "hash", "group_id"])
    )
    old = getattr(links[number], change)
    new = {int: lambda: old + 1, str: lambda: old + "0"}.get(
        type(old), lambda: old + timedelta(seconds=1)
    )()
    links[number] = evolve(links[number], **{change: new})
    assert list(check_chain(links)) != []


@given(COUNTS, st.data())
def test_a_link_taken_out_of_the_middle_is_missed(counted, data):
    _, links = chain((1, 1), (0, 0), *counted)
    number = data.draw(st.integers(0, len(links) - 2))
    del links[number]
    assert list(check_chain(links)) != []


def test_a_link_written_anew_with_a_right_hash_breaks_the_one_behind_it():
    _, links = chain((1, 1), (2, 2), (3, 3))
    forged = evolve(links[1], joined=20)
    links[1] = evolve(forged, hash=hash_of(forged))
    assert [(each.sequence, each.check) for each in check_chain(links)] == [(3, "broken_link")]


@pytest.mark.parametrize(
    ("wrong", "check"),
    [
        ({"joined": 5, "count": 5}, "first_is_not_zero"),
        ({"at": OPENS + timedelta(days=1)}, "clock"),
    ],
)
def test_a_chain_made_up_from_the_start_still_has_to_begin_with_nobody_and_go_forward(wrong, check):
    _, links = chain((1, 1))
    first = evolve(links[0], **wrong)
    first = evolve(first, hash=hash_of(first))
    second = evolve(links[1], previous=first.hash)
    links = [first, evolve(second, hash=hash_of(second))]
    assert [each.check for each in check_chain(links)] == [check]


def test_clocks_that_were_set_back_do_not_put_a_link_before_the_opening():
    head, links = count_on(
        CountHead(GROUP.id), evolve(GROUP, paid_buyers=1), Measure.BUYERS, OPENS - timedelta(days=1)
    )
    assert links[0].at == links[1].at
    assert head.joined == 1
