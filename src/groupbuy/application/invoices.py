"""Invoices: a buyer asks, the merchant issues or refuses, a refund demands a red letter."""

from typing import Any

from attrs import frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.invoicing import paid_for
from groupbuy.application.steps.sealing import open_own, open_sealed, seal, seal_own
from groupbuy.application.write_path import Work
from groupbuy.domain.invoicing import Invoice, InvoiceState, Title, TitleKind
from groupbuy.domain.kernel import Event, Invalid, Money, NotFound, Refused
from groupbuy.domain.membership import Role, User
from groupbuy.domain.ordering import BINDING, Order

PAGE = 50
TITLE, TAX_NUMBER, REFUSAL = "invoice.title", "invoice.tax_number", "invoice.refusal"
"""Names of the fields in seals."""


@frozen
class Readable:
    """An invoice, with what is sealed in it opened."""

    invoice: Invoice
    title: str
    tax_number: str
    refusal: str = ""

    @property
    def id(self) -> str:
        """The invoice."""
        return self.invoice.id


@frozen
class Paper:
    """What the merchant wrote: an invoice, or a red letter."""

    invoice_id: str
    number: str
    amount: Money
    link: str = ""


def request_invoice(work: Work, order_id: str, title: Title) -> Invoice:
    """Ask for an invoice for one's own binding order, as its buyer.

    Raises NotFound, and Refused by rule: binding order, something paid, one invoice an order.
    """
    order = work.of(Order).lock([order_id]).get(order_id)
    if order is None or order.buyer_id != work.caller.user_id:
        raise NotFound(kind="order", key=order_id)
    if order.state not in BINDING:
        raise Refused(rule="order_is_binding", about=order_id)
    if not paid_for(order):
        raise Refused(rule="something_was_paid", about=order_id)
    earlier = work.of(Invoice).select(Query().where(order_id=order_id).page(1000))
    if any(each.open_order for each in earlier):
        raise Refused(rule="one_invoice_an_order", about=order_id)
    zero, now = Money(0, order.payable.currency), work.now()
    invoice = Invoice(
        id=work.new_id("inv", near=order_id),
        order_id=order_id,
        buyer_id=order.buyer_id,
        merchant_id=order.merchant_id,
        title_kind=title.kind,
        title_sealed=seal_own(work.kit.vault, work.caller, TITLE, title.name.strip()),
        tax_number_sealed=seal_own(work.kit.vault, work.caller, TAX_NUMBER, title.tax_number),
        requested_at=now,
        open_order=order_id,
        issued=zero,
        red_due=zero,
        red_done=zero,
    )
    work.of(Invoice).add(invoice)
    work.emit([Event("invoice.requested", invoice.id, now, {"order": order_id})])
    work.tell(f"merchant:{order.merchant_id}", "invoice.requested", invoice.id, order=order_id)
    return invoice


def withdraw_invoice(work: Work, invoice_id: str) -> Invoice:
    """Take one's own wish back before it was issued. Raises NotFound, IllegalMove."""
    invoice = work.of(Invoice).lock([invoice_id]).get(invoice_id)
    if invoice is None or invoice.buyer_id != work.caller.user_id:
        raise NotFound(kind="invoice", key=invoice_id)
    return _put(work, *invoice.withdraw(work.now()))


def issue_invoice(work: Work, paper: Paper) -> Invoice:
    """Say that an invoice was issued, as its merchant: for exactly what is paid now.

    Raises NotFound, IllegalMove, Invalid, Refused.
    """
    plain = _sellers(work, paper.invoice_id)
    # A refund holds the lock of its order: none comes between the amount and the invoice.
    order = work.of(Order).lock([plain.order_id])[plain.order_id]
    invoice = work.of(Invoice).lock([plain.id])[plain.id]
    after = _put(
        work,
        *invoice.issue(paper.number, paper.link, paper.amount, paid_for(order), work.now()),
    )
    work.audit("invoice.issue", after.id, number=paper.number, amount=str(paper.amount.minor))
    work.tell(after.buyer_id, "invoice.issued", after.id, order=after.order_id)
    return after


