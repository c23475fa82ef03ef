"""Parcels hear the carrier's news in any order; bags are handed out against their code."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.kernel import IllegalMove, Invalid, Refused
from groupbuy.domain.logistics import (
    PICKUP_TRIES,
    SHIPMENT,
    Shipment,
    ShipmentState,
    TraceEntry,
    all_arrived,
    check_number,
)
from tests.support.rooms import START


def at(minutes):
    return START + timedelta(minutes=minutes)


def news(*words):
    """One report of a carrier: everything it knows so far, the newest last."""
    steps = tuple(TraceEntry(at(minute), f"{state} {minute}", state) for minute, state in words)
    return words[-1][1], steps


def a_parcel():
    return Shipment("shp_1", "ord_1", "mch_1", START).ship(START)[0]


def a_bag():
    bag = Shipment("shp_1", "ord_1", "mch_1", START, pickup_code_fingerprint="right")
    return bag.make_ready(START)[0]


def heard(parcel, *reports):
    for report in reports:
        parcel, _ = parcel.hear(*report, at(999))
    return parcel


# --- news ------------------------------------------------------------------------------------


def test_a_parcel_travels_and_is_signed_for():
    parcel = heard(a_parcel(), news((1, "in_transit")), news((1, "in_transit"), (2, "delivered")))
    assert parcel.state is ShipmentState.DELIVERED
    assert [step.state for step in parcel.trace] == ["in_transit", "delivered"]


@pytest.mark.parametrize("word", ["labelled", "picked_up", "out_for_delivery", "signed?", ""])
def test_only_a_signature_delivers(word):
    parcel, events = a_parcel().hear(*news((1, word)), at(999))
    assert (parcel.state, events) == (ShipmentState.SHIPPED, [])
    assert len(parcel.trace) == 1


def test_news_heard_twice_is_kept_once_and_moves_nothing():
    once = heard(a_parcel(), news((1, "in_transit")))
    again, events = once.hear(*news((1, "in_transit")), at(999))
    assert (again, events) == (once, [])


def test_older_news_is_kept_and_does_not_move_the_parcel_back():
    parcel = heard(a_parcel(), news((1, "in_transit")), news((5, "exception")))
    after, events = parcel.hear(*news((3, "in_transit")), at(999))
    assert (after.state, events) == (ShipmentState.EXCEPTION, [])
    assert [step.at for step in after.trace] == [at(1), at(3), at(5)]


def test_older_trouble_does_not_overtake_newer_news_that_changed_nothing():
    parcel = heard(a_parcel(), news((1, "in_transit")), news((9, "in_transit")))
    assert heard(parcel, news((5, "exception"))).state is ShipmentState.IN_TRANSIT


def test_a_signature_counts_even_when_newer_trouble_was_heard_first():
    parcel = heard(a_parcel(), news((5, "exception")))
    signed = heard(parcel, news((3, "delivered")))
    assert (signed.state, signed.last_word_at) == (ShipmentState.DELIVERED, at(5))


def test_trouble_can_be_overcome():
    parcel = heard(a_parcel(), news((1, "exception")), news((2, "in_transit")))
    assert parcel.state is ShipmentState.IN_TRANSIT


def test_what_was_signed_for_stays_signed_for():
    parcel = heard(a_parcel(), news((2, "delivered")))
    for word in ("in_transit", "exception", "returning", "returned", "delivered"):
        after, events = parcel.hear(*news((9, word)), at(999))
        assert (after.state, events) == (ShipmentState.DELIVERED, [])


def test_a_parcel_on_its_way_back_is_not_delivered():
    parcel = heard(a_parcel(), news((1, "returning")))
    assert heard(parcel, news((2, "delivered"))).state is ShipmentState.RETURNING
    assert heard(parcel, news((2, "returned"))).state is ShipmentState.RETURNED


def test_full_traces_end_the_same_in_whatever_order_they_come():
    story = [(1, "in_transit"), (2, "exception"), (3, "in_transit"), (4, "delivered")]
    reports = [news(*story[: length + 1]) for length in range(len(story))]
    parcels = {heard(a_parcel(), *order).state for order in permutations(reports)}
    assert parcels == {ShipmentState.DELIVERED}


@pytest.mark.parametrize("before", [(), ("in_transit",), ("exception",), ("returning",)])
def test_a_parcel_that_came_back_is_back_whatever_was_heard_before(before):
    parcel = heard(a_parcel(), *(news((1, word)) for word in before))
    back, events = parcel.hear(*news((2, "returned")), at(999))
    assert back.state is ShipmentState.RETURNED
    assert [event.name for event in events] == ["shipment.returned"]


@pytest.mark.parametrize("before", [(), ("in_transit",), ("exception",), ("returning",)])
def test_a_parcel_on_its_way_may_be_void_and_then_hears_nothing_more(before):
    parcel = heard(a_parcel(), *(news((1, word)) for word in before))
    void, events = parcel.void(at(2))
    assert (void.state, [event.name for event in events]) == (ShipmentState.VOID, ["shipment.void"])
    assert void.hear(*news((3, "delivered")), at(999)) == (void, [])


@pytest.mark.parametrize("word", ["delivered", "returned"])
def test_what_arrived_or_came_back_is_not_void(word):
    with pytest.raises(IllegalMove):
        heard(a_parcel(), news((1, word))).void(at(2))
    with pytest.raises(IllegalMove):
        a_bag().void(at(2))


@pytest.mark.parametrize(
    ("states", "arrived"),
    [
        (["delivered"], True),
        (["delivered", "returned", "void"], True),
        (["collected"], True),
        (["delivered", "shipped"], False),
        (["delivered", "exception", "void"], False),
        (["returned", "void"], False),
        ([], False),
    ],
)
def test_an_order_arrived_with_everything_somebody_still_waits_for(states, arrived):
    assert all_arrived(map(ShipmentState, states)) is arrived


@pytest.mark.parametrize(
    ("carrier", "number", "field"),
    [
        ("sf", "=1+1", "tracking_number"),
        ("sf", "", "tracking_number"),
        ("sf", "SF1\n", "tracking_number"),
        ("sf", "1" * 41, "tracking_number"),
        ("sf/../x", "SF1", "carrier"),
        ("SF", "SF1", "carrier"),
        ("", "SF1", "carrier"),
        ("顺丰", "SF1", "carrier"),
    ],
)
def test_what_names_no_parcel_is_refused_by_its_field(carrier, number, field):
    with pytest.raises(Invalid) as refusal:
        check_number(carrier, number)
    assert refusal.value.field == field


def test_the_longest_number_is_fine():
    check_number("a_-" + "9" * 37, "Zz-" + "0" * 37)


WORDS = ["in_transit", "exception", "returning", "returned", "delivered", "labelled"]


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(WORDS)), max_size=12))
def test_whatever_is_heard_a_parcel_that_ended_never_moves_again(words):
    parcel = a_parcel()
    for word in words:
        before = parcel
        parcel, events = parcel.hear(*news(word), at(999))
        assert len(parcel.trace) >= len(before.trace)
        assert bool(events) == (parcel.state is not before.state)
        if before.state in SHIPMENT.final:
            assert parcel.state is before.state
        if parcel.state is ShipmentState.DELIVERED:
            assert "delivered" in {step.state for step in parcel.trace}


# --- bags ------------------------------------------------------------------------------------


def test_a_bag_is_handed_out_against_its_code_once():
    bag, events = a_bag().collect("right", START)
    assert bag.state is ShipmentState.COLLECTED
    assert [event.name for event in events] == ["shipment.collected"]
    with pytest.raises(IllegalMove):
        bag.collect("right", START)
    with pytest.raises(Refused):
        bag.collect("wrong", START)


def test_the_last_try_may_still_be_right():
    bag = a_bag()
    for number in range(1, PICKUP_TRIES):
        bag, events = bag.collect("wrong", START)
        assert (bag.state, bag.pickup_tries, events) == (ShipmentState.READY, number, [])
    assert bag.collect("right", START)[0].state is ShipmentState.COLLECTED


def test_after_too_many_wrong_codes_not_even_the_right_one_opens():
    bag = a_bag()
    for _ in range(PICKUP_TRIES):
        bag, _ = bag.collect("wrong", START)
    with pytest.raises(Refused) as refusal:
        bag.collect("right", START)
    assert refusal.value.rule == "pickup_tries_left"


def test_a_bag_that_is_not_ready_is_not_handed_out():
    bag = Shipment("shp_1", "ord_1", "mch_1", START, pickup_code_fingerprint="right")
    with pytest.raises(IllegalMove):
        bag.collect("right", START)
    with pytest.raises(Refused) as refusal:
        bag.collect("wrong", START)
    assert refusal.value.rule == "the_bag_is_ready"


def test_a_new_code_opens_a_bag_whose_tries_are_used_up_and_the_old_one_no_longer():
    bag = a_bag()
    for _ in range(PICKUP_TRIES):
        bag, _ = bag.collect("wrong", START)
    renewed, events = bag.renew_code("newer", "sealed", START)
    assert (renewed.state, renewed.pickup_tries) == (ShipmentState.READY, 0)
    assert (renewed.pickup_code_sealed, events[0].name) == ("sealed", "shipment.code_renewed")
    assert renewed.collect("right", START)[0].state is ShipmentState.READY
    assert renewed.collect("newer", START)[0].state is ShipmentState.COLLECTED


def test_a_bag_that_was_handed_out_gets_no_new_code():
    with pytest.raises(IllegalMove):
        a_bag().collect("right", START)[0].renew_code("newer", "sealed", START)
