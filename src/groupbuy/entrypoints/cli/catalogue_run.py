"""One import of products: look the file through, apply it, verify what arrived."""

import csv
import hashlib
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

import click
from attrs import define, field, frozen

from groupbuy.application.catalogue.files import rows_of_lines, rows_of_table
from groupbuy.application.catalogue.intake import (
    Done,
    ImportProducts,
    Tally,
    note_import,
    run_import,
)
from groupbuy.application.catalogue.rows import Parsed, csv_column
from groupbuy.application.steps.filing import Verdict
from groupbuy.application.steps.records import Reader, Reject, guarded
from groupbuy.domain.kernel import Conflict, Invalid
from groupbuy.domain.membership import Merchant
from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.progress import bar
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.row_files import Form, opened_records

SHOWN_REJECTS = 5
"""How many rejected rows are told on stderr."""


@frozen
class Source:
    """A file of products and how it is read."""

    path: Path
    form: Form
    encoding: str
    currency: str
    limit: int | None = None

    @contextmanager
    def rows(self) -> Iterator[tuple[Reader, Iterator[Parsed]]]:
        """Open the file anew; yield its reader and its rows."""
        with opened_records(self.path, self.form, self.encoding) as (reader, records):
            rows = (
                rows_of_lines(reader, self.currency, self.encoding)
                if self.form == "jsonl"
                else rows_of_table(records, self.currency)
            )
            yield reader, islice(rows, self.limit)

    def digest(self) -> str:
        """Return the SHA-256 of the file as it is now."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


@define(eq=False)
class Rejects:
    """Lists the rows that were left out: some on stderr, all of them in a file."""

    shell: Shell
    path: Path | None
    in_table: bool
    """Whether rows have columns; in JSON lines they have fields."""
    count: int = field(default=0, init=False)
    _file: IO[str] | None = field(default=None, init=False)

    def add(self, reject: Reject) -> None:
        """List one row."""
        self.count += 1
        column = csv_column(reject.column) if self.in_table else reject.column
        if self.count <= SHOWN_REJECTS:
            said = f"{column} {reject.reason}"
            self.shell.out.note(f"第 {reject.row} 行：{said}", f"row {reject.row}: {said}")
        if self.path is None:
            return
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(["row", "column", "reason", "code"])
        cells = [guarded(text) for text in (column, reject.reason, reject.code)]
        csv.writer(self._file).writerow([reject.row, *cells])

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()


@define(eq=False)
class Run:
    """One run of the command, step by step."""

    shell: Shell
    source: Source
    reject_file: Path | None
    set_stock: bool
    list_new: bool
    tally: Tally = field(factory=Tally, init=False)
    _seen: Tally = field(factory=Tally, init=False)
    _sha256: str = field(default="", init=False)
    _merchant: Merchant | None = field(default=None, init=False)
    _unlike: int = field(default=0, init=False)
    """Rows that the shop does not tell as the file does."""
    _listed: Path | None = field(default=None, init=False)

    def look_through(self, wanted: str) -> None:
        """Read the whole file once, changing nothing. Raises Invalid for another digest."""
        self._sha256 = self.source.digest()
        if wanted and wanted != self._sha256:
            raise Invalid("sha256", f"is {self._sha256}")
        with self.source.rows() as (_, rows):
            for row in rows:
                self._seen.count(row if isinstance(row, Reject) else Done(row, Verdict.CREATED))
        found = self._seen
        self.shell.out.note(
            f"{self.source.path.name}：{found.products} 个商品，{found.variants} 个规格，"
            f"{found.rejected} 行无法读取",
            f"{self.source.path.name}: {found.products} products, {found.variants} variants, "
            f"{found.rejected} unreadable rows",
        )

    def question(self) -> tuple[str, str]:
        """Return what to ask a person before anything is written, in both languages."""
        count = self._seen.products
        return f"导入 {count} 个商品？", f"Import {count} products?"

    def apply(self, merchant: Merchant | None) -> None:
        """Apply the file, then compare. Without a merchant nothing can be known: a dry run."""
        self._merchant = merchant
        if merchant is None:
            self.tally = self._seen
            self._only_a_try()
            return
        try:
            self._apply(merchant)
        except KeyboardInterrupt:
            self._interrupted()
        if self.shell.dry_run:
            self._only_a_try()
        elif self.tally.created or self.tally.updated:
            self.shell.app.desk.run(
                self.shell.caller,
                lambda work: note_import(work, merchant.id, self._sha256, self.tally),
            )
            self._verify(merchant)

    def result(self) -> dict[str, object]:
        """Return what the import came to."""
        return {
            "products": self.tally.products,
            "variants": self.tally.variants,
            "created": self.tally.created,
            "updated": self.tally.updated,
            "unchanged": self.tally.unchanged,
            "rejected": self.tally.rejected,
            "merchant": self._merchant.id if self._merchant else None,
            "sha256": self._sha256,
            "reject_file": str(self._listed) if self._listed else None,
            "dry_run": self.shell.dry_run,
        }

    def verdict(self) -> Exit:
        """Return how the run ends."""
        if self._unlike:
            return Exit.FINDINGS
        if self.tally.rejected:
            return Exit.PARTIAL if self.tally.products else Exit.FAILURE
        return Exit.OK

    def _apply(self, merchant: Merchant) -> None:
        cmd = ImportProducts(merchant.id, (), set_stock=self.set_stock, list_new=self.list_new)
        rejects = Rejects(self.shell, self._reject_path(), self.source.form != "jsonl")
        try:
            with (
                self.source.rows() as (reader, rows),
                bar(self.shell, self.source.path.name) as moved,
            ):
                dry_run, size = self.shell.dry_run, self.source.path.stat().st_size
                for outcomes in run_import(
                    self.shell.app.desk, self.shell.caller, rows, cmd, dry_run=dry_run
                ):
                    for outcome in outcomes:
                        self.tally.count(outcome)
                        if isinstance(outcome, Reject):
                            rejects.add(outcome)
                    moved(reader.bytes_read, size)
        finally:
            rejects.close()
            self._listed = rejects.path if rejects.count else None
        if self.source.digest() != self._sha256:
            raise Conflict(kind="file", key=self.source.path.name)

    def _reject_path(self) -> Path | None:
        """A dry run writes a list only where it is told to."""
        if self.reject_file is None and not self.shell.dry_run:
            return Path(f"{self.source.path.name}.rejects.csv")
        return self.reject_file

    def _verify(self, merchant: Merchant) -> None:
        """Apply the file once more without writing: every row must find itself unchanged.

        Goods in hand are left out of it; they move while people buy.
        """
        cmd = ImportProducts(merchant.id, ())
        with self.source.rows() as (_, rows):
            desk, caller = self.shell.app.desk, self.shell.caller
            for outcomes in run_import(desk, caller, rows, cmd, dry_run=True):
                self._unlike += sum(
                    isinstance(outcome, Done) and outcome.verdict is not Verdict.UNCHANGED
                    for outcome in outcomes
                )
        if self._unlike:
            self.shell.out.note(
                f"核对：有 {self._unlike} 行与文件不一致，可能有人同时在修改",
                f"verification: {self._unlike} rows differ from the file; "
                "somebody may be editing them",
            )
        else:
            self.shell.out.note(
                "核对：商城与文件一致", "verification: the shop is as the file says"
            )

    def _only_a_try(self) -> None:
        self.shell.out.note("演练：没有写入任何内容", "dry run: nothing written")

    def _interrupted(self) -> None:
        """Nothing is half done: the batch at hand was rolled back, those before it stay."""
        again = f"groupbuy {shlex.join(sys.argv[1:])}"
        self.shell.out.note(
            f"已中断，已处理 {self.tally.products} 个商品；继续：{again}",
            f"interrupted after {self.tally.products} products; go on with: {again}",
        )
        click.get_current_context().exit(Exit.INTERRUPTED)
