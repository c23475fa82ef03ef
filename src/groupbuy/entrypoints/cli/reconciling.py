"""`groupbuy reconcile`: compare the provider's bill with our books, and see earlier results."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from groupbuy.domain.kernel import Invalid
from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.moments import recent, since_option
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import (
    Shell,
    changing,
    limited,
    pass_shell,
    reasoned,
    reasoned_later,
    shared,
)

if TYPE_CHECKING:
    from groupbuy.application.reconciliation import Ask, BillFile
    from groupbuy.domain.payments import Payment
    from groupbuy.domain.reconciliation import Finding, Reconciliation

SHOWN_REJECTS = 5
"""How many rejected rows are told on stderr."""
_RUN = (
    Column("id", "编号", "id"),
    Column("provider", "渠道", "provider"),
    Column("first", "自", "from"),
    Column("last", "至", "to"),
    Column("lines", "账单行", "lines", right=True),
    Column("matched", "一致", "matched", right=True),
    Column("counts", "差异", "differences"),
    Column("fees_booked", "入账手续费", "fees booked", right=True),
    Column("failed", "失败", "failed"),
    Column("at", "时间", "at"),
    Column("by", "操作人", "by"),
)
_FINDING = (
    Column("difference", "差异", "difference"),
    Column("kind", "类型", "kind"),
    Column("number", "单号", "number"),
    Column("day", "日期", "day"),
    Column("ours", "我方金额", "ours", right=True),
    Column("our_state", "我方状态", "our state"),
    Column("theirs", "渠道金额", "theirs", right=True),
    Column("their_state", "渠道状态", "their state"),
    Column("mend", "处理", "what mends it"),
)
_LIGHT = (
    Column("provider", "渠道", "provider"),
    Column("light", "灯", "light"),
    Column("why", "原因", "why"),
    Column("run_id", "对账", "run"),
    Column("at", "时间", "at"),
)
_PAYMENT = (
    Column("id", "编号", "id"),
    Column("number", "单号", "number"),
    Column("state", "状态", "state"),
    Column("captured", "实付", "captured", right=True),
    Column("quarantined", "未入账原因", "pays nothing because"),
    Column("order_id", "订单", "order"),
    Column("paid_at", "付款", "paid"),
)
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def reconcile() -> None:
    """Compare the provider's bill with our books."""


@reconcile.command()
@click.option("--provider", default="", help="The one that takes new payments by default.")
@click.option("--from", "first", type=_DAY, help="First local day; three days by default.")
@click.option("--to", "last", type=_DAY, help="Last local day; yesterday by default.")
@click.option(
    "--bill",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV file instead of asking the provider; see `reconcile template`.",
)
@click.option(
    "--book-fees",
    is_flag=True,
    help="Book the fees of the bill, each of them once; needs --reason.",
)
@reasoned_later
@changing
@shared
@pass_shell
def run(
    shell: Shell,
    provider: str,
    first: datetime | None,
    last: datetime | None,
    file: Path | None,
    book_fees: bool,
) -> None:
    """Compare a bill with our books both ways; ends with 7 if anything differs."""
    from groupbuy.application.reconciliation import Ask
    from groupbuy.entrypoints.reconciling import neighbours

    ask = Ask(
        provider or shell.settings.policy.provider,
        _day(first),
        _day(last),
        book_fees=book_fees,
        neighbours=neighbours(shell.app, shell.whose),
        reason=shell.reason,
        rehearsal=shell.dry_run,
    )
    shell.noting_dry_run()
    found = _from_file(shell, ask, file) if file else _from_provider(shell, ask)
    result, rejected = found
    _show(shell, "reconcile.run/1", result, rejected=rejected)
    if result.differences:
        shell.leave(Exit.FINDINGS)
    shell.leave(Exit.PARTIAL if rejected else Exit.OK)


@reconcile.command("list")
@since_option
@limited
@shared
@pass_shell
def list_runs(shell: Shell, since: datetime | date | None, limit: int) -> None:
    """List earlier runs, the newest first."""
    from groupbuy.application import reconciliation

    runs = shell.read(lambda work: reconciliation.list_runs(work, limit))
    runs = recent(runs, since, shell.settings.policy.zone, lambda each: each.at)
    shell.out.table("reconcile.list/1", _RUN, [run_item(each) for each in runs])


@reconcile.command()
@click.argument("run_id")
@shared
@pass_shell
def show(shell: Shell, run_id: str) -> None:
    """Show one run with everything it found."""
    from groupbuy.application import reconciliation

    found = shell.read(lambda work: reconciliation.show_run(work, run_id))
    _show(shell, "reconcile.show/1", found)


