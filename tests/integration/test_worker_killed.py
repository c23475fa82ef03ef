"""The worker is killed at every single step of its work; a new one finishes it, once."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from itertools import count

import pytest

from groupbuy.adapters import payments_sandbox
from groupbuy.adapters.persistence import open_database
from groupbuy.application import forming, payments
from groupbuy.application.outside import Outside
from groupbuy.application.policy import Policy
from groupbuy.application.ports import PaymentOutcome
from groupbuy.domain.campaigns import GroupState, Measure, Quorum
from groupbuy.domain.invariants import Movement, check
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import Refund, RefundCause, RefundState
from tests.integration.ports.rig import SECRET, running
from tests.support.checks import books_of, check_shop
from tests.support.deaths import every_death, mortal_desk, mortal_relay
from tests.support.shop import Shop

PRICE = 79920
_tenants = count(1)


@pytest.fixture(params=["memory", "sqlite"])
def engine(request):
    """How to open a shop that nobody has used yet, and how many payers there is time for."""
    if request.param == "memory":
        return Shop, 7
    database = request.getfixturevalue("shared_sqlite")
    return lambda: Shop(database.begin, tenant=f"killed-{next(_tenants)}"), 2


def work(shop, life):
    """Be the worker until there is nothing to do."""
    relay = mortal_relay(shop, life)
    while relay.tick(shop.tenant):
        pass


def finished(shop):
    """A new worker does the rest; every claim of the dead one has run out."""
    for _ in range(3):
        shop.work_off()
        shop.clock.forward(minutes=2)
    check_shop(shop, at_rest=True)
    assert shop.trouble == []
    return shop


def with_payers(engine, payers, quorum):
    open_shop, _ = engine
    shop = open_shop()
    shop.merchant(fee_bp=100)
    leader = shop.leader(commission_bp=500)
    shop.campaign_here = shop.campaign(leader=leader, quorum=Quorum(Measure.BUYERS, quorum))
    shop.paid = shop.join_and_pay(shop.campaign_here, payers)
    return shop


def test_a_failing_group_refunds_every_payer_once_wherever_its_worker_dies(engine):
    refunded_once_wherever_its_worker_dies(engine, engine[1])


def test_a_failing_group_cut_into_ranges_does_so_too(engine, monkeypatch):
    for name, size in (("SHARE", 2), ("PAGE", 2), ("BATCH", 1)):
        monkeypatch.setattr(forming, name, size)
    refunded_once_wherever_its_worker_dies(engine, 5)


def refunded_once_wherever_its_worker_dies(engine, payers):
    def failing(_):
        shop = with_payers(engine, payers, payers + 1)
        shop.clock.forward(days=3)
        return shop

    deaths = Counter()
    for shop in every_death(failing, work):
        before = shop.group(shop.campaign_here).state
        deaths[before] += 1
        finished(shop)
        assert shop.group(shop.campaign_here).state is GroupState.FAILED
        assert [shop.gateway.refunded(p.payment.number) for p in shop.paid] == [PRICE] * payers
        assert sum(m.kind == "refund" for m in shop.gateway.movements) == payers
        assert sum(m.amount.minor for m in shop.gateway.movements) == 0
        assert {r.cause for p in shop.paid for r in shop.refunds(p)} == {RefundCause.GROUP_FAILED}
        assert shop.balances() == {}
    assert deaths[GroupState.OPEN] > 0
    # Each refund is a call of two steps (it leaves, its answer arrives) between transactions of
    # three (begun, about to commit, committed): one that claims, one that reads, one that settles.
    assert deaths[GroupState.FAILED] >= 2 * payers + 3 * 3


def test_a_forming_group_confirms_every_order_once_wherever_its_process_dies(engine):
    payers = engine[1]

    def nearly_formed(_):
        shop = with_payers(engine, payers - 1, payers)
        last = shop.join(shop.campaign_here)
        shop.gateway.prepay(
            shop.desk.read(shop.system(), lambda w: payments.prepay_request(w, last.payment.id))
        )
        shop.report = shop.gateway.pay(last.payment.number)
        shop.paid.append(last)
        return shop

    def callback_then_work(shop, life):
        desk = mortal_desk(shop, life)
        desk.run(shop.system(), lambda w: payments.settle_payments(w, [shop.report]))
        work(shop, life)

    deaths = Counter()
    for shop in every_death(nearly_formed, callback_then_work):
        deaths[shop.group(shop.campaign_here).state] += 1
        shop.hear(shop.report)  # the provider tells it again, having heard no answer
        finished(shop)
        assert shop.group(shop.campaign_here).state is GroupState.FORMED
        assert {shop.order(p).state for p in shop.paid} == {OrderState.CONFIRMED}
        share, fee = PRICE * 500 // 10_000, PRICE * 100 // 10_000
        totals = shop.balances()
        assert totals["clearing:memory"] == payers * PRICE
        assert totals["platform:fees:pending"] == -payers * fee
        merchant = f"merchant:{shop.campaign_here.merchant_id}:pending"
        assert totals[merchant] == -payers * (PRICE - share - fee)
        assert shop.stock(shop.campaign_here).sold == payers
    assert deaths[GroupState.OPEN] > 0
    assert deaths[GroupState.FORMED] > payers


# --- a real process, really killed -----------------------------------------------------------

PROGRAM = "import sys; from groupbuy.entrypoints.console import main; sys.exit(main())"
PROBES = 2_000
LEASE_OVER = timedelta(seconds=61)


class Street:
    """A shop on a real database, a provider of its own, and workers that are processes."""

    def __init__(self, url, rig, folder):
        self.url, self.rig, self.folder = url, rig, folder
        self.clock_file = folder / "clock"
        self.database = open_database(url, pool_size=4)
        self.shop = Shop(self.database.begin, policy=Policy(provider="sandbox"))
        self.gateway = payments_sandbox.build(rig.settings(), rig.clock)
        self.shop.relay = self.relay()
        self.set_time(rig.now())

    def relay(self):
        plain = self.shop.a_relay().outside
        outside = Outside({"sandbox": self.gateway}, plain.payouts, plain.carriers, plain.notifiers)
        return type(self.shop.relay)(self.shop.desk, outside)

    def set_time(self, at):
        self.shop.clock.at = self.rig.clock.at = at
        fresh = self.folder / "clock.new"
        fresh.write_text(at.isoformat(), encoding="ascii")
        fresh.replace(self.clock_file)

    def pay(self, joined):
        number = joined.payment.number
        request = self.shop.desk.read(
            self.shop.system(), lambda w: payments.prepay_request(w, joined.payment.id)
        )
        self.gateway.prepay(request)
        self.rig.pay(number)
        report = self.gateway.query(number)
        assert report.outcome is PaymentOutcome.CAPTURED
        self.shop.hear(report)

    def worker(self):
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "worker"],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(sys.path),
                "GROUPBUY_DATABASE_URL": self.url,
                "GROUPBUY_CLOCK_FILE": str(self.clock_file),
                "GROUPBUY_PROVIDER_BASE_URL": self.rig.base_url,
                "GROUPBUY_PROVIDER_SECRET": SECRET,
            },
        )

    def refunds(self, *states):
        return sum(r.state in states for r in self.shop.all(Refund))

    def movements(self):
        told = self.rig.journal()["movements"]
        return [Movement("sandbox", m["kind"], m["number"], m["amount"]) for m in told]

    def close(self):
        self.gateway.close_connections()
        self.database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def street(request, tmp_path):
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
    else:
        url = request.getfixturevalue("pg_database").app_url
    with running(tmp_path / "journal.db") as rig:
        made = Street(url, rig, tmp_path)
        yield made
        made.close()


def until(condition, meanwhile=lambda: None):
    for _ in range(PROBES):
        if condition():
            return
        meanwhile()
        time.sleep(0.02)
    raise AssertionError("it never came to that")


def killed_after(street, condition):
    worker = street.worker()
    until(lambda: condition() or worker.poll() is not None)
    worker.send_signal(signal.SIGKILL)
    assert worker.wait() == -signal.SIGKILL


def test_workers_killed_for_real_leave_nothing_half_done(street):
    payers, shop = 12, street.shop
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, payers + 1))
    for _ in range(payers):
        street.pay(shop.join(campaign))
    street.set_time(shop.group(campaign).ends_at)
    street.rig.faults({"operation": "refund", "kind": "delay", "seconds": 0.05})
    sent = (RefundState.SUBMITTED, RefundState.SUCCEEDED)
    for enough in (1, 4, 8):
        killed_after(street, lambda enough=enough: street.refunds(*sent) >= enough)
        street.set_time(shop.clock.at + LEASE_OVER)
    last = street.worker()
    try:
        until(
            lambda: street.refunds(RefundState.SUCCEEDED) == payers,
            meanwhile=lambda: street.set_time(shop.clock.at + timedelta(seconds=5)),
        )
    finally:
        last.kill()
        last.wait()
    shop.clock.at += LEASE_OVER
    shop.work_off()
    moves = street.movements()
    assert Counter(m.kind for m in moves) == {"payment": payers, "refund": payers}
    assert sum(m.amount for m in moves) == 0
    books = shop.desk.read(shop.system(), books_of)
    assert check(books, at_rest=True, movements=moves) == []
    assert shop.group(campaign).state is GroupState.FAILED
    assert shop.balances() == {}
