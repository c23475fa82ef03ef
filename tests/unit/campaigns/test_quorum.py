"""When a group forms: the quorum in buyers, units and money, at its boundary and around it."""

from datetime import timedelta

import pytest

from groupbuy.domain.campaigns import GroupState, Measure, Mode, OnQuorum, Quorum, SeatState
from groupbuy.domain.kernel import IllegalMove, Refused
from tests.support.rooms import END, PRICE, TICK, Room


@pytest.mark.parametrize(("paid", "state"), [(49, "open"), (50, "formed"), (51, "formed")])
def test_the_fiftieth_buyer_forms_a_group_of_fifty(paid, state):
    room = Room.opened(quorum=Quorum(Measure.BUYERS, 50))
    room.buy(*(f"usr_{n}" for n in range(paid)))
    assert room.group.state.value == state
    assert room.progress().joined == paid
    assert room.progress().missing == max(0, 50 - paid)


@pytest.mark.parametrize(("units", "state"), [(9, "open"), (10, "formed"), (11, "formed")])
def test_a_quorum_of_units_counts_units_of_anybody(units, state):
    room = Room.opened(quorum=Quorum(Measure.UNITS, 10))
    room.buy("usr_1", units=4)
    room.buy("usr_2", units=units - 4)
    assert room.group.state.value == state
    assert room.progress().reached == units


@pytest.mark.parametrize(
    ("fen", "state"), [(99_999, "open"), (100_000, "formed"), (100_001, "formed")]
)
def test_a_quorum_of_money_counts_every_fen(fen, state):
    room = Room.opened(quorum=Quorum(Measure.AMOUNT, 100_000))
    room.buy("usr_1", price=60_000)
    room.buy("usr_2", price=fen - 60_000)
    assert room.group.state.value == state
    assert room.progress().missing == max(0, 100_000 - fen)


def test_several_orders_of_one_buyer_count_as_one_buyer():
    room = Room.opened()
    room.buy("usr_1", "usr_1", "usr_1", "usr_2")
    assert room.group.state is GroupState.OPEN
    assert (room.group.paid_seats, room.group.paid_buyers) == (4, 2)
    room.buy("usr_3")
    assert room.group.state is GroupState.FORMED


def test_a_buyer_counts_until_the_last_of_their_orders_is_gone():
    room = Room.opened()
    first, second = room.buy("usr_1", "usr_1")
    room.release(first)
    assert room.progress().joined == 1
    room.release(second)
    assert room.progress().joined == 0


def test_held_seats_do_not_count_towards_the_quorum():
    room = Room.opened()
    for number in range(5):
        room.hold(f"usr_{number}")
    room.decide()
    assert room.group.state is GroupState.OPEN
    assert (room.progress().joined, room.progress().held) == (0, 5)


def test_formation_is_sticky():
    room = Room.opened()
    seats = room.buy("usr_1", "usr_2", "usr_3")
    for seat in seats:
        room.release(seat)
    room.decide()
    assert room.group.state is GroupState.FORMED
    assert room.progress().missing == 0
    assert room.names().count("group.formed") == 1


def test_a_group_that_sells_on_takes_more_buyers_after_its_quorum():
    room = Room.opened()
    room.buy("usr_1", "usr_2", "usr_3", "usr_4")
    assert room.group.state is GroupState.FORMED
    assert room.progress().joined == 4


def test_a_group_that_stops_takes_nobody_after_its_quorum():
    room = Room.opened(on_quorum=OnQuorum.STOP)
    room.buy("usr_1", "usr_2", "usr_3")
    assert room.group.state is GroupState.ENDED
    with pytest.raises(IllegalMove):
        room.hold("usr_4")


def test_after_a_stop_seats_already_held_may_still_pay():
    room = Room.opened(on_quorum=OnQuorum.STOP)
    held = room.hold("usr_9")
    room.buy("usr_1", "usr_2", "usr_3")
    assert room.group.state is GroupState.ENDED
    room.pay(held)
    assert room.seats[held].state is SeatState.PAID
    assert room.progress().joined == 4


def test_after_a_stop_an_expired_seat_is_not_let_back_in():
    room = Room.opened(on_quorum=OnQuorum.STOP)
    held = room.hold("usr_9")
    room.release(held, "expired")
    room.buy("usr_1", "usr_2", "usr_3")
    with pytest.raises(IllegalMove):
        room.readmit(held)


def test_a_relay_forms_at_its_first_paid_seat():
    room = Room.opened(mode=Mode.RELAY, quorum=None)
    room.hold("usr_1")
    assert room.group.state is GroupState.OPEN
    room.buy("usr_2")
    assert room.group.state is GroupState.FORMED
    assert room.progress().target == 1


def test_a_relay_nobody_paid_for_fails_at_its_end():
    room = Room.opened(mode=Mode.RELAY, quorum=None)
    room.now = END
    room.decide()
    assert room.group.state is GroupState.FAILED


# --- waiving ---------------------------------------------------------------------------------


