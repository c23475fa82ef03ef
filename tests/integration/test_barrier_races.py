"""Two hundred races for each scarce thing, on PostgreSQL: whoever comes first, nothing breaks.

The rivals of a race walk through its rounds in threads of their own and start each round together.
All rounds of a race share one shop, so that most of the time is spent racing.
"""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest
from attrs import evolve

from groupbuy.adapters.memory.payouts import MemoryPayouts
from groupbuy.adapters.persistence import open_database
from groupbuy.application import (
    aftersale,
    checkout,
    coupons,
    forming,
    fulfilment,
    payments,
    payouts,
)
from groupbuy.application.ledger_reports import verify
from groupbuy.application.policy import Policy
from groupbuy.application.ports import KeyClaim, PaymentOutcome, Query, Task
from groupbuy.application.steps.parcels import Parcel
from groupbuy.domain.campaigns import (
    Campaign,
    Capacity,
    Group,
    GroupState,
    Limits,
    Measure,
    Quorum,
    Seat,
    group_of,
)
from groupbuy.domain.catalogue import Stock, Variant
from groupbuy.domain.commission import Withdrawal, WithdrawalState
from groupbuy.domain.kernel import DomainError, Money
from groupbuy.domain.logistics import Shipment
from groupbuy.domain.marketing import Coupon, CouponTemplate, Giving, promotion_of, written
from groupbuy.domain.ordering import Contact, OrderState
from tests.support.checks import check_shop
from tests.support.earnings import FINANCE, NO_COOLING, SECOND, TENANT, Earnings
from tests.support.shop import HandClock, Shop, ShopRefusal

RUNS = 200
RIVALS = 4
PRICE = 79920
DAY = timedelta(days=1)
_tenants = count(1)


@pytest.fixture(scope="module")
def database(pg_cluster, pg_template):
    with pg_cluster.database(pg_template) as place:
        opened = open_database(place.app_url, pool_size=RIVALS + 4)
        yield opened
        opened.close()


@pytest.fixture
def shop(database):
    tenant = f"race-{next(_tenants)}"
    return Shop(
        database.begin, tenant=tenant, policy=Policy(provider="memory", refunds_per_second=RUNS)
    )


@pytest.fixture
def earnings(database):
    return Earnings(database)


def race(*rivals):
    """Return what became of each rival, round by round."""
    gate = threading.Barrier(len(rivals), timeout=60)

    def walk(rival):
        found = []
        try:
            for number in range(RUNS):
                gate.wait()
                try:
                    found.append(rival(number))
                except (DomainError, ShopRefusal) as refusal:
                    found.append(refusal)
        except BaseException:
            gate.abort()
            raise
        return found

    with ThreadPoolExecutor(len(rivals)) as pool:
        return list(zip(*pool.map(walk, rivals), strict=True))


def won(outcomes):
    return [each for each in outcomes if not isinstance(each, Exception)]


def one_each(shop, campaign, *, own_goods=False):
    """Store a campaign like this one for every round, each with a group of its own."""
    group, made = shop.group(campaign), []
    variant = shop.get(Variant, campaign.offers[0].sku_id)

    def add(work):
        for _ in range(RUNS):
            key, offer = shop.ids.new("cmp"), campaign.offers[0]
            if own_goods:
                offer = evolve(offer, sku_id=shop.ids.new("sku"))
                work.of(Variant).add(evolve(variant, id=offer.sku_id, code=offer.sku_id))
                work.of(Stock).add(Stock(id=offer.sku_id, available=1))
            made.append(evolve(campaign, id=key, offers=(offer,), version=0))
            work.of(Campaign).add(made[-1])
            work.of(Group).add(evolve(group, id=group_of(key), campaign_id=key, version=0))

    shop.desk.run(shop.system(), add)
    return made


def one_join_each(shop, campaigns):
    """Join each campaign once, announced to the provider."""
    wanted, made = [], []
    for number, campaign in enumerate(campaigns):
        who = shop.shopper()
        claim = KeyClaim(f"{who.user_id}/joins", f"k{number}", "hash")
        items = ((campaign.offers[0].sku_id, 1),)
        wanted.append(checkout.Join(who, claim, campaign.id, items, Contact("王", "138", "路 1")))

    def render(joined):
        made.append(joined)
        return joined.order.id

    checkout.join_many(shop.desk, wanted, render, str)
    keys = [joined.payment.id for joined in made]
    for request in shop.desk.read(
        shop.system(), lambda w: [payments.prepay_request(w, key) for key in keys]
    ):
        shop.gateway.prepay(request)
    return made


def all_paid(shop, joined):
    reports = [shop.gateway.pay(each.payment.number) for each in joined]
    shop.desk.run(shop.system(), lambda w: payments.settle_payments(w, reports))
    return joined


def at_rest(shop):
    shop.work_off()
    check_shop(shop, at_rest=True)
    assert shop.trouble == []


# --- the last of something -------------------------------------------------------------------


