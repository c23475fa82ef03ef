"""Many at once on PostgreSQL: real connections, real threads, the application's own role."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.adapters.memory import MemorySignals
from groupbuy.adapters.persistence import open_database
from groupbuy.application import checkout, forming, payments
from groupbuy.application.ports import KeyClaim, PaymentOutcome, PaymentReport
from groupbuy.application.write_path import Desk
from groupbuy.domain.campaigns import Capacity, GroupState, Limits, Measure, Quorum, Seat, SeatState
from groupbuy.domain.kernel import DomainError, KeyReused, Money
from groupbuy.domain.ordering import Contact, Order, OrderState
from tests.support.checks import check_shop
from tests.support.shop import NoWaiting, Shop, ShopRefusal

THREADS = 20
PRICE = 79920


@pytest.fixture
def shop(postgres_shop):
    return postgres_shop


def at_once(*jobs):
    """Run all jobs from the same instant on; return what each returned or raised, in order."""
    gate = threading.Barrier(min(THREADS, len(jobs)), timeout=30)
    passed = threading.local()

    def run(job):
        if not getattr(passed, "gate", False):
            passed.gate = True
            gate.wait()
        try:
            return job()
        except (DomainError, ShopRefusal) as error:
            return error

    with ThreadPoolExecutor(gate.parties) as pool:
        return list(pool.map(run, jobs))


def joins(shop, campaign, count, **more):
    """Join without looking after each: only the end can be judged while others are busy."""
    return [lambda: Shop.join(shop, campaign, **more) for _ in range(count)]


def refusals(results):
    return Counter(str(r) for r in results if isinstance(r, Exception))


# --- the last of something -------------------------------------------------------------------


def test_two_hundred_want_fifty_seats_and_exactly_fifty_get_one(shop):
    campaign = shop.campaign(
        capacity=Capacity(Measure.BUYERS, 50), quorum=Quorum(Measure.BUYERS, 50)
    )
    results = at_once(*joins(shop, campaign, 200))
    check_shop(shop)
    assert refusals(results) == {"refused rule=seats_left about=group": 150}
    assert shop.group(campaign).live_buyers == 50
    assert shop.stock(campaign).reserved == 50
    assert shop.progress(campaign).seats_left == 0


def test_two_hundred_want_fifty_watches_and_exactly_fifty_get_one(shop):
    campaign = shop.campaign(shop.variant(stock=50))
    results = at_once(*joins(shop, campaign, 200))
    check_shop(shop)
    assert sum(refusals(results).values()) == 150
    assert {word.split()[1] for word in refusals(results)} == {"rule=goods_in_stock"}
    stock = shop.stock(campaign)
    assert (stock.available, stock.reserved) == (0, 50)


def test_two_groups_share_the_last_goods_of_one_variant(shop):
    variant = shop.variant(stock=30)
    first, second = shop.campaign(variant), shop.campaign(variant)
    mixed = [
        job
        for pair in zip(joins(shop, first, 40), joins(shop, second, 40), strict=True)
        for job in pair
    ]
    results = at_once(*mixed)
    check_shop(shop)
    assert sum(isinstance(r, Exception) for r in results) == 50
    assert shop.stock(first).reserved == 30


@pytest.mark.parametrize(
    ("limits", "units", "seats"),
    [
        (Limits(orders_per_buyer=1), 1, 1),
        (Limits(orders_per_buyer=3), 1, 3),
        (Limits(units_per_buyer=5), 2, 2),
    ],
)
def test_one_buyer_in_twenty_windows_stays_within_the_limit(shop, limits, units, seats):
    campaign = shop.campaign(limits=limits)
    who = shop.shopper()
    results = at_once(*joins(shop, campaign, 20, who=who, units=units))
    check_shop(shop)
    assert refusals(results) == {"refused rule=within_buyer_limit about=group": 20 - seats}
    assert len(shop.all(Seat)) == seats


# --- repeats ---------------------------------------------------------------------------------


def test_the_same_key_ten_times_at_once_makes_one_order(shop):
    campaign = shop.campaign()
    who = shop.shopper()
    results = at_once(*joins(shop, campaign, 10, who=who, key="k"))
    check_shop(shop)
    orders = {r if isinstance(r, str) else r.order.id for r in results}
    assert orders == {order.id for order in shop.all(Order)}
    assert len(orders) == 1


def test_the_same_key_with_other_bodies_at_once_makes_one_order_and_refuses_the_rest(shop):
    campaign = shop.campaign()
    who = shop.shopper()

    def join(body):
        wanted = checkout.Join(
            caller=who,
            claim=KeyClaim("joins", "k", body),
            campaign_id=campaign.id,
            items=((campaign.offers[0].sku_id, 1),),
            contact=Contact("王", "138", "幸福路 1 号"),
        )
        return checkout.join_many(shop.desk, [wanted], lambda j: j.order.id, str)[0]

    results = at_once(*(lambda body=str(n): join(body) for n in range(10)))
    check_shop(shop)
    assert sum(isinstance(r, KeyReused) for r in results) == 9
    assert len(shop.all(Seat)) == 1


# --- money against time ----------------------------------------------------------------------


def test_a_capture_and_the_closing_of_its_payment_at_once_never_lose_the_order(shop):
    campaign = shop.campaign()
    for _ in range(8):
        joined = Shop.join(shop, campaign)
        shop.announce(joined)
        paid = shop.gateway.pay(joined.payment.number)
        closed = PaymentReport(number=joined.payment.number, outcome=PaymentOutcome.CLOSED)
        at_once(*(lambda report=r: Shop.hear(shop, report) for r in (closed, paid, closed, paid)))
        assert shop.order(joined).state in (OrderState.PLACED, OrderState.CONFIRMED)
        check_shop(shop)
    shop.rest()
    assert shop.progress(campaign).joined == 8


def test_a_callback_and_the_worker_that_expires_the_order_at_once_pay_it(shop):
    campaign = shop.campaign()
    for _ in range(8):
        joined = Shop.join(shop, campaign)
        shop.announce(joined)
        paid = shop.gateway.pay(joined.payment.number)
        shop.clock.forward(minutes=15)
        at_once(
            lambda report=paid: Shop.hear(shop, report),
            lambda: shop.a_relay().tick(shop.tenant),
            lambda: shop.a_relay().tick(shop.tenant),
        )
        assert shop.order(joined).state in (OrderState.PLACED, OrderState.CONFIRMED)
    shop.rest()


@pytest.mark.parametrize("early", [True, False], ids=["paid in time", "paid too late"])
def test_money_and_the_end_of_the_group_at_once_follow_the_providers_clock(shop, early):
    for _ in range(5):
        campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 2))
        (first,) = shop.join_and_pay(campaign)
        end = shop.group(campaign).ends_at
        shop.clock.at = end - timedelta(minutes=1)
        last = Shop.join(shop, campaign)
        shop.announce(last)
        shop.clock.at = end
        paid_at = end - timedelta(microseconds=1) if early else end
        report = late_or_not(shop, last, paid_at)
        group_id = shop.group(campaign).id
        at_once(
            lambda report=report: Shop.hear(shop, report),
            lambda group_id=group_id: shop.desk.run(
                shop.system(), lambda w: forming.end_group(w, group_id)
            ),
            lambda: shop.a_relay().tick(shop.tenant),
            lambda: shop.a_relay().tick(shop.tenant),
        )
        shop.rest()
        wanted = GroupState.ENDED if early else GroupState.FAILED
        assert shop.group(campaign).state is wanted
        assert shop.given_back(first, last) == ([0, 0] if early else [PRICE, PRICE])


def late_or_not(shop, joined, paid_at):
    """The provider's own report of a payment that it took at that instant."""
    number = joined.payment.number
    known = shop.gateway._payments[number]
    open_longer = evolve(known.request, expires_at=paid_at + timedelta(hours=1))
    shop.gateway._payments[number] = evolve(known, request=open_longer)
    return shop.gateway.pay(number, paid_at=paid_at)


