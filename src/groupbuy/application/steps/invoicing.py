"""What a refund means for the invoice of its order."""

from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.invoicing import Invoice, InvoiceState
from groupbuy.domain.kernel import Money
from groupbuy.domain.ordering import Order


def paid_for(order: Order) -> Money:
    """Return what the buyer paid for an order in money and did not get back."""
    return order.payable - order.refunded


def demand_red_letter(work: Work, order_after: Order, amount: Money) -> None:
    """Tell the invoice of an order, if it has one, that money went back (locks it)."""
    found = work.of(Invoice).select(Query().where(order_id=order_after.id))
    standing = [each.id for each in found if each.open_order]
    for invoice in work.of(Invoice).lock(standing).values():
        after, happened = invoice.refunded(amount, paid_for(order_after), work.now())
        if after == invoice:
            continue
        work.of(Invoice).save(after)
        work.emit(happened)
        if after.state is InvoiceState.RED_LETTER_DUE:
            again, whose = invoice.version + 1, f"merchant:{invoice.merchant_id}"
            work.tell(whose, "invoice.red_letter_due", invoice.id, time=again)
