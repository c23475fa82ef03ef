"""`groupbuy import orders`: purchases of an earlier system, for reports alone."""

import csv
import hashlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, shared
from groupbuy.entrypoints.report_files.as_csv import text as guarded

if TYPE_CHECKING:
    from groupbuy.application.reporting import Bought, Past, Unfit

_SHOWN = 5
"""Rejected rows told on stderr."""
_RESULT = (
    Column("rows", "行", "rows", right=True),
    Column("taken", "导入", "taken", right=True),
    Column("known", "已有", "known before", right=True),
    Column("rejected", "拒收", "rejected", right=True),
    Column("purchases", "现存购买", "purchases kept", right=True),
    Column("customers", "顾客", "customers", right=True),
    Column("units", "件数", "units", right=True),
    Column("amount", "金额", "amount", right=True),
    Column("verified", "核对一致", "verified"),
    Column("sha256", "文件摘要", "sha256"),
    Column("reject_file", "拒收清单", "reject file"),
)


@click.command("orders")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--merchant", "merchant_id", required=True, metavar="ID", help="Whose purchases.")
@click.option("--source", required=True, metavar="NAME", help="Names the earlier system for ever.")
@click.option("--currency", default="", metavar="ISO", help="The shop's by default.")
@click.option(
    "--reject-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where rows that cannot be taken are listed. [default: NAME.rejects.csv]",
)
@changing
@shared
@pass_shell
def import_orders(
    shell: Shell,
    file: Path,
    merchant_id: str,
    source: str,
    currency: str,
    reject_file: Path | None,
) -> None:
    """Import purchases of an earlier system as history; doing it again changes nothing.

    FILE is CSV with the columns customer, date, quantity, amount. They become no orders, moved no
    money here and are in no ledger: reports count them where they are asked to.
    """
    from groupbuy.application import reporting
    from groupbuy.domain.kernel import Money

    currency = currency or shell.settings.policy.currency
    unfit, good = _read(file)
    shell.noting_dry_run()
    taken = 0
    for part in reporting.in_parts(good):
        take = partial(
            reporting.take_history,
            merchant_id=merchant_id,
            source=source,
            currency=currency,
            rows=part,
        )
        desk = shell.app.desk
        taken += (desk.preview if shell.dry_run else desk.run)(shell.caller, take)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    if taken and not shell.dry_run:
        note = partial(
            reporting.note_history,
            merchant_id=merchant_id,
            source=source,
            sha256=digest,
            taken=taken,
        )
        shell.app.desk.run(shell.caller, note)
    past = shell.read(partial(reporting.past_of, merchant_id=merchant_id, source=source))
    listed = _list_rejects(shell, unfit, reject_file or file.with_suffix(".rejects.csv"))
    verified = shell.dry_run or _holds(past, good, currency)
    shell.out.record(
        "import.orders/1",
        _RESULT,
        {
            "rows": len(good) + len(unfit),
            "taken": taken,
            "known": len(good) - taken,
            "rejected": len(unfit),
            "purchases": past.purchases,
            "customers": past.customers,
            "units": past.units,
            "amount": Money(past.amounts.get(currency, 0), currency),
            "verified": verified,
            "sha256": digest,
            "reject_file": str(listed) if listed else None,
            "dry_run": shell.dry_run,
        },
    )
    shell.leave(_verdict(verified=verified, rejected=len(unfit), good=len(good)))


def _read(file: Path) -> "tuple[list[Unfit], list[Bought]]":
    from groupbuy.application.reporting import Bought, Unfit, read_history

    unfit, good = list[Unfit](), list[Bought]()
    with file.open(encoding="utf-8-sig", newline="") as text:
        for row in read_history(text):
            if isinstance(row, Unfit):
                unfit.append(row)
            else:
                good.append(row)
    return unfit, good


def _holds(past: "Past", good: "list[Bought]", currency: str) -> bool:
    """Tell whether all that the file says is kept: never fewer purchases, nor less money."""
    amount, units = sum(row.minor for row in good), sum(row.units for row in good)
    enough = past.purchases >= len(good) and past.units >= units
    return enough and past.amounts.get(currency, 0) >= amount


def _list_rejects(shell: Shell, unfit: "list[Unfit]", path: Path) -> Path | None:
    for each in unfit[:_SHOWN]:
        said = f"{each.column} {each.reason}".strip()
        shell.out.note(f"第 {each.row} 行：{said}", f"row {each.row}: {said}")
    if not unfit:
        return None
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["row", "column", "reason"])
        rows.writerows(_cells(unfit))
    return path


def _cells(unfit: "list[Unfit]") -> Iterator[list[str]]:
    return ([str(each.row), each.column, guarded(each.reason)] for each in unfit)


def _verdict(*, verified: bool, rejected: int, good: int) -> Exit:
    if not verified:
        return Exit.FINDINGS
    if rejected:
        return Exit.PARTIAL if good else Exit.FAILURE
    return Exit.OK