@reconcile.command()
@shared
@pass_shell
def light(shell: Shell) -> None:
    """Say whether every provider's last bill agreed, within a day; ends with 7 if not."""
    from groupbuy.application import reconciliation

    said = shell.read(lambda work: reconciliation.light(work, shell.app.bills))
    words = {True: shell.out.words("绿", "green"), False: shell.out.words("红", "red")}
    items = [
        {
            "provider": each.provider,
            "light": words[each.green],
            "green": each.green,
            "why": each.why,
            "run_id": each.last.id if each.last else None,
            "at": each.last.at if each.last else None,
        }
        for each in said.providers
    ]
    shell.out.table("reconcile.light/1", _LIGHT, items, green=said.green)
    shell.leave(Exit.OK if said.green else Exit.FINDINGS)


@reconcile.command()
@click.argument("number", metavar="PAYMENT_NUMBER")
@reasoned
@changing
@shared
@pass_shell
def ask(shell: Shell, number: str) -> None:
    """Ask the provider about a payment again, also one given up here, and take its word.

    What arrived is booked; what pays nothing any more goes back by itself.
    """
    from groupbuy.application.effects.by_hand import ask_about_payment, payment_of_number

    shell.noting_dry_run()
    found = shell.read(lambda work: payment_of_number(work, number))
    if not shell.dry_run:
        app = shell.app
        found = ask_about_payment(app.desk, app.outside, shell.caller, number, shell.reason)
    shell.out.record("reconcile.ask/1", _PAYMENT, _payment_item(found))


@reconcile.command()
@shared
@pass_shell
def template(shell: Shell) -> None:
    """Print a bill file with one line of every kind."""
    from groupbuy.application.reconciliation import COLUMNS, TEMPLATE

    data = {"columns": COLUMNS, "template": TEMPLATE}
    shell.out.show("reconcile.template/1", data, TEMPLATE.splitlines)


def run_item(found: "Reconciliation") -> dict[str, object]:
    """Return what is shown of a run."""
    return {
        "id": found.id,
        "provider": found.provider,
        "first": found.first,
        "last": found.last,
        "source": found.source,
        "lines": found.lines,
        "matched": found.matched,
        "counts": dict(found.counts),
        "fees_booked": found.fees_booked,
        "digest": found.digest,
        "failed": found.failed,
        "at": found.at,
        "by": found.by,
    }


def _from_provider(shell: Shell, ask: "Ask") -> "tuple[Reconciliation, int]":
    from groupbuy.entrypoints.reconciling import reconcile_with_provider

    if ask.provider not in shell.app.bills:
        text = shell.out.words("这个渠道没有账单", f"{ask.provider} gives no bill")
        raise click.UsageError(text)
    return reconcile_with_provider(shell.app, shell.caller, ask), 0


def _from_file(shell: Shell, ask: "Ask", path: Path) -> "tuple[Reconciliation, int]":
    from groupbuy.application import reconciliation

    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(field="bill", reason="is not utf-8") from error
    file = reconciliation.read_bill_file(text, shell.app.kit.policy.zone)
    _list_rejects(shell, path, file)
    bill = reconciliation.bill_of_file(shell.app.desk, ask, file)
    result = reconciliation.reconcile(shell.app.desk, shell.caller, ask, bill)
    return result, len(file.rejected)


def _list_rejects(shell: Shell, path: Path, file: "BillFile") -> None:
    from groupbuy.application.reconciliation import write_rejects

    for each in file.rejected[:SHOWN_REJECTS]:
        said = f"{each.column} {each.reason}"
        shell.out.note(f"第 {each.row} 行：{said}", f"row {each.row}: {said}")
    if file.rejected:
        listed = Path(f"{path.name}.rejects.csv")
        listed.write_text("\ufeff" + write_rejects(file.rejected), encoding="utf-8", newline="")
        shell.out.note(f"拒收清单：{listed}", f"rejected rows: {listed}")


def _show(shell: Shell, schema: str, found: "Reconciliation", **more: object) -> None:
    items = [_finding(shell, each) for each in found.findings]
    data = {**run_item(found), **more, "findings": items}
    if shell.out.json:
        shell.out.document(schema, data)
        return
    shell.out.record(schema, _RUN, data)
    if items:
        shell.out.table(schema, _FINDING, items)


def _finding(shell: Shell, found: "Finding") -> dict[str, object]:
    from groupbuy.domain.reconciliation import ADVICE

    advice = shell.out.words(*ADVICE[found.advice])
    return {
        "difference": found.difference,
        "kind": found.kind,
        "number": found.number,
        "day": found.day,
        "ours": found.ours,
        "our_state": found.our_state,
        "theirs": found.theirs,
        "their_state": found.their_state,
        "advice": advice,
        "command": found.command,
        "mend": found.command or advice,
    }


def _payment_item(found: "Payment") -> dict[str, object]:
    return {
        "id": found.id,
        "number": found.number,
        "state": found.state,
        "captured": found.captured,
        "quarantined": found.quarantined,
        "order_id": found.order_id,
        "paid_at": found.paid_at,
    }


def _day(typed: datetime | None) -> date | None:
    return typed.date() if typed else None
