"""Segments on every engine: who is meant, previewed, kept and counted again."""

from datetime import timedelta

import pytest

from groupbuy.application import segments
from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.kernel import Forbidden, Invalid, NotFound, Refused
from groupbuy.domain.membership import LoginSession, Role
from groupbuy.domain.segments import Segment, SegmentMember
from tests.support.reporting import feed, give_back
from tests.support.shelf import create, operator, put_category


@pytest.fixture
def goods(shop):
    """Milk below 母婴 and peaches below 水果; two bought milk, one of them peaches as well."""
    shop.merchant()
    baby, fruit = put_category(shop, "母婴"), put_category(shop, "水果")
    milk = create(shop, put_category(shop, "奶粉", baby), 1, price=10_000)
    peach = create(shop, fruit, 2, price=5_000)
    shop.baby, shop.fruit, shop.milk = baby, fruit, milk
    shop.people = [shop.user(roles=frozenset({Role.SHOPPER})) for _ in range(3)]
    shop.joined = buy(shop, milk, shop.people[:2])
    buy(shop, peach, shop.people[1:])
    feed(shop)
    return milk, peach


def buy(shop, view, people, **more):
    campaign = shop.campaign(view.variants[0], quorum=Quorum(Measure.BUYERS, 1), **more)
    joined = [shop.join(campaign, shop.caller(each.id, Role.SHOPPER)) for each in people]
    for each in joined:
        shop.pay(each)
    shop.rest()
    return joined


def made(shop, who, by=None, name="母婴买家"):
    by = by or shop.merchant_caller()
    return shop.desk.run(by, lambda work: segments.create_segment(work, name, who))


def preview(shop, who, by=None):
    by = by or shop.merchant_caller()
    return shop.desk.read(by, lambda work: segments.preview_who(work, who))


def members(shop, segment):
    def read(work):
        query = Query().where(segment_id=segment.id)
        return {each.user_id for each in every(work.of(SegmentMember), query) if each.inside}

    return shop.desk.read(shop.system(), read)


def test_buyers_of_a_category_are_those_of_everything_below_it(shop, goods):
    found = preview(shop, {"category": shop.baby.id})

    assert (found.count, found.out_of) == (2, 3)
    assert found.zh == "买过“母婴”类商品"
    assert found.en == "bought something of “母婴”"
    assert [(each.initial, each.orders) for each in found.sample] in (
        [("王", 2), ("王", 1)],
        [("王", 1), ("王", 2)],
    )


def test_predicates_meet_what_was_bought_when_and_for_how_much(shop, goods):
    assert preview(shop, {"orders_at_least": 2}).count == 1
    assert preview(shop, {"spent_at_least": 8_000}).count == 2
    assert preview(shop, {"not": {"product": goods[0].id}}).count == 1
    assert preview(shop, {"bought_within_days": 1}).count == 3
    assert preview(shop, {"value": [4, 5]}).count == 1
    shop.clock.at += timedelta(days=40)
    assert preview(shop, {"bought_within_days": 30}).count == 0


def test_who_was_here_lately_is_told_by_their_logins(shop, goods):
    here, now = shop.people[0], shop.clock.at
    shop.store(LoginSession("tok", here.id, now, now, now + timedelta(days=30)))

    assert preview(shop, {"seen_within_days": 1}).count == 1
    assert preview(shop, {"not": {"seen_within_days": 1}}).count == 2


def test_a_community_is_a_leader_or_what_their_neighbours_call_themselves(shop, goods):
    leader = shop.leader(communities=("宝妈群",))
    buy(shop, goods[1], shop.people[:1], leader=leader)
    feed(shop)

    assert preview(shop, {"community": "宝妈群"}).count == 1
    assert preview(shop, {"community": leader.id}).count == 1
    assert preview(shop, {"community": "健身群"}).count == 0


def test_a_segment_is_counted_once_it_is_made_and_again_as_people_buy_and_return(shop, goods):
    kept = made(shop, {"category": shop.baby.id})
    shop.work_off()
    assert members(shop, kept) == {each.id for each in shop.people[:2]}
    assert shop.get(Segment, kept.id).members == 2

    assert give_back(shop, shop.joined[0], 1)
    shop.rest()
    buy(shop, goods[0], shop.people[2:])
    feed(shop)

    assert segments.count_due(shop.desk, shop.tenant) == 2
    assert members(shop, kept) == {each.id for each in shop.people[1:]}
    assert segments.count_due(shop.desk, shop.tenant) == 0


def test_who_is_meant_can_be_said_anew_and_a_removed_segment_is_nobody(shop, goods):
    kept = made(shop, {"category": shop.baby.id})
    shop.work_off()
    edit = {"category": shop.fruit.id}
    by = shop.merchant_caller()

    after = shop.desk.run(by, lambda w: segments.edit_segment(w, kept.id, "水果买家", edit))
    assert (after.name, after.counted_at) == ("水果买家", None)
    shop.work_off()
    assert members(shop, kept) == {each.id for each in shop.people[1:]}

    shop.desk.run(by, lambda w: segments.remove_segment(w, kept.id))
    shop.work_off()
    assert members(shop, kept) == set()
    with pytest.raises(NotFound):
        shop.desk.read(by, lambda w: segments.segment_of(w, kept.id))


def test_a_merchant_sees_their_own_customers_and_an_operator_all(shop, goods):
    kept = made(shop, {"orders_at_least": 1})
    other = shop.caller("usr_other", Role.MERCHANT, merchant_id="mch_other")

    assert preview(shop, {"orders_at_least": 1}, other).out_of == 0
    assert preview(shop, {"orders_at_least": 1}, operator(shop)).out_of == 3
    with pytest.raises(NotFound):
        shop.desk.read(other, lambda w: segments.preview_segment(w, kept.id))
    with pytest.raises(Forbidden):
        preview(shop, {"orders_at_least": 1}, shop.caller("usr_x", Role.SHOPPER))


def test_what_makes_no_sense_or_does_not_exist_is_refused(shop, goods):
    with pytest.raises(Invalid, match="name"):
        made(shop, {"tag": "vip"}, name=" ")
    with pytest.raises(Invalid, match="colour"):
        made(shop, {"colour": "red"})
    with pytest.raises(NotFound):
        made(shop, {"category": "cat_none"})


def test_more_orders_than_somebody_waits_for_are_left_to_the_worker(shop, goods):
    with pytest.raises(Refused) as refusal:
        shop.desk.read(shop.system(), lambda w: segments.customers(w, None, (), 3))
    assert refusal.value.rule == "segments_are_counted_by_the_worker"
    assert len(shop.desk.read(shop.system(), lambda w: segments.customers(w, None, (), 4))) == 3
