"""Two operators type the same command at the same instant, on PostgreSQL: it happens once.

Each has looked before either writes: they meet at the first thing that is to be stored.
"""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout, suppress
from io import StringIO
from itertools import count
from types import SimpleNamespace

import click
import pytest
from attrs import evolve

from groupbuy.adapters.memory.payouts import MemoryPayouts
from groupbuy.adapters.persistence import open_database
from groupbuy.application import commission, jobs, merchants
from groupbuy.application.ledger_reports import verify
from groupbuy.application.policy import Policy
from groupbuy.application.ports import AuditRow, Query, Task
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.commission import Statement, Withdrawal, WithdrawalState
from groupbuy.domain.kernel import Money
from groupbuy.domain.membership import Role, User
from groupbuy.domain.payouts import PayoutState
from groupbuy.entrypoints import recurring
from groupbuy.entrypoints.cli import main
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.settings import Settings
from tests.support.checks import check_shop
from tests.support.earnings import TENANT, Earnings
from tests.support.merchants import MERCHANT, Trade
from tests.support.shop import Shop

ROUNDS = 12
PATIENCE = 60
WAITING = (PayoutState.REQUESTED,)
_tenants = count(1)


class Meeting:
    """A desk whose first writers wait for each other."""

    def __init__(self, desk, barrier):
        self._desk, self._barrier, self._mine = desk, barrier, threading.local()

    def __getattr__(self, name):
        return getattr(self._desk, name)

    def run(self, caller, use_case):
        if not getattr(self._mine, "met", False):
            self._mine.met = True
            # Whoever comes second may have been refused before there was anything to write.
            with suppress(threading.BrokenBarrierError):
                self._barrier.wait(5)
        return self._desk.run(caller, use_case)


@pytest.fixture(scope="module")
def database(pg_cluster, pg_template):
    with pg_cluster.database(pg_template) as place:
        opened = open_database(place.app_url, pool_size=8)
        yield opened
        opened.close()


def both(place, *commands, **app):
    """Run two commands at once, each as its own operator; return how each ended."""
    barrier = threading.Barrier(len(commands))
    settings = Settings(policy=place.desk.kit.policy)

    def act(command):
        actor, *words = command
        desk = Meeting(place.desk, barrier)
        told = SimpleNamespace(desk=desk, kit=place.desk.kit, close=lambda: None, **app)
        shell = Shell(app=told, settings=settings, tenant=place.tenant, actor=actor)
        try:
            code = main.main(list(words), obj=shell, standalone_mode=False, prog_name="groupbuy")
        except click.UsageError as error:
            return error.exit_code
        return code if isinstance(code, int) else 0

    with redirect_stdout(StringIO()), ThreadPoolExecutor(len(commands)) as pool:
        return sorted(pool.map(act, commands))


@pytest.fixture
def shop(database):
    policy = Policy(provider="memory", refunds_per_second=1_000)
    return Shop(database.begin, tenant=f"ops-{next(_tenants)}", policy=policy)


@pytest.fixture
def earnings(database):
    """Money is booked under one tenant, which the module shares."""
    made = Earnings(database)
    made.tenant = TENANT
    return made


def clerks(place, number=2):
    """Let people work in finance; return their ids."""
    made = []
    for _ in range(number):
        key = place.kit.ids.new("usr")
        user = User(
            id=key,
            phone_fingerprint=key,
            phone_sealed="",
            name_sealed="",
            password_hash="",
            data_key=place.kit.vault.new_data_key(),
            created_at=place.clock.at,
            roles=frozenset({Role.SHOPPER, Role.FINANCE}),
        )
        place.put(User, user)
        made.append(key)
    return made


def audited(place, action, subject):
    query = Query().where(subject=subject).page(100)
    rows = place.desk.read(place.system, lambda w: w.of(AuditRow).select(query))
    return [row for row in rows if row.action == action]


@pytest.mark.parametrize("part", [(), ("--line", "1", "--units", "2")])
def test_a_refund_is_granted_once(shop, part):
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 1))
    ends = []
    for _ in range(ROUNDS):
        joined = shop.join(campaign, units=2)
        shop.pay(joined)
        shop.work_off()
        command = ("refund", "create", joined.order.id, *part, "--reason", "spoiled", "--yes")
        ends.append(tuple(both(shop, ("chen", *command), ("li", *command))))
        shop.work_off()
        assert shop.gateway.refunded(joined.payment.number) == joined.payment.due.minor
    # A rule says no to whoever comes second, or the order is not as they saw it.
    assert {first for first, _ in ends} == {0}
    assert {second for _, second in ends} <= {1, 5}
    check_shop(shop, at_rest=True)


def test_a_settlement_runs_once(earnings):
    ends = Counter()
    for number in range(ROUNDS):
        leader = earnings.leader()
        earnings.earn(leader, 10_000)
        earnings.clock.at = earnings.clock.at.replace(month=11)
        key = earnings.preview("2026-10").key
        command = ("settle", "run", "--preview", key, "--reason", f"run {number}", "--yes")
        ends[tuple(both(earnings, ("chen", *command), ("li", *command)))] += 1
        assert earnings.available(leader) == 1_000
        found = earnings.desk.read(leader, lambda w: commission.my_statements(w, 10))
        assert [each.settled for each in found] == [Money(1_000)]
        assert isinstance(found[0], Statement)
        earnings.clock.at = earnings.clock.at.replace(month=10)
    # The second finds everything done (0, all skipped), or that something has changed (5).
    assert set(ends) <= {(0, 0), (0, 5)}
    assert verify(earnings.books()) == []


