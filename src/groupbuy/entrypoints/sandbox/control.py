"""The puppet strings: play the buyer, the wallet's owner and the courier; order tricks; look.

Unsigned, for people and test programs on this machine only.
"""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from groupbuy.entrypoints.sandbox import faults, parcels, payments, payouts
from groupbuy.entrypoints.sandbox.courier import Counts, Courier
from groupbuy.entrypoints.sandbox.journal import Journal
from groupbuy.entrypoints.sandbox.refusals import Refusal
from groupbuy.entrypoints.sandbox.views import (
    Amount,
    Currency,
    Instant,
    MovementView,
    ParcelView,
    ParcelWord,
    PaymentView,
    PayoutView,
    Text,
)


class PayBody(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How the buyer pays; nothing given means exactly what is due, now."""

    paid_at: Instant | None = None
    amount: Amount | None = None
    currency: Currency | None = None
    payer_ref: Text = ""
    force: bool = False
    """Pay although it is closed or expired."""


class PayManyBody(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Many buyers at once."""

    numbers: Annotated[list[Text], Meta(max_length=10_000)]
    paid_at: Instant | None = None


class PaidMany(Struct, frozen=True, kw_only=True):
    """How many are paid now, and the code for each that could not be."""

    paid: int
    refused: dict[str, str]


class AdvanceBody(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How a parcel moves; nothing given means one step onwards, now."""

    state: ParcelWord | None = None
    text: Text = ""
    at: Instant | None = None


class ParcelName(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One parcel: carrier code and tracking number."""

    carrier: Text
    number: Text


class AdvanceManyBody(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How many parcels move, now; without a state each one step onwards."""

    parcels: Annotated[list[ParcelName], Meta(max_length=10_000)]
    state: ParcelWord | None = None


class MovedMany(Struct, frozen=True, kw_only=True):
    """How many parcels have moved."""

    moved: int


class FaultsBody(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """All rules there shall be; chance is drawn from `seed`."""

    rules: Annotated[list[faults.Rule], Meta(max_length=100)]
    seed: Annotated[int, Meta(ge=0, le=2**31)] = 0


class JournalView(Struct, frozen=True, kw_only=True):
    """What really happened, and how the callbacks about it stand."""

    movements: list[MovementView]
    totals: dict[str, dict[str, int]]
    """Signed minor units by kind, then currency."""
    callbacks: dict[str, int]
    """How many are waiting, done, lost, given up."""


class Health(Struct, frozen=True, kw_only=True):
    """The sandbox runs, and this is its time."""

    now: datetime


class Control(Controller):
    """/_control."""

    path = "/_control"

    @get("/health", sync_to_thread=False)
    def health(self, journal: NamedDependency[Journal]) -> Health:
        """Say that it runs."""
        return Health(now=journal.now())

    @post("/pay/{number:str}", status_code=200, sync_to_thread=True)
    def pay(
        self,
        number: FromPath[str],
        journal: NamedDependency[Journal],
        data: JSONBody[PayBody | None] = None,
    ) -> PaymentView:
        """Let the buyer pay."""
        with journal.transaction() as tx:
            return payments.pay(tx, number, _how(data or PayBody()))

    @post("/pay-many", status_code=200, sync_to_thread=True)
    def pay_many(self, data: JSONBody[PayManyBody], journal: NamedDependency[Journal]) -> PaidMany:
        """Let many buyers pay, in one transaction of the journal."""
        refused: dict[str, str] = {}
        with journal.transaction() as tx:
            for number in data.numbers:
                try:
                    payments.pay(tx, number, payments.Paying(paid_at=data.paid_at))
                except Refusal as refusal:
                    refused[number] = refusal.code
        return PaidMany(paid=len(data.numbers) - len(refused), refused=refused)

    @post("/confirm-transfer/{number:str}", status_code=200, sync_to_thread=True)
    def confirm_transfer(
        self, number: FromPath[str], journal: NamedDependency[Journal]
    ) -> PayoutView:
        """Let the owner of a wallet take the money."""
        with journal.transaction() as tx:
            return payouts.confirm(tx, number)

    @post("/parcels/{carrier:str}/{number:str}/advance", status_code=200, sync_to_thread=True)
    def advance(
        self,
        carrier: FromPath[str],
        number: FromPath[str],
        journal: NamedDependency[Journal],
        data: JSONBody[AdvanceBody | None] = None,
    ) -> ParcelView:
        """Move a parcel."""
        move = data or AdvanceBody()
        with journal.transaction() as tx:
            return parcels.advance(tx, carrier, number, move.state or "", move.text, move.at)

    @post("/parcels/advance-many", status_code=200, sync_to_thread=True)
    def advance_many(
        self, data: JSONBody[AdvanceManyBody], journal: NamedDependency[Journal]
    ) -> MovedMany:
        """Move many parcels, in one transaction of the journal: all of them or none."""
        with journal.transaction() as tx:
            for each in data.parcels:
                parcels.advance(tx, each.carrier, each.number, data.state or "")
        return MovedMany(moved=len(data.parcels))

    @get("/faults", sync_to_thread=True)
    def list_faults(self, journal: NamedDependency[Journal]) -> list[faults.Rule]:
        """List the tricks still to come."""
        return faults.listed(journal)

    @put("/faults", sync_to_thread=True)
    def replace_faults(
        self, data: JSONBody[FaultsBody], journal: NamedDependency[Journal]
    ) -> list[faults.Rule]:
        """Replace all tricks by these."""
        faults.replace(journal, data.rules, data.seed)
        return faults.listed(journal)

    @post("/flush", status_code=200, sync_to_thread=True)
    def flush(self, courier: NamedDependency[Courier]) -> Counts:
        """Settle and send what is due now, and wait until all of it was tried."""
        return courier.deliver_due()

    @get("/journal", sync_to_thread=True)
    def show_journal(self, journal: NamedDependency[Journal]) -> JournalView:
        """Show every movement of money, the totals, and the state of the callbacks."""
        return JournalView(
            movements=msgspec.convert(journal.movements(), list[MovementView]),
            totals=journal.totals(),
            callbacks=journal.callbacks(),
        )

    @post("/reset", status_code=204, sync_to_thread=True)
    def reset(self, courier: NamedDependency[Courier]) -> None:
        """Forget everything."""
        courier.reset()


def _how(body: PayBody) -> payments.Paying:
    return payments.Paying(
        amount=body.amount,
        currency=body.currency or "",
        paid_at=body.paid_at,
        payer_ref=body.payer_ref,
        force=body.force,
    )
