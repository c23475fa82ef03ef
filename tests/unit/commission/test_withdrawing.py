from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from groupbuy.adapters.memory.payouts import MemoryPayouts
from groupbuy.application import payouts, withdrawals
from groupbuy.application.ledger_reports import compare_with_bill, verify
from groupbuy.application.ports import AuditRow, PayoutOutcome, PayoutReport, Query, Task
from groupbuy.domain.commission import TaxMethod, Withdrawal, WithdrawalRules, WithdrawalState
from groupbuy.domain.kernel import Forbidden, IllegalMove, Invalid, Money, NotFound, Refused
from groupbuy.domain.membership import Leader, LeaderState, Role, User
from tests.support.earnings import FINANCE, NO_COOLING, SECOND, TENANT


def send(shop, provider, withdrawal, rules=NO_COOLING):
    return payouts.send_payout(shop.desk, provider, TENANT, withdrawal.id, rules)


def reload(shop, withdrawal):
    return shop.desk.read(shop.system, lambda w: w.of(Withdrawal).get(withdrawal.id))


def edit(shop, kind, key, **changes):
    def change(work):
        work.of(kind).save(evolve(work.of(kind).get(key), **changes))

    shop.desk.run(shop.system, change)


def test_a_request_takes_the_money_out_of_reach_at_once(shop):
    leader = shop.settled(100_000)
    shop.withdraw(leader, 6_000)
    assert shop.available(leader) == 4_000
    with pytest.raises(Refused) as refusal:
        shop.withdraw(leader, 4_001)
    assert refusal.value.rule == "balance_is_enough"
    assert shop.accounts()[f"leader:{leader.leader_id}:in_transit"] == -6_000
    assert verify(shop.books()) == []


def test_an_approved_withdrawal_is_paid_once_and_booked_once(shop):
    leader = shop.settled(100_000)
    provider = MemoryPayouts(shop.clock)
    withdrawal = shop.approve(shop.withdraw(leader, 6_000))
    assert withdrawal.state is WithdrawalState.APPROVED
    assert send(shop, provider, withdrawal) == shop.clock.at + payouts.ASK_AGAIN
    provider.settle()
    assert send(shop, provider, withdrawal) is None
    assert send(shop, provider, withdrawal) is None
    assert reload(shop, withdrawal).state is WithdrawalState.PAID
    assert [line.amount for line in provider.movements] == [Money(-6_000)]
    assert f"leader:{leader.leader_id}:in_transit" not in shop.accounts()
    assert verify(shop.books()) == []


def test_the_provider_gets_the_real_account_and_one_number_for_ever(shop):
    leader = shop.settled(100_000)
    withdrawal = shop.approve(shop.withdraw(leader, 6_000))
    first, again = shop.submit(withdrawal), shop.submit(withdrawal)
    assert first == again
    assert (first.account, first.account_name) == ("6222021234567890", "何秀兰")
    assert first.number == withdrawal.number


@pytest.mark.parametrize("side", ["before", "after"])
def test_an_answer_that_never_came_is_asked_for_again_with_the_same_number(shop, side):
    leader = shop.settled(100_000)
    provider = MemoryPayouts(shop.clock)
    withdrawal = shop.approve(shop.withdraw(leader, 6_000))
    getattr(provider.trouble, side)["send"] = 1
    assert send(shop, provider, withdrawal) is not None
    assert reload(shop, withdrawal).state is WithdrawalState.SUBMITTED
    send(shop, provider, withdrawal)
    provider.settle()
    assert send(shop, provider, withdrawal) is None
    assert len(provider.movements) == 1


def test_a_failed_payout_returns_the_money_to_the_balance(shop):
    leader = shop.settled(100_000)
    provider = MemoryPayouts(shop.clock)
    withdrawal = shop.approve(shop.withdraw(leader, 6_000))
    send(shop, provider, withdrawal)
    provider.fail(withdrawal.number)
    assert send(shop, provider, withdrawal) is None
    after = reload(shop, withdrawal)
    assert (after.state, after.last_word) == (WithdrawalState.FAILED, "ACCOUNT_ABNORMAL")
    assert shop.available(leader) == 10_000
    assert verify(shop.books()) == []


def test_a_wallet_waits_for_its_owner_and_returns_the_money_after_a_day(shop):
    leader = shop.settled(100_000, account=False)
    wallet = withdrawals.ChangePayoutAccount("wechat_wallet", "openid-123456", "何秀兰")
    shop.desk.run(leader, lambda work: withdrawals.change_payout_account(work, wallet))
    provider = MemoryPayouts(shop.clock)
    withdrawal = shop.approve(shop.withdraw(leader, 6_000))
    assert send(shop, provider, withdrawal) == shop.clock.at + payouts.ASK_THE_USER_AGAIN
    assert reload(shop, withdrawal).state is WithdrawalState.AWAITING_USER
    shop.clock.at += timedelta(hours=24)
    assert send(shop, provider, withdrawal) is None
    assert reload(shop, withdrawal).state is WithdrawalState.FAILED
    assert shop.available(leader) == 10_000