def test_a_withdrawal_is_approved_once_and_sent_once(earnings):
    leader, people = earnings.settled(2_000_000), clerks(earnings)
    provider = MemoryPayouts(earnings.clock)
    for _ in range(ROUNDS):
        earnings.clock.at = earnings.clock.at.replace(day=earnings.clock.at.day + 1)
        asked = earnings.withdraw(leader, 10_000)
        approve = ("withdrawal", "approve", asked.id, "--reason", "ok", "--confirm", "100.00")
        ends = both(earnings, *((who, *approve) for who in people))
        assert ends == [0, 5]
        due = Query().where(topic="payout").page(1_000)
        tasks = earnings.desk.read(earnings.system, lambda w, due=due: w.of(Task).select(due))
        assert sum(task.subject == asked.id for task in tasks) == 1
        pay = ("withdrawal", "pay", asked.id, "--reason", "today", "--yes")
        payouts = {"payouts": {"sandbox": provider}}
        assert both(earnings, *((who, *pay) for who in people), **payouts) == [0, 0]
        provider.settle()
        assert both(earnings, *((who, *pay) for who in people), **payouts) == [0, 0]
        paid = earnings.desk.read(
            earnings.system, lambda w, key=asked.id: w.of(Withdrawal).get(key)
        )
        assert paid.state is WithdrawalState.PAID
    assert [line.amount for line in provider.movements] == [Money(-10_000)] * ROUNDS
    assert verify(earnings.books()) == []


def test_a_merchants_payout_is_asked_for_once_and_approved_once(earnings):
    trade = Trade(earnings)
    trade.tenant = TENANT
    people = clerks(earnings, 4)
    for _ in range(ROUNDS):
        trade.sell(20_000)
        key = trade.due(10_000).key
        ask = ("merchant", "payout", "request", MERCHANT, "--reason", "October", "--preview", key)
        assert both(trade, *((who, *ask) for who in people[:2])) == [0, 5]
        (made,) = trade.desk.read(earnings.system, lambda w: merchants.list_payouts(w, WAITING))
        approve = ("merchant", "payout", "approve", made.id, "--reason", "ok")
        sure = ("--confirm", "100.00")
        assert both(trade, *((who, *approve, *sure) for who in people[2:])) == [0, 5]
        assert len(audited(earnings, "merchant_payout.approve", made.id)) == 1
        assert trade.reload(made).state is PayoutState.APPROVED
    assert verify(earnings.books()) == []


def test_an_effect_is_sent_again_once(earnings):
    for number in range(ROUNDS):
        key = f"track/shp_{number}"
        stuck = Task(
            id=key,
            topic="track",
            subject=f"shp_{number}",
            due_at=earnings.clock.at,
            created_at=earnings.clock.at,
            state="parked",
            attempts=20,
        )
        earnings.put(Task, stuck)
        replay = ("outbox", "replay", key, "--reason", "mended", "--yes")
        assert both(earnings, ("chen", *replay), ("li", *replay)) == [0, 0]
        (row,) = audited(earnings, "outbox.replay", key)
        assert row.actor in {"chen", "li"}
        again = earnings.desk.read(earnings.system, lambda w, key=key: w.of(Task).get(key))
        assert (again.state, again.attempts) == ("pending", 0)


def test_a_job_is_run_by_one_and_the_other_hears_by_whom(earnings, monkeypatch, capsys):
    ran, refused = [], threading.Event()

    def wash(_app, _tenant):
        ran.append(1)
        assert refused.wait(PATIENCE)
        return 3

    job = recurring.Job("laundry", "洗衣", "washes", wash)
    monkeypatch.setattr(recurring, "JOBS", (job,))
    complain = Shell.complain

    def heard(shell, error):
        complain(shell, error)
        refused.set()

    monkeypatch.setattr(Shell, "complain", heard)
    for number in range(1, ROUNDS + 1):
        refused.clear()
        command = ("jobs", "run", "laundry", "--reason", "now")
        assert both(earnings, ("chen", *command), ("li", *command)) == [0, 5]
        assert len(ran) == number
    assert "has the job laundry in hand" in capsys.readouterr().err
    assert len(audited(earnings, "job.run", "laundry")) == ROUNDS


def test_a_job_whose_process_died_is_free_again_after_its_lease(earnings):
    claim = earnings.desk.run(
        evolve(earnings.system, user_id="chen"), lambda w: jobs._claimed(w, "ladder", "now")
    )
    assert claim.token
    earnings.clock.at += jobs.LEASE
    done = jobs.run_by_hand(earnings.desk, earnings.system, "ladder", lambda: 2, "again")
    assert (done.handled, done.token, done.claimed_until) == (2, "", None)
    assert done.by == "system"
