"""`groupbuy import` and `export` for every kind of file of rows, and the forms to fill in."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import frozen

from groupbuy.domain.kernel import NotFound
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.application.steps.filing import Column as FileColumn
    from groupbuy.application.steps.filing import FileKind
    from groupbuy.entrypoints.cli.filing_run import FilingRun
    from groupbuy.entrypoints.row_files import Form

SHOWN_CHANGES = 20
"""How many changes a preview shows; a document holds all of them."""
_RESULT = (
    Column("rows", "行数", "rows", right=True),
    Column("created", "新建", "created", right=True),
    Column("updated", "更新", "updated", right=True),
    Column("unchanged", "未变", "unchanged", right=True),
    Column("rejected", "拒收", "rejected", right=True),
    Column("verified", "核对一致", "verified"),
    Column("merchant", "商户", "merchant"),
    Column("sha256", "文件摘要", "sha256"),
    Column("preview", "预览", "preview"),
    Column("reject_file", "拒收清单", "reject file"),
)
_PROOF = (
    Column("what", "核对", "checked"),
    Column("file", "文件", "file", right=True),
    Column("shop", "商城", "shop", right=True),
    Column("holds", "一致", "same"),
)
_WRITTEN = (Column("file", "文件", "file"), Column("rows", "行数", "rows", right=True))
_FILE = click.Path(dir_okay=False, path_type=Path)
_merchant = click.option(
    "--merchant", default="", metavar="ID|NAME", help="Whose; may be left out if there is one."
)


@frozen
class Filing:
    """A kind of file on the command line, loaded once it is needed."""

    name: str
    load: "Callable[[], FileKind]"
    of_merchant: bool
    import_help: str
    export_help: str


def import_command(filing: Filing) -> click.Command:
    """Return `groupbuy import KIND`."""

    @click.command(filing.name, help=filing.import_help)
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option(
        "--format",
        "form",
        type=click.Choice(["auto", "csv", "xlsx", "jsonl"]),
        default="auto",
        help="By the file's name unless given.",
    )
    @click.option(
        "--encoding",
        type=click.Choice(["utf-8", "gb18030"]),
        default="utf-8",
        help="gb18030 for spreadsheets of a Chinese office.",
    )
    @click.option("--sha256", default="", metavar="HEX", help="Refuse a file with another digest.")
    @click.option("--preview", "digest", default="", metavar="DIGEST", help="What a dry run said.")
    @click.option(
        "--reject-file",
        type=_FILE,
        help="Where rows that cannot be taken are listed. [default: NAME.rejects.csv]",
    )
    @changing
    @shared
    @pass_shell
    def command(
        shell: Shell,
        file: Path,
        form: str,
        encoding: str,
        sha256: str,
        digest: str,
        reject_file: Path | None,
        merchant: str = "",
    ) -> None:
        from groupbuy.application.steps.filing import File
        from groupbuy.entrypoints.cli.filing_run import FilingRun, Source, checked_digest
        from groupbuy.entrypoints.row_files import form_of

        kind = filing.load()
        source = Source(file, form_of(file, form, default="csv"), encoding, kind)
        sha = checked_digest(source, sha256)
        run = FilingRun(shell, source, File(sha, _whose(shell, filing, merchant)))
        _carry_out(shell, run, digest, reject_file)

    return _merchant(command) if filing.of_merchant else command


def export_command(filing: Filing) -> click.Command:
    """Return `groupbuy export KIND`."""

    @click.command(filing.name, help=filing.export_help)
    @click.option("--format", "form", type=click.Choice(["csv", "xlsx", "jsonl"]))
    @click.option("--out", type=_FILE, help="A file instead of stdout.")
    @shared
    @pass_shell
    def command(shell: Shell, form: str | None, out: Path | None, merchant: str = "") -> None:
        from groupbuy.entrypoints.row_files import write_rows

        kind = filing.load()
        rows = kind.export(shell.app.desk, shell.caller, _whose(shell, filing, merchant))
        if shell.out.json and out is None:
            shell.out.stream(f"export.{kind.name}/1", (), rows)
            return
        count = write_rows(out, form_for(out, form), kind.columns, rows)
        if out is not None:
            shell.out.record(f"export.{kind.name}/1", _WRITTEN, {"file": str(out), "rows": count})

    return _merchant(command) if filing.of_merchant else command


def _carry_out(shell: Shell, run: "FilingRun", digest: str, reject_file: Path | None) -> None:
    """Rehearse, ask, apply and report; a dry run ends after the rehearsal."""
    from groupbuy.entrypoints.cli.whose import ask_first

    shell.noting_dry_run()
    run.look_through()
    run.check_preview(digest)
    rows = run.tally.taken
    if not shell.dry_run:
        ask_first(shell, (f"导入 {rows} 行？", f"Import {rows} rows?"))
        run.apply()
        reject_file = reject_file or Path(f"{run.source.path.name}.rejects.csv")
    run.list_rejects(reject_file)
    _report(shell, run)
    shell.leave(run.verdict())


def _report(shell: Shell, run: "FilingRun") -> None:
    schema, result = f"import.{run.source.kind.name}/1", run.result()
    proofs = [
        {"what": each.what, "file": each.file, "shop": each.shop, "holds": each.holds}
        for each in run.proofs
    ]
    if shell.out.json:
        changes = run.changes if shell.dry_run else None
        more = {"dry_run": shell.dry_run, "changes": changes, "proofs": proofs}
        shell.out.document(schema, {**result, **more})
        return
    if shell.dry_run:
        _tell_changes(shell, run.changes)
    shell.out.record(schema, _RESULT, result)
    if proofs:
        told = [{**each, "what": _checked(shell, str(each["what"]))} for each in proofs]
        shell.out.table(schema, _PROOF, told)


def _checked(shell: Shell, what: str) -> str:
    """Name a figure in the language of the run."""
    _, _, column = what.rpartition("sum of ")
    zh = {"rows": "行数", "sha256 of rows": "各行摘要"}.get(what, f"{column} 合计")
    return shell.out.words(zh, what)


def _tell_changes(shell: Shell, changes: Sequence[str]) -> None:
    for change in changes[:SHOWN_CHANGES]:
        click.echo(change)
    if len(changes) > SHOWN_CHANGES:
        left = len(changes) - SHOWN_CHANGES
        click.echo(shell.out.words(f"…… 另有 {left} 处", f"… and {left} more"))


def form_for(out: Path | None, said: str | None, *, default: "Form" = "csv") -> "Form":
    """Return how a file is to be written; stdout takes no workbook. Raises UsageError."""
    from groupbuy.entrypoints.row_files import form_of

    form = form_of(out or Path("-"), said or "auto", default=default)
    if out is None and form == "xlsx":
        raise click.UsageError("a workbook needs --out FILE.xlsx")
    return form


def _whose(shell: Shell, filing: Filing, merchant: str) -> str:
    """Return whose shop it is about; empty for what belongs to all of them. Raises NotFound."""
    if not filing.of_merchant:
        return ""
    from groupbuy.entrypoints.cli.whose import merchant_named

    found = merchant_named(shell, merchant)
    if found is None:
        raise NotFound(kind="merchant", key=merchant)
    return found.id


def _stock() -> "FileKind":
    from groupbuy.application.catalogue.stock_file import STOCK_FILE

    return STOCK_FILE


def _categories() -> "FileKind":
    from groupbuy.application.catalogue.name_files import CATEGORY_FILE

    return CATEGORY_FILE


def _brands() -> "FileKind":
    from groupbuy.application.catalogue.name_files import BRAND_FILE

    return BRAND_FILE


FILINGS = (
    Filing(
        "stock",
        _stock,
        True,
        "Set the goods in hand to what was counted; a file counts once, however often it is read.",
        "Export every variant with its goods, as a list to count by.",
    ),
    Filing(
        "categories",
        _categories,
        False,
        "Make the categories that are missing and set the commission that is said.",
        "Export the category tree.",
    ),
    Filing(
        "brands", _brands, False, "Make the brands that are missing.", "Export all brands, by name."
    ),
)
"""Every kind of file of rows."""


@click.command("template")
@click.argument("kind", type=click.Choice(["products", *(each.name for each in FILINGS)]))
@click.option("--format", "form", type=click.Choice(["csv", "xlsx", "jsonl"]))
@click.option("--out", type=_FILE, help="A file instead of stdout.")
@shared
@pass_shell
def import_template(shell: Shell, kind: str, form: str | None, out: Path | None) -> None:
    """Write an empty form for a kind of file: its columns and an example."""
    from groupbuy.entrypoints.row_files import write_template

    columns = _columns(kind)

    write_template(out, form_for(out, form), columns, shell.out.lang)
    if out is not None:
        shell.out.record("import.template/1", _WRITTEN, {"file": str(out), "rows": 1})


def _columns(kind: str) -> "Sequence[FileColumn]":
    if kind == "products":
        from groupbuy.application.catalogue.product_columns import PRODUCT_COLUMNS

        return PRODUCT_COLUMNS
    return next(filing.load() for filing in FILINGS if filing.name == kind).columns
