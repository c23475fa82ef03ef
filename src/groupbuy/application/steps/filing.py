"""Files that fill a shop: the columns of each kind, what became of a row, and the proof of it.

A kind says how a row is taken and how what stands in the shop is told again; the rest is the same
for all of them. A file may be applied again at any time: what is as it says is left alone.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import partial

from attrs import define, field, frozen

from groupbuy.application.steps.records import (
    Line,
    Record,
    Reject,
    header_of,
    named_cells,
    pack,
    shown,
)
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.kernel import Invalid

BATCH = 200
"""Rows of one transaction."""
_TOLD_AT_ONCE = 500
ROWS_AT_MOST = 200_000
"""Rows of one file."""

WHY = ("reject_row", "reject_column", "reject_reason")
"""What a list of rejected rows has beside their own columns; it may be mended and read again."""

Facts = Mapping[str, str | int]
"""What stands in the shop under one key: numbers are added up, everything is compared."""


class Verdict(StrEnum):
    """What an import did with a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@frozen
class Column:
    """One column of a kind of file."""

    name: str
    zh: str
    """What it means, for the template."""
    en: str
    example: str = ""
    needed: bool = False
    parted: str = ""
    """Between the parts of a list; empty for a plain text."""
    number: bool = False
    """A whole number, or nothing."""
    told: bool = False
    """Exported for people to read; an import does not look at it."""


@frozen
class Row:
    """One row as it came; a column that the file does not have is not said."""

    number: int
    cells: Mapping[str, str]

    def said(self, name: str) -> str:
        """Return a cell, tidied; empty where nothing is said."""
        return self.cells.get(name, "").strip()


@frozen
class File:
    """The file that rows come from, and whose shop it fills."""

    sha256: str
    merchant_id: str = ""
    """Empty for what belongs to the whole shop."""


@frozen
class Filed:
    """One row that was applied, or would be."""

    row: Row
    key: str
    verdict: Verdict
    stands: Facts
    """What must be found under the key afterwards."""
    change: str = ""
    """What is different now, for people."""


Outcome = Filed | Reject


@frozen
class FileKind:
    """One kind of file."""

    name: str
    columns: tuple[Column, ...]
    key: str
    """The column that names what a row speaks of."""
    take: Callable[[Work, File, Sequence[Row]], Sequence[Outcome]]
    tell: Callable[[Work, File, Collection[str]], Mapping[str, Facts]]
    """What stands under those keys."""
    export: Callable[[Desk, Caller, str], Iterator[Mapping[str, str]]]
    """Everything as rows of such a file; the last argument names the merchant."""
    of_merchant: bool = False
    """Whether it belongs to one merchant."""

    def names(self) -> tuple[str, ...]:
        """Return the columns' names, in their order."""
        return tuple(column.name for column in self.columns)

    def needed(self) -> tuple[str, ...]:
        """Return the columns a file cannot do without."""
        return tuple(column.name for column in self.columns if column.needed)


@frozen
class Proof:
    """One figure of a file beside the same figure counted in the shop."""

    what: str
    file: str | int
    shop: str | int

    @property
    def holds(self) -> bool:
        """Tell whether both are the same."""
        return self.file == self.shop


@define
class Tally:
    """What an import came to, and what has to be found afterwards."""

    counts: dict[Verdict, int] = field(factory=lambda: dict.fromkeys(Verdict, 0))
    rejected: int = 0
    wanted: dict[str, Facts] = field(factory=dict)
    _lines: list[str] = field(factory=list)

    def count(self, outcome: Outcome) -> None:
        """Count one outcome in."""
        if isinstance(outcome, Reject):
            self.rejected += 1
            self._lines.append(f"- {outcome.row} {outcome.column} {outcome.reason}")
            return
        self.counts[outcome.verdict] += 1
        self.wanted[outcome.key] = outcome.stands
        self._lines.append(f"{outcome.verdict} {outcome.row.number} {outcome.change}")

    @property
    def taken(self) -> int:
        """How many rows are in the shop."""
        return sum(self.counts.values())

    @property
    def changed(self) -> int:
        """How many of them were not before."""
        return self.taken - self.counts[Verdict.UNCHANGED]

    @property
    def digest(self) -> str:
        """Names this outcome: what was previewed is done only if it would still come out so."""
        return _digest(self._lines)[:16]


def rows_of_table(records: Iterator[Record | Reject], kind: FileKind) -> Iterator[Row | Reject]:
    """Yield the rows of a table, its header first. Raises Invalid for a header of another kind."""
    header = header_of(records, (*kind.names(), *WHY), kind.needed())

    def rows() -> Iterator[Row | Reject]:
        for record in records:
            if isinstance(record, Reject):
                yield record
                continue
            try:
                yield Row(record.number, named_cells(record, header))
            except Invalid as error:
                yield Reject(record.number, error.field, error.reason)

    return _once_each(rows(), kind)


def rows_of_json(
    lines: Iterable[tuple[Line, object | Invalid]], kind: FileKind
) -> Iterator[Row | Reject]:
    """Yield the rows of JSON lines; an unknown field rejects its row."""

    def rows() -> Iterator[Row | Reject]:
        for line, value in lines:
            try:
                yield Row(line.number, _cells_of(value, kind))
            except Invalid as error:
                yield Reject(line.number, error.field, error.reason)

    return _once_each(rows(), kind)