def joins(shop, campaigns):
    return [lambda n: shop.join(campaigns[n])] * RIVALS


def test_the_last_seat_goes_to_one(shop):
    one = {"capacity": Capacity(Measure.BUYERS, 1), "quorum": Quorum(Measure.BUYERS, 1)}
    seats = one_each(shop, shop.campaign(**one))
    rounds = race(*joins(shop, seats))
    assert Counter(len(won(outcomes)) for outcomes in rounds) == {1: RUNS}
    assert {shop.group(campaign).live_buyers for campaign in seats} == {1}
    check_shop(shop)


def test_the_last_piece_of_stock_goes_to_one(shop):
    goods = one_each(shop, shop.campaign(), own_goods=True)
    rounds = race(*joins(shop, goods))
    assert Counter(len(won(outcomes)) for outcomes in rounds) == {1: RUNS}
    left = {(s.available, s.reserved) for s in map(shop.stock, goods)}
    assert left == {(0, 1)}
    check_shop(shop)


def test_one_buyer_in_four_windows_gets_what_one_buyer_may_have(shop):
    campaign = shop.campaign(limits=Limits(orders_per_buyer=1))
    buyers = [shop.shopper() for _ in range(RUNS)]
    rounds = race(*[lambda n: shop.join(campaign, buyers[n])] * RIVALS)
    assert Counter(len(won(outcomes)) for outcomes in rounds) == {1: RUNS}
    assert len({seat.buyer_id for seat in shop.all(Seat)}) == len(shop.all(Seat)) == RUNS
    check_shop(shop)


# --- money against time ----------------------------------------------------------------------


def test_a_buyer_who_leaves_at_the_deadline_gets_everything_back_once(shop):
    alone = shop.campaign(quorum=Quorum(Measure.BUYERS, 2))
    joined = all_paid(shop, one_join_each(shop, one_each(shop, alone)))
    end = shop.group(alone).ends_at
    # Two processes never agree about the time: to one of them the group still sells.
    slow = evolve(shop.kit, clock=HandClock(end - timedelta(microseconds=1)))
    slow_desk = evolve(shop.desk, kit=slow)
    shop.clock.at = end

    def leave(n):
        order = joined[n].order
        who = shop.caller(order.buyer_id)
        return slow_desk.run(who, lambda w: aftersale.leave_group(w, order.id))

    def decide(n):
        order = joined[n].order
        shop.desk.run(shop.system(), lambda w: forming.end_group(w, order.group_id))
        shop.desk.run(shop.system(), lambda w: forming.refund_orders(w, [order.id]))

    race(leave, decide)
    at_rest(shop)
    assert Counter(shop.gateway.refunded(j.payment.number) for j in joined) == {PRICE: RUNS}
    assert sum(m.kind == "refund" for m in shop.gateway.movements) == RUNS
    assert {shop.get(Group, j.order.group_id).state for j in joined} == {GroupState.FAILED}
    assert shop.balances() == {}


def test_a_payment_at_the_end_of_its_time_is_a_seat_or_nothing(shop):
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, RUNS + 1))
    joined = one_join_each(shop, [campaign] * RUNS)

    def pay(n):
        shop.hear(shop.gateway.pay(joined[n].payment.number))

    def expire(n):
        order, number = joined[n].order, joined[n].payment.number
        report = shop.gateway.close(number)
        shop.desk.run(shop.system(), lambda w: payments.expire_order(w, order.id, [report]))

    race(pay, expire)
    shop.work_off()
    check_shop(shop)
    for each in joined:
        paid = shop.gateway.query(each.payment.number).outcome is PaymentOutcome.CAPTURED
        wanted = OrderState.PLACED if paid else OrderState.EXPIRED
        assert shop.order(each).state is wanted
    shop.pass_time(days=4)
    at_rest(shop)
    assert shop.balances() == {}


def test_a_refund_and_a_parcel_at_once_never_give_goods_back_that_have_left(shop):
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 1))
    joined = all_paid(shop, one_join_each(shop, [campaign] * RUNS))
    at_rest(shop)
    staff = shop.merchant_caller()
    for each in joined:
        shop.desk.run(staff, lambda w, key=each.order.id: fulfilment.approve_order(w, key))

    def ship(n):
        parcel = Parcel(joined[n].order.id, "sf", f"SF{n}")
        return shop.desk.run(staff, lambda w: fulfilment.ship_order(w, parcel))

    def refund(n):
        key = joined[n].order.id
        return shop.desk.run(staff, lambda w: aftersale.refund_order(w, key, "缺货"))

    rounds = race(ship, refund)
    assert not [answer for _, answer in rounds if isinstance(answer, Exception)]
    at_rest(shop)
    assert Counter(shop.gateway.refunded(j.payment.number) for j in joined) == {PRICE: RUNS}
    left = {shipment.order_id for shipment in shop.all(Shipment)}
    assert len(left) == sum(not isinstance(answer, Exception) for answer, _ in rounds)
    stock = shop.stock(campaign)
    assert (stock.available, stock.sold) == (1_000 - len(left), len(left))


