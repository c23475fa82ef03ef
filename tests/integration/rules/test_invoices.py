"""Invoices from the wish to the red letter: the same on every database."""

import pytest

from groupbuy.application import aftersale, fulfilment, invoices, membership
from groupbuy.application.invoices import Paper, title_of
from groupbuy.application.ports import AuditRow
from groupbuy.domain.aftersale import Kind, Reason
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.invoicing import Invoice, InvoiceState
from groupbuy.domain.kernel import Invalid, Money, NotFound, Refused
from groupbuy.domain.membership import Role
from tests.support.merchants import at_once
from tests.support.stories import collected_shop, sent

FIRST, SECOND = "25312000000012345678", "25312000000012345679"
COMPANY = title_of("company", "东门果行有限公司", "91350100M000100Y43")


@pytest.fixture
def bought(shop):
    """Three units of a formed group."""
    campaign = shop.campaign(shop.variant(price=3_333), quorum=Quorum(Measure.BUYERS, 1))
    buyer = shop.user(roles=frozenset({Role.SHOPPER}))
    joined = shop.join(campaign, shop.caller(buyer.id, Role.SHOPPER), units=3)
    shop.pay(joined)
    shop.rest()
    return joined


def buyer_of(shop, joined):
    return shop.caller(joined.order.buyer_id, Role.SHOPPER)


def ask(shop, joined, title=COMPANY):
    return shop.do(buyer_of(shop, joined), invoices.request_invoice, joined.order.id, title)


def issue(shop, invoice, minor, number=FIRST, link="https://tax.example/1"):
    paper = Paper(invoice.id, number, Money(minor), link)
    return shop.do(shop.merchant_caller(), invoices.issue_invoice, paper)


def red(shop, invoice, minor, number=SECOND):
    paper = Paper(invoice.id, number, Money(minor))
    return shop.do(shop.merchant_caller(), invoices.issue_red_letter, paper)


def refund_one(shop, joined):
    wish = aftersale.Application(joined.order.id, 1, 1, Kind.REFUND_ONLY, Reason.DAMAGED)
    case = shop.do(buyer_of(shop, joined), aftersale.apply_for, wish)
    shop.do(shop.merchant_caller(), aftersale.approve_case, case.id)
    shop.pass_time(minutes=1)
    shop.rest()
    return shop.order(joined).refunded.minor


def now(shop, invoice):
    return shop.get(Invoice, invoice.id)


def test_a_buyer_asks_and_the_merchant_issues_for_what_was_paid(shop, bought):
    invoice, total = ask(shop, bought), bought.order.payable.minor
    with pytest.raises(Refused):
        ask(shop, bought)
    with pytest.raises(Refused):
        issue(shop, invoice, total - 1)
    assert issue(shop, invoice, total).state is InvoiceState.ISSUED
    (mine,) = shop.do(buyer_of(shop, bought), invoices.my_invoices)
    assert (mine.title, mine.tax_number) == ("东门果行有限公司", "91350100M000100Y43")
    assert (mine.invoice.number, mine.invoice.link) == (FIRST, "https://tax.example/1")


def test_each_refund_demands_a_red_letter_until_nothing_stands(shop, bought):
    sent(shop, bought)
    total = bought.order.payable.minor
    invoice = ask(shop, bought)
    issue(shop, invoice, total)
    back = refund_one(shop, bought)
    due = now(shop, invoice)
    assert (due.state, due.red_due.minor) == (InvoiceState.RED_LETTER_DUE, back)
    (work,) = shop.do(
        shop.merchant_caller(), invoices.list_invoices, (InvoiceState.RED_LETTER_DUE,)
    )
    assert work.id == invoice.id
    assert red(shop, invoice, back).state is InvoiceState.ISSUED
    shop.do(shop.merchant_caller(), aftersale.refund_order, bought.order.id, "spoiled")
    rest = now(shop, invoice).red_due.minor
    assert back + rest == total
    assert red(shop, invoice, rest, "25312000000012345680").state is InvoiceState.REVERSED


