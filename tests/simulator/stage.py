"""The shop before anybody comes: built once for each shape, copied for every history."""

from datetime import timedelta
from functools import cache

from attrs import evolve, frozen

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.application import coupons
from groupbuy.application.policy import Policy
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.application.write_path import Caller
from groupbuy.domain.campaigns import (
    Capacity,
    Limits,
    Measure,
    Mode,
    OnQuorum,
    Quorum,
    RefundRules,
    Tier,
)
from groupbuy.domain.commission import WithdrawalRules
from groupbuy.domain.kernel import Money
from groupbuy.domain.marketing import CouponTemplate, Giving, promotion_of, written
from groupbuy.domain.membership import Leader, Role
from tests.support.shop import NOON, TENANT, Shop

PRICE = 9_990
GRAMS, FREIGHT = 500, 650
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
    offers: tuple
    """Coupons to claim: one the merchant pays for, one the platform does."""


@cache
def stage_of(shape):
    """Build a shop with a leader, a campaign of that shape, one easier to fill, one of teams."""
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
    promotions = (_promotion("spend_threshold", {"steps": [{"reach": 15_000, "off": 777}]}),)
    easy = shop.campaign(
        variant,
        quorum=Quorum(Measure.UNITS, 1),
        promotions=promotions,
        offers=(OfferSpec(variant.id, share_bp=8_000, unit_grams=GRAMS),),
        freight=Money(FREIGHT),
        tiers=(Tier(2, 7_000), Tier(3, 5_500)),
        **common,
    )
    teams = shop.campaign(
        variant, mode=Mode.TEAM, quorum=Quorum(Measure.BUYERS, 2), team_hours=1, **common
    )
    users = [shop.user(roles=frozenset({Role.SHOPPER})) for _ in range(BUYERS)]
    buyers = tuple(shop.caller(user.id, Role.SHOPPER) for user in users)
    received, seller = {variant.id: shape.stock}, shop.merchant_caller()
    offers = (
        _offer(shop, seller, shape, "amount_off", {"off": 1_000, "reach": 7_000}),
        _offer(
            shop,
            shop.caller("usr_ops", Role.OPERATOR),
            shape,
            "percent_off",
            {"off_bp": 3_300, "cap": 5_000},
            lasts=LASTS / 2,
            payer="platform",
        ),
        _offer(shop, seller, shape, "freight_off", {"cap": 500}),
    )
    return Stage(
        database, policy, (made, easy, teams), seller, leader, buyers, 10_000, received, offers
    )


def _promotion(kind, arguments, **more):
    said = {"id": "1", "title": "满减", "kind": kind, "arguments": arguments, **more}
    return promotion_of(said)


def _offer(shop, caller, shape, kind, arguments, lasts=LASTS * 2, **more):
    """Offer some coupons that end within a history: most with their order, some before it."""
    template = CouponTemplate(
        id="",
        promotion=written(_promotion(kind, arguments, **more)),
        giving=Giving.OPEN,
        quantity=shape.coupons,
        per_person=2,
        starts_at=NOON,
        ends_at=NOON + LASTS,
        valid_from=NOON,
        valid_until=NOON + lasts,
        created_at=NOON,
        created_by="",
    )
    return shop.desk.run(caller, lambda w: coupons.offer(w, template))


def _changed(shop, leader, **changes):
    after = evolve(leader, **changes)
    shop.desk.run(shop.system(), lambda w: w.of(Leader).save(after))
    return shop.get(Leader, leader.id)


__all__ = ["LASTS", "PRICE", "TENANT", "Stage", "stage_of"]