# --- coupons ---------------------------------------------------------------------------------


def do(shop, who, use_case, *said):
    return shop.desk.run(who, lambda work: use_case(work, *said))


def coupon_offer(shop, **more):
    said = {"id": "1", "title": "减 20", "kind": "amount_off", "arguments": {"off": 2_000}}
    template = CouponTemplate(
        id="",
        promotion=written(promotion_of(said)),
        giving=Giving.OPEN,
        starts_at=shop.clock.at,
        ends_at=shop.clock.at + DAY,
        days=7,
        created_at=shop.clock.at,
        created_by="",
        **{"quantity": 10 * RUNS, "per_person": 100, **more},
    )
    return do(shop, shop.merchant_caller(), coupons.offer, template)


def test_one_coupon_pays_one_of_two_orders_that_name_it_at_once(shop):
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, RUNS + 1))
    theirs, offer = one_each(shop, campaign), coupon_offer(shop)
    people = [shop.shopper() for _ in range(RUNS)]
    held = [do(shop, who, coupons.claim, offer.id).coupon for who in people]
    gone = "illegal_move machine=coupon state=held move=hold"

    def join(where):
        return lambda n: shop.join(where[n], people[n], coupon_id=held[n].id).order.id

    rounds = race(join([campaign] * RUNS), join(theirs))
    assert {len(won(outcomes)) for outcomes in rounds} == {1}
    lost = {str(each) for outcomes in rounds for each in outcomes if isinstance(each, Exception)}
    assert lost == {gone}
    holding = {coupon.order_id for coupon in shop.all(Coupon)}
    assert holding == {won(outcomes)[0] for outcomes in rounds}
    check_shop(shop)


def test_no_more_coupons_are_claimed_at_once_than_there_are(shop):
    shop.merchant()
    offers = [coupon_offer(shop, quantity=1, per_person=1) for _ in range(RUNS)]
    rivals = [shop.shopper() for _ in range(RIVALS)]
    rounds = race(
        *(lambda n, who=who: do(shop, who, coupons.claim, offers[n].id).coupon.id for who in rivals)
    )
    assert {len(won(outcomes)) for outcomes in rounds} == {1}
    assert {each.claimed for each in shop.all(CouponTemplate)} == {1}
    check_shop(shop)


# --- commission ------------------------------------------------------------------------------


def test_a_refund_at_the_moment_of_a_payout_takes_the_commission_back_once(earnings):
    leaders = [earnings.leader() for _ in range(RUNS)]
    orders = [earnings.earn(leader) for leader in leaders]
    earnings.clock.at = earnings.clock.at.replace(month=11)
    earnings.settle()
    provider = MemoryPayouts(earnings.clock)

    def pay_out(n):
        earnings.clock.at += DAY  # whatever was asked for on the same day is read again
        withdrawal = earnings.approve(earnings.withdraw(leaders[n], 1_000, NO_COOLING))
        payouts.send_payout(earnings.desk, provider, TENANT, withdrawal.id, NO_COOLING)
        return withdrawal

    rounds = race(pay_out, lambda n: earnings.refund(orders[n], 1, 10))
    provider.settle()
    for leader, (paid, _) in zip(leaders, rounds, strict=True):
        if not isinstance(paid, Exception):
            payouts.send_payout(earnings.desk, provider, TENANT, paid.id, NO_COOLING)
        owed = 0 if isinstance(paid, Exception) else -1_000
        assert earnings.available(leader) == owed
    assert not [answer for _, answer in rounds if isinstance(answer, Exception)]
    paid = [answer for answer, _ in rounds if not isinstance(answer, Exception)]
    assert [line.amount for line in provider.movements] == [Money(-1_000)] * len(paid)
    assert verify(earnings.books()) == []


def test_two_approvers_and_an_impatient_one_are_two_approvers(earnings):
    leader = earnings.settled(RUNS * 600_000)
    asked = []
    for _ in range(RUNS):
        earnings.clock.at += DAY
        asked.append(earnings.withdraw(leader, 60_000))
    approvers = (FINANCE, SECOND, FINANCE)
    rounds = race(*(lambda n, who=who: earnings.approve(asked[n], who) for who in approvers))
    assert Counter(len(won(outcomes)) for outcomes in rounds) == {2: RUNS}
    wish = Query().where(leader_id=leader.leader_id).page(2 * RUNS)
    after = earnings.desk.read(earnings.system, lambda w: w.of(Withdrawal).select(wish))
    assert {each.state for each in after} == {WithdrawalState.APPROVED}
    both = [FINANCE.user_id, SECOND.user_id]
    assert [sorted(each.approvals) for each in after] == [both] * RUNS
    due = Query().where(topic="payout").page(10_000)
    tasks = earnings.desk.read(earnings.system, lambda w: w.of(Task).select(due))
    subjects = Counter(task.subject for task in tasks)
    assert {subjects[each.id] for each in after} == {1}
    assert verify(earnings.books()) == []
