"""Purchases of an earlier system: read, kept apart from orders and the ledger, counted once."""

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import IO

from attrs import field, frozen

from groupbuy.application.ports import Query
from groupbuy.application.report_facts import POSITION, RULES, PastPurchase
from groupbuy.application.reporting.counting import sums_of_past
from groupbuy.application.reporting.feeding import apply
from groupbuy.application.steps.following import lock_position
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Conflict, Invalid, Money, NotFound
from groupbuy.domain.membership import Merchant, Role

COLUMNS = ("customer", "date", "quantity", "amount")
AT_ONCE = 500
"""Rows of one transaction."""
_AMOUNT = re.compile(r"[0-9]{1,11}(\.[0-9]{1,2})?")
_UNITS = re.compile(r"[0-9]{1,7}")
_NAME = re.compile(r"[a-z0-9-]{1,40}")
_LONGEST = 80


@frozen
class Bought:
    """One row that can be taken."""

    customer: str
    on: date
    units: int
    minor: int
    again: int
    """How many rows of the file before it read the same: two equal purchases are two."""


@frozen
class Unfit:
    """One row that cannot."""

    row: int
    """Line of the file; the heading is line 1."""
    column: str
    reason: str


@frozen
class Past:
    """What is kept of a source."""

    purchases: int
    customers: int
    units: int
    amounts: dict[str, int] = field(factory=dict)
    """Minor units by currency."""


def read_history(file: IO[str]) -> Iterator[Bought | Unfit]:
    """Yield the rows of a CSV file with the columns of `COLUMNS`, in whatever order.

    Raises Invalid for a heading that lacks one.
    """
    rows = csv.reader(file)
    heading = [name.strip().lower() for name in next(rows, [])]
    if missing := [name for name in COLUMNS if name not in heading]:
        raise Invalid(field="file", reason="columns are missing: " + ", ".join(missing))
    places = {name: heading.index(name) for name in COLUMNS}
    seen = Counter[tuple[str, date, int, int]]()
    for cells in rows:
        if not any(cells):
            continue
        found = _row(rows.line_num, cells, places)
        if isinstance(found, Unfit):
            yield found
            continue
        again, seen[found] = seen[found], seen[found] + 1
        yield Bought(*found, again)


def take_history(
    work: Work, merchant_id: str, source: str, currency: str, rows: Sequence[Bought]
) -> int:
    """Keep and count those rows that are not kept yet; return how many.

    Raises Forbidden, NotFound, Invalid; Conflict while somebody counts all reports anew.
    """
    work.caller.require(Role.OPERATOR)
    if not _NAME.fullmatch(source):
        raise Invalid(field="source", reason="must be small letters, digits and dashes")
    if merchant_id not in work.of(Merchant).find([merchant_id]):
        raise NotFound(kind="merchant", key=merchant_id)
    position, now = lock_position(work, POSITION, RULES), work.now()
    if position.held_until is not None and position.held_until > now:
        raise Conflict(kind="report_rebuild", key=position.held_until.isoformat())
    wanted = {_id(merchant_id, source, currency, row): row for row in rows}
    known = work.of(PastPurchase).find(wanted)
    fresh = [
        PastPurchase(
            id=key,
            merchant_id=merchant_id,
            source=source,
            customer=row.customer,
            on=row.on,
            units=row.units,
            amount=Money(row.minor, currency),
            imported_at=now,
        )
        for key, row in wanted.items()
        if key not in known
    ]
    for purchase in fresh:
        work.of(PastPurchase).add(purchase)
    apply(work, sums_of_past(fresh))
    return len(fresh)


def past_of(work: Work, merchant_id: str, source: str) -> Past:
    """Add up what is kept of a source, row by row. Raises Forbidden."""
    work.caller.require(Role.OPERATOR)
    query = Query().where(merchant_id=merchant_id, source=source)
    count, units, customers, amounts = 0, 0, set[str](), Counter[str]()
    for each in every(work.of(PastPurchase), query):
        count, units = count + 1, units + each.units
        customers.add(each.customer)
        amounts[each.amount.currency] += each.amount.minor
    return Past(count, len(customers), units, dict(amounts))


def note_history(work: Work, merchant_id: str, source: str, sha256: str, taken: int) -> None:
    """Put an import into the audit."""
    work.audit("history.import", merchant_id, source=source, sha256=sha256, taken=str(taken))


def in_parts(rows: Iterable[Bought]) -> Iterator[list[Bought]]:
    """Yield the rows, as many at a time as one transaction takes."""
    part = list[Bought]()
    for row in rows:
        part.append(row)
        if len(part) == AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _row(
    line: int, cells: Sequence[str], places: dict[str, int]
) -> tuple[str, date, int, int] | Unfit:
    if len(cells) <= max(places.values()):
        return Unfit(line, "", "has too few columns")
    said = {name: cells[place].strip() for name, place in places.items()}
    for column, fits, reason in _CHECKS:
        if not fits(said[column]):
            return Unfit(line, column, reason)
    whole, _, part = said["amount"].partition(".")
    minor = int(whole) * 100 + int(part.ljust(2, "0"))
    return said["customer"], date.fromisoformat(said["date"]), int(said["quantity"]), minor


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


_CHECKS: tuple[tuple[str, Callable[[str], object], str], ...] = (
    (
        "customer",
        lambda text: 1 <= len(text) <= _LONGEST and text.isprintable(),
        "must have 1 to 80 visible letters",
    ),
    ("date", _is_day, "is no date"),
    ("quantity", _UNITS.fullmatch, "must be a whole number"),
    ("amount", _AMOUNT.fullmatch, "must be an amount with at most two decimals"),
)
"""What each column must read like, and what is said of one that does not."""


def _id(merchant_id: str, source: str, currency: str, row: Bought) -> str:
    said = (source, currency, row.customer, row.on.isoformat(), row.units, row.minor, row.again)
    digest = hashlib.sha256(repr(said).encode()).hexdigest()
    return f"{merchant_id}/{digest[:32]}"
