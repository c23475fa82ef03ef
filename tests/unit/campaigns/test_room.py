"""Who gets a seat, for how long, and how many: capacity, limits, windows, holds."""

from datetime import timedelta

import pytest

from groupbuy.domain.campaigns import (
    Capacity,
    GroupState,
    Limits,
    Measure,
    SeatMove,
    SeatState,
)
from groupbuy.domain.kernel import IllegalMove, Invalid, Refused
from tests.support.rooms import END, START, TICK, Room


def refused(rule, act, *args, **more):
    with pytest.raises(Refused) as refusal:
        act(*args, **more)
    assert refusal.value.rule == rule


# --- capacity --------------------------------------------------------------------------------


def test_the_last_seat_of_ten_goes_to_the_tenth_buyer():
    room = Room.opened(capacity=Capacity(Measure.BUYERS, 10))
    for number in range(9):
        room.hold(f"usr_{number}")
    assert room.progress().seats_left == 1
    room.hold("usr_9")
    assert room.progress().seats_left == 0
    refused("seats_left", room.hold, "usr_10")


def test_a_buyer_with_a_seat_needs_no_second_one_in_a_full_room_of_buyers():
    room = Room.opened(capacity=Capacity(Measure.BUYERS, 3))
    for number in range(3):
        room.hold(f"usr_{number}")
    room.hold("usr_0")
    assert room.group.live_buyers == 3


@pytest.mark.parametrize(("units", "fits"), [(3, True), (4, True), (5, False)])
def test_a_capacity_of_units_is_filled_to_the_last_unit(units, fits):
    room = Room.opened(capacity=Capacity(Measure.UNITS, 10))
    room.hold("usr_1", units=6)
    if fits:
        room.hold("usr_2", units=units)
        assert room.progress().seats_left == 4 - units
    else:
        refused("seats_left", room.hold, "usr_2", units=units)


def test_held_paid_and_confirmed_seats_all_take_room():
    room = Room.opened(capacity=Capacity(Measure.BUYERS, 3))
    paid, _ = room.buy("usr_1", "usr_2")
    room.hold("usr_3")
    assert room.seats[paid].move(SeatMove.CONFIRM).state is SeatState.CONFIRMED
    refused("seats_left", room.hold, "usr_4")


def test_a_released_seat_is_free_for_somebody_else():
    room = Room.opened(capacity=Capacity(Measure.BUYERS, 3))
    seats = [room.hold(f"usr_{number}") for number in range(3)]
    room.release(seats[0], "expired")
    room.hold("usr_9")
    refused("seats_left", room.readmit, seats[0])


def test_a_late_payer_comes_back_while_there_is_room():
    room = Room.opened(capacity=Capacity(Measure.BUYERS, 3))
    seats = [room.hold(f"usr_{number}") for number in range(3)]
    room.release(seats[0], "expired")
    room.readmit(seats[0])
    assert room.seats[seats[0]].state is SeatState.PAID
    assert (room.group.held_seats, room.group.paid_seats) == (2, 1)


def test_the_late_payer_who_meets_the_quorum_forms_the_group():
    room = Room.opened()
    late = room.hold("usr_9")
    room.release(late, "expired")
    room.buy("usr_1", "usr_2")
    room.readmit(late)
    assert room.group.state is GroupState.FORMED


def test_without_a_capacity_everybody_gets_in():
    room = Room.opened()
    for number in range(200):
        room.hold(f"usr_{number}")
    assert room.progress().seats_left is None


# --- limits ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("units", "fits"), [(1, True), (2, True), (3, False)])
def test_one_order_holds_at_most_its_units(units, fits):
    room = Room.opened(limits=Limits(units_per_order=2))
    if fits:
        room.hold("usr_1", units=units)
    else:
        refused("within_order_limit", room.hold, "usr_1", units=units)
    assert room.group.live_units == (units if fits else 0)


@pytest.mark.parametrize(("more", "fits"), [(1, True), (2, True), (3, False)])
def test_all_orders_of_a_buyer_hold_at_most_their_units(more, fits):
    room = Room.opened(limits=Limits(units_per_buyer=5))
    room.hold("usr_1", units=3)
    room.hold("usr_2", units=5)
    if fits:
        room.hold("usr_1", units=more)
    else:
        refused("within_buyer_limit", room.hold, "usr_1", units=more)


def test_a_buyer_has_at_most_so_many_orders_and_given_up_ones_do_not_count():
    room = Room.opened(limits=Limits(orders_per_buyer=2))
    first = room.hold("usr_1")
    room.buy("usr_1")
    refused("within_buyer_limit", room.hold, "usr_1")
    room.release(first, "expired")
    room.hold("usr_1")
    refused("within_buyer_limit", room.readmit, first)


def test_an_order_holds_at_least_one_unit():
    with pytest.raises(Invalid):
        Room.opened().hold("usr_1", units=0)


@pytest.mark.parametrize("name", ["units_per_buyer", "units_per_order", "orders_per_buyer"])
def test_a_limit_of_nothing_makes_no_sense(name):
    Limits(**{name: 1})
    with pytest.raises(Invalid) as error:
        Limits(**{name: 0})
    assert error.value.field == f"limits.{name}"


def test_room_counts_buyers_or_units_and_never_money():
    with pytest.raises(Invalid):
        Capacity(Measure.AMOUNT, 1)
    with pytest.raises(Invalid):
        Capacity(Measure.UNITS, 0)


# --- the window ------------------------------------------------------------------------------


def test_selling_begins_at_the_start_itself():
    room = Room.opened()
    room.now = START - TICK
    refused("selling_has_begun", room.hold, "usr_1")
    room.now = START
    room.hold("usr_1")


def test_nobody_joins_at_the_end():
    room = Room.opened()
    room.now = END - TICK
    room.hold("usr_1")
    room.now = END
    refused("before_the_end", room.hold, "usr_2")


def test_nobody_comes_back_at_the_end():
    room = Room.opened()
    seat = room.hold("usr_1")
    room.release(seat, "expired")
    room.now = END
    refused("before_the_end", room.readmit, seat)


def test_a_hold_lasts_as_long_as_the_campaign_says():
    room = Room.opened(hold_minutes=7)
    seat = room.hold("usr_1")
    assert room.seats[seat].held_until == START + timedelta(minutes=7)


@pytest.mark.parametrize("before", [timedelta(minutes=15), timedelta(minutes=14), TICK])
def test_a_hold_never_lasts_beyond_the_end(before):
    room = Room.opened()
    room.now = END - before
    seat = room.hold("usr_1")
    assert room.seats[seat].held_until == END


def test_nobody_joins_while_payments_are_made_certain():
    room = Room.opened()
    room.hold("usr_1")
    room.now = END
    room.decide()
    assert room.group.state is GroupState.CLOSING
    with pytest.raises(IllegalMove):
        room.hold("usr_2")


def test_a_seat_is_paid_once():
    room = Room.opened()
    (seat,) = room.buy("usr_1")
    with pytest.raises(IllegalMove):
        room.pay(seat)
    assert room.group.paid_seats == 1


def test_a_seat_is_given_up_once():
    room = Room.opened()
    seat = room.hold("usr_1")
    room.release(seat)
    with pytest.raises(IllegalMove):
        room.release(seat)
    assert (room.group.held_seats, room.group.live_buyers) == (0, 0)
