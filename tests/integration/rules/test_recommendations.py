"""Recommendations on every engine: bought together, for somebody, near them, popular."""

import pytest

from groupbuy.application import discovery
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.catalogue import ProductMove
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.membership import Role
from tests.support.discovery import follow
from tests.support.shelf import create, move, put_category


@pytest.fixture
def goods(shop):
    """Six products; the first two are bought by the same four people, the third by two of them."""
    shop.merchant()
    fruit = put_category(shop, "水果")
    made = [create(shop, fruit, number) for number in range(1, 7)]
    shop.people = [shop.user(roles=frozenset({Role.SHOPPER})) for _ in range(4)]
    buy(shop, made[0], shop.people)
    buy(shop, made[1], shop.people)
    buy(shop, made[2], shop.people[:2])
    follow(shop)
    return made


def buy(shop, view, people, **more):
    campaign = shop.campaign(view.variants[0], quorum=Quorum(Measure.BUYERS, 1), **more)
    for each in people:
        shop.pay(shop.join(campaign, shop.caller(each.id, Role.SHOPPER)))
    shop.rest()


def bought_with(shop, view, limit=10):
    nobody = shop.caller("")
    return shop.desk.read(nobody, lambda work: discovery.bought_with(work, view.id, limit))


def for_you(shop, user=None, limit=10, **more):
    who = shop.caller(user.id, Role.SHOPPER) if user else shop.caller("")
    return shop.desk.read(who, lambda work: discovery.for_you(work, limit, **more))


def ids(slots):
    return [slot.shelved.id for slot in slots]


def test_what_the_same_people_bought_is_shown_with_how_many(shop, goods):
    (slot,) = bought_with(shop, goods[0])
    assert slot.shelved.id == goods[1].id
    assert slot.why.zh == "买过“脐橙 1”的人中有 4 人也买了"
    assert slot.why.en == "4 people who bought “脐橙 1” bought this as well"
    assert bought_with(shop, goods[2]) == []
    assert bought_with(shop, goods[4]) == []
    move(shop, goods[1], ProductMove.DELIST)
    assert bought_with(shop, goods[0]) == []
    with pytest.raises(NotFound):
        bought_with(shop, goods[1])


def test_what_belongs_together_comes_before_what_everybody_buys(shop, goods):
    buy(shop, goods[3], [*shop.people, *(shop.user() for _ in range(3))])
    follow(shop)
    assert ids(bought_with(shop, goods[0])) == [goods[1].id, goods[3].id]
    assert ids(bought_with(shop, goods[0], limit=1)) == [goods[1].id]


def test_what_suits_somebody_follows_from_what_they_bought(shop, goods):
    new = shop.user(roles=frozenset({Role.SHOPPER}))
    buy(shop, goods[0], [new])
    follow(shop)
    found = for_you(shop, new)
    assert found.personal
    # First what goes with it, then what is hot; never what they have.
    assert ids(found.slots) == [goods[1].id, goods[2].id]
    assert [slot.why.code for slot in found.slots] == ["also_bought", "hot"]
    assert ids(for_you(shop, new, limit=1).slots) == [goods[1].id]


def test_the_neighbours_come_before_everybody_else(shop, goods):
    leader = shop.leader()
    near = [shop.user(roles=frozenset({Role.SHOPPER})) for _ in range(3)]
    buy(shop, goods[4], near, leader=leader)
    new = shop.user(roles=frozenset({Role.SHOPPER}))
    buy(shop, goods[5], [new], leader=leader)
    follow(shop)
    found = for_you(shop, new, limit=3)
    assert ids(found.slots)[0] == goods[4].id
    assert found.slots[0].why.code == "hot_here"
    assert [slot.why.code for slot in found.slots[1:]] == ["hot", "hot"]


def test_without_a_history_or_unwished_it_is_what_is_popular(shop, goods):
    popular = ids(for_you(shop).slots)
    assert popular[:2] == sorted([goods[0].id, goods[1].id], reverse=True)
    assert ids(for_you(shop, shop.user()).slots) == popular
    mine = for_you(shop, shop.people[0], personal=False)
    assert (ids(mine.slots), mine.personal) == (popular, False)
    assert {slot.why.code for slot in mine.slots} == {"hot"}
