"""What is sold: the demo's catalogue, shared out among four merchants who have plenty of it."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from groupbuy.entrypoints.demo.people import CATALOGUE

IN_STOCK = 100_000
"""Of each variant: a month of a whole neighbourhood must not empty a shelf."""


@frozen
class Good:
    """A variant that may be offered."""

    code: str
    name: str
    price_fen: int


@frozen
class MerchantPlan:
    """A merchant: what it sells, what the operator keeps, and who approves its orders."""

    name: str
    shelves: tuple[str, ...]
    """How the codes of its products begin."""
    fee_bp: int
    auto_approve: bool = True
    """Otherwise somebody looks at each order."""

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield its products as the catalogue has them, with plenty in stock."""
        for line in CATALOGUE.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["code"].startswith(self.shelves):
                row["skus"] = [{**sku, "stock": IN_STOCK} for sku in row["skus"]]
                yield row

    def goods(self) -> tuple[Good, ...]:
        """Return every variant it sells, in the order of the catalogue."""
        return _goods(self)

    def write(self, folder: Path) -> Path:
        """Write its products into a file to be imported; return the file."""
        path = folder / f"{self.shelves[0]}.jsonl"
        lines = (json.dumps(row, ensure_ascii=False) for row in self.rows())
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path


MERCHANTS = (
    MerchantPlan("邻里果园", ("SG",), fee_bp=100),
    MerchantPlan("邻里粮油", ("SP",), fee_bp=80),
    MerchantPlan("邻里百货", ("JJ", "MZ", "YD"), fee_bp=150),
    MerchantPlan("邻里数码母婴", ("SM", "MY"), fee_bp=120, auto_approve=False),
)
DEAREST_FEN = 30_000
"""A neighbourhood buys every day what is cheaper than this."""


@cache
def _goods(merchant: MerchantPlan) -> tuple[Good, ...]:
    found = tuple(
        Good(sku["code"], row["name"], _fen(sku["price"]))
        for row in merchant.rows()
        for sku in row["skus"]
    )
    return tuple(good for good in found if good.price_fen < DEAREST_FEN)


def _fen(text: str) -> int:
    """Return a price in yuan as fen: `39.90` is 3990."""
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))