def issue_red_letter(work: Work, paper: Paper) -> Invoice:
    """Say that the red letter for everything due was issued, as the merchant.

    Raises NotFound, IllegalMove, Invalid, Refused.
    """
    plain = _sellers(work, paper.invoice_id)
    invoice = work.of(Invoice).lock([plain.id])[plain.id]
    after = _put(work, *invoice.issue_red(paper.number, paper.link, paper.amount, work.now()))
    work.audit("invoice.red_letter", after.id, number=paper.number, amount=str(paper.amount.minor))
    again = len(after.red_letters)
    work.tell(after.buyer_id, "invoice.red_letter", after.id, time=again, order=after.order_id)
    return after


def refuse_invoice(work: Work, invoice_id: str, reason: str) -> Invoice:
    """Say no, and why, as the merchant. Raises NotFound, IllegalMove, Invalid without a reason."""
    plain = _sellers(work, invoice_id)
    if not reason.strip():
        raise Invalid(field="reason", reason="say why, the buyer will read it")
    sealed = seal(work, work.of(User).get(plain.buyer_id), REFUSAL, reason.strip())
    invoice = work.of(Invoice).lock([plain.id])[plain.id]
    after = _put(work, *invoice.refuse(sealed, work.now()))
    work.audit("invoice.refuse", after.id)
    work.tell(after.buyer_id, "invoice.refused", after.id, order=after.order_id)
    return after


def reveal_invoice(work: Work, invoice_id: str) -> Readable:
    """Return whom an invoice names, as its merchant; the look is kept in the audit.

    Raises NotFound, also once the buyer was erased.
    """
    invoice = _sellers(work, invoice_id)
    buyer = work.of(User).get(invoice.buyer_id)
    title = open_sealed(work, buyer, TITLE, invoice.title_sealed)
    number = open_sealed(work, buyer, TAX_NUMBER, invoice.tax_number_sealed)
    work.audit("invoice.reveal", invoice_id)
    return Readable(invoice, title, number)


def my_invoices(
    work: Work, limit: int = PAGE, after: tuple[Any, str] | None = None
) -> list[Readable]:
    """Return the caller's own invoices, the newest first, readable."""
    work.caller.require(*Role)
    query = Query().where(buyer_id=work.caller.user_id).sorted("-requested_at")
    return [_own(work, each) for each in work.of(Invoice).select(query.page(limit, after))]


def list_invoices(
    work: Work,
    states: tuple[InvoiceState, ...] = (),
    limit: int = PAGE,
    after: tuple[Any, str] | None = None,
) -> list[Invoice]:
    """Return the invoices of the caller's merchant, all to operators, the newest first.

    Nothing sealed is opened. `states` keeps those in some states; none named: all.
    """
    caller = work.caller
    caller.require(Role.MERCHANT, Role.OPERATOR)
    query = Query().sorted("-requested_at").page(limit, after)
    if Role.OPERATOR not in caller.roles:
        query = query.where(merchant_id=caller.merchant_id or "")
    return work.of(Invoice).select(query.among("state", states) if states else query)


def title_of(kind: str, name: str, tax_number: str = "") -> Title:
    """Return whom an invoice is to name. Raises Invalid."""
    if kind not in tuple(TitleKind):
        raise Invalid(field="kind", reason="must be personal or company")
    return Title(TitleKind(kind), name, tax_number.replace(" ", "").upper())


def _own(work: Work, invoice: Invoice) -> Readable:
    vault, caller = work.kit.vault, work.caller
    return Readable(
        invoice,
        open_own(vault, caller, TITLE, invoice.title_sealed),
        open_own(vault, caller, TAX_NUMBER, invoice.tax_number_sealed),
        open_own(vault, caller, REFUSAL, invoice.refusal_sealed),
    )


def _sellers(work: Work, invoice_id: str) -> Invoice:
    caller = work.caller
    caller.require(Role.MERCHANT, Role.OPERATOR)
    found = work.of(Invoice).find([invoice_id]).get(invoice_id)
    own = found is not None and found.merchant_id == caller.merchant_id
    if found is None or not (own or Role.OPERATOR in caller.roles):
        raise NotFound(kind="invoice", key=invoice_id)
    return found


def _put(work: Work, after: Invoice, happened: list[Event]) -> Invoice:
    work.of(Invoice).save(after)
    work.emit(happened)
    return after
