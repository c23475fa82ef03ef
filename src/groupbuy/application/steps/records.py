"""Records of files, one at a time whatever the bytes: lines of JSON, lines of CSV, cells.

A row that cannot be read is told and passed over; nothing is skipped silently but blank lines.
"""

import csv
import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn, Protocol

from attrs import define, field, frozen

from groupbuy.domain.kernel import Invalid

ROW_AT_MOST = 256 * 1024
"""Bytes of one row."""
LINES_AT_MOST = 100
"""Lines a quoted CSV cell may run over before its quote counts as forgotten."""
DEPTH_AT_MOST = 16
"""Nesting of one JSON row."""

_BOM = b"\xef\xbb\xbf"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


@frozen
class Reject:
    """A row that was left out, and why. Row 1 is the first line of the file."""

    row: int
    column: str
    reason: str
    code: str = ""
    """What it speaks of, where that could be read."""


@frozen
class Record:
    """One row of a table: a line of CSV, which may run over several, or a row of a workbook."""

    number: int
    cells: tuple[str, ...]
    size: int = 0
    """Bytes in the file; 0 where nobody can say."""


class Bytes(Protocol):
    """An open binary file."""

    def readline(self, limit: int = -1, /) -> bytes:
        """Return the next line, or its next part of at most `limit` bytes."""
        ...


@frozen
class Line:
    """One physical line of a file."""

    number: int
    raw: bytes
    too_long: bool = False


@define(eq=False)
class Reader:
    """Reads lines of bounded length, takes back what was read too far, and sums the file up."""

    _file: Bytes
    bytes_read: int = field(default=0, init=False)
    _lines: int = field(default=0, init=False)
    _back: deque[Line] = field(factory=deque, init=False)
    _sum: Any = field(factory=hashlib.sha256, init=False)

    @property
    def sha256(self) -> str:
        """The digest of everything read so far, in hexadecimal."""
        return str(self._sum.hexdigest())

    def next(self) -> Line | None:
        """Return the next line, or None at the end. A line that is too long loses its tail."""
        if self._back:
            return self._back.popleft()
        raw = part = self._part()
        if not raw:
            return None
        self._lines += 1
        if self._lines == 1:
            raw = raw.removeprefix(_BOM)
        while part and not part.endswith(b"\n"):
            part = self._part()
            if len(raw) <= ROW_AT_MOST:
                raw += part
        return Line(self._lines, raw, too_long=len(raw) > ROW_AT_MOST)

    def take_back(self, lines: Iterable[Line]) -> None:
        """Put lines back, to be read again in the same order."""
        self._back.extendleft(reversed(list(lines)))

    def _part(self) -> bytes:
        part = self._file.readline(ROW_AT_MOST + 1)
        self._sum.update(part)
        self.bytes_read += len(part)
        return part


def json_lines(reader: Reader, encoding: str) -> Iterator[tuple[Line, object | Invalid]]:
    """Yield every line that is not blank with what it says, or why it says nothing."""
    while (line := reader.next()) is not None:
        if line.raw.strip():
            try:
                yield line, _json(_decoded(line, encoding))
            except Invalid as error:
                yield line, error


def csv_records(reader: Reader, encoding: str) -> Iterator[Record | Reject]:
    """Yield records; where a quote never closes, only the line that opened it is lost."""
    while (line := reader.next()) is not None:
        if not line.raw.strip():
            continue
        lines, size, quotes = [line], len(line.raw), line.raw.count(b'"')
        while quotes % 2 and len(lines) < LINES_AT_MOST and size <= ROW_AT_MOST:
            more = reader.next()
            if more is None:
                break
            lines.append(more)
            size += len(more.raw)
            quotes += more.raw.count(b'"')
        if quotes % 2:
            reader.take_back(lines[1:])
            yield Reject(line.number, "row", "opens a quote that is never closed")
        else:
            yield _record(lines, size, encoding)


