"""Less common trades leave nothing that any of the 26 invariants would find."""

from attrs import evolve

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.application import (
    aftersale,
    campaigns,
    commission,
    fulfilment,
    invariants,
)
from groupbuy.application.invariants import (
    check_all,
)
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.commission import Step
from groupbuy.domain.kernel import Money
from tests.support import statements
from tests.support.earnings import SECOND, Earnings
from tests.support.merchants import Trade, person
from tests.support.shop import TENANT, Shop
from tests.support.statements import DECEMBER, NOVEMBER


def test_goods_weighed_and_refunded_in_parts_are_as_they_must_be():
    shop = Shop()
    variant = shop.variant(price=10001)
    by_weight = OfferSpec(variant.id, price=Money(10001), unit_grams=2000)
    quorum = Quorum(Measure.BUYERS, 1)
    campaign = shop.campaign(variant, offers=(by_weight,), quorum=quorum)
    weighed, parted = shop.join_and_pay(campaign, 2, units=3)
    shop.work_off()
    staff = shop.merchant_caller()
    for joined in (weighed, parted):
        shop.desk.run(staff, lambda w, j=joined: fulfilment.approve_order(w, j.order.id))
    shop.desk.run(staff, lambda w: aftersale.weigh_line(w, weighed.order.id, 1, 5555))
    for key in ("first", "second"):
        part = aftersale.UnitsBack(parted.order.id, 1, 1, key)
        shop.desk.run(staff, lambda w, p=part: aftersale.refund_units(w, p, "bruised"))
    for _ in range(2):  # refunds of one payment go a minute apart
        shop.pass_time(minutes=2)
    campaigns.keep_counts(shop.desk, shop.begin.__self__, TENANT)
    evidence = shop.desk.read(shop.system(), invariants.read_evidence)
    assert list(check_all(evolve(evidence, at_rest=True))) == []
    rows = [
        row for row in evidence.audit if row.action not in ("order.weigh", "order.refund_units")
    ]
    assert [f.invariant for f in check_all(evolve(evidence, audit=rows))] == [25, 25]


def test_a_bonus_a_dispute_a_reversal_and_a_payout_to_the_merchant_are_as_they_must_be():
    ladder = Earnings(MemoryDatabase())
    steps = commission.SetLadder("shop", (Step(Money(10_000), 100),), "autumn", "")
    ladder.desk.run(ladder.system, lambda w: commission.set_ladder(w, steps))
    ladder.clock.at = NOVEMBER
    leader = ladder.leader()
    ladder.earn(leader, 60_000)
    ladder.clock.at = DECEMBER
    commission.settle_due(ladder.desk, TENANT)
    statements.adjust(ladder, statements.dispute(ladder, leader, period="2026-11"), 1_200)
    again = Earnings(MemoryDatabase())
    other, _ = statements.settled_order(again)
    statements.reverse(again, other)
    again.settle("2026-10")
    trade = Trade(Earnings(MemoryDatabase()))
    trade.sell(100_000)
    payout = trade.approve(trade.approve(trade.request(), SECOND), person("usr_third"))
    trade.send(payout)
    trade.provider.settle()
    trade.send(payout)
    for shop in (ladder, again, trade.shop):
        wrong = invariants.verify_all(shop.desk, shop.system)
        # Its orders are made by hand and name a group that was never opened.
        assert [each for each in wrong if "names grp_1" not in each.detail] == []
