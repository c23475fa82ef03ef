"""Rows of a product file: from text to checked facts, or to the reason why not."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from attrs import evolve, frozen

from groupbuy.application.catalogue import facts
from groupbuy.application.catalogue.facts import ProductFacts, SkuFacts
from groupbuy.application.steps.records import Reject, pack, unpack
from groupbuy.domain.catalogue import Attribute, ProductState, options_disagree
from groupbuy.domain.kernel import Invalid, Money

T = TypeVar("T")

COLUMNS = (
    "code",
    "name",
    "category",
    "brand",
    "unit",
    "list_price",
    "description",
    "attributes",
    "pictures",
    "return_policy",
    "state",
    "sku_code",
    "options",
    "price",
    "sku_list_price",
    "cost",
    "stock",
    "description_html",
    "shelf_life_days",
    "named_options",
    "barcode",
    "grams",
    "low_stock",
)
"""Columns of a CSV file: one line a variant, the product's own facts repeated on each."""
REQUIRED = ("code", "name", "category", "sku_code", "price")
"""Columns a CSV file cannot do without."""
STATES = (ProductState.DRAFT, ProductState.LISTED, ProductState.DELISTED)
"""States a file may ask for; nobody imports what is retired."""

_PRODUCT_KEYS = frozenset(
    {
        "code",
        "name",
        "category",
        "brand",
        "unit",
        "list_price",
        "retail_price",
        "description",
        "description_html",
        "attributes",
        "pictures",
        "return_policy",
        "shelf_life_days",
        "state",
        "skus",
    }
)
_PAIR = frozenset({"name", "value"})
_SKU_KEYS = frozenset({"code", "options", "price", "list_price", "cost", "stock"}) | frozenset(
    {"named_options", "barcode", "grams", "low_stock"}
)
_COLUMN_OF = {
    "skus.code": "sku_code",
    "skus.options": "options",
    "skus.price": "price",
    "skus.list_price": "sku_list_price",
    "skus.cost": "cost",
    "skus.stock": "stock",
    "skus.named_options": "named_options",
    "skus.barcode": "barcode",
    "skus.grams": "grams",
    "skus.low_stock": "low_stock",
}


@frozen
class ProductRow:
    """A product as a file describes it."""

    row: int
    facts: ProductFacts
    category: tuple[str, ...]
    """Names from the root."""
    skus: tuple[SkuFacts, ...]
    brand: str | None = None
    """An empty name takes the brand away; None leaves it as it is."""
    state: ProductState | None = None
    """For new products only."""
    size: int = 0
    """Bytes in the file."""

    def checked(self) -> "ProductRow":
        """Return the same row, tidied. Raises Invalid naming the column."""
        if not 1 <= len(self.skus) <= facts.VARIANTS_AT_MOST:
            raise Invalid("skus", f"must be 1 to {facts.VARIANTS_AT_MOST}")
        skus = tuple(sku.checked() for sku in self.skus)
        if why := options_disagree(sku.named_options or () for sku in skus):
            raise Invalid("skus.named_options", why)
        if len({sku.code for sku in skus}) < len(skus):
            raise Invalid("skus.code", "must differ within a product")
        brand = self.brand
        if brand is not None:
            brand = facts.line("brand", brand, facts.WORD_AT_MOST, empty=True)
        return evolve(
            self,
            facts=self.facts.checked(),
            category=facts.path("category", self.category),
            skus=skus,
            brand=brand,
        )


Parsed = ProductRow | Reject
"""What became of one row."""


def row_from_json(row: int, value: object, currency: str, size: int = 0) -> ProductRow:
    """Read one object of a JSONL file. Raises Invalid."""
    given = _object("row", value, _PRODUCT_KEYS)
    list_price = _price(given, "list_price", currency)
    usual = _price(given, "retail_price", currency)
    skus = _list("skus", given.get("skus"))
    return ProductRow(
        row=row,
        facts=ProductFacts(
            code=_text("code", given.get("code")),
            name=_text("name", given.get("name")),
            unit=_maybe("unit", given),
            description=_maybe("description", given),
            attributes=_if_given(given, "attributes", _json_pairs("attributes")),
            pictures=_if_given(given, "pictures", lambda v: _texts("pictures", v)),
            return_policy=_maybe("return_policy", given),
            description_html=_maybe("description_html", given),
            shelf_life_days=_if_given(given, "shelf_life_days", _count("shelf_life_days")),
        ),
        category=_texts("category", given.get("category")),
        skus=tuple(_json_sku(sku, list_price, usual, currency) for sku in skus),
        brand=_brand(given),
        state=_state(given.get("state")),
        size=size,
    ).checked()