def test_a_callback_that_cannot_be_stored_is_refused_alone(shop):
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 1))
    paid = [Shop.join(shop, campaign) for _ in range(3)]
    for each in paid:
        shop.announce(each)
    said = [shop.gateway.pay(each.payment.number) for each in paid]
    said[1] = evolve(said[1], amount=Money(2**70))
    heard = [payments.Heard("memory", evolve(r, event_id=f"evt-{r.number}")) for r in said]
    answers = payments.hear_payments(shop.desk, shop.tenant, heard)
    assert [answer is None for answer in answers] == [True, False, True]
    wanted = [OrderState.CONFIRMED, OrderState.AWAITING_PAYMENT, OrderState.CONFIRMED]
    assert [shop.order(each).state for each in paid] == wanted


# --- workers and processes -------------------------------------------------------------------


def test_two_workers_refund_a_failing_group_of_sixty_once_each(shop):
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 100))
    paid = [Shop.join(shop, campaign) for _ in range(60)]
    reports = []
    for each in paid:
        shop.announce(each)
        reports.append(shop.gateway.pay(each.payment.number))
    shop.desk.run(shop.system(), lambda w: payments.settle_payments(w, reports))
    shop.clock.forward(days=3)

    def work():
        relay = evolve(shop.a_relay(), each=in_threads)
        while relay.tick(shop.tenant, limit=16):
            pass

    at_once(work, work)
    shop.clock.forward(minutes=2)  # whatever one of them dropped, its lease has run out
    shop.rest()
    assert shop.given_back(*paid) == [PRICE] * 60
    assert sum(m.kind == "refund" for m in shop.gateway.movements) == 60
    assert {seat.state for seat in shop.all(Seat)} == {SeatState.RELEASED}
    assert shop.balances() == {}


def in_threads(jobs):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda job: job(), jobs))


def test_batches_of_two_processes_fill_the_room_exactly(shop, shared_postgres):
    campaign = shop.campaign(capacity=Capacity(Measure.UNITS, 50))
    url = shared_postgres.engine.url.set(drivername="postgresql")
    other = open_database(url.render_as_string(hide_password=False), pool_size=4)
    try:
        desks = [
            Desk(begin, shop.kit, MemorySignals(), NoWaiting())
            for begin in (shop.begin, other.begin)
        ]
        results = at_once(
            *(lambda desk=desks[n % 2]: batch(shop, desk, campaign, 10) for n in range(12))
        )
    finally:
        other.close()
    check_shop(shop)
    outcomes = [outcome for result in results for outcome in result]
    assert not [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
    assert Counter(answer.ok for answer, _ in outcomes) == {True: 50, False: 70}
    assert shop.group(campaign).live_units == 50


def batch(shop, desk, campaign, size):
    made = []
    for _ in range(size):
        who = shop.shopper()
        claim = KeyClaim(f"{who.user_id}/joins", "k", "hash")
        contact = Contact("王", "138", "幸福路 1 号")
        items = ((campaign.offers[0].sku_id, 1),)
        made.append(checkout.Join(who, claim, campaign.id, items, contact))
    return checkout.join_many(desk, made, lambda joined: joined.order.id, str)
