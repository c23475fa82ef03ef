"""`groupbuy refund batch`: many refunds from a table; looked through first, then run by digest."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import evolve

from groupbuy.domain.kernel import Conflict, DomainError, Invalid, Money
from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.messages import message
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.progress import bar
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from groupbuy.application.aftersale.batch import Plan, Row

BYTES_AT_MOST = 4 * 1024 * 1024
SHOWN_REJECTS = 5
"""How many rejected rows are told on stderr."""
_RESULT = (
    Column("rows", "行数", "rows", right=True),
    Column("granted", "退款", "refunded", right=True),
    Column("amount", "金额", "amount", right=True),
    Column("skipped", "已处理过", "skipped", right=True),
    Column("rejected", "拒收", "rejected", right=True),
    Column("digest", "摘要", "digest"),
    Column("reject_file", "拒收清单", "reject file"),
)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--digest", default="", metavar="HEX", help="Run exactly what was looked through.")
@click.option(
    "--reject-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where rows that cannot be done are listed. [default: NAME.rejects.csv]",
)
@reasoned
@changing
@shared
@pass_shell
def batch(shell: Shell, file: Path, digest: str, reject_file: Path | None) -> None:
    """Refund by CSV with the columns key, order_id, line, units; no line means the whole order.

    Without --digest nothing is written: totals and a digest are shown. With it every row is done
    by itself; its key is done once for ever, so the same file may be run again after a stop.
    """
    from groupbuy.application.aftersale.batch import DIGEST_SHOWN, plan, read_wishes

    rows = read_wishes(_text(file))
    planned = shell.read(lambda work: plan(work, rows))
    shown = planned.digest[:DIGEST_SHOWN]
    if not digest or shell.dry_run:
        _show(shell, planned, planned.rows, shown, None)
        shell.out.note(
            f"没有写入任何内容。执行：groupbuy refund batch {file} --digest {shown} --reason …",
            f"nothing written; run: groupbuy refund batch {file} --digest {shown} --reason …",
        )
        return
    if len(digest) < DIGEST_SHOWN or not planned.digest.startswith(digest.lower()):
        raise Conflict(kind="batch", key=shown)
    count = sum(row.amount is not None and not row.granted for row in planned.rows)
    shell.confirm(f"退款 {count} 行？", f"refund {count} rows?")
    done = _run(shell, planned)
    path = _list_rejects(shell, done, reject_file or Path(f"{file.name}.rejects.csv"))
    _show(shell, planned, done, shown, path)
    if any(row.error is not None for row in done):
        shell.leave(Exit.PARTIAL)


def _run(shell: Shell, planned: "Plan") -> "list[Row]":
    """Do every row in a transaction of its own; an interrupt ends the run and undoes nothing."""
    done: list[Row] = []
    with bar(shell, shell.out.words("退款", "refunding")) as moved:
        try:
            for row in planned.rows:
                done.append(_one(shell, row))
                moved(len(done), len(planned.rows))
        except KeyboardInterrupt:
            shell.out.note(
                f"已中断，已处理 {len(done)} 行；再次运行同一命令即可继续",
                f"interrupted after {len(done)} rows; run the same command again to go on",
            )
            shell.leave(Exit.INTERRUPTED)
    return done


def _one(shell: Shell, row: "Row") -> "Row":
    from groupbuy.application.aftersale import refund_units

    if row.wish is None or row.error is not None or row.granted:
        return row
    wish = evolve(row.wish, expected=row.amount)
    try:
        shell.app.desk.run(shell.caller, lambda work: refund_units(work, wish, shell.reason))
    except DomainError as error:
        return evolve(row, amount=None, error=error)
    return row


def _show(
    shell: Shell, planned: "Plan", rows: "Sequence[Row]", digest: str, listed: Path | None
) -> None:
    todo = [row for row in rows if row.amount is not None and not row.granted]
    data = {
        "rows": len(rows),
        "granted": len(todo),
        "amount": Money(sum(row.amount.minor for row in todo if row.amount), _currency(planned)),
        "skipped": sum(row.granted for row in rows),
        "rejected": sum(row.error is not None for row in rows),
        "digest": digest,
        "reject_file": str(listed) if listed else None,
    }
    for row in [row for row in rows if row.error is not None][:SHOWN_REJECTS]:
        why = message(row.error, shell.out.lang) if row.error else ""
        shell.out.note(f"第 {row.number} 行：{why}", f"row {row.number}: {why}")
    shell.out.record("refund.batch/1", _RESULT, data)


def _currency(planned: "Plan") -> str:
    return next((row.amount.currency for row in planned.rows if row.amount), "CNY")


def _list_rejects(shell: Shell, rows: "Sequence[Row]", path: Path) -> Path | None:
    from groupbuy.application.aftersale.batch import write_rejects

    if not any(row.error is not None for row in rows):
        return None
    text = write_rejects(rows, lambda error: message(error, shell.out.lang))
    # With a mark: spreadsheets would take Chinese text for something else.
    path.write_text("\ufeff" + text, encoding="utf-8", newline="")
    return path


def _text(file: Path) -> str:
    """Read the table. Raises Invalid for a file that is none."""
    if file.stat().st_size > BYTES_AT_MOST:
        raise Invalid(field="file", reason=f"at most {BYTES_AT_MOST} bytes")
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(field="file", reason="is not utf-8") from error