def row_from_cells(row: int, cells: Mapping[str, str], currency: str, size: int = 0) -> ProductRow:
    """Read one line of a CSV file; it describes one variant. Raises Invalid."""
    list_price = _price(cells, "list_price", currency)
    price = _price(cells, "price", currency)
    own = _price(cells, "sku_list_price", currency)
    if price is None:
        raise Invalid("price", "must not be empty")
    sku = SkuFacts(
        code=cells["sku_code"],
        options=cells.get("options", ""),
        price=price,
        list_price=own or list_price,
        cost=_price(cells, "cost", currency),
        stock=_whole("stock", cells.get("stock") or "0"),
        named_options=_if_given(cells, "named_options", _cell_pairs("named_options")),
        barcode=cells.get("barcode"),
        grams=_filled(cells, "grams"),
        low_stock=_filled(cells, "low_stock"),
    )
    return ProductRow(
        row=row,
        facts=ProductFacts(
            code=cells["code"],
            name=cells["name"],
            unit=cells.get("unit"),
            description=cells.get("description"),
            attributes=_if_given(cells, "attributes", _cell_pairs("attributes")),
            pictures=_if_given(cells, "pictures", lambda text: unpack(text, "|")),
            return_policy=cells.get("return_policy") or None,
            description_html=cells.get("description_html"),
            shelf_life_days=_filled(cells, "shelf_life_days"),
        ),
        category=unpack(cells["category"], "/"),
        skus=(sku,),
        brand=cells.get("brand"),
        state=_state(cells.get("state") or None),
        size=size,
    ).checked()


def csv_column(field: str) -> str:
    """Return the CSV column a rejected field stands in."""
    return _COLUMN_OF.get(field, field.partition(".")[0])


def attribute_cell(attributes: Sequence[Attribute]) -> str:
    """Write attributes into one cell, as `name=value|name=value`."""
    return pack((pack((fact.name, fact.value), "=") for fact in attributes), "|")


def _cell_pairs(field: str) -> Callable[[str], tuple[Attribute, ...]]:
    def read(cell: str) -> tuple[Attribute, ...]:
        found = []
        for pair in unpack(cell, "|"):
            parts = unpack(pair, "=")
            if len(parts) < 2:
                raise Invalid(field, "must read name=value|name=value")
            found.append(Attribute(parts[0], "=".join(parts[1:])))
        return tuple(found)

    return read


def _object(field: str, value: object, keys: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Invalid(field, "must be an object")
    if strange := sorted(set(value) - keys):
        raise Invalid(strange[0][: facts.CODE_AT_MOST], "is not a known field")
    return value


def _list(field: str, value: object) -> list[Any]:
    if not isinstance(value, list):
        raise Invalid(field, "must be a list")
    return value


def _text(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise Invalid(field, "must be a text")
    return value


def _texts(field: str, value: object) -> tuple[str, ...]:
    return tuple(_text(field, part) for part in _list(field, value))


def _maybe(field: str, given: Mapping[str, Any]) -> str | None:
    value = given.get(field)
    return None if value is None else _text(field, value)


def _if_given(given: Mapping[str, Any], field: str, read: Callable[[Any], T]) -> T | None:
    value = given.get(field)
    return None if value is None else read(value)


def _brand(given: Mapping[str, Any]) -> str | None:
    """An explicit null says that there is none."""
    if "brand" not in given:
        return None
    return _maybe("brand", given) or ""


def _state(value: object) -> ProductState | None:
    if value is None:
        return None
    for state in STATES:
        if value == state.value:
            return state
    raise Invalid("state", "must be one of " + ", ".join(state.value for state in STATES))


def _price(given: Mapping[str, Any], field: str, currency: str) -> Money | None:
    """The last word of `field` is the key."""
    value = given.get(field.rpartition(".")[2])
    return None if value is None or value == "" else facts.money(field, value, currency)


def _whole(field: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(facts.STOCK_AT_MOST))):
        raise Invalid(field, "must be a whole number")
    return int(text)


def _count(field: str) -> Callable[[object], int]:
    """Read a count of a JSON row: a number, or digits in a text."""
    return lambda value: value if type(value) is int else _whole(field, _text(field, value))


def _filled(cells: Mapping[str, str], field: str) -> int | None:
    """Read a count of a CSV line; an empty cell says nothing."""
    cell = cells.get(field)
    return _whole(field, cell) if cell else None


def _json_pairs(field: str) -> Callable[[object], tuple[Attribute, ...]]:
    def read(value: object) -> tuple[Attribute, ...]:
        pairs = [_object(field, pair, _PAIR) for pair in _list(field, value)]
        return tuple(
            Attribute(
                _text(f"{field}.name", pair.get("name")), _text(f"{field}.value", pair.get("value"))
            )
            for pair in pairs
        )

    return read


def _json_sku(
    value: object, list_price: Money | None, usual: Money | None, currency: str
) -> SkuFacts:
    given = _object("skus", value, _SKU_KEYS)
    price = _price(given, "skus.price", currency) or usual
    if price is None:
        raise Invalid("skus.price", "must not be empty")
    barcode = given.get("barcode")
    return SkuFacts(
        code=_text("skus.code", given.get("code")),
        options=facts.CHOICE.join(_texts("skus.options", given.get("options", []))),
        price=price,
        list_price=_price(given, "skus.list_price", currency) or list_price,
        cost=_price(given, "skus.cost", currency),
        stock=_count("skus.stock")(given.get("stock", 0)),
        named_options=_if_given(given, "named_options", _json_pairs("skus.named_options")),
        barcode=None if barcode is None else _text("skus.barcode", barcode),
        grams=_if_given(given, "grams", _count("skus.grams")),
        low_stock=_if_given(given, "low_stock", _count("skus.low_stock")),
    )
