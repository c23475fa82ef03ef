"""`groupbuy ledger export`: journals with their lines as a file."""

import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.cli.ledger_books import spanned
from groupbuy.entrypoints.cli.moments import MOMENT
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.application.bookkeeping import Tally

_DONE = (
    Column("file", "文件", "file"),
    Column("journals", "凭证数", "journals"),
    Column("lines", "分录数", "lines"),
    Column("debit", "借方", "debit"),
    Column("credit", "贷方", "credit"),
    Column("checksum", "校验和", "checksum"),
)


@click.command()
@click.option("--from", "since", type=MOMENT, help="From this moment or day on.")
@click.option("--to", "until", type=MOMENT, help="Before this moment or day.")
@click.option("--format", "form", type=click.Choice(["csv", "xlsx", "jsonl"]), default="csv")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of stdout."
)
@shared
@pass_shell
def export(
    shell: Shell,
    since: datetime | date | None,
    until: datetime | date | None,
    form: str,
    out: Path | None,
) -> None:
    """Export journals with their lines; the last row holds the totals and a checksum.

    The file appears once it is whole.
    """
    from groupbuy.application.bookkeeping import journals_of
    from groupbuy.entrypoints.ledger_files import write_text, write_xlsx

    span = spanned(shell, since, until)
    journals = journals_of(shell.app.database, shell.caller, span)
    if out is None:
        if form == "xlsx" or shell.out.json:
            raise click.UsageError(shell.out.words("请用 --out 指定文件", "name a file with --out"))
        tally = write_text(form, sys.stdout, journals)
        shell.out.note(
            f"{tally.journals} 张凭证，校验和 {tally.checksum}",
            f"{tally.journals} journals, checksum {tally.checksum}",
        )
        return

    def write(part: Path) -> "Tally":
        if form == "xlsx":
            zone = shell.settings.policy.zone
            return write_xlsx(str(part), journals, zone, shell.out.lang)
        with part.open("w", encoding="utf-8", newline="") as file:
            return write_text(form, file, journals)

    tally = _whole(out, write)
    shell.out.record("ledger.export/1", _DONE, _done(out, tally))


def _whole(out: Path, write: "Callable[[Path], Tally]") -> "Tally":
    """Write beside the file and put it in its place; whatever goes wrong leaves no half."""
    part = out.with_name(f"{out.name}.part")
    try:
        tally = write(part)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return tally


def _done(out: Path, tally: "Tally") -> dict[str, object]:
    return {
        "file": str(out),
        "journals": tally.journals,
        "lines": tally.lines,
        "debit": [Money(minor, name) for name, minor in sorted(tally.debit.items())],
        "credit": [Money(minor, name) for name, minor in sorted(tally.credit.items())],
        "checksum": tally.checksum,
    }
