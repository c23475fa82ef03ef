"""Points from the payment to their end, the same on every database."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.application import aftersale, points
from groupbuy.application.aftersale import UnitsBack
from groupbuy.application.ports import Task
from groupbuy.domain.kernel import Forbidden, Invalid, NotFound
from groupbuy.domain.membership import Role
from groupbuy.domain.points import PointLot, PointLotState, PointMove, PointRules, PointWhy
from tests.support.points import completed, give_points

PRICE = 79_920
POINTS = 799
"""799.20 paid for one unit."""


@pytest.fixture
def paid(shop):
    """The first of three who formed a group."""
    give_points(shop)
    first, *_ = shop.join_and_pay(shop.campaign(), 3)
    shop.rest()
    return first


def held(shop, joined):
    who = shop.caller(joined.order.buyer_id, Role.SHOPPER)
    found = shop.do(who, points.my_points)
    return found.balance, found.pending


def told(shop, joined):
    who = shop.caller(joined.order.buyer_id, Role.SHOPPER)
    return [(m.why, m.points, m.pending) for m in reversed(shop.do(who, points.my_journal, 100))]


def refund(shop, joined, units=None):
    staff = shop.merchant_caller()
    if units is None:
        shop.do(staff, aftersale.refund_order, joined.order.id, "缺货")
    else:
        shop.do(staff, aftersale.refund_units, UnitsBack(joined.order.id, 1, units), "坏了")
    shop.clock.forward(minutes=2)
    shop.rest()


def test_points_are_pending_from_the_payment_and_posted_with_the_completed_order(shop, paid):
    assert held(shop, paid) == (0, POINTS)
    completed(shop, paid)
    shop.rest()
    assert held(shop, paid) == (POINTS, 0)
    assert told(shop, paid) == [
        (PointWhy.GRANTED, 0, POINTS),
        (PointWhy.POSTED, POINTS, -POINTS),
    ]
    assert shop.balances()["points:liability"] == -POINTS
    assert shop.balances()["points:expense"] == POINTS


def test_a_point_may_stand_for_more_than_a_fen_in_the_books(shop):
    give_points(shop, worth=5)
    first, *_ = shop.join_and_pay(shop.campaign(), 3)
    shop.rest()
    completed(shop, first)
    assert shop.balances()["points:liability"] == -5 * POINTS


def test_who_left_or_whose_group_failed_keeps_no_points(shop):
    give_points(shop)
    first, second = shop.join_and_pay(shop.campaign(), 2)
    shop.work_off()
    assert held(shop, first) == (0, POINTS)
    shop.pass_time(days=4)
    shop.rest()
    assert (held(shop, first), held(shop, second)) == ((0, 0), (0, 0))
    assert {lot.state for lot in shop.all(PointLot)} == {PointLotState.VOID}
    assert told(shop, first)[-1] == (PointWhy.TAKEN_BACK, 0, -POINTS)


def test_an_order_refunded_after_its_completion_takes_its_points_back(shop, paid):
    completed(shop, paid)
    refund(shop, paid)
    assert held(shop, paid) == (0, 0)
    assert told(shop, paid)[-1] == (PointWhy.TAKEN_BACK, -POINTS, 0)
    assert shop.balances().get("points:liability", 0) == 0


@pytest.mark.parametrize("way", [(1, 1, 1), (2, 1), (3,)])
def test_whichever_way_units_go_back_the_same_points_go_with_them(shop, way):
    give_points(shop)
    variant = shop.variant(price=1_249, stock=50)
    first, *_ = shop.join_and_pay(
        campaign := shop.campaign(variant), 1, units=7
    ) + shop.join_and_pay(campaign, 2)
    shop.rest()
    base = first.order.lines[0].net.minor
    for units in way:
        refund(shop, first, units)
    assert held(shop, first) == (0, (base - base * 3 // 7) // 100)


def test_points_spent_before_their_order_was_refunded_are_owed(shop, paid):
    completed(shop, paid)
    lot = shop.all(PointLot, owner_id=paid.order.buyer_id)[0]
    assert lot.left == POINTS
    spent = evolve(lot, spent=POINTS)
    back, _ = spent.follow(0, shop.clock.at)
    assert (back.left, back.state) == (-POINTS, PointLotState.POSTED)
    over, _ = back.expire(shop.clock.at)
    assert over.left == -POINTS


def test_points_end_in_time_and_a_refund_after_that_takes_nothing_twice(shop):
    give_points(shop, good_days=1)
    first, *_ = shop.join_and_pay(shop.campaign(), 3)
    shop.rest()
    completed(shop, first)
    who = shop.caller(first.order.buyer_id, Role.SHOPPER)
    soon = shop.do(who, points.my_points)
    posted = shop.all(PointLot, owner_id=first.order.buyer_id)[0].posted_at
    assert (soon.next_points, soon.next_end) == (POINTS, posted + timedelta(days=1))
    shop.pass_time(days=2)
    shop.rest()
    assert held(shop, first) == (0, 0)
    assert told(shop, first)[-1] == (PointWhy.EXPIRED, -POINTS, 0)
    refund(shop, first)
    assert held(shop, first) == (0, 0)
    assert len(told(shop, first)) == 3
    assert shop.balances().get("points:liability", 0) == 0


def test_the_rate_an_order_was_made_with_stays_and_none_earns_none(shop):
    give_points(shop)
    first, *_ = shop.join_and_pay(campaign := shop.campaign(), 3)
    give_points(shop, per_yuan=0)
    (later,) = shop.join_and_pay(campaign, 1)
    shop.rest()
    assert (held(shop, first), held(shop, later)) == ((0, POINTS), (0, 0))
    refund(shop, first)
    assert held(shop, first) == (0, 0)
    topics = {task.subject for task in shop.all(Task, topic="settle_points")}
    assert later.order.id not in topics


def test_a_task_that_comes_twice_or_late_changes_nothing(shop, paid):
    completed(shop, paid)
    for _ in range(2):
        shop.do(shop.system(), points.settle_points, paid.order.id)
        shop.do(shop.system(), points.expire_points, shop.all(PointLot)[0].id)
    shop.do(shop.system(), points.settle_points, "ord_none")
    assert held(shop, paid) == (POINTS, 0)
    assert len(told(shop, paid)) == 2


def test_the_journal_is_paged_and_somebody_elses_is_for_operators(shop, paid):
    completed(shop, paid)
    owner = paid.order.buyer_id
    who, operator = shop.caller(owner, Role.SHOPPER), shop.caller("usr_ops", Role.OPERATOR)
    newest, *more = shop.do(who, points.my_journal, 1)
    assert not more
    older = shop.do(who, points.my_journal, 5, (newest.at, newest.id))
    assert [move.why for move in (newest, *older)] == [PointWhy.POSTED, PointWhy.GRANTED]
    assert shop.do(operator, points.held_by, _account(shop, owner)).balance == POINTS
    assert len(shop.do(operator, points.journal, owner, 10)) == 2
    assert len(shop.all(PointMove, owner_id=owner)) == 2
    with pytest.raises(Forbidden):
        shop.do(who, points.held_by, owner)
    with pytest.raises(NotFound):
        shop.do(operator, points.journal, "usr_none", 10)


@pytest.mark.parametrize("wrong", [{"per_yuan": -1}, {"worth": 0}, {"good_days": 0}])
def test_rules_nobody_could_mean_are_refused(wrong):
    with pytest.raises(Invalid):
        PointRules(**wrong)


def _account(shop, user_id):
    """Give a shopper of a test an account, so that they can be looked up."""
    shop.user(id=user_id)
    return user_id