def header_of(
    records: Iterator[Record | Reject], columns: Iterable[str], required: Iterable[str]
) -> tuple[str, ...]:
    """Read the first record as names of columns. Raises Invalid if it cannot be used."""
    first = next(records, None)
    if first is None:
        raise Invalid("header", "is missing: the file is empty")
    if isinstance(first, Reject):
        raise Invalid("header", first.reason)
    names, known = tuple(name.strip().lower() for name in first.cells), set(columns)
    for name in names:
        if name not in known:
            raise Invalid("header", f"has an unknown column {shown(name)!r}")
    if len(set(names)) < len(names):
        raise Invalid("header", "names a column twice")
    if missing := [name for name in required if name not in names]:
        raise Invalid("header", "lacks " + ", ".join(missing))
    return names


def named_cells(record: Record, header: tuple[str, ...]) -> dict[str, str]:
    """Return the cells of a record by the names of their columns. Raises Invalid."""
    if len(record.cells) != len(header):
        raise Invalid("row", f"has {len(record.cells)} cells instead of {len(header)}")
    return dict(zip(header, record.cells, strict=True))


def pack(parts: Iterable[str], separator: str) -> str:
    """Write a list into one cell; a separator inside a part gets a backslash."""
    return separator.join(
        part.replace("\\", "\\\\").replace(separator, "\\" + separator) for part in parts
    )


def unpack(cell: str, separator: str) -> tuple[str, ...]:
    """Read what `pack` wrote; an empty cell is an empty list."""
    if not cell.strip():
        return ()
    parts, part, letters = list[str](), list[str](), iter(cell)
    for letter in letters:
        if letter == separator:
            parts.append("".join(part))
            part = []
        else:
            part.append(next(letters, letter) if letter == "\\" else letter)
    return tuple(text.strip() for text in (*parts, "".join(part)))


def guarded(cell: str) -> str:
    """Keep a spreadsheet from running a cell as a formula."""
    return "'" + cell if cell.startswith(_FORMULA) else cell


def unguarded(cell: str) -> str:
    """Take the guard away again."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def shown(text: str) -> str:
    """Return a text fit for a report: short and printable."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:64])


def _decoded(line: Line, encoding: str) -> str:
    if line.too_long:
        raise Invalid("row", f"must have at most {ROW_AT_MOST} bytes")
    if b"\0" in line.raw:
        raise Invalid("row", "must not hold NUL")
    try:
        return line.raw.decode(encoding)
    except UnicodeDecodeError:
        raise Invalid("row", f"is not {encoding.upper()} text") from None


def _json(text: str) -> object:
    """Read JSON without ever making a float: a number with a point stays the text it was."""
    if max(text.count("["), text.count("{")) > DEPTH_AT_MOST and _depth(text) > DEPTH_AT_MOST:
        raise Invalid("row", "is nested too deep")
    try:
        return json.loads(
            text, parse_float=str, parse_constant=_no_number, object_pairs_hook=_once_each
        )
    except Invalid:
        raise
    except (ValueError, RecursionError):
        raise Invalid("row", "is not JSON") from None


def _depth(text: str) -> int:
    """Count nesting roughly: brackets inside texts count too, which real rows never reach."""
    deepest = depth = 0
    for letter in text:
        depth += (letter in "[{") - (letter in "]}")
        deepest = max(deepest, depth)
    return deepest


def _no_number(word: str) -> NoReturn:
    raise Invalid("row", f"holds {word}, which is no number")


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise Invalid("row", "names a field twice")
    return made


def _record(lines: list[Line], size: int, encoding: str) -> Record | Reject:
    number = lines[0].number
    try:
        text = "".join(_decoded(line, encoding) for line in lines)
        return Record(number, _cells(text.rstrip("\r\n")), size)
    except Invalid as error:
        return Reject(number, error.field, error.reason)


def _cells(text: str) -> tuple[str, ...]:
    try:
        return tuple(unguarded(cell) for cell in next(csv.reader([text], strict=True), []))
    except csv.Error:
        raise Invalid("row", "is not CSV: a quote is out of place or a cell too long") from None
