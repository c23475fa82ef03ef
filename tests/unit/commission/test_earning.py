from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.application import commission
from groupbuy.application.ledger_reports import verify
from groupbuy.application.policy import Policy
from groupbuy.domain.commission import CommissionRole, EntryState, Purse
from groupbuy.domain.kernel import Money
from groupbuy.domain.ordering import LineKind
from tests.support.earnings import Earnings


def findings(shop):
    return verify(shop.books())


def test_every_line_earns_its_own_rate_rounded_down(shop):
    leader = shop.leader()
    shop.confirm(shop.order(leader.leader_id, {1: 999, 2: 10_001}))
    assert [entry.amount for entry in shop.entries(leader)] == [Money(99), Money(1_000)]
    assert shop.accounts()[f"leader:{leader.leader_id}:pending"] == -1_099


def test_freight_earns_nothing(shop):
    leader = shop.leader()
    order = shop.order(leader.leader_id, {1: 1_000, 2: 800})
    freight = evolve(order.lines[1], kind=LineKind.FREIGHT)
    shop.confirm(evolve(order, lines=(order.lines[0], freight)))
    assert [entry.line_no for entry in shop.entries(leader)] == [1]


def test_a_leader_earns_nothing_on_their_own_purchase(shop):
    leader = shop.leader()
    shop.confirm(shop.order(leader.leader_id, buyer_id=leader.user_id))
    assert shop.entries(leader) == []


def test_helper_and_pickup_point_earn_beside_the_leader():
    shop = Earnings(MemoryDatabase(), Policy(helper_bp=300))
    leader, helper, host = shop.leader(), shop.leader("帮卖"), shop.leader("北门")
    point = shop.pickup_point(host.leader_id, 200)
    shop.confirm(shop.order(leader.leader_id, helper_id=helper.leader_id, pickup_point_id=point))
    earned = {
        entry.role: entry.amount.minor
        for who in (leader, helper, host)
        for entry in shop.entries(who)
    }
    assert earned == {
        CommissionRole.LEADER: 1_000,
        CommissionRole.HELPER: 300,
        CommissionRole.PICKUP_POINT: 200,
    }
    assert findings(shop) == []


def test_nobody_is_their_own_helper():
    shop = Earnings(MemoryDatabase(), Policy(helper_bp=300))
    leader = shop.leader()
    shop.confirm(shop.order(leader.leader_id, helper_id=leader.leader_id))
    assert [entry.role for entry in shop.entries(leader)] == [CommissionRole.LEADER]


def test_rates_beyond_the_cap_do_not_stop_a_paid_order(shop):
    leader, host = shop.leader(), shop.leader("北门")
    point = shop.pickup_point(host.leader_id, 2_500)
    shop.confirm(shop.order(leader.leader_id, pickup_point_id=point))
    assert [entry.bp for entry in shop.entries(host)] == [2_000]


def test_an_order_without_a_leader_earns_nobody_anything(shop):
    shop.confirm(shop.order(None))
    assert not any(account.startswith("leader:") for account in shop.accounts())


@settings(max_examples=25)
@given(st.integers(1, 99_999), st.lists(st.integers(1, 10), min_size=1, max_size=4))
def test_partial_refunds_end_in_the_same_fen_as_one(net, parts):
    shop = Earnings(MemoryDatabase())
    leader, other = shop.leader(), shop.leader("一次退")
    order = shop.confirm(shop.order(leader.leader_id, {1: net}))
    once = shop.confirm(shop.order(other.leader_id, {1: net}))
    given_back = 0
    for part in parts:
        units = min(part, 10 - given_back)
        if units:
            order, given_back = shop.refund(order, 1, units), given_back + units
    shop.refund(once, 1, given_back)
    left = [sum(entry.amount.minor for entry in shop.entries(who)) for who in (leader, other)]
    assert left[0] == left[1] == order.lines[0].base.minor // 10
    assert findings(shop) == []


def test_a_fully_refunded_order_vests_nothing(shop):
    leader = shop.leader()
    order = shop.confirm(shop.order(leader.leader_id))
    order = shop.refund(order, 1, 4)
    shop.vest(shop.refund(order, 1, 6))
    assert {entry.state for entry in shop.entries(leader)} == {EntryState.REVERSED}
    assert f"leader:{leader.leader_id}:pending" not in shop.accounts()
    assert f"leader:{leader.leader_id}:vested" not in shop.accounts()
    assert findings(shop) == []


def test_what_is_left_vests_with_its_reversals(shop):
    leader = shop.leader()
    order = shop.confirm(shop.order(leader.leader_id))
    shop.vest(shop.refund(order, 1, 4))
    assert {entry.state for entry in shop.entries(leader)} == {EntryState.VESTED}
    assert shop.accounts()[f"leader:{leader.leader_id}:vested"] == -600


def test_a_refund_after_settlement_is_taken_from_what_is_available(shop):
    leader = shop.leader()
    order = shop.earn(leader)
    shop.clock.at = shop.clock.at.replace(month=11)
    shop.settle()
    shop.refund(order, 1, 4)
    assert shop.available(leader) == 600
    assert shop.entries(leader)[-1].purse is Purse.AVAILABLE
    assert findings(shop) == []


def test_a_refund_after_the_money_is_gone_leaves_a_debt(shop):
    leader = shop.leader()
    order = shop.earn(leader)
    shop.clock.at = shop.clock.at.replace(month=11)
    shop.settle()
    shop.withdraw(leader, 1_000)
    shop.refund(order, 1, 4)
    assert shop.available(leader) == -400
    assert findings(shop) == []


def test_earnings_are_shown_by_where_they_are(shop):
    leader = shop.leader()
    shop.earn(leader, 5_000)
    shop.confirm(shop.order(leader.leader_id, {1: 3_000}))
    seen = shop.desk.read(leader, commission.my_earnings)
    assert (seen.pending, seen.vested, seen.available) == (300, 500, 0)
