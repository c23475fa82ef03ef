"""`groupbuy invoice`: what merchants have to issue, and the red letters that are due."""

from datetime import date, datetime

import click

from groupbuy.entrypoints.cli.choices import states_of
from groupbuy.entrypoints.cli.moments import recent, since_option
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, limited, pass_shell, shared

_INVOICE = (
    Column("id", "编号", "id"),
    Column("state", "状态", "state"),
    Column("order_id", "订单", "order"),
    Column("merchant_id", "商家", "merchant"),
    Column("kind", "抬头", "title"),
    Column("number", "发票号码", "number"),
    Column("issued", "开票金额", "issued for", right=True),
    Column("red_due", "待冲红", "red letter due", right=True),
    Column("red_done", "已冲红", "red letters", right=True),
    Column("requested_at", "申请", "requested"),
)


@click.group()
def invoice() -> None:
    """List invoices and what is to be done about them."""


@invoice.command("list")
@click.option("--state", "states", multiple=True, help="May be repeated.")
@since_option
@limited
@shared
@pass_shell
def list_invoices(
    shell: Shell, states: tuple[str, ...], since: datetime | date | None, limit: int
) -> None:
    """List invoices, the newest first; requested and red_letter_due wait for the merchant."""
    from groupbuy.application import invoices
    from groupbuy.domain.invoicing import InvoiceState

    wanted = states_of(InvoiceState, states)
    found = shell.read(lambda work: invoices.list_invoices(work, wanted, limit))
    found = recent(found, since, shell.settings.policy.zone, lambda each: each.requested_at)
    items = [
        {
            "id": each.id,
            "state": each.state,
            "order_id": each.order_id,
            "merchant_id": each.merchant_id,
            "kind": each.title_kind,
            "number": each.number,
            "issued": each.issued,
            "red_due": each.red_due,
            "red_done": each.red_done,
            "requested_at": each.requested_at,
        }
        for each in found
    ]
    shell.out.table("invoice.list/1", _INVOICE, items)
