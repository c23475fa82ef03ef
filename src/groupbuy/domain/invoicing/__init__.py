"""Invoices (发票) a buyer asks for, and the red letters a refund demands. Import from here."""

from groupbuy.domain.invoicing.model import Invoice, RedLetter, Title, TitleKind
from groupbuy.domain.invoicing.states import INVOICE, WAITING, InvoiceMove, InvoiceState

__all__ = [
    "INVOICE",
    "WAITING",
    "Invoice",
    "InvoiceMove",
    "InvoiceState",
    "RedLetter",
    "Title",
    "TitleKind",
]
