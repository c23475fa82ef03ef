"""Many parcels at once: rows from a file or a request, applied one by one, none lost."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Sequence

from attrs import frozen

from groupbuy.domain.kernel import DomainError, Invalid, Refused
from groupbuy.domain.logistics import Content, plausible

COLUMNS = ("order_id", "carrier", "tracking_number")
ROWS_AT_MOST = 10_000
KNOWN_PARCEL = "parcel_is_not_known_yet"
"""The rule a parcel breaks that was handed over before."""


@frozen
class Parcel:
    """A parcel to hand over: carrier code and tracking number."""

    order_id: str
    carrier: str
    tracking_number: str
    contents: tuple[Content, ...] = ()
    """What is in it; nothing said: all that is in no other parcel."""


@frozen
class RejectedParcel:
    """A row that was not applied. `row` counts from 1, the header apart."""

    row: int
    parcel: Parcel
    error: DomainError

    @property
    def column(self) -> str:
        """The column somebody has to look at."""
        if isinstance(self.error, Invalid) and self.error.field in COLUMNS:
            return self.error.field
        known = isinstance(self.error, Refused) and self.error.rule == KNOWN_PARCEL
        return "tracking_number" if known else "order_id"


@frozen
class ShippedParcels:
    """What became of many rows."""

    shipped: tuple[Parcel, ...]
    rejected: tuple[RejectedParcel, ...]

    @property
    def digest(self) -> str:
        """Names this outcome: what was rehearsed is done only if it would still come out so."""
        rows = [f"+ {p.order_id} {p.carrier} {p.tracking_number}" for p in self.shipped]
        rows += [f"- {r.row} {r.error.code}" for r in self.rejected]
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]

    @property
    def doubtful(self) -> tuple[Parcel, ...]:
        """Those that would go although their number is unlike their carrier's."""
        return tuple(p for p in self.shipped if not plausible(p.carrier, p.tracking_number))


def ship_many(parcels: Sequence[Parcel], ship: Callable[[Parcel], object]) -> ShippedParcels:
    """Ship every row in a transaction of its own; a bad row is listed, the others go."""
    shipped, rejected = list[Parcel](), list[RejectedParcel]()
    for row, parcel in enumerate(parcels, start=1):
        try:
            ship(parcel)
        except DomainError as error:
            rejected.append(RejectedParcel(row, parcel, error))
        else:
            shipped.append(parcel)
    return ShippedParcels(tuple(shipped), tuple(rejected))


def ship_as_rehearsed(
    parcels: Sequence[Parcel],
    digest: str,
    rehearse: Callable[[Parcel], object],
    ship: Callable[[Parcel], object],
) -> ShippedParcels:
    """Ship rows if a rehearsal still comes out as the one that was seen. Raises Refused."""
    if ship_many(parcels, rehearse).digest != digest:
        raise Refused(rule="preview_is_current", about=digest)
    return ship_many(parcels, ship)


def known_before(parcel: Parcel) -> Refused:
    """Return the refusal of a parcel that was handed over before."""
    return Refused(rule="parcel_is_not_known_yet", about=parcel.tracking_number)


def each_once(ship: Callable[[Parcel], object]) -> Callable[[Parcel], object]:
    """Refuse a row that stands twice: a rehearsal writes nothing that would tell the second."""
    shipped = set[Parcel]()

    def once(parcel: Parcel) -> None:
        if parcel in shipped:
            raise known_before(parcel)
        ship(parcel)
        shipped.add(parcel)

    return once


def read_parcels(text: str) -> list[Parcel]:
    """Read CSV with the columns order_id, carrier, tracking_number. Raises Invalid."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise Invalid(field="header", reason=f"columns are missing: {', '.join(missing)}")
    parcels = [_parcel(row) for row in rows]
    if len(parcels) > ROWS_AT_MOST:
        raise Invalid(field="rows", reason=f"at most {ROWS_AT_MOST} at once")
    return parcels


def write_rejects(rejected: Iterable[RejectedParcel], say: Callable[[DomainError], str]) -> str:
    """Return the rejected rows as CSV that may be mended and read again; `say` gives the reason."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, "row", "column", "reason"])
    for each in rejected:
        parcel = each.parcel
        cells = (parcel.order_id, parcel.carrier, parcel.tracking_number)
        told = (each.row, each.column, _harmless(say(each.error)))
        writer.writerow([*map(_harmless, cells), *told])
    return out.getvalue()


def _parcel(row: dict[str, str | None]) -> Parcel:
    values = [(row.get(name) or "").strip() for name in COLUMNS]
    return Parcel(values[0], values[1], values[2])


def _harmless(text: str) -> str:
    """Keep a spreadsheet from reading text as a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
