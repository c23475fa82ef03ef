"""A provider's bill as a CSV file: every row is taken, or told with its reason."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import frozen

from groupbuy.application.reconciliation.running import Ask, Bill, days_of
from groupbuy.application.write_path import Desk
from groupbuy.domain.kernel import Invalid, Money
from groupbuy.domain.reconciliation import Line, Movement, Source

COLUMNS = ("kind", "number", "amount", "unit", "currency", "at")
"""Columns of a bill file; `unit` is `fen` or `yuan`."""
TEMPLATE = (
    ",".join(COLUMNS)
    + "\npayment,P01KAAAAAAAAAAAAAAAAAAAAAAA,799.20,yuan,CNY,2026-11-02T12:00:00+08:00\n"
    + "refund,R01KAAAAAAAAAAAAAAAAAAAAAAA,-79920,fen,CNY,2026-11-03 09:30:00\n"
    + "payout,W01KAAAAAAAAAAAAAAAAAAAAAAA,-10.00,yuan,CNY,2026-11-03 10:00:00\n"
    + "fee,F20261103,-4.80,yuan,CNY,2026-11-03 23:59:59\n"
)
"""An example of every kind; money in is positive, money out negative."""
ROWS_AT_MOST = 1_000_000
NUMBER_AT_MOST = 64
_FEN = re.compile(r"[+-]?[0-9]{1,15}")
_YUAN = re.compile(r"([+-]?)([0-9]{1,13})\.([0-9]{2})")
_OUT = frozenset({Movement.REFUND, Movement.PAYOUT})


@frozen
class RejectedLine:
    """A row that could not be taken."""

    row: int
    column: str
    reason: str
    cells: tuple[str, ...]


@frozen
class BillFile:
    """What a file holds."""

    lines: tuple[Line, ...]
    rejected: tuple[RejectedLine, ...]


def bill_of_file(desk: Desk, ask: Ask, file: BillFile) -> Bill:
    """Return a file as the bill of the days that are asked for.

    It says all there is of those days, and further on or back as far as its own lines reach.
    """
    first, last = days_of(desk, ask)
    zone, now = ZoneInfo(desk.kit.policy.zone), desk.kit.clock.now()
    since = datetime.combine(first, time(0), zone).astimezone(UTC)
    until = datetime.combine(last + timedelta(days=1), time(0), zone).astimezone(UTC)
    moments = [line.at for line in file.lines]
    return Bill(
        file.lines,
        min([since, *moments]),
        max([min(until, now), *moments]),
        source=Source.FILE,
    )


def read_bill_file(text: str, zone: str) -> BillFile:
    """Read a bill; instants without a zone are of `zone`. Raises Invalid for an unfit header."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    header = [name.strip().lower() for name in next(rows, [])]
    if missing := [name for name in COLUMNS if name not in header]:
        raise Invalid(field="header", reason=f"columns are missing: {', '.join(missing)}")
    lines: list[Line] = []
    rejected: list[RejectedLine] = []
    for number, row in enumerate(rows, start=2):
        if not any(row):
            continue
        if number > ROWS_AT_MOST:
            raise Invalid(field="rows", reason=f"at most {ROWS_AT_MOST} at once")
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        told = tuple(cells.get(name, "") for name in COLUMNS)
        try:
            lines.append(_line(dict(zip(COLUMNS, told, strict=True)), ZoneInfo(zone)))
        except Invalid as error:
            rejected.append(RejectedLine(number, error.field, error.reason, told))
    return BillFile(tuple(lines), tuple(rejected))


def write_rejects(rejected: Iterable[RejectedLine]) -> str:
    """Return rejected rows as CSV that may be mended and read again."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, "row", "column", "reason"])
    for each in rejected:
        writer.writerow([*map(_harmless, each.cells), each.row, each.column, each.reason])
    return out.getvalue()


def _line(cells: dict[str, str], zone: ZoneInfo) -> Line:
    if cells["kind"] not in tuple(Movement):
        raise Invalid(field="kind", reason="must be payment, refund, payout or fee")
    number = cells["number"]
    if not (0 < len(number) <= NUMBER_AT_MOST and number.isascii() and number.isprintable()):
        raise Invalid(field="number", reason=f"must have 1 to {NUMBER_AT_MOST} plain letters")
    kind, minor = Movement(cells["kind"]), _minor(cells["amount"], cells["unit"])
    if (kind is Movement.PAYMENT and minor < 0) or (kind in _OUT and minor > 0):
        raise Invalid(field="amount", reason="has the wrong sign: money in is positive")
    currency = cells["currency"] or "CNY"
    if not re.fullmatch("[A-Z]{3}", currency):
        raise Invalid(field="currency", reason="must be three capital letters")
    return Line(kind, number, Money(minor, currency), _instant(cells["at"], zone))


def _minor(text: str, unit: str) -> int:
    if unit == "fen" and _FEN.fullmatch(text):
        return int(text)
    if unit == "yuan" and (found := _YUAN.fullmatch(text)):
        minor = int(found[2]) * 100 + int(found[3])
        return -minor if found[1] == "-" else minor
    if unit not in ("fen", "yuan"):
        raise Invalid(field="unit", reason="must be fen or yuan")
    reason = "must be whole fen" if unit == "fen" else "must be yuan with two decimals"
    raise Invalid(field="amount", reason=reason)


def _instant(text: str, zone: ZoneInfo) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(field="at", reason="must be YYYY-MM-DD HH:MM:SS") from None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _harmless(text: str) -> str:
    """Keep a spreadsheet from reading text as a formula; a number stays one."""
    return text if not text[:1] or text[0] not in "=+@\t\r" else "'" + text
