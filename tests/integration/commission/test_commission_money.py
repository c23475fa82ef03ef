"""Commission, settlement and withdrawal on every storage, with people in each other's way."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from groupbuy.adapters.memory.payouts import MemoryPayouts
from groupbuy.application import commission, payouts, withdrawals
from groupbuy.application.ledger_reports import picture_of, trial_balance, verify
from groupbuy.application.ports import Query
from groupbuy.domain.commission import (
    ChangedSincePreview,
    CommissionRole,
    Entry,
    EntryState,
    Statement,
    Step,
    Withdrawal,
    WithdrawalState,
)
from groupbuy.domain.kernel import DomainError, Money, Refused
from tests.support.earnings import FINANCE, NO_COOLING, SECOND, TENANT


def at_once(*jobs):
    """Run jobs in threads that start together; return each result or refusal."""
    barrier = Barrier(len(jobs))

    def run(job):
        barrier.wait()
        try:
            return job()
        except DomainError as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def stored(shop, kind):
    return shop.desk.read(shop.system, lambda work: work.of(kind).select(Query().page(1000)))


def test_a_whole_life_of_commission_leaves_books_that_verify(shop):
    leader, provider = shop.leader(), MemoryPayouts(shop.clock)
    order = shop.confirm(shop.order(leader.leader_id, {1: 99_900, 2: 1_001}))
    order = shop.vest(shop.refund(order, 1, 3))
    order = shop.refund(order, 1, 1)
    shop.clock.at = shop.clock.at.replace(month=11)
    (statement,) = shop.settle().settled
    assert statement.settled.minor == shop.available(leader) == 59_940 // 10 + 100
    first = shop.approve(shop.withdraw(leader, 2_000))
    payouts.send_payout(shop.desk, provider, TENANT, first.id, NO_COOLING)
    provider.settle()
    payouts.send_payout(shop.desk, provider, TENANT, first.id, NO_COOLING)
    shop.withdraw(leader, 1_000)
    shop.refund(order, 2, 5)
    assert verify(shop.books()) == []
    assert sum(row.balance for row in trial_balance(shop.books())) == 0


def test_the_database_draws_the_same_picture_as_the_stores(shop):
    leader = shop.settled(100_000)
    shop.confirm(shop.order(leader.leader_id))
    shop.withdraw(leader, 1_000)
    with shop.database.begin(TENANT, write=False) as tx:
        assert shop.books() == picture_of(tx)


def test_the_books_of_one_tenant_say_nothing_about_another(shop):
    shop.settled(100_000)
    assert shop.database.ledger("other").accounts == ()


def a_month_with_a_ladder(shop):
    """Let a leader sell for ¥600.00 in November, with a ladder that gives 1 % from ¥100.00."""
    steps = (Step(Money(10_000), 100), Step(Money(50_000), 300))
    said = commission.SetLadder("shop", steps, "a busy autumn")
    shop.desk.run(shop.system, lambda work: commission.set_ladder(work, said))
    shop.clock.at = shop.clock.at.replace(month=11)
    leader = shop.leader()
    orders = [shop.earn(leader, 20_000) for _ in range(3)]
    shop.clock.at = shop.clock.at.replace(month=12)
    return leader, orders


def test_a_month_gets_its_bonus_and_refunds_take_it_back_on_every_storage(shop):
    leader, orders = a_month_with_a_ladder(shop)
    commission.settle_due(shop.desk, TENANT)
    assert shop.available(leader) == 6_000 + 1_800
    shop.refund(orders[0], 1, 10)
    assert [b.amount for b in commission.apply_ladders(shop.desk, shop.system)] == [400 - 1_800]
    assert shop.available(leader) == 4_000 + 400
    assert verify(shop.books()) == []


def test_two_who_apply_the_ladder_at_once_pay_one_bonus(shop):
    leader, orders = a_month_with_a_ladder(shop)
    at_once(
        lambda: commission.apply_ladders(shop.desk, shop.system),
        lambda: commission.apply_ladders(shop.desk, shop.system),
        lambda: shop.refund(orders[0], 1, 10),
    )
    commission.apply_ladders(shop.desk, shop.system)
    paid = [e.amount.minor for e in shop.entries(leader) if e.role is CommissionRole.LADDER]
    assert sum(paid) == 400
    assert verify(shop.books()) == []


def test_two_withdrawals_of_one_balance_cannot_both_have_it(shop):
    leader = shop.settled(100_000)
    answers = at_once(*[lambda: shop.withdraw(leader, 6_000)] * 2)
    paid = [answer for answer in answers if isinstance(answer, Withdrawal)]
    (refused,) = [answer for answer in answers if isinstance(answer, DomainError)]
    assert len(paid) == 1
    assert isinstance(refused, Refused)
    assert refused.rule == "balance_is_enough"
    assert shop.available(leader) == 4_000
    assert verify(shop.books()) == []


def test_two_approvers_at_once_count_as_two(shop):
    leader = shop.settled(1_000_000)
    withdrawal = shop.withdraw(leader, 60_000)
    at_once(lambda: shop.approve(withdrawal, FINANCE), lambda: shop.approve(withdrawal, SECOND))
    (after,) = stored(shop, Withdrawal)
    assert after.state is WithdrawalState.APPROVED
    assert set(after.approvals) == {FINANCE.user_id, SECOND.user_id}


def test_one_approver_who_asks_twice_at_once_counts_as_one(shop):
    leader = shop.settled(1_000_000)
    withdrawal = shop.withdraw(leader, 60_000)
    at_once(*[lambda: shop.approve(withdrawal, FINANCE)] * 2)
    (after,) = stored(shop, Withdrawal)
    assert (after.state, after.approvals) == (WithdrawalState.REQUESTED, (FINANCE.user_id,))


def test_a_cancellation_and_an_approval_at_once_end_in_one_of_them(shop):
    leader = shop.settled(100_000)
    withdrawal = shop.withdraw(leader, 6_000)
    at_once(
        lambda: shop.approve(withdrawal),
        lambda: shop.decide(withdrawals.cancel_withdrawal, withdrawal, leader),
    )
    (after,) = stored(shop, Withdrawal)
    left = {WithdrawalState.APPROVED: 4_000, WithdrawalState.CANCELLED: 10_000}
    assert shop.available(leader) == left[after.state]
    assert verify(shop.books()) == []


def test_two_workers_that_send_one_payout_pay_it_once(shop):
    leader, provider = shop.settled(100_000), MemoryPayouts(shop.clock)
    withdrawal = shop.approve(shop.withdraw(leader, 6_000))

    def send():
        return payouts.send_payout(shop.desk, provider, TENANT, withdrawal.id, NO_COOLING)

    at_once(send, send)
    provider.settle()
    at_once(send, send)
    assert [line.amount for line in provider.movements] == [Money(-6_000)]
    assert verify(shop.books()) == []


def test_a_settlement_that_runs_twice_at_once_settles_once(shop):
    leaders = [shop.leader(f"第{n}") for n in range(3)]
    for leader in leaders:
        shop.earn(leader)
    shop.clock.at = shop.clock.at.replace(month=11)
    digest = shop.preview().digest

    def run():
        return commission.run(shop.desk, FINANCE, "2026-10", digest, "October")

    runs = at_once(run, run)
    assert sum(len(done.settled) for done in runs) == 3
    assert len(stored(shop, Statement)) == 3
    assert [shop.available(leader) for leader in leaders] == [1_000] * 3
    again = run()
    assert (again.settled, again.skipped) == ((), 3)


def test_a_refund_at_the_moment_of_the_settlement_is_taken_back_once(shop):
    leader = shop.leader()
    order = shop.earn(leader)
    shop.clock.at = shop.clock.at.replace(month=11)
    digest = shop.preview().digest
    outcome, _ = at_once(
        lambda: commission.run(shop.desk, FINANCE, "2026-10", digest, "October"),
        lambda: shop.refund(order, 1, 4),
    )
    if isinstance(outcome, ChangedSincePreview):
        shop.settle()
    assert shop.available(leader) == 600
    assert verify(shop.books()) == []


def test_a_repeated_settlement_leaves_no_entry_unstated(shop):
    leader = shop.leader()
    for _ in range(5):
        shop.earn(leader)
    shop.clock.at = shop.clock.at.replace(month=11)
    shop.settle()
    shop.settle()
    assert {entry.state for entry in stored(shop, Entry)} == {EntryState.PAID}
    assert len(stored(shop, Statement)) == 1


@pytest.mark.parametrize("parts", [[10], [3, 7], [1, 2, 3, 4]])
def test_any_way_of_refunding_everything_takes_everything_back(shop, parts):
    leader = shop.leader()
    order = shop.confirm(shop.order(leader.leader_id, {1: 9_999}))
    for units in parts:
        order = shop.refund(order, 1, units)
    assert sum(entry.amount.minor for entry in shop.entries(leader)) == 0
    assert verify(shop.books()) == []
