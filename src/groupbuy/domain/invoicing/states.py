"""The life of an invoice, as a table."""

from enum import StrEnum
from typing import Protocol

from groupbuy.domain.kernel import Edge, Machine


class InvoiceState(StrEnum):
    """Where an invoice is in its life."""

    REQUESTED = "requested"
    """It is the merchant's turn."""
    ISSUED = "issued"
    RED_LETTER_DUE = "red_letter_due"
    """Money went back after it was issued: it is the merchant's turn."""
    REVERSED = "reversed"
    """Red letters have taken all of it back."""
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    """By the buyer, or because everything was refunded before it was issued."""


class InvoiceMove(StrEnum):
    """What may be asked of an invoice."""

    ISSUE = "issue"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    OVERTAKE = "overtake"
    DEMAND_RED = "demand_red"
    ISSUE_RED = "issue_red"
    REVERSE = "reverse"


class InvoiceFacts(Protocol):
    """What the guards look at."""

    @property
    def left(self) -> int:
        """Minor units of it that stand once the red letters due are written."""
        ...


def something_of_it_stands(invoice: InvoiceFacts) -> bool:
    """Tell whether a part of the invoice still stands."""
    return invoice.left > 0


def nothing_of_it_stands(invoice: InvoiceFacts) -> bool:
    """Tell whether all of it has to be taken back."""
    return invoice.left == 0


_S, _M = InvoiceState, InvoiceMove
INVOICE: Machine[InvoiceState, InvoiceMove, InvoiceFacts] = Machine(
    name="invoice",
    initial=_S.REQUESTED,
    final=frozenset({_S.REVERSED, _S.REFUSED, _S.WITHDRAWN}),
    edges=(
        Edge(_S.REQUESTED, _M.ISSUE, _S.ISSUED, "invoice.issued"),
        Edge(_S.REQUESTED, _M.REFUSE, _S.REFUSED, "invoice.refused"),
        Edge(_S.REQUESTED, _M.WITHDRAW, _S.WITHDRAWN, "invoice.withdrawn"),
        Edge(_S.REQUESTED, _M.OVERTAKE, _S.WITHDRAWN, "invoice.overtaken"),
        *(
            Edge(s, _M.DEMAND_RED, _S.RED_LETTER_DUE, "invoice.red_letter_due")
            for s in (_S.ISSUED, _S.RED_LETTER_DUE)
        ),
        Edge(
            _S.RED_LETTER_DUE,
            _M.ISSUE_RED,
            _S.ISSUED,
            "invoice.red_letter_issued",
            (something_of_it_stands,),
        ),
        Edge(
            _S.RED_LETTER_DUE,
            _M.REVERSE,
            _S.REVERSED,
            "invoice.reversed",
            (nothing_of_it_stands,),
        ),
    ),
)
WAITING = (InvoiceState.REQUESTED, InvoiceState.RED_LETTER_DUE)
"""States in which the merchant has something to do."""
