"""The one shape of all reports: rows of figures under headings, each with its definition."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from attrs import field, frozen

from groupbuy.application.reporting.days import Days
from groupbuy.application.reporting.measures import Measure, Unit, measures

BASIS = 10_000


@frozen
class Dimension:
    """What tells the rows apart."""

    code: str
    zh: str
    en: str


@frozen
class Row:
    """One row: the values of the dimensions, and of the measures; None is not known."""

    keys: tuple[str, ...]
    values: tuple[int | None, ...]


@frozen
class Ask:
    """What a report is to be about."""

    days: Days
    merchant_id: str = ""
    """Empty: all merchants together."""
    currency: str = "CNY"
    campaigns: tuple[str, ...] = ()
    """Only these; they stand side by side."""
    leader_id: str = ""
    category_id: str = ""
    by: str = ""
    """What a report that can be told apart in several ways is told apart by."""
    compare: bool = False
    """With the totals of the period before."""
    history: bool = False
    """Purchases of earlier systems count too."""
    limit: int = 1_000
    """Rows of a ranking at most; the totals are of all."""


@frozen
class Report:
    """A report as every surface shows it."""

    name: str
    zh: str
    en: str
    days: Days
    zone: str
    currency: str
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    rows: tuple[Row, ...]
    totals: tuple[int | None, ...]
    """Over all rows, those beyond the limit among them."""
    chart: tuple[str, ...]
    """Codes of the measures worth a picture."""
    previous: tuple[int | None, ...] = ()
    """The totals of the period before, if asked for."""
    previous_days: Days | None = None
    left_out: int = 0
    """Rows beyond the limit."""
    notes: tuple[tuple[str, str], ...] = ()
    """What a reader has to know, in Chinese and English."""
    as_of: datetime | None = None
    """Everything committed before is counted; None while nothing was."""


@frozen
class Figures:
    """Sums by the keys of the rows, and how they become a report."""

    codes: tuple[str, ...]
    by_key: dict[tuple[str, ...], Counter[str]] = field(factory=dict)
    distinct: frozenset[str] = frozenset()
    """Measures whose total is not the sum of the rows."""

    def add(self, keys: tuple[str, ...], counts: Mapping[str, int]) -> None:
        """Add to a row."""
        own = self.by_key.setdefault(keys, Counter())
        for name, amount in counts.items():
            own[name] += amount

    def rows(self) -> list[Row]:
        """Return the rows, in the order in which they came."""
        total = self.total()
        return [
            Row(keys, tuple(derived(code, counts, total) for code in self.codes))
            for keys, counts in self.by_key.items()
        ]

    def total(self) -> Counter[str]:
        """Add all rows up."""
        summed = Counter[str]()
        for counts in self.by_key.values():
            for name, amount in counts.items():
                summed[name] += amount
        return summed

    def totals(self) -> tuple[int | None, ...]:
        """Return the measures of all rows together."""
        total = self.total()
        return tuple(
            None if code in self.distinct else derived(code, total, total) for code in self.codes
        )


def derived(code: str, counts: Mapping[str, int], total: Mapping[str, int]) -> int | None:
    """Return a measure of a row: as it was counted, or computed from what was.

    `total` are the sums of all rows. None is not known. Ratios are rounded down.
    """
    compute = _COMPUTED.get(code)
    return counts.get(code, 0) if compute is None else compute(Counter(counts), Counter(total))


def _part(amount: int, whole: int, times: int = BASIS) -> int | None:
    return amount * times // whole if whole else None


def _merchant(own: Counter[str]) -> int:
    earned = own["sales"] + own["subsidy"]
    return earned - own["refunds"] - own["commission"] - own["fees"]


def _kept(own: Counter[str]) -> int:
    return own["units"] - own["units_back"]


_COMPUTED: Mapping[str, Callable[[Counter[str], Counter[str]], int | None]] = {
    "net_sales": lambda own, _: own["sales"] - own["refunds"],
    "merchant": lambda own, _: _merchant(own),
    "profit": lambda own, _: None if own["uncosted"] else _merchant(own) - own["cost"],
    "kept": lambda own, _: _kept(own),
    "conversion": lambda own, _: _part(own["begun_and_paid"], own["begun"]),
    "share": lambda own, total: _part(own["sales"], total["sales"]),
    "repeat": lambda own, _: _part(own["buyers"], own["first"]),
    "turnover": lambda own, _: _part(_kept(own), own["on_hand"]),
    "days_left": lambda own, _: _part(own["on_hand"], _kept(own), 10 * own["days"]),
}
"""What is not counted but follows."""


def ranked(rows: Iterable[Row], codes: tuple[str, ...], by: str) -> list[Row]:
    """Sort rows by a measure, the most first; equal ones by their keys."""
    place = codes.index(by)
    return sorted(rows, key=lambda row: (-(row.values[place] or 0), row.keys))


def table(
    head: tuple[str, str, str],
    ask: Ask,
    zone: str,
    dimensions: tuple[Dimension, ...],
    figures: Figures,
    *,
    rows: list[Row] | None = None,
    chart: tuple[str, ...] = (),
    notes: tuple[tuple[str, str], ...] = (),
) -> Report:
    """Make the report of some figures; `head` is its name and its title in both languages."""
    shown = figures.rows() if rows is None else rows
    return Report(
        *head,
        days=ask.days,
        zone=zone,
        currency=ask.currency,
        dimensions=dimensions,
        measures=measures(*figures.codes),
        rows=tuple(shown[: ask.limit]),
        totals=figures.totals(),
        chart=chart or figures.codes[:1],
        left_out=max(len(shown) - ask.limit, 0),
        notes=notes,
    )


def said(value: int | None, unit: Unit) -> str:
    """Write a figure as a plain decimal; empty for one that is not known.

    Money has two decimals, a rate is per cent, tenths have one.
    """
    if value is None:
        return ""
    if unit is Unit.COUNT:
        return str(value)
    places = 1 if unit is Unit.TENTHS else 2
    whole, part = divmod(abs(value), 10**places)
    return f"{'-' if value < 0 else ''}{whole}.{part:0{places}}"


def month_of(day: date) -> str:
    """Return the month of a day as `YYYY-MM`."""
    return day.isoformat()[:7]
