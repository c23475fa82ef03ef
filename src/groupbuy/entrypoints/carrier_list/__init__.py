"""The carriers of the world by code and name, read once and only when somebody asks.

Codes and names are those of the tracking service Kuaidi100, as listed in the seed data of the open
shop crmeb_java.
"""

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from attrs import frozen

_FIRST = (
    *("shunfeng", "jd", "zhongtong", "yuantong", "yunda"),
    *("shentong", "jtexpress", "ems", "youzhengguonei", "debangkuaidi"),
)
"""What most parcels go with; shown before all others."""


@frozen
class CarrierName:
    """A carrier: the code that parcels carry, and its name in Chinese."""

    code: str
    name: str


@cache
def carriers() -> tuple[CarrierName, ...]:
    """Return all of them, the most used ones first, then by code."""
    text = files(__package__).joinpath("carriers.csv").read_text(encoding="utf-8")
    found = [
        CarrierName(row["code"], row["name"].strip()) for row in csv.DictReader(text.splitlines())
    ]
    places = {code: place for place, code in enumerate(_FIRST)}
    return tuple(sorted(found, key=lambda each: (places.get(each.code, len(_FIRST)), each.code)))


@cache
def name_of(code: str) -> str:
    """Return a carrier's name; its code if nobody knows it."""
    return next((each.name for each in carriers() if each.code == code), code)


def search(text: str, limit: int = 50) -> Sequence[CarrierName]:
    """Return carriers whose code begins with the text or whose name holds it, the closest first."""
    wanted = text.strip().lower()
    ranked = [(rank, each) for each in carriers() if (rank := _rank(each, wanted)) is not None]
    return [each for _, each in sorted(ranked, key=lambda pair: pair[0])][:limit]


def _rank(each: CarrierName, wanted: str) -> int | None:
    name = each.name.lower()
    tests = (
        wanted in (each.code, name),
        each.code.startswith(wanted),
        name.startswith(wanted),
        wanted in name,
    )
    return next((rank for rank, hit in enumerate(tests) if hit), None)