def test_a_waiver_forms_the_group_for_whoever_has_paid():
    room = Room.opened()
    room.buy("usr_1")
    room.waive()
    room.decide()
    assert room.group.state is GroupState.FORMED
    assert room.group.formed_by == "waiver"
    assert room.progress().waived


def test_a_waiver_without_buyers_waits_for_the_first_one():
    room = Room.opened()
    room.waive()
    room.decide()
    assert room.group.state is GroupState.OPEN
    room.buy("usr_1")
    assert room.group.state is GroupState.FORMED


def test_a_waiver_nobody_made_use_of_fails_at_the_end():
    room = Room.opened()
    room.waive()
    room.now = END
    room.decide()
    assert room.group.state is GroupState.FAILED


def test_a_quorum_that_was_reached_is_not_called_waived():
    room = Room.opened()
    room.waive()
    room.now = END - TICK
    seats = [room.hold(f"usr_{n}") for n in range(3)]
    for seat in seats[:1]:
        room.pay(seat)
    assert room.group.formed_by == "waiver"
    other = Room.opened()
    other.buy("usr_1", "usr_2", "usr_3")
    assert other.group.formed_by == "quorum"


# --- the end ---------------------------------------------------------------------------------


def test_a_group_short_of_its_quorum_fails_at_its_end():
    room = Room.opened()
    room.buy("usr_1", "usr_2")
    room.now = END - TICK
    room.decide()
    assert room.group.state is GroupState.OPEN
    room.now = END
    room.decide()
    assert room.group.state is GroupState.FAILED
    assert room.group.decided_at == END
    assert room.names()[-2:] == ["group.closing", "group.failed"]


def test_a_formed_group_ends_at_its_end():
    room = Room.opened()
    room.buy("usr_1", "usr_2", "usr_3")
    room.now = END - TICK
    room.decide()
    assert room.group.state is GroupState.FORMED
    room.now = END
    room.decide()
    assert room.group.state is GroupState.ENDED


def test_while_a_payment_is_uncertain_a_group_past_its_end_is_not_decided():
    room = Room.opened()
    room.buy("usr_1", "usr_2")
    held = room.hold("usr_3")
    room.now = END + timedelta(minutes=5)
    room.decide()
    room.decide()
    assert room.group.state is GroupState.CLOSING
    room.release(held, "expired")
    room.decide()
    assert room.group.state is GroupState.FAILED


def test_a_group_is_not_given_up_by_force_while_a_payment_is_uncertain():
    room = Room.opened()
    room.hold("usr_1")
    room.now = END
    room.decide()
    with pytest.raises(Refused) as refusal:
        room.group.fail(room.campaign, room.now)
    assert refusal.value.rule == "every_payment_is_certain"


def test_a_group_neither_lapses_early_nor_fails_with_its_quorum_reached():
    room = Room.opened()
    with pytest.raises(Refused) as refusal:
        room.group.lapse(room.campaign, END - TICK)
    assert refusal.value.rule == "end_reached"
    room.buy("usr_1", "usr_2", "usr_3")
    with pytest.raises(Refused) as refusal:
        room.group.end(room.campaign, END - TICK)
    assert refusal.value.rule == "selling_is_over"


def test_money_paid_before_the_end_counts_whenever_we_hear_of_it():
    room = Room.opened()
    room.buy("usr_1", "usr_2")
    held = room.hold("usr_3")
    room.now = END + timedelta(minutes=5)
    room.decide()
    room.pay(held, at=END - TICK)
    assert room.group.state is GroupState.ENDED
    assert room.group.formed_by == "quorum"
    assert room.names()[-2:] == ["group.formed", "group.ended"]


def test_money_paid_at_the_end_itself_is_late():
    room = Room.opened()
    held = room.hold("usr_3")
    room.now = END
    room.decide()
    with pytest.raises(Refused) as refusal:
        room.pay(held, at=END)
    assert refusal.value.rule == "before_the_end"


def test_a_decided_group_is_decided_for_good():
    room = Room.opened()
    room.now = END
    room.decide()
    before = room.group
    room.waive()
    room.decide()
    room.decide()
    assert room.group == before
    for move in (room.group.fail, room.group.lapse, room.group.end, room.group.cancel):
        with pytest.raises(IllegalMove):
            move(room.campaign, room.now)


def test_a_group_closed_by_hand_is_decided_by_what_was_reached():
    room = Room.opened()
    room.buy("usr_1")
    room.now += timedelta(hours=1)
    room.group, moved = room.group.bring_end_forward(room.now)
    assert [event.name for event in moved] == ["group.end_moved"]
    room.decide()
    assert room.group.state is GroupState.FAILED
    again, nothing = room.group.bring_end_forward(room.now)
    assert (again, nothing) == (room.group, [])


def test_thirty_joined_twenty_missing_a_day_left():
    room = Room.opened(quorum=Quorum(Measure.BUYERS, 50))
    room.buy(*(f"usr_{n}" for n in range(30)))
    room.now = END - timedelta(hours=24)
    shown = room.progress()
    assert (shown.joined, shown.missing, shown.seconds_left) == (30, 20, 24 * 3600)
    assert room.group.paid_amount == 30 * PRICE
