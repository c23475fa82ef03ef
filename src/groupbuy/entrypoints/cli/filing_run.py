"""One import of a file of rows: look it through, apply it, prove what arrived."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from attrs import define, field, frozen

from groupbuy.application.steps.filing import (
    File,
    Filed,
    FileKind,
    Outcome,
    Proof,
    Row,
    Tally,
    Verdict,
    file_rows,
    note_file,
    proofs,
)
from groupbuy.application.steps.records import Reject
from groupbuy.domain.kernel import Conflict, Invalid, Refused
from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.progress import bar
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.row_files import Form, opened_rows, write_rejects

SHOWN_REJECTS = 5
"""How many rejected rows are told on stderr."""


@frozen
class Source:
    """A file of rows and how it is read."""

    path: Path
    form: Form
    encoding: str
    kind: FileKind

    def digest(self) -> str:
        """Return the SHA-256 of the file as it is now."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @contextmanager
    def rows(self) -> Iterator[Iterator[Row | Reject]]:
        """Open the file anew and yield its rows."""
        with opened_rows(self.path, self.form, self.encoding, self.kind) as rows:
            yield rows


@define(eq=False)
class FilingRun:
    """One run of the command, step by step."""

    shell: Shell
    source: Source
    file: File
    tally: Tally = field(factory=Tally, init=False)
    """What came of it, or would come."""
    changes: list[str] = field(factory=list, init=False)
    proofs: list[Proof] = field(factory=list, init=False)
    listed: Path | None = field(default=None, init=False)
    """Where rejected rows are listed."""
    _rejects: list[tuple[Reject, Mapping[str, str], str]] = field(factory=list, init=False)

    def look_through(self) -> None:
        """Rehearse the whole file, changing nothing."""
        with bar(self.shell, self.source.path.name) as moved:
            for count, outcome in enumerate(self._outcomes(dry_run=True), 1):
                self.tally.count(outcome)
                if isinstance(outcome, Filed) and outcome.change:
                    self.changes.append(outcome.change)
                moved(count, 0)

    def check_preview(self, digest: str) -> None:
        """Refuse to go on if it would come out otherwise than was previewed. Raises Refused."""
        if digest and digest != self.tally.digest:
            raise Refused(rule="preview_is_current", about=digest)

    def apply(self) -> None:
        """Apply the file and prove it. Raises Conflict if the file changed meanwhile."""
        rehearsed, self.tally = self.tally, Tally()
        self._rejects.clear()
        with bar(self.shell, self.source.path.name) as moved:
            for count, outcome in enumerate(self._outcomes(dry_run=False), 1):
                self.tally.count(outcome)
                moved(count, rehearsed.taken + rehearsed.rejected)
        if self.source.digest() != self.file.sha256:
            raise Conflict(kind="file", key=self.source.path.name)
        kind, file, tally, shell = self.source.kind, self.file, self.tally, self.shell
        if tally.changed:
            shell.app.desk.run(shell.caller, lambda work: note_file(work, kind, file, tally))
        self.proofs = shell.read(lambda work: proofs(work, kind, file, tally))

    def list_rejects(self, path: Path | None) -> None:
        """Tell the first rejected rows and list all of them, where they are to be listed."""
        for each, _, why in self._rejects[:SHOWN_REJECTS]:
            said = f"{each.column} {why}"
            self.shell.out.note(f"第 {each.row} 行：{said}", f"row {each.row}: {said}")
        if self._rejects and path is not None:
            write_rejects(path, self.source.kind.columns, self._rejects)
            self.listed = path

    def result(self) -> dict[str, object]:
        """Return what the import came to."""
        counts = self.tally.counts
        return {
            "rows": self.tally.taken + self.tally.rejected,
            "created": counts[Verdict.CREATED],
            "updated": counts[Verdict.UPDATED],
            "unchanged": counts[Verdict.UNCHANGED],
            "rejected": self.tally.rejected,
            "verified": bool(self.proofs) and all(proof.holds for proof in self.proofs),
            "merchant": self.file.merchant_id or None,
            "sha256": self.file.sha256,
            "preview": self.tally.digest if self.shell.dry_run else None,
            "reject_file": str(self.listed) if self.listed else None,
        }

    def verdict(self) -> Exit:
        """Return how the run ends."""
        if not all(proof.holds for proof in self.proofs):
            return Exit.FINDINGS
        if self.tally.rejected:
            return Exit.PARTIAL if self.tally.taken else Exit.FAILURE
        return Exit.OK

    def _outcomes(self, *, dry_run: bool) -> Iterator[Outcome]:
        cells = dict[int, Mapping[str, str]]()

        def remembered(rows: Iterator[Row | Reject]) -> Iterator[Row | Reject]:
            for row in rows:
                if isinstance(row, Row):
                    cells[row.number] = row.cells
                yield row

        desk, caller = self.shell.app.desk, self.shell.caller
        with self.source.rows() as rows:
            batches = file_rows(
                desk, caller, self.source.kind, self.file, remembered(rows), dry_run=dry_run
            )
            for batch in batches:
                for outcome in batch:
                    if isinstance(outcome, Reject):
                        known = cells.get(outcome.row, {})
                        self._rejects.append((outcome, known, self._why(outcome)))
                    yield outcome
                cells.clear()

    def _why(self, reject: Reject) -> str:
        from groupbuy.entrypoints.http.reason_texts import reason_in

        return reason_in(reject.reason, "zh-CN" if self.shell.out.lang == "zh" else "en")


def checked_digest(source: Source, wanted: str) -> str:
    """Return the file's digest. Raises Invalid if another one was wanted."""
    found = source.digest()
    if wanted and wanted.lower() != found:
        raise Invalid(field="sha256", reason=f"is {found}")
    return found
