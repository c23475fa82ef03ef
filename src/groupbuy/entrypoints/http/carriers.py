"""Codes of carriers, for whoever types a tracking number."""

from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import QueryParameter

from groupbuy.domain.logistics import plausible
from groupbuy.entrypoints.carrier_list import search
from groupbuy.entrypoints.http.auth import public

Text = Annotated[
    str, QueryParameter(name="q", max_length=40, description="Beginning of a code, part of a name")
]
Number = Annotated[
    str, QueryParameter(max_length=40, description="Say of each whether this looks like theirs")
]
Most = Annotated[int, QueryParameter(ge=1, le=200)]


class CarrierOut(msgspec.Struct, frozen=True):
    """A carrier."""

    code: str
    name: str
    plausible: bool | None
    """Whether the number that was asked about looks like theirs; null without one."""


class CarriersOut(msgspec.Struct, frozen=True):
    """Carriers, the closest first."""

    items: list[CarrierOut]


class CarrierNames(Controller):
    """/carriers."""

    path = "/carriers"
    tags = ("shop",)

    @get("/", opt=public(), sync_to_thread=False)
    def find(self, q: Text = "", number: Number = "", limit: Most = 50) -> CarriersOut:
        """Find carriers by the beginning of their code or a part of their name."""
        return CarriersOut(
            [
                CarrierOut(each.code, each.name, plausible(each.code, number) if number else None)
                for each in search(q, limit)
            ]
        )
