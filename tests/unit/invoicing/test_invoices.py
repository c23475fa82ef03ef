from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.application.invoices import title_of
from groupbuy.domain.invoicing import Invoice, InvoiceState, Title, TitleKind
from groupbuy.domain.kernel import IllegalMove, Invalid, Money, Refused

NOW = datetime(2026, 11, 3, 4, tzinfo=UTC)
PAID = Money(10_000)
CODE = "91350100M000100Y43"


def asked():
    zero = Money(0)
    return Invoice(
        id="inv_1",
        order_id="ord_1",
        buyer_id="usr_1",
        merchant_id="mch_1",
        title_kind=TitleKind.PERSONAL,
        title_sealed="…",
        tax_number_sealed="",
        requested_at=NOW,
        open_order="ord_1",
        issued=zero,
        red_due=zero,
        red_done=zero,
    )


def issued():
    return asked().issue("25312000000012345678", "", PAID, PAID, NOW)[0]


def test_an_invoice_is_for_exactly_what_is_paid():
    with pytest.raises(Refused) as refusal:
        asked().issue("25312000000012345678", "", PAID, Money(9_999), NOW)
    assert refusal.value.rule == "invoice_is_for_what_was_paid"
    assert (issued().state, issued().left) == (InvoiceState.ISSUED, 10_000)


def test_a_partial_refund_demands_a_red_letter_and_the_rest_stands():
    due, happened = issued().refunded(Money(3_000), Money(7_000), NOW)
    assert (due.state, due.red_due, due.left) == (InvoiceState.RED_LETTER_DUE, Money(3_000), 7_000)
    assert [event.name for event in happened] == ["invoice.red_letter_due"]
    with pytest.raises(Refused) as refusal:
        due.issue_red("25312000000012345679", "", Money(2_999), NOW)
    assert refusal.value.rule == "red_letter_is_for_what_is_due"
    after, _ = due.issue_red("25312000000012345679", "", Money(3_000), NOW)
    assert (after.state, after.red_due, after.red_done) == (
        InvoiceState.ISSUED,
        Money(0),
        Money(3_000),
    )
    assert after.open_order == "ord_1"


def test_a_full_refund_reverses_it_and_another_may_be_asked_for():
    due, _ = issued().refunded(PAID, Money(0), NOW)
    after, _ = due.issue_red("25312000000012345679", "", PAID, NOW)
    assert (after.state, after.open_order, after.left) == (InvoiceState.REVERSED, "", 0)


@given(st.lists(st.integers(1, 2_000), max_size=5), st.booleans())
def test_red_letters_take_back_exactly_what_was_refunded(refunds, each_at_once):
    invoice, paid = issued(), PAID.minor
    for amount in refunds:
        paid -= amount
        invoice, _ = invoice.refunded(Money(amount), Money(paid), NOW)
        if each_at_once and invoice.state is InvoiceState.RED_LETTER_DUE:
            invoice, _ = invoice.issue_red("25312000000012345679", "", invoice.red_due, NOW)
    if invoice.state is InvoiceState.RED_LETTER_DUE:
        invoice, _ = invoice.issue_red("25312000000012345679", "", invoice.red_due, NOW)
    assert invoice.left == paid
    assert sum(letter.amount.minor for letter in invoice.red_letters) == sum(refunds)
    reversed_ = invoice.state is InvoiceState.REVERSED
    assert reversed_ == (paid == 0)


def test_a_refund_before_issuing_makes_it_smaller_or_needless():
    same, happened = asked().refunded(Money(3_000), Money(7_000), NOW)
    assert (same, happened) == (asked(), [])
    gone, _ = asked().refunded(PAID, Money(0), NOW)
    assert (gone.state, gone.open_order) == (InvoiceState.WITHDRAWN, "")


def test_what_was_issued_is_neither_refused_nor_withdrawn():
    for move in (lambda: issued().refuse("…", NOW), lambda: issued().withdraw(NOW)):
        with pytest.raises(IllegalMove):
            move()
    with pytest.raises(IllegalMove):
        issued().issue_red("25312000000012345679", "", Money(0), NOW)


@pytest.mark.parametrize("number", ["", "1234567", "abc12345", "1" * 41, "12345678\n"])
def test_odd_numbers_are_refused(number):
    with pytest.raises(Invalid):
        asked().issue(number, "", PAID, PAID, NOW)


@pytest.mark.parametrize(
    "link", ["http://tax.example", "https://", "javascript:alert(1)", "https://a b", "https://x\n"]
)
def test_links_are_plain_addresses(link):
    with pytest.raises(Invalid):
        asked().issue("25312000000012345678", link, PAID, PAID, NOW)


def test_a_company_is_named_with_its_tax_number():
    assert title_of("company", "东门果行", "91350100 M000100Y43").tax_number == CODE
    assert Title(TitleKind.COMPANY, "东门果行", "310104123456789").kind is TitleKind.COMPANY
    wrong = [CODE[:-1] + "4", "", "12345", CODE.lower()]
    for number in wrong:
        with pytest.raises(Invalid):
            Title(TitleKind.COMPANY, "东门果行", number)


@pytest.mark.parametrize(
    ("kind", "name", "number"),
    [
        ("personal", "王芳", CODE),
        ("personal", " ", ""),
        ("personal", "王\u200b芳", ""),
        ("firm", "x", ""),
    ],
)
def test_titles_no_office_would_take_are_refused(kind, name, number):
    with pytest.raises(Invalid):
        title_of(kind, name, number)
