"""Paying a merchant on every storage: previewed, asked for once, agreed by two, sent once."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.application import merchants, payouts
from groupbuy.application.ledger_reports import verify
from groupbuy.application.ports import AuditRow, PayoutOutcome, PayoutReport, Query, Task
from groupbuy.domain.aftersale import AfterSale, Kind, Reason
from groupbuy.domain.commission import ChangedSincePreview
from groupbuy.domain.kernel import Forbidden, IllegalMove, Invalid, Money, NotFound, Refused
from groupbuy.domain.membership import Role, User
from groupbuy.domain.merchants import MerchantPayout
from groupbuy.domain.ordering import Order
from groupbuy.domain.payouts import PayoutState
from tests.support.earnings import FINANCE, SECOND, TENANT
from tests.support.merchants import MERCHANT, STAFF, at_once, person

THIRD = person("usr_third")


def refused(rule, job):
    with pytest.raises(Refused) as refusal:
        job()
    assert refusal.value.rule == rule


def approved(trade, minor=None):
    payout = trade.approve(trade.request(minor), SECOND)
    return trade.approve(payout, THIRD) if payout.state is PayoutState.REQUESTED else payout


def test_what_has_vested_is_paid_once_and_booked_once(trade):
    trade.sell(100_000)
    payout = approved(trade)
    assert payout.state is PayoutState.APPROVED
    assert trade.send(payout) == trade.clock.at + payouts.ASK_AGAIN
    trade.provider.settle()
    assert trade.send(payout) is None
    assert trade.send(payout) is None
    assert trade.reload(payout).state is PayoutState.PAID
    assert [line.amount for line in trade.provider.movements] == [Money(-90_000)]
    accounts = trade.shop.accounts()
    assert not any(account.startswith(f"merchant:{MERCHANT}") for account in accounts)
    assert verify(trade.shop.books()) == []


def test_a_request_takes_the_money_out_of_reach_and_the_books_explain_it(trade):
    trade.sell(100_000)
    trade.request(60_000)
    assert trade.payable() == 30_000
    assert trade.shop.accounts()[f"merchant:{MERCHANT}:in_transit"] == -60_000
    assert verify(trade.shop.books()) == []
    refused("balance_is_enough", lambda: trade.request(30_001))


def test_a_preview_writes_nothing_and_names_what_is_free(trade):
    trade.sell(100_000)
    planned = trade.due()
    assert (planned.payable, planned.held, planned.free, planned.amount) == (
        Money(90_000), Money(0), Money(90_000), Money(90_000),
    )  # fmt: skip
    assert planned == trade.due()
    assert merchants.parse_key(planned.key) == (MERCHANT, 90_000, planned.digest[:12])
    with pytest.raises(Invalid):
        merchants.parse_key("mrc_1@12")


def test_two_who_previewed_the_same_never_ask_twice(trade):
    trade.sell(100_000)
    digest = trade.due(40_000).digest

    def ask(who):
        cmd = merchants.RequestPayout(MERCHANT, Money(40_000), digest, "for October")
        return lambda: trade.desk.run(who, lambda work: merchants.request_payout(work, cmd))

    found = at_once(ask(FINANCE), ask(SECOND))
    assert sorted(type(each).__name__ for each in found) == [
        ChangedSincePreview.__name__,
        MerchantPayout.__name__,
    ]
    assert trade.payable() == 50_000
    assert verify(trade.shop.books()) == []


def test_even_a_payout_that_was_given_up_makes_an_old_preview_useless(trade):
    trade.sell(100_000)
    digest = trade.due(40_000).digest
    payout = trade.request(40_000)
    trade.desk.run(FINANCE, lambda work: merchants.cancel_payout(work, payout.id, "mistake"))
    assert trade.payable() == 90_000
    with pytest.raises(ChangedSincePreview):
        trade.request(40_000, digest)


def test_one_person_is_enough_for_a_small_payout_and_two_for_a_large_one(trade):
    trade.sell(1_000_000)
    assert trade.approve(trade.request(50_000), SECOND).state is PayoutState.APPROVED
    large = trade.approve(trade.request(50_001), SECOND)
    assert large.state is PayoutState.REQUESTED
    refused("approver_is_a_second_person", lambda: trade.approve(large, SECOND))
    assert trade.approve(large, THIRD).state is PayoutState.APPROVED


def test_nobody_approves_what_they_asked_for_or_get(trade):
    trade.sell(100_000)
    payout = trade.request()
    refused("approver_is_somebody_else", lambda: trade.approve(payout, FINANCE))
    theirs = evolve(SECOND, merchant_id=MERCHANT)
    refused("approver_is_somebody_else", lambda: trade.approve(payout, theirs))
    with pytest.raises(Forbidden):
        trade.approve(payout, STAFF)


def test_on_the_command_line_a_name_must_be_that_of_somebody_in_finance(trade):
    trade.sell(100_000)
    payout, claim = trade.request(), evolve(SECOND, channel="cli", user_id="root")
    with pytest.raises(Forbidden):
        trade.approve(payout, claim)
    with pytest.raises(Forbidden):
        trade.request(100, who=claim)
    user = User(
        id="usr_clerk",
        phone_fingerprint="clerk",
        phone_sealed="",
        name_sealed="",
        password_hash="",
        data_key="",
        created_at=trade.clock.at,
        roles=frozenset({Role.FINANCE, Role.MERCHANT}),
        merchant_id=MERCHANT,
    )
    trade.shop.put(User, user)
    clerk = evolve(claim, user_id=user.id)
    refused("approver_is_somebody_else", lambda: trade.approve(payout, clerk))


def test_two_approvals_at_the_same_instant_send_the_money_once(trade):
    trade.sell(100_000)
    payout = trade.request()
    at_once(lambda: trade.approve(payout, SECOND), lambda: trade.approve(payout, THIRD))
    assert trade.reload(payout).state is PayoutState.APPROVED
    due = Query().where(topic="payout")
    tasks = trade.desk.read(FINANCE, lambda work: work.of(Task).select(due))
    assert [task.subject for task in tasks] == [payout.id]
    at_once(lambda: trade.send(payout), lambda: trade.send(payout))
    trade.provider.settle()
    trade.send(payout)
    assert len(trade.provider.movements) == 1
    assert verify(trade.shop.books()) == []


def test_a_changed_account_cools_down_and_an_unknown_one_is_refused(trade):
    trade.sell(100_000)
    shown = trade.change_account()
    assert (shown.channel, shown.tail) == ("bank_card", "7890")
    refused("cooling_period_is_over", trade.request)
    trade.clock.at += timedelta(hours=48)
    assert trade.request().state is PayoutState.REQUESTED


def test_the_provider_gets_the_real_account_and_one_number_for_ever(trade):
    trade.sell(100_000)
    payout = approved(trade)
    submit = lambda: trade.desk.run(  # noqa: E731
        trade.shop.system, lambda work: payouts.submit_payout(work, payout.id)
    )
    first, again = submit(), submit()
    assert first == again
    assert (first.account, first.account_name) == ("6222021234567890", "东门果行")
    assert first.number == payout.number == "M" + payout.id[4:]


@pytest.mark.parametrize("side", ["before", "after"])
def test_an_answer_that_never_came_is_asked_for_again_with_the_same_number(trade, side):
    trade.sell(100_000)
    payout = approved(trade)
    getattr(trade.provider.trouble, side)["send"] = 1
    assert trade.send(payout) is not None
    assert trade.reload(payout).state is PayoutState.SUBMITTED
    trade.send(payout)
    trade.provider.settle()
    assert trade.send(payout) is None
    assert len(trade.provider.movements) == 1


def test_what_nobody_is_certain_of_for_a_day_needs_a_person_and_is_never_sent_anew(trade):
    trade.sell(100_000)
    payout = approved(trade)
    trade.send(payout)
    trade.clock.at += timedelta(hours=24)
    assert trade.send(payout) == trade.clock.at + payouts.ASK_IN_DOUBT
    stuck = trade.reload(payout)
    assert (stuck.state, stuck.number) == (PayoutState.NEEDS_OPERATOR, payout.number)
    told = Query().where(topic="notify", subject=payout.id)
    heard = trade.desk.read(FINANCE, lambda work: work.of(Task).select(told))
    assert "merchant_payout.needs_operator" in {task.data["what"] for task in heard}
    assert trade.payable() == 0
    assert verify(trade.shop.books()) == []
    trade.provider.settle()
    payouts.pay_by_hand(trade.desk, trade.provider, FINANCE, payout.id, "looked it up")
    assert trade.reload(payout).state is PayoutState.PAID
    assert len(trade.provider.movements) == 1


def test_a_failed_payout_is_payable_again(trade):
    trade.sell(100_000)
    payout = approved(trade)
    trade.send(payout)
    trade.provider.fail(payout.number)
    assert trade.send(payout) is None
    after = trade.reload(payout)
    assert (after.state, after.last_word) == (PayoutState.FAILED, "ACCOUNT_ABNORMAL")
    assert trade.payable() == 90_000
    assert verify(trade.shop.books()) == []


def test_a_word_against_the_booked_end_changes_nothing_and_finance_hears_of_it(trade):
    trade.sell(100_000)
    payout = approved(trade)
    trade.send(payout)
    trade.provider.settle()
    trade.send(payout)
    failed = PayoutReport(payout.number, PayoutOutcome.FAILED)
    trade.desk.run(trade.shop.system, lambda work: payouts.settle_payout(work, failed))
    assert trade.reload(payout).state is PayoutState.PAID
    rows = trade.desk.read(
        FINANCE, lambda work: work.of(AuditRow).select(Query().where(subject=payout.id))
    )
    assert "merchant_payout.contradicted" in {row.action for row in rows}


def test_a_held_payout_forgets_its_approvals_and_goes_on_when_it_is_let(trade):
    trade.sell(100_000)
    payout = trade.approve(trade.request(), SECOND)
    held = trade.desk.run(FINANCE, lambda work: merchants.hold_payout(work, payout.id, "why?"))
    assert (held.state, held.approvals) == (PayoutState.ON_HOLD, ())
    with pytest.raises(IllegalMove):
        trade.approve(payout, THIRD)
    trade.desk.run(FINANCE, lambda work: merchants.resume_payout(work, payout.id, "answered"))
    assert trade.approve(payout, SECOND).state is PayoutState.REQUESTED
    refused(
        "withdrawal_is_approved",
        lambda: payouts.pay_by_hand(trade.desk, trade.provider, FINANCE, payout.id, "now"),
    )


def test_an_open_after_sale_case_of_a_vested_order_holds_its_money_back(trade):
    order = trade.sell(100_000)

    def note(work):
        stored = work.of(Order).lock([order.id])[order.id]
        work.of(Order).save(evolve(stored, vested_at=trade.clock.at))
        case = AfterSale(
            id=work.new_id("afs"),
            order_id=order.id,
            line_no=1,
            buyer_id=order.buyer_id,
            merchant_id=MERCHANT,
            kind=Kind.REFUND_ONLY,
            units=2,
            reason=Reason.DAMAGED,
            applied_at=trade.clock.at,
            decide_by=trade.clock.at,
            open_line=f"{order.id}/1",
        )
        work.of(AfterSale).add(case)

    trade.desk.run(trade.shop.system, note)
    planned = trade.due()
    assert (planned.held, planned.free) == (Money(20_000), Money(70_000))
    refused("balance_is_enough", lambda: trade.request(70_001))
    assert trade.request(70_000).amount == Money(70_000)


def test_a_late_refund_takes_from_what_is_payable_and_nothing_below_zero_is_paid(trade):
    order = trade.sell(100_000)
    trade.request()
    trade.shop.refund(order, 1, 1)
    planned = trade.due()
    assert (planned.payable, planned.free) == (Money(-9_000), Money(0))
    refused("withdrawal_reaches_the_minimum", trade.request)
    refused("balance_is_enough", lambda: trade.request(100))
    assert verify(trade.shop.books()) == []


def test_what_has_not_vested_is_not_paid(trade):
    trade.shop.confirm(trade.shop.order(trade.leader.leader_id, {1: 100_000}))
    assert trade.due().free == Money(0)


def test_unknown_merchants_and_payouts_are_not_found(trade):
    with pytest.raises(NotFound):
        trade.desk.read(FINANCE, lambda work: merchants.due(work, "mrc_2"))
    with pytest.raises(NotFound):
        trade.desk.read(FINANCE, lambda work: merchants.show_payout(work, "mpo_1"))
    with pytest.raises(Forbidden):
        trade.due(who=STAFF)


def test_staff_see_the_payouts_of_their_own_merchant_and_the_end_of_its_account(trade):
    trade.sell(100_000)
    payout = trade.request()
    other = evolve(STAFF, merchant_id="mrc_2")
    assert trade.desk.read(STAFF, merchants.my_payouts) == [payout]
    assert trade.desk.read(other, merchants.my_payouts) == []
    assert trade.desk.read(STAFF, merchants.my_payout_account).tail == "7890"
    with pytest.raises(NotFound):
        trade.desk.read(other, merchants.my_payout_account)
    found = trade.desk.read(FINANCE, lambda w: merchants.list_payouts(w, (PayoutState.PAID,)))
    assert found == []
    assert trade.shop.database.ledger(TENANT).merchant_payouts == {MERCHANT: 90_000}


def test_a_refund_at_the_instant_of_a_payout_is_owed_back_and_never_lost(trade):
    order = trade.sell(100_000)
    digest = trade.due(90_000).digest
    cmd = merchants.RequestPayout(MERCHANT, Money(90_000), digest, "for October")
    asked, _ = at_once(
        lambda: trade.desk.run(FINANCE, lambda work: merchants.request_payout(work, cmd)),
        lambda: trade.shop.refund(order, 1, 1),
    )
    left = trade.payable()
    assert left == (-9_000 if isinstance(asked, MerchantPayout) else 81_000)
    assert verify(trade.shop.books()) == []
