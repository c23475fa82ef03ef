"""`groupbuy export orders|ledger|reports`: what a shop holds as files for spreadsheets."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from groupbuy.entrypoints.cli.choices import states_of
from groupbuy.entrypoints.cli.ledger_books import spanned
from groupbuy.entrypoints.cli.moments import MOMENT
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.application.orders import OrderView
    from groupbuy.application.ports import Query
    from groupbuy.entrypoints.table_files import Form

PAGE = 500
"""How many orders are read at a time."""
Rows = Iterator[Mapping[str, Any]]
_FILE = (
    Column("file", "文件", "file"),
    Column("rows", "行数", "rows", right=True),
)
_ORDER = (
    Column("id", "订单", "order"),
    Column("created_at", "下单", "created"),
    Column("state", "状态", "state"),
    Column("label", "显示", "label"),
    Column("campaign_id", "团购", "campaign"),
    Column("group_id", "团", "group"),
    Column("merchant_id", "商家", "merchant"),
    Column("leader_id", "团长", "leader"),
    Column("region", "地区", "region"),
    Column("line_no", "行", "line"),
    Column("title", "商品", "item"),
    Column("options", "规格", "options"),
    Column("sku_id", "规格编号", "sku"),
    Column("units", "数量", "units"),
    Column("refunded_units", "已退数量", "units refunded"),
    Column("gross", "原价", "gross"),
    Column("net", "实付", "net"),
    Column("refunded", "已退", "refunded"),
    Column("currency", "币种", "currency"),
)
_FROM = click.option("--from", "since", type=MOMENT, help="From this moment or day on.")
_TO = click.option("--to", "until", type=MOMENT, help="Before this moment or day.")
_FORM = click.option(
    "--format", "form", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True
)
_OUT = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file."
)


@click.command("orders")
@click.option("--state", "states", multiple=True, help="May be repeated; unpaid ones are left out.")
@click.option("--campaign", "campaign_id", default="", help="Of one campaign.")
@_FROM
@_TO
@_FORM
@_OUT
@shared
@pass_shell
def export_orders(
    shell: Shell,
    states: tuple[str, ...],
    campaign_id: str,
    since: datetime | date | None,
    until: datetime | date | None,
    form: "Form",
    out: Path,
) -> None:
    """Export orders, a row for each line, the oldest first; no names, phones or addresses."""
    from groupbuy.application.ports import Query
    from groupbuy.domain.ordering import OrderState

    span = spanned(shell, since, until)
    query = Query().since("created_at", span.since).before("created_at", span.before)
    query = query.where(campaign_id=campaign_id) if campaign_id else query
    if states:
        query = query.among("state", states_of(OrderState, states))
    _write(shell, "export.orders/1", form, out, _ORDER, _orders(shell, query.sorted("created_at")))


@click.command("reports")
@click.argument(
    "name",
    type=click.Choice(
        ["trial-balance", "statements", "withdrawals", "merchant-payouts", "disputes"]
    ),
)
@_FROM
@_TO
@_FORM
@_OUT
@shared
@pass_shell
def export_reports(
    shell: Shell,
    name: str,
    since: datetime | date | None,
    until: datetime | date | None,
    form: "Form",
    out: Path,
) -> None:
    """Export a report of finance: what was asked for, settled or opened in a span, newest first.

    The trial balance is that of now.
    """
    from groupbuy.entrypoints.cli import finance_reports as reports

    rows = reports.rows_of(shell, name, spanned(shell, since, until))
    _write(shell, "export.reports/1", form, out, reports.COLUMNS[name], rows)


def _orders(shell: Shell, query: "Query") -> Rows:
    from groupbuy.application.orders import merchant_orders

    after = None
    while True:
        page = query.page(PAGE, after)
        found = shell.report(lambda work, page=page: merchant_orders(work, page))  # type: ignore[misc]
        for view in found:
            yield from _lines(shell, view)
        if len(found) < PAGE:
            return
        after = (found[-1].order.created_at, found[-1].id)


def _lines(shell: Shell, view: "OrderView") -> Rows:
    from groupbuy.domain.ordering import TEXTS

    order = view.order
    for line in order.lines:
        yield {
            "id": order.id,
            "created_at": order.created_at,
            "state": order.state,
            "label": shell.out.words(*TEXTS[view.label]),
            "campaign_id": order.campaign_id,
            "group_id": order.group_id,
            "merchant_id": order.merchant_id,
            "leader_id": order.leader_id,
            "region": order.contact.region,
            "line_no": line.line_no,
            "title": line.title,
            "options": line.options,
            "sku_id": line.sku_id,
            "units": line.units,
            "refunded_units": line.refunded_units,
            "gross": line.gross,
            "net": line.net,
            "refunded": line.refunded,
            "currency": line.net.currency,
        }


def _write(
    shell: Shell,
    schema: str,
    form: "Form",
    out: Path,
    columns: tuple[Column, ...],
    rows: Rows,
) -> None:
    from groupbuy.entrypoints.table_files import write_table

    headings = [(column.key, column.heading(shell.out.lang)) for column in columns]
    count = write_table(out, form, headings, rows)
    shell.out.record(schema, _FILE, {"file": str(out), "rows": count})
