"""Two hundred bags, four who hand each over at the same moment: every bag goes out once."""

from collections import Counter

import pytest

from groupbuy.adapters.persistence import open_database
from groupbuy.application import fulfilment, logistics
from groupbuy.application.logistics import Told, ToldEvent
from groupbuy.application.policy import Policy
from groupbuy.application.ports import LoggedEvent, Task
from groupbuy.domain.kernel import IllegalMove, make_id
from groupbuy.domain.logistics import HandOver, Outcome, Proof, Shipment, ShipmentState
from groupbuy.domain.membership import PickupPoint
from groupbuy.domain.ordering import Order, OrderState
from tests.integration.test_barrier_races import RIVALS, RUNS, race, won
from tests.support.rooms import an_order
from tests.support.shop import Shop


@pytest.fixture
def shop(pg_cluster, pg_template):
    with pg_cluster.database(pg_template) as place:
        opened = open_database(place.app_url, pool_size=RIVALS + 4)
        yield Shop(opened.begin, tenant="hands", policy=Policy(provider="memory"))
        opened.close()


def bags(shop):
    """Lay a bag out for every round; its code is its number."""
    merchant, buyer = shop.merchant(), shop.user()
    point = shop.store(PickupPoint(id=shop.ids.new("pup"), name="楼下", region="上海", address="1"))
    made = []
    for number in range(RUNS):
        order = an_order(
            OrderState.FULFILLING,
            id=make_id("ord", millis=1, cell=0, entropy=number),
            merchant_id=merchant.id,
            buyer_id=buyer.id,
            pickup_point_id=point.id,
        )
        made.append(
            Shipment(
                id=make_id("shp", millis=1, cell=0, entropy=number),
                order_id=order.id,
                merchant_id=merchant.id,
                created_at=shop.clock.at,
                pickup_point_id=point.id,
                pickup_code_fingerprint=f"pickup#{order.id}/{number}",
                pickup_code_sealed="",
                state=ShipmentState.READY,
            )
        )
        shop.store(order, made[-1])
    return point, made


def test_two_devices_a_repeat_and_somebody_online_hand_every_bag_over_once(shop):
    point, made = bags(shop)
    system = shop.system()
    signed = shop.desk.run(system, lambda w: logistics.offline_list(w, point.id)).signature

    def device(name):
        told = Told(point.id, name, shop.clock.at, signed)

        def tell(number):
            event = ToldEvent(f"e{number}", made[number].id, Proof.CODE, str(number), shop.clock.at)
            return shop.desk.run(system, lambda w: logistics.merge_event(w, told, event)).outcome

        return tell

    def online(number):
        bag = made[number]
        return shop.desk.run(system, lambda w: fulfilment.collect(w, bag.order_id, str(number)))

    rounds = race(device("one"), device("one"), device("two"), online)
    for one, again, two, by_hand in rounds:
        handed = [o for o in (one, again, two) if o is Outcome.RECORDED]
        handed += won([by_hand])
        assert len(handed) == 1
        assert isinstance(by_hand, IllegalMove | Shipment)
        if Outcome.RECORDED in (one, again):
            assert {one, again} == {Outcome.RECORDED, Outcome.REPEATED}
            assert two is Outcome.CONFLICT
        else:
            assert (one, again) == (Outcome.CONFLICT, Outcome.CONFLICT)
    assert len(shop.all(HandOver)) == RUNS
    assert all(each.state is ShipmentState.COLLECTED for each in shop.all(Shipment))
    assert all(each.delivered_at is not None for each in shop.all(Order))
    happened = Counter(e.name for e in shop.all(LoggedEvent))
    assert happened["shipment.collected"] == happened["order.delivered"] == RUNS
    assert len(shop.all(Task, topic="complete")) == RUNS