def test_a_confirmed_wallet_transfer_is_paid(shop):
    leader = shop.settled(100_000, account=False)
    wallet = withdrawals.ChangePayoutAccount("wechat_wallet", "openid-123456", "何秀兰")
    shop.desk.run(leader, lambda work: withdrawals.change_payout_account(work, wallet))
    provider = MemoryPayouts(shop.clock)
    withdrawal = shop.approve(shop.withdraw(leader, 6_000))
    send(shop, provider, withdrawal)
    provider.confirm(withdrawal.number)
    assert send(shop, provider, withdrawal) is None
    assert reload(shop, withdrawal).state is WithdrawalState.PAID


def test_a_word_against_a_booked_end_changes_nothing_and_reaches_finance(shop):
    leader = shop.settled(100_000)
    provider = MemoryPayouts(shop.clock)
    withdrawal = shop.approve(shop.withdraw(leader, 6_000))
    send(shop, provider, withdrawal)
    provider.fail(withdrawal.number)
    send(shop, provider, withdrawal)
    late = PayoutReport(withdrawal.number, PayoutOutcome.PAID)
    shop.desk.run(shop.system, lambda work: payouts.settle_payout(work, late))
    assert reload(shop, withdrawal).state is WithdrawalState.FAILED
    told = shop.desk.read(
        shop.system, lambda w: w.of(Task).select(Query().where(subject=withdrawal.id))
    )
    assert "withdrawal.contradicted.paid" in {task.data.get("what") for task in told}


def test_a_report_about_an_unknown_number_is_not_found(shop):
    stray = PayoutReport("W01KUNKNOWN", PayoutOutcome.PAID)
    with pytest.raises(NotFound):
        shop.desk.run(shop.system, lambda work: payouts.settle_payout(work, stray))


def test_two_people_must_agree_above_the_limit(shop):
    leader = shop.settled(1_000_000)
    withdrawal = shop.withdraw(leader, 50_001)
    first = shop.approve(withdrawal)
    assert first.state is WithdrawalState.REQUESTED
    with pytest.raises(Refused):
        shop.approve(withdrawal)
    assert shop.submit(withdrawal) is None
    assert shop.approve(withdrawal, SECOND).state is WithdrawalState.APPROVED
    tasks = shop.desk.read(shop.system, lambda w: w.of(Task).find([f"payout/{withdrawal.id}"]))
    assert len(tasks) == 1


def test_a_leader_who_works_in_finance_cannot_approve_their_own_money(shop):
    leader = shop.settled(100_000)
    both = evolve(leader, roles=leader.roles | {Role.FINANCE})
    with pytest.raises(Refused) as refusal:
        shop.approve(shop.withdraw(leader, 6_000), both)
    assert refusal.value.rule == "approver_is_somebody_else"


def test_only_finance_decides(shop):
    leader = shop.settled(100_000)
    withdrawal = shop.withdraw(leader, 6_000)
    for use_case in (
        withdrawals.approve_withdrawal,
        withdrawals.hold_withdrawal,
        withdrawals.resume_withdrawal,
    ):
        with pytest.raises(Forbidden):
            shop.decide(use_case, withdrawal, leader)


def test_on_a_command_line_the_actor_must_be_a_user_of_finance(shop):
    leader = shop.settled(100_000)
    withdrawal = shop.withdraw(leader, 6_000)
    with pytest.raises(Forbidden):
        shop.approve(withdrawal, evolve(shop.system, channel="cli", user_id="cli:root"))
    clerk = shop.leader("出纳")
    edit(shop, User, clerk.user_id, roles=frozenset({Role.FINANCE}))
    named = evolve(shop.system, channel="cli", user_id=clerk.user_id)
    assert shop.approve(withdrawal, named).state is WithdrawalState.APPROVED


def test_what_is_on_hold_is_neither_approved_nor_paid_until_it_is_resumed(shop):
    leader = shop.settled(1_000_000)
    withdrawal = shop.withdraw(leader, 60_000)
    shop.approve(withdrawal)
    shop.decide(withdrawals.hold_withdrawal, withdrawal)
    with pytest.raises(IllegalMove):
        shop.approve(withdrawal, SECOND)
    resumed = shop.decide(withdrawals.resume_withdrawal, withdrawal)
    assert (resumed.state, resumed.approvals) == (WithdrawalState.REQUESTED, ())


