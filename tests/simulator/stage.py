"""The shop before anybody comes: built once for each shape, copied for every history."""

from datetime import timedelta
from functools import cache

from attrs import evolve, frozen

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.application.policy import Policy
from groupbuy.application.write_path import Caller
from groupbuy.domain.campaigns import Capacity, Limits, Measure, OnQuorum, Quorum, RefundRules
from groupbuy.domain.commission import WithdrawalRules
from groupbuy.domain.membership import Leader, Role
from tests.support.shop import NOON, TENANT, Shop

PRICE = 9_990
LASTS = timedelta(hours=2)
BUYERS = 12


@frozen
class Stage:
    """What histories of one shape begin with."""

    database: MemoryDatabase
    policy: Policy
    campaigns: tuple
    seller: Caller
    """The merchant's staff."""
    leader: Leader
    buyers: tuple
    numbers: int
    received: dict


@cache
def stage_of(shape):
    """Build a shop with a leader, a campaign of that shape, and one that is easier to fill."""
    rules = WithdrawalRules(minimum=1, two_approvers_above=1_500)
    policy = Policy(provider="memory", withdrawals=rules)
    database = MemoryDatabase()
    shop = Shop(database.begin, policy=policy)
    shop.merchant(fee_bp=100)
    account = {
        "payout_channel": "bank_card",
        "payout_account_sealed": f"sealed[{TENANT}|{{}}|payout_account]6222021234567890",
        "payout_name_sealed": f"sealed[{TENANT}|{{}}|payout_name]何秀兰",
    }
    leader = shop.leader(commission_bp=700)
    kept = {name: text.format(leader.user_id) for name, text in account.items()}
    leader = _changed(shop, leader, **kept)
    variant = shop.variant(price=PRICE, stock=shape.stock)
    limits = Limits(units_per_buyer=shape.limit)
    capacity = Capacity(Measure.UNITS, shape.capacity) if shape.capacity else None
    common = {
        "leader": leader,
        "ends_at": NOON + LASTS,
        "limits": limits,
        "refund_rules": RefundRules(leave_hours_before_end=0),
    }
    made = shop.campaign(
        variant,
        quorum=Quorum(Measure.BUYERS, shape.quorum),
        capacity=capacity,
        on_quorum=OnQuorum.STOP if shape.stop else OnQuorum.SELL_ON,
        **common,
    )
    easy = shop.campaign(variant, quorum=Quorum(Measure.UNITS, 1), **common)
    users = [shop.user(roles=frozenset({Role.SHOPPER})) for _ in range(BUYERS)]
    buyers = tuple(shop.caller(user.id, Role.SHOPPER) for user in users)
    received, seller = {variant.id: shape.stock}, shop.merchant_caller()
    return Stage(database, policy, (made, easy), seller, leader, buyers, 10_000, received)


def _changed(shop, leader, **changes):
    after = evolve(leader, **changes)
    shop.desk.run(shop.system(), lambda w: w.of(Leader).save(after))
    return shop.get(Leader, leader.id)


__all__ = ["LASTS", "PRICE", "TENANT", "Stage", "stage_of"]
