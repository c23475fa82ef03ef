"""Invariant 20: in which order the events of a thing may stand in the log."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.application import invariants
from groupbuy.application.invariants import check_all
from groupbuy.domain.campaigns import Measure, Quorum
from tests.support.shop import Shop


@pytest.fixture(scope="module")
def lived():
    """Evidence of a shop with a formed group and a failed one, all refunded."""
    shop = Shop()
    shop.join_and_pay(shop.campaign(quorum=Quorum(Measure.BUYERS, 2)), 2)
    shop.join_and_pay(shop.campaign(quorum=Quorum(Measure.BUYERS, 5)), 2)
    shop.work_off()
    shop.pass_time(days=3, minutes=30)
    return shop.desk.read(shop.system(), invariants.read_evidence)


def found(evidence):
    return {finding.invariant for finding in check_all(evidence)}


def with_lives(evidence, change):
    """Return the evidence with the events of its orders changed, all others before them."""
    orders = {order.id for order in evidence.books.orders}
    mine = [event for event in evidence.events if event.subject in orders]
    others = [event for event in evidence.events if event.subject not in orders]
    assert len(mine) > 8
    return evolve(evidence, events=[*others, *change(mine)])


def test_events_of_one_instant_may_stand_in_any_order(lived):
    """Two processes wrote them down, and their ids do not say which came first."""
    turned = with_lives(lived, lambda mine: [evolve(e, at=lived.now) for e in reversed(mine)])
    assert found(turned) == set()


@pytest.mark.parametrize("name", ["order.confirmed", "order.closed"])
def test_a_missing_one_is_seen_among_events_of_one_instant(lived, name):
    def robbed(mine):
        gone = next(event for event in mine if event.name == name)
        return [evolve(e, at=lived.now) for e in reversed(mine) if e is not gone]

    assert 20 in found(with_lives(lived, robbed))


def test_a_doubled_one_is_seen_among_events_of_one_instant(lived):
    def doubled(mine):
        again = next(event for event in mine if event.name == "order.confirmed")
        return [evolve(e, at=lived.now) for e in (*mine, again)]

    assert 20 in found(with_lives(lived, doubled))


def test_events_of_different_instants_must_stand_in_their_order(lived):
    def spread(mine):
        turned = enumerate(reversed(mine))
        return [evolve(e, at=lived.now + timedelta(seconds=n)) for n, e in turned]

    assert found(with_lives(lived, spread)) == {20}
