"""Sums are kept behind the write path on every engine, and nothing that commits late is lost."""

import threading
from datetime import timedelta

import pytest

from groupbuy.application.ports import Query
from groupbuy.application.report_facts import RULES, OrderFact, ReportPosition
from groupbuy.application.reporting import feeding
from groupbuy.application.steps import following
from groupbuy.domain.kernel import Conflict
from groupbuy.domain.ordering import Order, OrderState
from tests.support.reporting import dump, feed, give_back, ledger_days, rebuild, reported_days
from tests.support.shop import Shop


def counted(shop):
    return {fact.id for fact in shop.all(OrderFact)}


def test_reports_equal_the_ledger_and_the_recomputation(checked_shop):
    shop = checked_shop
    bought = shop.join_and_pay(shop.campaign(leader=shop.leader(commission_bp=700)), 4)
    shop.rest()
    feed(shop)
    shop.clock.forward(days=1, hours=3)
    assert give_back(shop, bought[0], 1)
    shop.join(shop.campaign())
    shop.rest()
    feed(shop)
    kept = dump(shop)
    found = reported_days(shop)
    assert found == ledger_days(shop)
    assert [sums.get("refunds") for sums in found.values()] == [None, 79_920]
    assert rebuild(shop).changed == 0
    assert dump(shop) == kept


def test_pages_of_a_pass_follow_each_other(checked_shop, monkeypatch):
    shop = checked_shop
    monkeypatch.setattr(feeding, "EVENTS", 3)
    shop.join_and_pay(shop.campaign(), 5)
    shop.rest()
    feed(shop)
    assert len(counted(shop)) == 5
    kept = dump(shop)
    shop.clock.forward(hours=1)
    assert feed(shop).over
    assert dump(shop) == kept
    assert feed(shop).orders == 0


def test_nothing_is_read_while_somebody_counts_anew(checked_shop):
    shop = checked_shop
    shop.join(shop.campaign())
    until = shop.clock.at + timedelta(hours=1)
    at = {"zone": "Asia/Shanghai", "rules": RULES}
    shop.store(ReportPosition("reports", following.BEGINNING, **at, held_until=until))
    assert feed(shop).orders == 0
    with pytest.raises(Conflict):
        rebuild(shop)
    shop.clock.forward(hours=1)
    assert feed(shop).orders == 1


def expiring_slowly(shop, order_id):
    """Expire an order in a transaction that has told it but not committed; return how to go on."""
    told, go_on = threading.Event(), threading.Event()

    def write(work):
        order = work.of(Order).lock([order_id])[order_id]
        after, happened = order.expire(work.now())
        work.of(Order).save(after)
        work.emit(happened)
        told.set()
        assert go_on.wait(30)

    other = Shop(shop.begin, shop.clock, shop.policy, shop.tenant)
    slow = threading.Thread(target=other.desk.run, args=(other.system(), write))
    slow.start()
    assert told.wait(30)
    return go_on, slow


@pytest.mark.parametrize("hours_open", [0, 3])
def test_what_commits_late_with_an_early_id_is_still_read(postgres_shop, hours_open):
    """A transaction tells its event first and commits last, long after others were counted."""
    shop = postgres_shop
    campaign = shop.campaign()
    early = shop.join(campaign)
    shop.clock.forward(days=1)
    feed(shop)
    assert counted(shop) == {early.order.id}
    go_on, slow = expiring_slowly(shop, early.order.id)
    # The clock of the tests jumps, that of PostgreSQL does not: the transaction counts as old as
    # it really is, so jump no further than the margin that clocks may differ by.
    shop.clock.forward(seconds=50)
    late = shop.join(campaign)
    step = feed(shop)
    assert counted(shop) == {early.order.id, late.order.id}
    assert step.orders == 1
    go_on.set()
    slow.join()
    shop.clock.forward(hours=hours_open)
    assert feed(shop).orders == 2
    assert shop.all(OrderFact, id=early.order.id)[0].state is OrderState.EXPIRED
    assert rebuild(shop).changed == 0


def test_the_oldest_transaction_bounds_the_next_pass(postgres_shop):
    shop = postgres_shop
    database = shop.begin.__self__
    assert database.oldest_open() < timedelta(seconds=30)
    with database.begin(shop.tenant) as tx:
        tx.of(ReportPosition).select(Query())
        threading.Event().wait(0.3)
        assert database.oldest_open() >= timedelta(seconds=0.3)
        until = following.settled_until(shop.desk, database)
        assert until <= shop.clock.at - timedelta(seconds=60.3)


def test_a_file_and_memory_have_nobody_to_wait_for(checked_shop):
    if "postgresql" not in str(getattr(checked_shop.begin.__self__, "engine", "")):
        assert checked_shop.begin.__self__.oldest_open() == timedelta()


def test_two_readers_count_everything_once(postgres_shop):
    shop = postgres_shop
    shop.join_and_pay(shop.campaign(), 6)
    others = [Shop(shop.begin, shop.clock, shop.policy, shop.tenant) for _ in range(4)]
    threads = [threading.Thread(target=feed, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rebuild(shop).changed == 0
    assert reported_days(shop) == ledger_days(shop)
