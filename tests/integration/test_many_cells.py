"""A shop spread over many cells works as one: nobody has to know where anything lives."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.adapters import persistence
from groupbuy.application import orders
from groupbuy.application.ports import Query, Task
from groupbuy.application.ports.tenancy import NOTICED_WITHIN, Tenant
from groupbuy.application.relay import claim
from groupbuy.application.write_path import Kit
from groupbuy.domain.campaigns import GroupState
from groupbuy.domain.kernel import cell_of
from groupbuy.domain.ordering import OrderState
from tests.support.shop import NOON, TENANT, Shop

CELLS = 7


@pytest.fixture(params=["sqlite_url", "pg_database"])
def database(request):
    place = request.getfixturevalue(request.param)
    opened = persistence.open_database(getattr(place, "app_url", place))
    yield opened
    opened.close()


@pytest.fixture
def shop(database):
    database.put_tenant(Tenant(TENANT, cells=CELLS, cells_since=NOON - timedelta(days=1)))
    made = Shop(begin=database.begin)
    kit = made.kit
    made.kit = Kit(kit.clock, kit.ids, kit.vault, kit.policy, database.spread)
    made.desk = evolve(made.desk, kit=made.kit)
    made.relay = made.a_relay()
    return made


def test_campaigns_are_spread_and_what_is_theirs_stays_with_them(shop):
    campaigns = [shop.campaign() for _ in range(CELLS)]
    assert len({cell_of(each.id) for each in campaigns}) > 1
    for campaign in campaigns:
        joined = shop.join(campaign)
        assert {cell_of(key) for key in (joined.order.id, joined.payment.id)} == {
            cell_of(campaign.id)
        }


def test_a_buyer_sees_the_orders_of_all_cells(shop):
    who = shop.shopper()
    joined = [shop.join(shop.campaign(), who) for _ in range(CELLS)]
    newest = Query().sorted("-created_at").page(CELLS)
    found = shop.desk.read(who, lambda work: orders.my_orders(work, newest))
    assert {view.id for view in found} == {each.order.id for each in joined}


def test_groups_of_all_cells_form_and_fail_by_themselves(shop):
    full, thin = [shop.campaign() for _ in range(CELLS)], shop.campaign()
    joined = [shop.join_and_pay(campaign, 3) for campaign in full]
    alone = shop.join_and_pay(thin)[0]
    shop.pass_time(days=3)
    assert {shop.group(campaign).state for campaign in full} == {GroupState.ENDED}
    assert {shop.order(j).state for group in joined for j in group} == {OrderState.CONFIRMED}
    assert shop.order(alone).state is OrderState.CLOSED
    assert shop.trouble == []


def test_due_tasks_are_claimed_cell_by_cell_and_no_more_than_asked_for(shop, database):
    for _ in range(CELLS):
        shop.join(shop.campaign())
    shop.clock.forward(hours=2)
    database.counter.texts = []
    taken = shop.desk.run(shop.system(), lambda work: claim(work, 5))
    texts, database.counter.texts = database.counter.texts, None
    assert len(taken) == 5
    locking = [text for text in texts if "SKIP LOCKED" in text]
    assert all("AND cell = %s" in text for text in locking)
    rest = shop.desk.run(shop.system(), lambda work: claim(work, 100))
    assert not {task.id for task in rest} & {task.id for task in taken}
    assert {cell_of(task.id) for task in [*taken, *rest]} == {
        cell_of(task.id) for task in shop.all(Task, state="pending")
    }


def test_nothing_goes_to_new_cells_before_everybody_looks_there():
    raised = Tenant(TENANT, cells=CELLS, cells_since=NOON)
    assert raised.spread(NOON) == 1
    assert raised.spread(NOON + NOTICED_WITHIN) == CELLS
    assert Tenant(TENANT, cells=CELLS).spread(NOON) == CELLS


def test_a_raised_number_is_stored_with_its_moment(database):
    raised = Tenant(TENANT, cells=CELLS, cells_since=NOON)
    database.put_tenant(raised)
    assert database.tenants() == [raised]
    assert database.spread(TENANT, NOON) == 1
    assert database.spread("somebody else", NOON) == 1
