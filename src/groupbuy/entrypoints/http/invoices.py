"""Invoices: buyers ask for them, merchants issue and refuse them, and write red letters."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from groupbuy.application import invoices
from groupbuy.application.invoices import Paper, Readable
from groupbuy.domain.invoicing import Invoice, InvoiceState, Title, TitleKind
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.amounts import END, Amount, amount
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.campaign_schemas import ReasonIn
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit

BUYER = only(*Role)
SELLERS = only(Role.MERCHANT, Role.OPERATOR)
SELLERS_LOOK = only(Role.MERCHANT, Role.OPERATOR, keyless=True)
StateText = Annotated[InvoiceState | None, QueryParameter(name="state")]


class InvoiceIn(msgspec.Struct, forbid_unknown_fields=True):
    """Whom the invoice is to name."""

    kind: Annotated[str, Meta(pattern="^(personal|company)" + END)]
    title: Annotated[str, Meta(min_length=1, max_length=100)]
    tax_number: Annotated[str, Meta(max_length=30, description="Companies only")] = ""

    def wish(self) -> Title:
        """Return it as the domain has it."""
        return invoices.title_of(self.kind, self.title, self.tax_number)


class PaperIn(msgspec.Struct, forbid_unknown_fields=True):
    """What the merchant issued."""

    number: Annotated[str, Meta(pattern="^[0-9A-Z-]{8,40}" + END)]
    amount: Amount
    link: Annotated[str, Meta(max_length=500, description="https://…, where it can be read")] = ""

    def of(self, invoice_id: str) -> Paper:
        """Return it as a command."""
        return Paper(invoice_id, self.number, self.amount.money(), self.link)


class RedLetterOut(msgspec.Struct, frozen=True):
    """A red letter."""

    number: str
    amount: Amount
    at: datetime
    link: str


class InvoiceOut(msgspec.Struct, frozen=True):
    """An invoice without whom it names."""

    id: str
    order_id: str
    state: InvoiceState
    kind: TitleKind
    number: str
    link: str
    issued: Amount
    red_due: Amount
    red_done: Amount
    red_letters: list[RedLetterOut]
    requested_at: datetime
    issued_at: datetime | None


class NamedInvoiceOut(msgspec.Struct, frozen=True):
    """An invoice with whom it names, for those who may read that."""

    invoice: InvoiceOut
    title: str
    tax_number: str
    refusal: str


class BuyerInvoices(Controller):
    """/shop: invoices of one's own orders."""

    path = "/shop"
    tags = ("invoices",)

    @post("/orders/{order_id:str}/invoice", opt=BUYER, sync_to_thread=True)
    def request(
        self, order_id: FromPath[str], data: JSONBody[InvoiceIn], visit: NamedDependency[Visit]
    ) -> Response[InvoiceOut]:
        """Ask for an invoice for a binding order, in a person's or a company's name."""
        title = data.wish()
        return visit.once(
            lambda work: invoices.request_invoice(work, order_id, title), invoice_out, 201
        )

    @get("/invoices", opt=BUYER, sync_to_thread=True)
    def mine(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[NamedInvoiceOut]]:
        """List one's own invoices, newest first."""
        found = visit.read(lambda work: invoices.my_invoices(work, page.fetch, page.after))
        return page.answer(found, named_out, lambda each: each.invoice.requested_at)

    @post("/invoices/{invoice_id:str}/withdraw", opt=BUYER, sync_to_thread=True, status_code=200)
    def withdraw(
        self, invoice_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[InvoiceOut]:
        """Take the wish back before it was issued."""
        return visit.once(lambda work: invoices.withdraw_invoice(work, invoice_id), invoice_out)


class MerchantInvoices(Controller):
    """/merchant/invoices."""

    path = "/merchant/invoices"
    tags = ("invoices",)

    @get("/", opt=SELLERS, sync_to_thread=True)
    def list_invoices(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page], within: StateText = None
    ) -> Response[Listing[InvoiceOut]]:
        """List invoices, newest first; `requested` and `red_letter_due` are work to do."""
        states = () if within is None else (within,)
        found = visit.read(
            lambda work: invoices.list_invoices(work, states, page.fetch, page.after)
        )
        return page.answer(found, invoice_out, _asked)

    @post("/{invoice_id:str}/reveal", opt=SELLERS_LOOK, sync_to_thread=True, status_code=200)
    def reveal(self, invoice_id: FromPath[str], visit: NamedDependency[Visit]) -> NamedInvoiceOut:
        """Show whom it names; the look is written into the audit."""
        return named_out(visit.run(lambda work: invoices.reveal_invoice(work, invoice_id)))

    @post("/{invoice_id:str}/issue", opt=SELLERS, sync_to_thread=True, status_code=200)
    def issue(
        self, invoice_id: FromPath[str], data: JSONBody[PaperIn], visit: NamedDependency[Visit]
    ) -> Response[InvoiceOut]:
        """Say that it was issued, for exactly what is paid now."""
        paper = data.of(invoice_id)
        return visit.once(lambda work: invoices.issue_invoice(work, paper), invoice_out)

    @post("/{invoice_id:str}/red-letter", opt=SELLERS, sync_to_thread=True, status_code=200)
    def red_letter(
        self, invoice_id: FromPath[str], data: JSONBody[PaperIn], visit: NamedDependency[Visit]
    ) -> Response[InvoiceOut]:
        """Say that the red letter for everything due was issued."""
        paper = data.of(invoice_id)
        return visit.once(lambda work: invoices.issue_red_letter(work, paper), invoice_out)

    @post("/{invoice_id:str}/refuse", opt=SELLERS, sync_to_thread=True, status_code=200)
    def refuse(
        self, invoice_id: FromPath[str], data: JSONBody[ReasonIn], visit: NamedDependency[Visit]
    ) -> Response[InvoiceOut]:
        """Say no, and why; the buyer reads it."""
        return visit.once(
            lambda work: invoices.refuse_invoice(work, invoice_id, data.reason), invoice_out
        )


def invoice_out(invoice: Invoice) -> InvoiceOut:
    """Render an invoice, without whom it names."""
    return InvoiceOut(
        id=invoice.id,
        order_id=invoice.order_id,
        state=invoice.state,
        kind=invoice.title_kind,
        number=invoice.number,
        link=invoice.link,
        issued=amount(invoice.issued),
        red_due=amount(invoice.red_due),
        red_done=amount(invoice.red_done),
        red_letters=[
            RedLetterOut(each.number, amount(each.amount), each.at, each.link)
            for each in invoice.red_letters
        ],
        requested_at=invoice.requested_at,
        issued_at=invoice.issued_at,
    )


def named_out(found: Readable) -> NamedInvoiceOut:
    """Render an invoice with whom it names."""
    return NamedInvoiceOut(invoice_out(found.invoice), found.title, found.tax_number, found.refusal)


def _asked(invoice: Invoice) -> datetime:
    return invoice.requested_at
