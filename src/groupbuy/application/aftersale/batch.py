"""Many refunds from a table: looked through first, then granted row by row, each once for ever."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Sequence

from attrs import define, evolve, field, frozen

from groupbuy.application.aftersale.by_the_shop import UnitsBack, granted_before
from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import DomainError, Invalid, Money, NotFound, Refused
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import BINDING, CloseReason, Order, OrderState
from groupbuy.domain.payments import Refund

COLUMNS = ("key", "order_id", "line", "units")
ROWS_AT_MOST = 10_000
KEY_AT_MOST = 80
DIGEST_SHOWN = 12
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How text begins that a spreadsheet may take for a formula."""


@frozen
class Row:
    """One line of the table; `number` counts from 1, the header apart."""

    number: int
    cells: tuple[str, ...]
    wish: UnitsBack | None = None
    """None if the cells make no sense; `error` says why."""
    amount: Money | None = None
    """What goes back, or went back if it was granted before."""
    granted: bool = False
    """An earlier run has granted it."""
    error: DomainError | None = None


@frozen
class Plan:
    """What a table would do now."""

    rows: tuple[Row, ...]

    @property
    def total(self) -> int:
        """What goes back by all rows that can be done, in minor units, granted ones apart."""
        return sum(row.amount.minor for row in self.rows if row.amount and not row.granted)

    @property
    def digest(self) -> str:
        """Return what names this plan: the rows and what each comes to, granted already or not."""
        lines = [
            "\t".join((*row.cells, str(row.amount and row.amount.minor), _code(row.error)))
            for row in self.rows
        ]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read_wishes(text: str) -> list[Row]:
    """Read CSV with the columns key, order_id, line, units; no line means the whole order.

    Raises Invalid for a file that is no such table; a bad row only carries its error.
    """
    table = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
    if missing:
        raise Invalid(field="header", reason=f"columns are missing: {', '.join(missing)}")
    seen, rows = set[str](), list[Row]()
    for number, cells in enumerate(table, start=1):
        row = _row(number, tuple(_plain((cells.get(name) or "").strip()) for name in COLUMNS))
        if row.wish is not None and row.wish.key in seen:
            error = Invalid(field="key", reason="stands twice in the file")
            row = evolve(row, wish=None, error=error)
        seen.add(row.cells[0])
        rows.append(row)
    if len(rows) > ROWS_AT_MOST:
        raise Invalid(field="rows", reason=f"at most {ROWS_AT_MOST} at once")
    return rows


def plan(work: Work, rows: Sequence[Row]) -> Plan:
    """Return what the rows would do one after the other; writes nothing. Raises Forbidden."""
    work.caller.require(Role.OPERATOR, Role.FINANCE)
    wanted = {row.wish.order_id for row in rows if row.wish is not None}
    scene = _Rehearsal(work.of(Order).find(wanted))
    theirs = Query().among("order_id", wanted)
    for refund in every(work.of(Refund), theirs) if wanted else ():
        scene.refunds.setdefault(refund.order_id, []).append(refund)
    return Plan(tuple(scene.play(row) for row in rows))


@define
class _Rehearsal:
    """Orders as they would be after the rows so far."""

    orders: dict[str, Order]
    refunds: dict[str, list[Refund]] = field(factory=dict)

    def play(self, row: Row) -> Row:
        """Return a row with what it comes to."""
        if row.wish is None:
            return row
        try:
            before = granted_before(self.refunds.get(row.wish.order_id, ()), row.wish)
            if before is not None:
                return evolve(row, amount=before.amount, granted=True)
            return evolve(row, amount=self._take(row.wish))
        except DomainError as error:
            return evolve(row, error=error)

    def _take(self, wish: UnitsBack) -> Money:
        order = self.orders.get(wish.order_id)
        if order is None:
            raise NotFound(kind="order", key=wish.order_id)
        whole = wish.line_no is None
        if order.state not in BINDING and not (whole and order.state is OrderState.PLACED):
            raise Refused(rule="order_is_paid" if whole else "order_is_binding", about=order.id)
        if wish.line_no is None:
            after, total = order.refund_all()
        else:
            after, total = order.refund_units(wish.line_no, wish.units, freight=True)
        if not total:
            raise Refused(rule="something_goes_back", about=order.id)
        if not any(line.left for line in after.lines):
            # What is over is over for the rows behind it, too.
            after = evolve(after, state=OrderState.CLOSED, close_reason=CloseReason.REFUNDED)
        self.orders[order.id] = after
        return total


def write_rejects(rows: Iterable[Row], say: Callable[[DomainError], str]) -> str:
    """Return the rows that could not be done as CSV that may be mended and run again."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, "row", "code", "why"])
    for row in rows:
        if row.error is not None:
            told = (row.number, row.error.code, say(row.error))
            writer.writerow([*map(_harmless, row.cells), *told])
    return out.getvalue()


def _row(number: int, cells: tuple[str, ...]) -> Row:
    try:
        return Row(number, cells, _wish(*cells))
    except Invalid as error:
        return Row(number, cells, error=error)


def _wish(key: str, order_id: str, line: str, units: str) -> UnitsBack:
    if not 0 < len(key) <= KEY_AT_MOST or "#" in key:
        raise Invalid(field="key", reason="1 to 80 characters, without #")
    if not order_id:
        raise Invalid(field="order_id", reason="is missing")
    if bool(line) != bool(units):
        raise Invalid(field="units", reason="give line and units, or neither")
    if not line:
        return UnitsBack(order_id, key=key)
    return UnitsBack(order_id, _count("line", line), _count("units", units), key)


def _count(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= ROWS_AT_MOST):
        raise Invalid(field=name, reason=f"must be 1 to {ROWS_AT_MOST}")
    return int(text)


def _code(error: DomainError | None) -> str:
    return "" if error is None else error.code


def _harmless(text: str) -> str:
    """Keep a spreadsheet from reading text as a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def _plain(text: str) -> str:
    """Undo that: a key is one key, in the file and in the list of what was rejected."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text
