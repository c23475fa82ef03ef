"""Reconciliation of the provider's bill with our own books. Import from here."""

from groupbuy.application.reconciliation.bill_file import (
    COLUMNS,
    TEMPLATE,
    BillFile,
    RejectedLine,
    bill_of_file,
    read_bill_file,
    write_rejects,
)
from groupbuy.application.reconciliation.looking import (
    FRESH,
    Light,
    ProviderLight,
    last_run,
    light,
    list_runs,
    show_run,
)
from groupbuy.application.reconciliation.running import (
    Ask,
    Bill,
    book_fees,
    days_of,
    fetch_bill,
    note_failure,
    reconcile,
)

__all__ = [
    "COLUMNS",
    "FRESH",
    "TEMPLATE",
    "Ask",
    "Bill",
    "BillFile",
    "Light",
    "ProviderLight",
    "RejectedLine",
    "bill_of_file",
    "book_fees",
    "days_of",
    "fetch_bill",
    "last_run",
    "light",
    "list_runs",
    "note_failure",
    "read_bill_file",
    "reconcile",
    "show_run",
    "write_rejects",
]