def test_a_refund_before_issuing_is_not_invoiced_and_a_full_one_ends_the_wish(shop, bought):
    sent(shop, bought)
    invoice = ask(shop, bought)
    back, total = refund_one(shop, bought), bought.order.payable.minor
    assert now(shop, invoice).state is InvoiceState.REQUESTED
    with pytest.raises(Refused):
        issue(shop, invoice, total)
    shop.do(shop.merchant_caller(), aftersale.refund_order, bought.order.id, "spoiled")
    assert back < total
    assert now(shop, invoice).state is InvoiceState.WITHDRAWN
    with pytest.raises(Refused):
        ask(shop, bought)


def test_a_refusal_says_why_and_another_may_be_asked_for(shop, bought):
    invoice = ask(shop, bought)
    with pytest.raises(Invalid):
        shop.do(shop.merchant_caller(), invoices.refuse_invoice, invoice.id, " ")
    shop.do(shop.merchant_caller(), invoices.refuse_invoice, invoice.id, "税号不对")
    (mine,) = shop.do(buyer_of(shop, bought), invoices.my_invoices)
    assert (mine.invoice.state, mine.refusal) == (InvoiceState.REFUSED, "税号不对")
    again = ask(shop, bought, title_of("personal", "王芳"))
    shop.do(buyer_of(shop, bought), invoices.withdraw_invoice, again.id)
    assert now(shop, again).state is InvoiceState.WITHDRAWN


def test_strangers_see_no_invoice_and_a_look_at_its_title_is_audited(shop, bought):
    invoice = ask(shop, bought)
    stranger = shop.caller("usr_stranger", Role.SHOPPER)
    other = shop.caller("usr_staff", Role.MERCHANT, merchant_id="mch_other")
    for who, what in (
        (stranger, lambda work: invoices.withdraw_invoice(work, invoice.id)),
        (stranger, lambda work: invoices.request_invoice(work, bought.order.id, COMPANY)),
        (other, lambda work: invoices.reveal_invoice(work, invoice.id)),
        (other, lambda work: invoices.refuse_invoice(work, invoice.id, "no")),
    ):
        with pytest.raises(NotFound):
            shop.desk.run(who, what)
    assert shop.do(stranger, invoices.my_invoices) == []
    assert shop.do(other, invoices.list_invoices) == []
    seen = shop.do(shop.merchant_caller(), invoices.reveal_invoice, invoice.id)
    assert seen.title == "东门果行有限公司"
    assert "invoice.reveal" in {row.action for row in shop.all(AuditRow, subject=invoice.id)}


def test_an_order_that_is_not_binding_gets_no_invoice(shop):
    campaign = shop.campaign()
    joined = shop.join(campaign)
    shop.pay(joined)
    with pytest.raises(Refused) as refusal:
        ask(shop, joined)
    assert refusal.value.rule == "order_is_binding"


def test_an_invoice_that_waits_keeps_its_buyer_from_being_forgotten(shop):
    _, bought, code = collected_shop(shop)
    shop.do(shop.merchant_caller(), fulfilment.collect, bought.order.id, code)
    shop.pass_time(days=8)
    invoice = ask(shop, bought)
    operator, buyer = shop.caller("usr_operator", Role.OPERATOR), bought.order.buyer_id
    with pytest.raises(Refused) as refusal:
        shop.do(operator, membership.erase_person, buyer, "their wish")
    assert refusal.value.about == invoice.id
    issue(shop, invoice, bought.order.payable.minor)
    shop.do(operator, membership.erase_person, buyer, "their wish")
    kept = now(shop, invoice)
    assert (kept.number, kept.issued) == (FIRST, bought.order.payable)


def test_a_refund_at_the_instant_of_issuing_leaves_no_invoice_without_its_red_letter(shop, bought):
    invoice, total = ask(shop, bought), bought.order.payable
    staff, key = shop.merchant_caller(), bought.order.id
    paper = Paper(invoice.id, FIRST, total)
    at_once(
        lambda: shop.desk.run(staff, lambda work: invoices.issue_invoice(work, paper)),
        lambda: shop.desk.run(staff, lambda work: aftersale.refund_order(work, key, "spoiled")),
    )
    after = now(shop, invoice)
    assert shop.order(bought).refunded == total
    if after.state is InvoiceState.RED_LETTER_DUE:
        assert after.red_due == total
    else:
        assert (after.state, after.number) == (InvoiceState.WITHDRAWN, "")
