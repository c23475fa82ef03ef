"""Lost callbacks, odd amounts, defective orders: money finds its way all the same."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.application import aftersale, forming, fulfilment, payments, refunds
from groupbuy.application.ports import (
    AuditRow,
    PaymentOutcome,
    PaymentReport,
    RefundOutcome,
    RefundReport,
    Task,
)
from groupbuy.domain.campaigns import Group, GroupState, Measure, Quorum
from groupbuy.domain.kernel import Conflict, IllegalMove, Money, Refused, Unavailable
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import Payment, PaymentState, RefundCause, RefundState

PRICE = 79920


@pytest.fixture
def shop(checked_shop):
    return checked_shop


def announced(shop, joined):
    """Let the worker announce a payment, as its own request would have done."""
    shop.pass_time(seconds=5)
    assert shop.payment(joined).state is PaymentState.PENDING


def buyer_of(shop, joined):
    return shop.caller(joined.order.buyer_id, Role.SHOPPER)


def queries(shop, monkeypatch):
    """Note when the provider is asked how a payment stands."""
    asked, query = [], shop.gateway.query

    def noting(number):
        asked.append(shop.clock.at)
        return query(number)

    monkeypatch.setattr(type(shop.gateway), "query", lambda _, number: noting(number))
    return asked


def audited(shop, action):
    return [row for row in shop.all(AuditRow) if row.action == action]


# --- a callback that never comes ----------------------------------------------------------------


def test_a_payment_whose_callback_is_lost_is_asked_for(shop):
    joined = shop.join(shop.campaign())
    announced(shop, joined)
    shop.gateway.pay(joined.payment.number)
    shop.pass_time(seconds=payments.ASK_FIRST.seconds)
    assert shop.order(joined).state is OrderState.PLACED


def test_an_unpaid_payment_is_asked_about_ever_more_rarely_until_its_hold_ends(shop, monkeypatch):
    joined = shop.join(shop.campaign(hold_minutes=20))
    announced(shop, joined)
    since, asked = shop.clock.at, queries(shop, monkeypatch)
    for _ in range(4 * 20):
        shop.pass_time(seconds=15)
    assert [(at - since).seconds for at in asked] == [15, 30, 60, 120, 240, 480, 960]
    assert shop.order(joined).state is OrderState.EXPIRED
    (task,) = shop.all(Task, topic="ask")
    assert task.state == "done"


def test_a_provider_that_does_not_answer_is_asked_again(shop):
    joined = shop.join(shop.campaign())
    announced(shop, joined)
    shop.gateway.pay(joined.payment.number)
    shop.gateway.trouble.before["query"] = 1
    shop.pass_time(seconds=15)
    assert shop.order(joined).state is OrderState.AWAITING_PAYMENT
    shop.pass_time(seconds=15)
    assert shop.order(joined).state is OrderState.PLACED


# --- amounts --------------------------------------------------------------------------------------


def test_a_capture_of_nothing_pays_nothing_and_finance_hears_of_it(shop):
    joined = shop.join(shop.campaign())
    settled = shop.hear(
        PaymentReport(joined.payment.number, PaymentOutcome.CAPTURED, amount=Money(0))
    )
    assert settled.outcome == "refunded:wrong_amount"
    assert shop.order(joined).state is OrderState.AWAITING_PAYMENT
    assert shop.payment(joined).quarantined == RefundCause.WRONG_AMOUNT
    assert shop.refunds(joined) == []
    shop.work_off()
    assert ("role:finance", "payment.nothing_captured") in [
        (m.user_id, m.kind) for _, m in shop.notifier.sent
    ]


def test_a_report_that_names_no_amount_means_what_was_due(shop):
    joined = shop.join(shop.campaign())
    shop.announce(joined)
    shop.gateway.pay(joined.payment.number)
    shop.hear(PaymentReport(joined.payment.number, PaymentOutcome.CAPTURED))
    assert shop.payment(joined).captured == joined.payment.due


# --- attempts -------------------------------------------------------------------------------------


def closed(work, key):
    work.of(Payment).save(evolve(work.of(Payment).get(key), state=PaymentState.CLOSED))


def test_an_order_has_a_bounded_number_of_payments(shop):
    joined = shop.join(shop.campaign())
    buyer, order_id = buyer_of(shop, joined), joined.order.id
    attempts = {joined.payment.id}
    for _ in range(payments.ATTEMPTS_AT_MOST - 1):
        shop.do(shop.system(), closed, shop.do(buyer, payments.open_payment, order_id).id)
        attempts.add(shop.do(buyer, payments.open_payment, order_id).id)
    assert len(attempts) == payments.ATTEMPTS_AT_MOST
    for key in attempts:
        shop.do(shop.system(), closed, key)
    with pytest.raises(Refused) as refused:
        shop.do(buyer, payments.open_payment, order_id)
    assert refused.value.rule == "payment_attempts_left"


def test_the_word_about_the_hundredth_payment_of_an_order_is_heard(shop):
    joined = shop.join(shop.campaign())
    made = [shop.second_payment(joined) for _ in range(100)]
    report = PaymentReport(made[-1].number, PaymentOutcome.CAPTURED, amount=made[-1].due)
    settled = shop.desk.run(shop.system(), lambda w: payments.settle_payments(w, [report]))
    assert settled[0].outcome == "paid"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"state": GroupState.CANCELLED}, "group_takes_payments"),
        ({"state": GroupState.FAILED}, "group_takes_payments"),
        ({"ends_at": None}, "before_the_end"),
    ],
    ids=["cancelled", "failed", "closed by hand"],
)
def test_nobody_is_asked_to_pay_for_a_group_that_is_over(shop, changes, rule):
    campaign = shop.campaign()
    joined = shop.join(campaign)
    if "ends_at" in changes:
        changes = {"ends_at": shop.clock.at}
    after = evolve(shop.group(campaign), **changes)
    shop.desk.run(shop.system(), lambda w: w.of(Group).save(after))
    with pytest.raises(Refused) as refused:
        shop.desk.run(buyer_of(shop, joined), lambda w: payments.open_payment(w, joined.order.id))
    assert refused.value.rule == rule


# --- refunds that come back to a person ---------------------------------------------------------


def test_a_refund_that_needs_a_person_twice_without_being_sent_is_sent_after_all(shop):
    campaign = shop.campaign()
    (paid,) = shop.join_and_pay(campaign)
    shop.gateway.settles_at_once = False
    shop.pass_time(days=3)
    (refund,) = shop.refunds(paid)
    shop.gateway.fail_refund(refund.number)
    shop.pass_time(seconds=15)
    finance = shop.caller("usr_finance", Role.FINANCE)
    wrong = RefundReport(refund.number, RefundOutcome.SUCCEEDED, amount=Money(1))
    for _ in range(2):
        assert shop.refunds(paid)[0].state is RefundState.NEEDS_OPERATOR
        shop.do(finance, refunds.retry_refund, refund.id, "the card was mended")
        last = shop.do(shop.system(), refunds.settle_refund, wrong)
        assert last.state is RefundState.NEEDS_OPERATOR
        shop.work_off()
    shop.do(finance, refunds.retry_refund, refund.id, "it was a mistake of theirs")
    pending = shop.all(Task, topic="refund", subject=refund.id, state="pending")
    assert len(pending) == 1
    told = [m for _, m in shop.notifier.sent if m.kind == "refund.needs_operator"]
    assert len(told) == 3


# --- one defective order in a batch -------------------------------------------------------------


def spoiled(shop, monkeypatch, name, bad, error):
    """Make one step of forming fail for some orders."""
    real = getattr(forming, name)

    def step(work, order_ids):
        if bad.intersection(order_ids):
            raise error
        real(work, order_ids)

    monkeypatch.setattr(forming, name, step)


@pytest.mark.parametrize("error", [Refused(rule="refund_within_what_was_paid"), KeyError("pay_1")])
def test_a_defective_order_keeps_nobody_else_from_their_refund(shop, monkeypatch, error):
    monkeypatch.setattr(forming, "BATCH", 3)
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 9))
    paid = shop.join_and_pay(campaign, 7)
    bad = {paid[0].order.id, paid[4].order.id}
    spoiled(shop, monkeypatch, "refund_orders", bad, error)
    shop.pass_time(days=3)
    given = [0 if each.order.id in bad else PRICE for each in paid]
    assert shop.given_back(*paid) == given
    told = [m.subject for _, m in shop.notifier.sent if m.kind == "order.left_behind"]
    assert sorted(told) == sorted(bad)
    (task,) = shop.all(Task, topic="refund_group")
    assert (task.state, task.last_error) == ("pending", getattr(error, "code", "KeyError"))
    assert shop.clock.at < task.due_at <= shop.clock.at + timedelta(hours=1)

    bad.pop()
    shop.pass_time(minutes=1)
    assert sum(shop.given_back(*paid)) == 6 * PRICE
    bad.clear()
    shop.pass_time(minutes=2)
    shop.rest()
    assert shop.given_back(*paid) == [PRICE] * 7
    (task,) = shop.all(Task, topic="refund_group")
    assert (task.state, task.last_error) == ("done", "")


def test_a_defective_order_keeps_nobody_else_from_being_confirmed(shop, monkeypatch):
    campaign = shop.campaign()
    first, *others = [shop.join(campaign) for _ in range(3)]
    bad = {first.order.id}
    spoiled(shop, monkeypatch, "confirm_orders", bad, IllegalMove("order", "placed", "confirm"))
    for each in (first, *others):
        shop.pay(each)
    shop.work_off()
    assert shop.order(first).state is OrderState.PLACED
    assert [shop.order(each).state for each in others] == [OrderState.CONFIRMED] * 2
    bad.clear()
    shop.pass_time(minutes=1)
    assert shop.order(first).state is OrderState.CONFIRMED


@pytest.mark.parametrize("error", [Conflict(kind="order", key="1"), Unavailable(what="database")])
def test_trouble_that_passes_by_itself_is_not_blamed_on_an_order(shop, monkeypatch, error):
    paid = shop.join_and_pay(shop.campaign(), 2)
    bad = {paid[0].order.id}
    spoiled(shop, monkeypatch, "refund_orders", bad, error)
    shop.clock.forward(days=3)
    shop.work_off()
    assert shop.given_back(*paid) == [0, 0]
    assert "order.left_behind" not in [m.kind for _, m in shop.notifier.sent]
    bad.clear()
    shop.pass_time(minutes=1)
    shop.rest()
    assert shop.given_back(*paid) == [PRICE, PRICE]


# --- who moved money ----------------------------------------------------------------------------


def test_a_group_that_gives_everything_back_says_so_in_the_audit_log(shop):
    campaign = shop.campaign()
    shop.join_and_pay(campaign, 2)
    shop.pass_time(days=3)
    (row,) = audited(shop, "group.refund")
    assert (row.subject, row.reason, row.actor) == (shop.group(campaign).id, "failed", "system")
    assert row.facts == {"orders": "2"}


def test_leaving_a_group_is_in_the_audit_log(shop):
    (paid,) = shop.join_and_pay(shop.campaign())
    shop.do(buyer_of(shop, paid), aftersale.leave_group, paid.order.id)
    (row,) = audited(shop, "order.leave")
    assert (row.subject, row.actor) == (paid.order.id, paid.order.buyer_id)
    assert row.facts == {"amount": str(PRICE)}


def test_rejecting_what_was_not_corrected_is_in_the_audit_log(shop):
    who = shop.caller(shop.user().id, Role.SHOPPER)
    (paid,) = shop.join_and_pay(shop.campaign(quorum=Quorum(Measure.BUYERS, 1)), who=who)
    shop.do(shop.merchant_caller(), fulfilment.ask_correction, paid.order.id, "which door?")
    shop.pass_time(hours=shop.policy.correction_hours)
    assert shop.order(paid).state is OrderState.CLOSED
    (row,) = audited(shop, "order.reject")
    assert (row.subject, row.actor) == (paid.order.id, "system")
