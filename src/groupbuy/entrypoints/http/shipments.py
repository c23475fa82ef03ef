"""Many parcels at once: rows of a request, or a table that is rehearsed before it is run."""

from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from groupbuy.application import fulfilment
from groupbuy.application.steps.parcels import (
    Parcel,
    ShippedParcels,
    each_once,
    read_parcels,
    ship_as_rehearsed,
    ship_many,
)
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Invalid
from groupbuy.domain.logistics import Shipment
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.amounts import END, IdText
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.merchant_orders import SELLERS, CarrierCode, TrackingNumber
from groupbuy.entrypoints.http.visit import Visit

SELLERS_LOOK = only(Role.MERCHANT, Role.OPERATOR, keyless=True)
Run = Callable[[Callable[[Work], Shipment]], Shipment]
"""Runs a use case that makes a parcel, for good or on trial."""
ROWS_AT_MOST = 1_000
Table = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=300_000,
        description="CSV with the columns order_id, carrier, tracking_number",
    ),
]


class ShipManyIn(msgspec.Struct, forbid_unknown_fields=True):
    """Many parcels at once."""

    parcels: Annotated[list["RowIn"], Meta(min_length=1, max_length=1000)]
    dry_run: bool = False


class RowIn(msgspec.Struct, forbid_unknown_fields=True):
    """One parcel of many."""

    order_id: IdText
    carrier: CarrierCode
    tracking_number: TrackingNumber


class TableIn(msgspec.Struct, forbid_unknown_fields=True):
    """A table to be rehearsed."""

    csv: Table


class RunTableIn(msgspec.Struct, forbid_unknown_fields=True):
    """A table that was rehearsed, and how that came out."""

    csv: Table
    digest: Annotated[str, Meta(pattern="^[0-9a-f]{16}" + END)]


class RejectOut(msgspec.Struct, frozen=True):
    """A row that was not applied, and why."""

    row: int
    order_id: str
    reason: str


class ShippedOut(msgspec.Struct, frozen=True):
    """What became of many parcels; good rows are applied, bad ones listed."""

    shipped: list[str]
    rejected: list[RejectOut]


class RehearsedOut(msgspec.Struct, frozen=True):
    """What would become of a table, and the digest with which exactly that is done."""

    digest: str
    rows: int
    shipped: list[str]
    rejected: list[RejectOut]
    doubtful: list[str]
    """Orders whose number is unlike its carrier's: shipped all the same."""


class Shipments(Controller):
    """/merchant/shipments: many parcels at once."""

    path = "/merchant/shipments"
    tags = ("merchant",)

    @post("/", opt=SELLERS, sync_to_thread=True, status_code=200)
    def ship_many(
        self, data: JSONBody[ShipManyIn], visit: NamedDependency[Visit]
    ) -> Response[ShippedOut]:
        """Ship many orders; `dry_run` shows what would happen. Good rows are applied."""
        parcels = [Parcel(r.order_id, r.carrier, r.tracking_number) for r in data.parcels]
        if data.dry_run:
            return Response(_shipped(_ship(visit.preview, parcels)))
        return visit.once_in_steps(lambda: _ship(visit.run, parcels), _shipped)

    @post("/preview", opt=SELLERS_LOOK, sync_to_thread=True, status_code=200)
    def rehearse(self, data: JSONBody[TableIn], visit: NamedDependency[Visit]) -> RehearsedOut:
        """Rehearse a table of parcels; nothing is written."""
        parcels = _rows(data.csv)
        done = _ship(visit.preview, parcels)
        told, doubts = _shipped(done), [parcel.order_id for parcel in done.doubtful]
        return RehearsedOut(done.digest, len(parcels), told.shipped, told.rejected, doubts)

    @post("/run", opt=SELLERS, sync_to_thread=True, status_code=200)
    def run(
        self, data: JSONBody[RunTableIn], visit: NamedDependency[Visit]
    ) -> Response[ShippedOut]:
        """Ship a rehearsed table; refused if it would come out otherwise by now."""
        parcels = _rows(data.csv)
        rehearse, ship = _each(visit.preview), _each(visit.run)
        return visit.once_in_steps(
            lambda: ship_as_rehearsed(parcels, data.digest, rehearse, ship), _shipped
        )


def _rows(csv: str) -> Sequence[Parcel]:
    """Read a table. Raises Invalid, also for one that is too long for one request."""
    parcels = read_parcels(csv)
    if len(parcels) > ROWS_AT_MOST:
        raise Invalid(field="rows", reason=f"at most {ROWS_AT_MOST} at once")
    return parcels


def _ship(run: Run, parcels: Sequence[Parcel]) -> ShippedParcels:
    return ship_many(parcels, _each(run))


def _each(run: Run) -> Callable[[Parcel], object]:
    return each_once(lambda row: run(lambda work: fulfilment.ship_order(work, row)))


def _shipped(done: ShippedParcels) -> ShippedOut:
    return ShippedOut(
        [parcel.order_id for parcel in done.shipped],
        [RejectOut(r.row, r.parcel.order_id, str(r.error)) for r in done.rejected],
    )