def file_rows(
    desk: Desk,
    caller: Caller,
    kind: FileKind,
    file: File,
    rows: Iterable[Row | Reject],
    *,
    dry_run: bool = False,
) -> Iterator[Sequence[Outcome]]:
    """Apply rows, a batch a transaction; yield what became of each batch once it is committed."""
    run = desk.preview if dry_run else desk.run
    for good, bad in _batches(rows):
        done = run(caller, partial(_take, kind=kind, file=file, rows=good)) if good else ()
        yield (*bad, *done)


def proofs(work: Work, kind: FileKind, file: File, tally: Tally) -> list[Proof]:
    """Count in the shop what the rows came to: how many, every sum, and all of it in one digest."""
    keys, there = list(tally.wanted), dict[str, Facts]()
    for start in range(0, len(keys), _TOLD_AT_ONCE):
        there |= kind.tell(work, file, keys[start : start + _TOLD_AT_ONCE])
    wanted, found = list(tally.wanted.values()), list(there.values())
    sums = dict.fromkeys(
        name for facts in wanted for name, value in facts.items() if isinstance(value, int)
    )
    return [
        Proof("rows", len(wanted), len(found)),
        *(Proof(f"sum of {name}", _sum(wanted, name), _sum(found, name)) for name in sums),
        Proof("sha256 of rows", _digest_of(tally.wanted), _digest_of(there)),
    ]


def note_file(work: Work, kind: FileKind, file: File, tally: Tally) -> None:
    """Keep in the audit which file changed the shop."""
    work.audit(
        f"{kind.name}.import",
        file.merchant_id or kind.name,
        sha256=file.sha256,
        created=str(tally.counts[Verdict.CREATED]),
        updated=str(tally.counts[Verdict.UPDATED]),
        rejected=str(tally.rejected),
    )


def one_by_one(rows: Iterable[Row], key: str, take: Callable[[Row], Filed]) -> tuple[Outcome, ...]:
    """Take rows; one that is Invalid is turned away: `take` raises before it stages anything."""

    def outcome(row: Row) -> Outcome:
        try:
            return take(row)
        except Invalid as error:
            return Reject(row.number, error.field, error.reason, shown(row.said(key)))

    return tuple(outcome(row) for row in rows)


def whole(name: str, text: str, highest: int) -> int:
    """Read a whole number from 0 to `highest`. Raises Invalid."""
    if not (text.isascii() and text.isdigit()) or len(text) > 12 or int(text) > highest:
        raise Invalid(field=name, reason=f"must be a whole number from 0 to {highest}")
    return int(text)


def _take(work: Work, kind: FileKind, file: File, rows: Sequence[Row]) -> Sequence[Outcome]:
    return kind.take(work, file, rows)


def _cells_of(value: object, kind: FileKind) -> dict[str, str]:
    if isinstance(value, Invalid):
        raise value
    if not isinstance(value, Mapping):
        raise Invalid(field="row", reason="must be an object")
    known = {column.name: column for column in kind.columns}
    if strange := sorted(set(value) - known.keys()):
        raise Invalid(field=shown(strange[0]), reason="is not a known field")
    for name in kind.needed():
        if name not in value:
            raise Invalid(field=name, reason="is missing")
    return {name: _cell(known[name], said) for name, said in value.items()}


def _cell(column: Column, value: object) -> str:
    """Write a JSON value as the cell of a table."""
    if value is None:
        return ""
    if isinstance(value, str) or type(value) is int:
        return str(value)
    if column.parted and isinstance(value, list) and all(isinstance(p, str) for p in value):
        return pack(value, column.parted)
    raise Invalid(field=column.name, reason="must be a text or a number")


def _once_each(rows: Iterator[Row | Reject], kind: FileKind) -> Iterator[Row | Reject]:
    """Turn away a row that speaks of what another one spoke of: the two would undo each other."""
    seen = dict[str, int]()
    for row in rows:
        if isinstance(row, Reject):
            yield row
            continue
        key = row.said(kind.key)
        if key in seen:
            reason = f"is in row {seen[key]} already: keep one of them"
            yield Reject(row.number, kind.key, reason, shown(key))
        elif len(seen) >= ROWS_AT_MOST:
            yield Reject(row.number, "row", f"a file holds at most {ROWS_AT_MOST} rows: part it")
        else:
            seen[key] = row.number
            yield row


def _batches(rows: Iterable[Row | Reject]) -> Iterator[tuple[list[Row], list[Reject]]]:
    good, bad = list[Row](), list[Reject]()
    for row in rows:
        if isinstance(row, Reject):
            bad.append(row)
        else:
            good.append(row)
        if len(good) == BATCH or len(bad) == BATCH:
            yield good, bad
            good, bad = [], []
    if good or bad:
        yield good, bad


def _sum(facts: Iterable[Facts], name: str) -> int:
    return sum(value for each in facts if isinstance(value := each.get(name), int))


def _digest_of(facts: Mapping[str, Facts]) -> str:
    lines = (
        "\t".join([key, *(f"{name}={value}" for name, value in sorted(said.items()))])
        for key, said in sorted(facts.items())
    )
    return _digest(lines)


def _digest(lines: Iterable[str]) -> str:
    total = hashlib.sha256()
    for line in lines:
        total.update(line.encode("utf-8", "surrogatepass") + b"\n")
    return total.hexdigest()