def test_a_leader_cancels_their_own_request_and_gets_the_money_back(shop):
    leader, stranger = shop.settled(100_000), shop.leader("周建国")
    withdrawal = shop.withdraw(leader, 6_000)
    with pytest.raises(NotFound):
        shop.decide(withdrawals.cancel_withdrawal, withdrawal, stranger)
    shop.decide(withdrawals.cancel_withdrawal, withdrawal, leader)
    assert shop.available(leader) == 10_000
    with pytest.raises(IllegalMove):
        shop.decide(withdrawals.cancel_withdrawal, withdrawal, leader)
    assert verify(shop.books()) == []


def test_finance_cancels_only_with_a_reason(shop):
    withdrawal = shop.withdraw(shop.settled(100_000), 6_000)
    with pytest.raises(Invalid):
        shop.desk.run(
            FINANCE,
            lambda w: withdrawals.cancel_withdrawal(w, withdrawals.Decision(withdrawal.id)),
        )


def test_an_approved_withdrawal_cannot_be_cancelled_any_more(shop):
    leader = shop.settled(100_000)
    withdrawal = shop.approve(shop.withdraw(leader, 6_000))
    with pytest.raises(IllegalMove):
        shop.decide(withdrawals.cancel_withdrawal, withdrawal, leader)


def test_money_cools_down_after_a_change_of_account_or_password(shop):
    leader = shop.settled(100_000)
    card = withdrawals.ChangePayoutAccount("bank_card", "6222021234567891", "何秀兰")
    shop.desk.run(leader, lambda work: withdrawals.change_payout_account(work, card))
    with pytest.raises(Refused) as refusal:
        shop.withdraw(leader, 100, WithdrawalRules())
    assert refusal.value.rule == "cooling_period_is_over"
    shop.clock.at += timedelta(hours=48)
    edit(shop, User, leader.user_id, security_changed_at=shop.clock.at - timedelta(hours=47))
    with pytest.raises(Refused):
        shop.withdraw(leader, 100, WithdrawalRules())
    shop.clock.at += timedelta(hours=1)
    assert shop.withdraw(leader, 100, WithdrawalRules()).amount == Money(100)


def test_a_request_keeps_the_account_it_was_made_with(shop):
    leader = shop.settled(100_000)
    withdrawal = shop.approve(shop.withdraw(leader, 6_000))
    card = withdrawals.ChangePayoutAccount("bank_card", "6222021234567891", "别人")
    shop.desk.run(leader, lambda work: withdrawals.change_payout_account(work, card))
    assert shop.submit(withdrawal).account == "6222021234567890"


def test_the_caps_of_a_day_count_what_is_open_and_paid_but_not_what_came_back(shop):
    leader = shop.settled(1_000_000)
    rules = WithdrawalRules(cooling_hours=0, per_leader_day=10_000)
    first = shop.withdraw(leader, 6_000, rules)
    with pytest.raises(Refused) as refusal:
        shop.withdraw(leader, 4_001, rules)
    assert refusal.value.rule == "withdrawals_of_the_day_within_the_cap"
    shop.decide(withdrawals.cancel_withdrawal, first, leader)
    shop.withdraw(leader, 10_000, rules)
    shop.clock.at += timedelta(days=1)
    shop.withdraw(leader, 10_000, rules)


def test_the_cap_of_all_leaders_counts_everybody(shop):
    first, second = shop.leader("甲"), shop.leader("乙")
    for leader in (first, second):
        shop.earn(leader, 100_000)
    shop.clock.at = shop.clock.at.replace(month=11)
    shop.settle()
    rules = WithdrawalRules(cooling_hours=0, per_tenant_day=10_000)
    shop.withdraw(first, 6_000, rules)
    with pytest.raises(Refused) as refusal:
        shop.withdraw(second, 4_001, rules)
    assert refusal.value.rule == "all_withdrawals_of_the_day_within_the_cap"


def test_a_leader_without_account_or_approval_withdraws_nothing(shop):
    leader = shop.settled(100_000, account=False)
    with pytest.raises(Refused) as refusal:
        shop.withdraw(leader, 100)
    assert refusal.value.rule == "payout_account_is_set"
    other = shop.leader("周建国")
    edit(shop, Leader, other.leader_id, state=LeaderState.SUSPENDED)
    with pytest.raises(Refused) as refusal:
        shop.withdraw(other, 100)
    assert refusal.value.rule == "leader_is_approved"


