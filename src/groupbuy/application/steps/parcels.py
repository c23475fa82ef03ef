"""Many parcels at once: rows from a file or a request, applied one by one, none lost."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence

from attrs import frozen

from groupbuy.domain.kernel import DomainError, Invalid

COLUMNS = ("order_id", "carrier", "tracking_number")
ROWS_AT_MOST = 10_000


@frozen
class Parcel:
    """A parcel to hand over: carrier code and tracking number."""

    order_id: str
    carrier: str
    tracking_number: str


@frozen
class RejectedParcel:
    """A row that was not applied. `row` counts from 1, the header apart."""

    row: int
    parcel: Parcel
    reason: str


@frozen
class ShippedParcels:
    """What became of many rows."""

    shipped: tuple[Parcel, ...]
    rejected: tuple[RejectedParcel, ...]


def ship_many(parcels: Sequence[Parcel], ship: Callable[[Parcel], object]) -> ShippedParcels:
    """Ship every row in a transaction of its own; a bad row is listed, the others go."""
    shipped, rejected = list[Parcel](), list[RejectedParcel]()
    for row, parcel in enumerate(parcels, start=1):
        try:
            ship(parcel)
        except DomainError as error:
            rejected.append(RejectedParcel(row, parcel, str(error)))
        else:
            shipped.append(parcel)
    return ShippedParcels(tuple(shipped), tuple(rejected))


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


def write_rejects(rejected: Iterable[RejectedParcel]) -> str:
    """Return the rejected rows as CSV that may be mended and read again."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, "row", "reason"])
    for each in rejected:
        parcel = each.parcel
        cells = (parcel.order_id, parcel.carrier, parcel.tracking_number)
        writer.writerow([*map(_harmless, cells), each.row, _harmless(each.reason)])
    return out.getvalue()


def _parcel(row: dict[str, str | None]) -> Parcel:
    values = [(row.get(name) or "").strip() for name in COLUMNS]
    return Parcel(*values)


def _harmless(text: str) -> str:
    """Keep a spreadsheet from reading text as a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
