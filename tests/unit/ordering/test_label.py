"""The one label people see of an order, for every state, parcel and refund there can be."""

from itertools import chain, combinations, product

import pytest

from groupbuy.domain.logistics import ShipmentState
from groupbuy.domain.ordering import (
    TEXTS,
    Correction,
    Label,
    OrderState,
    label_of,
)
from groupbuy.domain.payments import RefundState
from tests.support.rooms import START, an_order

PARCELS = [state.value for state in ShipmentState]
SOME_PARCELS = [[], *([p] for p in PARCELS), *map(list, combinations(PARCELS, 2))]
OPEN = [state.value for state in RefundState if state is not RefundState.SUCCEEDED]
DONE = ["succeeded"]
ARRIVED = {"delivered", "collected"}
LEFT_OUT = {"returned", "void"}


def arrival(parcels):
    """When everything that is not left out has arrived."""
    waited_for = set(parcels) - LEFT_OUT
    return START if waited_for and waited_for <= ARRIVED else None


def every_case():
    wishes = (None, Correction("门牌号?", START))
    for state, parcels, correction in product(OrderState, SOME_PARCELS, wishes):
        order = an_order(state, correction=correction, delivered_at=arrival(parcels))
        for refunds in ([], DONE, DONE * 2, *([state] for state in OPEN), [*DONE, OPEN[0]]):
            yield order, parcels, refunds


def test_every_order_has_exactly_one_label_whatever_happened_to_it():
    labels = [label_of(*case) for case in every_case()]
    assert len(labels) > 5_000
    assert set(labels) == set(Label)


def test_every_label_has_a_text_in_both_languages():
    assert set(TEXTS) == set(Label)
    assert all(all(texts) for texts in TEXTS.values())
    assert len(set(TEXTS.values())) == len(Label)


def test_an_open_refund_wins_over_everything_else():
    cases = [case for case in every_case() if set(case[2]) - set(DONE)]
    assert {label_of(*case) for case in cases} == {Label.REFUNDING}


def test_parcels_matter_only_while_an_order_is_on_its_way():
    for order, parcels, refunds in every_case():
        if order.state is not OrderState.FULFILLING:
            assert label_of(order, parcels, refunds) is label_of(order, [], refunds)


@pytest.mark.parametrize(
    ("state", "label"),
    [
        (OrderState.AWAITING_PAYMENT, "待支付"),
        (OrderState.PLACED, "已支付·待成团"),
        (OrderState.CONFIRMED, "待审核"),
        (OrderState.APPROVED, "已审核"),
        (OrderState.COMPLETED, "已完成"),
        (OrderState.EXPIRED, "已关闭"),
        (OrderState.CLOSED, "已关闭"),
    ],
)
def test_an_order_nothing_was_sent_or_refunded_of_is_labelled_by_its_state(state, label):
    assert TEXTS[label_of(an_order(state), [], [])][0] == label


def test_an_order_to_be_corrected_says_so():
    order = an_order(OrderState.CONFIRMED, correction=Correction("门牌号?", START))
    assert label_of(order, [], []) is Label.TO_CORRECT


LEAST_ADVANCED_FIRST = [
    ({"exception", "returning"}, Label.PARCEL_EXCEPTION),
    ({"packed"}, Label.APPROVED),
    ({"shipped"}, Label.SHIPPED),
    ({"in_transit"}, Label.IN_TRANSIT),
    ({"ready"}, Label.READY_FOR_PICKUP),
    (ARRIVED, Label.DELIVERED),
]


@pytest.mark.parametrize("refunds", [[], DONE], ids=["untouched", "partly refunded"])
def test_trouble_and_then_the_least_advanced_parcel_labels_an_order_on_its_way(refunds):
    many = chain.from_iterable(combinations(PARCELS, size) for size in (1, 2, 3))
    for parcels in many:
        order = an_order(OrderState.FULFILLING, delivered_at=arrival(parcels))
        counted = set(parcels) - LEFT_OUT
        wanted = next(
            (label for states, label in LEAST_ADVANCED_FIRST if states & counted), Label.APPROVED
        )
        if "returned" in parcels and order.delivered_at is None:
            wanted = Label.PARCEL_EXCEPTION
        if wanted is Label.DELIVERED and refunds:
            wanted = Label.PARTLY_REFUNDED
        assert label_of(order, parcels, refunds) is wanted


def test_a_closed_order_that_got_its_money_back_is_refunded():
    assert label_of(an_order(OrderState.CLOSED), [], DONE) is Label.REFUNDED
    assert label_of(an_order(OrderState.COMPLETED), ["delivered"], DONE) is Label.PARTLY_REFUNDED


def test_a_void_parcel_is_as_good_as_absent():
    for order, parcels, refunds in every_case():
        rest = [state for state in parcels if state != "void"]
        assert label_of(order, parcels, refunds) is label_of(order, rest, refunds)


def test_a_parcel_that_came_back_is_trouble_until_its_replacement_arrives():
    waiting = an_order(OrderState.FULFILLING)
    assert label_of(waiting, ["returned"], []) is Label.PARCEL_EXCEPTION
    assert label_of(waiting, ["returned", "in_transit"], []) is Label.PARCEL_EXCEPTION
    arrived = an_order(OrderState.FULFILLING, delivered_at=START)
    assert label_of(arrived, ["returned", "delivered"], []) is Label.DELIVERED