@pytest.mark.parametrize(
    ("channel", "account", "name"),
    [
        ("bank_card", "622202123456789012345", "何"),
        ("bank_card", "６２２２０２１２３４５６", "何"),
        ("wechat_wallet", "a b", "何"),
        ("cash", "123456789012", "何"),
        ("bank_card", "6222021234567890", " "),
    ],
)
def test_an_account_that_cannot_be_one_is_refused(shop, channel, account, name):
    leader = shop.leader(account=False)
    odd = withdrawals.ChangePayoutAccount(channel, account, name)
    with pytest.raises(Invalid):
        shop.desk.run(leader, lambda work: withdrawals.change_payout_account(work, odd))


def test_only_the_end_of_an_account_is_shown_and_none_of_it_is_stored_readable(shop):
    leader = shop.leader()
    seen = shop.desk.read(leader, withdrawals.my_payout_account)
    assert (seen.channel, seen.tail) == ("bank_card", "7890")
    stored = shop.desk.read(shop.system, lambda work: work.of(Leader).get(leader.leader_id))
    rows = shop.desk.read(shop.system, lambda work: work.of(AuditRow).select(Query()))
    assert "7890" not in repr((stored, rows))
    with pytest.raises(NotFound):
        shop.desk.read(shop.leader(account=False), withdrawals.my_payout_account)


def test_tax_is_taken_at_payout_and_booked_apart(shop):
    leader = shop.settled(10_000_000)
    rules = evolve(NO_COOLING, tax=TaxMethod.LABOUR_SERVICE)
    provider = MemoryPayouts(shop.clock)
    withdrawal = shop.withdraw(leader, 600_000)
    withdrawal = shop.approve(shop.approve(withdrawal), SECOND)
    send(shop, provider, withdrawal, rules)
    provider.settle()
    send(shop, provider, withdrawal, rules)
    assert [line.amount for line in provider.movements] == [Money(-504_000)]
    assert shop.accounts()["tax_withheld"] == -96_000
    assert verify(shop.books()) == []


def test_income_belongs_to_the_year_it_is_paid_in_whenever_it_was_asked_for(shop):
    leader = shop.settled(100_000_000)
    rules = evolve(NO_COOLING, tax=TaxMethod.PLATFORM_CUMULATIVE, per_withdrawal=10_000_000)
    shop.clock.at = datetime(2026, 12, 31, 4, tzinfo=UTC)
    old = shop.withdraw(leader, 3_000_000, rules)
    shop.clock.at = datetime(2027, 1, 5, 4, tzinfo=UTC)
    provider = MemoryPayouts(shop.clock)
    send(shop, provider, shop.approve(shop.approve(old), SECOND), rules)
    new = shop.withdraw(leader, 3_000_000, rules)
    send(shop, provider, shop.approve(shop.approve(new), SECOND), rules)
    # ¥60 000 × 80 % − ¥5 000 = ¥43 000 taxed by the year's table, of which ¥19 000 was before.
    assert [reload(shop, each).tax for each in (old, new)] == [Money(57_000), Money(121_000)]


def test_our_money_at_the_provider_is_what_its_bill_says(shop):
    leader = shop.settled(100_000)
    provider = MemoryPayouts(shop.clock)
    withdrawal = shop.approve(shop.withdraw(leader, 6_000))
    send(shop, provider, withdrawal)
    provider.settle()
    send(shop, provider, withdrawal)
    paid_in = evolve(provider.movements[0], kind="payment", amount=Money(100_000))
    bill = [paid_in, *provider.movements]
    assert compare_with_bill(shop.books(), "sandbox", bill) == []
    (finding,) = compare_with_bill(shop.books(), "sandbox", bill[:1])
    assert (finding.expected, finding.found) == (100_000, 94_000)


def test_every_step_that_moves_money_is_audited_once(shop):
    leader = shop.settled(100_000)
    withdrawal = shop.approve(shop.withdraw(leader, 6_000))
    rows = shop.desk.read(
        shop.system, lambda w: w.of(AuditRow).select(Query().where(subject=withdrawal.id))
    )
    assert sorted((row.action, row.actor) for row in rows) == [
        ("withdrawal.approve", FINANCE.user_id),
        ("withdrawal.request", leader.user_id),
    ]


def test_withdrawals_are_listed_by_state_the_newest_first(shop):
    leader = shop.settled(100_000)
    first = shop.withdraw(leader, 1_000)
    shop.clock.at += timedelta(minutes=1)
    second = shop.withdraw(leader, 2_000)
    shop.decide(withdrawals.cancel_withdrawal, first, leader)
    mine = shop.desk.read(leader, withdrawals.my_withdrawals)
    assert [each.id for each in mine] == [second.id, first.id]
    open_ones = shop.desk.read(
        FINANCE, lambda w: withdrawals.list_withdrawals(w, [WithdrawalState.REQUESTED])
    )
    assert [each.id for each in open_ones] == [second.id]
