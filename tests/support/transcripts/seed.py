"""The one seeded shop of all transcripts: October was sold and collected, November has begun."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from groupbuy.adapters.deliver_folder import FolderDelivery
from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.adapters.share_card_pillow import PillowCards
from groupbuy.application import aftersale, fulfilment, merchants, withdrawals
from groupbuy.application.policy import Policy
from groupbuy.application.ports import Task
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.kernel import Money
from groupbuy.domain.membership import Leader, LeaderState, PickupPoint, Role
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.settings import Settings
from tests.support.shop import TENANT, HandClock, Shop
from tests.support.transcripts.stage import Stage

OCTOBER = datetime(2026, 10, 5, 4, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 3, 4, tzinfo=UTC)
CARD = "6222021234567890"


class PlainPasswords:
    """Hashes nothing."""

    def hash(self, password: str) -> str:
        """Return something that can be told from a password."""
        return f"hash of {password}"


def seeded(lang: str) -> Stage:
    """Open the shop, let October happen, and return a stage over it."""
    database = MemoryDatabase()
    policy = Policy(provider="memory", default_commission_bp=500)
    shop: Any = Shop(database.begin, HandClock(OCTOBER), policy)
    settings = Settings(policy=policy)
    app = SimpleNamespace(
        desk=shop.desk,
        kit=shop.kit,
        relay=shop.relay,
        outside=SimpleNamespace(
            gateways={"memory": shop.gateway},
            deliveries={"folder": FolderDelivery(Path("reports"))},
        ),
        database=database,
        passwords=PlainPasswords(),
        payouts={"memory": shop.payouts},
        gateways={"memory": shop.gateway},
        bills={"memory": shop.gateway},
        settings=settings,
        cards=PillowCards(),
        close=lambda: None,
    )

    def shell() -> Shell:
        return Shell(app=app, settings=settings, tenant=TENANT, actor="cli:zhao")  # type: ignore[arg-type]

    stage = Stage(lang, shell, shop)
    _people(stage, shop)
    _october(stage, shop)
    shop.clock.at = NOVEMBER
    shop.work_off()
    _november(stage, shop)
    assert shop.trouble == []
    return stage


def _people(stage: Stage, shop: Any) -> None:
    merchant = shop.merchant(fee_bp=100)
    by = shop.merchant_caller()
    shop.desk.run(by, lambda w: merchants.change_payout_account(w, "bank_card", CARD, "果园"))
    leader = shop.leader()
    account = withdrawals.ChangePayoutAccount("bank_card", CARD, "何秀兰")
    shop.desk.run(
        shop.leader_caller(leader), lambda w: withdrawals.change_payout_account(w, account)
    )
    finance = frozenset({Role.SHOPPER, Role.FINANCE})
    chen, li = (shop.user(initial=name, roles=finance) for name in "陈李")
    buyer, applicant = shop.user(initial="王"), shop.user(initial="周")
    applied = Leader(
        id=shop.ids.new("ldr"),
        user_id=applicant.id,
        name="周建国",
        applied_at=shop.clock.at,
        state=LeaderState.APPLIED,
    )
    shop.store(applied)
    stage.things |= {
        "merchant": merchant.id,
        "leader": leader.id,
        "chen": chen.id,
        "li": li.id,
        "buyer": buyer.id,
        "applicant": applied.id,
    }
    stage.shop.first_leader = leader


def _october(stage: Stage, shop: Any) -> None:
    """Sell three watches that are collected, and let their after-sale window pass."""
    point = shop.store(
        PickupPoint(id=shop.ids.new("pup"), name="楼下", region="上海", address="东门路 1 号")
    )
    watch = shop.variant()
    campaign = shop.campaign(watch, leader=shop.first_leader, pickup_point_ids=(point.id,))
    staff = shop.merchant_caller()
    buyers = [shop.user(roles=frozenset({Role.SHOPPER})) for _ in range(3)]
    joined = [
        shop.join(campaign, shop.caller(buyer.id, Role.SHOPPER), pickup_point_id=point.id)
        for buyer in buyers
    ]
    for each in joined:
        shop.pay(each)
    shop.work_off()
    for each in joined:
        shop.desk.run(staff, lambda w, key=each.order.id: fulfilment.approve_order(w, key))
        bag = shop.desk.run(staff, lambda w, key=each.order.id: fulfilment.ready_for_pickup(w, key))
        code = bag.pickup_code_sealed.rpartition("]")[2]
        shop.desk.run(
            staff, lambda w, key=each.order.id, code=code: fulfilment.collect(w, key, code)
        )
    shop.pass_time(days=8)
    stage.things |= {"watches": campaign.id, "done": joined[0].order.id, "sku": watch.id}


def _november(stage: Stage, shop: Any) -> None:
    """Sell oranges by weight, all paid and none approved; a second campaign still runs."""
    oranges = shop.variant(price=1_000)
    offer = OfferSpec(oranges.id, price=Money(1_000), unit_grams=2_000)
    sold = shop.campaign(oranges, title="脐橙团", offers=(offer,), quorum=Quorum(Measure.BUYERS, 3))
    buyers = [shop.user(roles=frozenset({Role.SHOPPER})) for _ in range(4)]
    orders = []
    for buyer in buyers:
        joined = shop.join(sold, shop.caller(buyer.id, Role.SHOPPER), units=3)
        shop.pay(joined)
        orders.append(joined)
        shop.clock.forward(minutes=1)
    shop.work_off()
    running = shop.campaign(leader=shop.first_leader, title="手表团 第二期")
    one = shop.join(running)
    shop.pay(one)
    shop.work_off()
    shop.store(
        Task(
            id="track/shp_lost",
            topic="track",
            subject="shp_lost",
            due_at=shop.clock.at - timedelta(hours=1),
            created_at=shop.clock.at - timedelta(days=1),
            state="parked",
            attempts=20,
            last_error="unavailable",
        )
    )
    names = ("first", "second", "third", "fourth")
    stage.things |= {name: each.order.id for name, each in zip(names, orders, strict=True)}
    stage.things |= {"oranges": sold.id, "running": running.id, "waiting": one.order.id}
    stage.shop.joined = dict(zip(names, orders, strict=True))


def late_refund(stage: Stage, name: str) -> str:
    """Refund an order after its provider has forgotten the payment; return the refund's id."""
    shop, key = stage.shop, stage.things[name]
    shop.clock.forward(days=366)
    shop.desk.run(shop.merchant_caller(), lambda w: aftersale.refund_order(w, key, "缺货"))
    shop.work_off()
    (refund,) = shop.refunds(shop.joined[name])
    return str(refund.id)


def stuck_refund(stage: Stage, name: str) -> str:
    """Refund an order of oranges and let the provider refuse for good; return the refund's id."""
    shop, key = stage.shop, stage.things[name]
    staff = shop.merchant_caller()
    shop.desk.run(staff, lambda w: aftersale.refund_order(w, key, "缺货"))
    shop.gateway.settles_at_once = False
    shop.work_off()
    shop.gateway.settles_at_once = True
    (refund,) = shop.refunds(shop.joined[name])
    shop.gateway.fail_refund(refund.number)
    shop.pass_time(hours=1)
    return str(refund.id)
