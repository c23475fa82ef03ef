from enum import StrEnum

import pytest
from attrs import frozen

from groupbuy.domain.kernel import Edge, IllegalMove, Machine, Refused


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    LOCKED = "locked"


class Move(StrEnum):
    SHUT = "shut"
    OPEN = "open"
    LOCK = "lock"


@frozen
class Facts:
    has_key: bool = True
    is_night: bool = True


def has_key(facts):
    return facts.has_key


def is_night(facts):
    return facts.is_night


SHUTS = Edge(Door.OPEN, Move.SHUT, Door.SHUT, "door.shut")
OPENS = Edge(Door.SHUT, Move.OPEN, Door.OPEN, "door.opened")
LOCKS = Edge(Door.SHUT, Move.LOCK, Door.LOCKED, "door.locked", (has_key, is_night))


def a_door(*edges, final=frozenset({Door.LOCKED})):
    return Machine("door", Door.OPEN, final, edges or (SHUTS, OPENS, LOCKS))


def test_a_move_in_the_table_leads_where_it_says():
    assert a_door().fire(Door.SHUT, Move.LOCK, Facts()) is LOCKS


def test_the_first_guard_that_says_no_is_named():
    for facts, rule in [
        (Facts(has_key=False), "has_key"),
        (Facts(is_night=False), "is_night"),
        (Facts(has_key=False, is_night=False), "has_key"),
    ]:
        with pytest.raises(Refused) as refusal:
            a_door().fire(Door.SHUT, Move.LOCK, facts)
        assert (refusal.value.rule, refusal.value.about) == (rule, "door")


def test_a_move_absent_from_the_table_is_illegal_whatever_the_facts():
    with pytest.raises(IllegalMove) as refusal:
        a_door().fire(Door.LOCKED, Move.OPEN, Facts())
    assert refusal.value.facts == {"machine": "door", "state": "locked", "move": "open"}


def test_a_machine_tells_what_it_allows_guards_apart():
    assert a_door().allows(Door.SHUT, Move.LOCK)
    assert not a_door().allows(Door.OPEN, Move.LOCK)


def test_two_edges_for_one_state_and_move_are_refused():
    with pytest.raises(ValueError, match="two edges share"):
        a_door(SHUTS, OPENS, LOCKS, Edge(Door.OPEN, Move.SHUT, Door.LOCKED, "door.slammed"))


def test_a_state_that_nobody_reaches_is_refused():
    with pytest.raises(ValueError, match=r"unreachable.*locked"):
        a_door(SHUTS, OPENS)


def test_a_state_without_a_way_out_is_refused_unless_it_is_final():
    with pytest.raises(ValueError, match=r"no way out of.*locked"):
        a_door(final=frozenset())


def test_the_picture_shows_every_edge_and_its_guards():
    assert a_door().mermaid() == (
        "stateDiagram-v2\n"
        "    [*] --> open\n"
        "    open --> shut: shut\n"
        "    shut --> open: open\n"
        "    shut --> locked: lock [has_key and is_night]\n"
        "    locked --> [*]\n"
    )
