"""What can be sold: categories, brands, products, variants, and the stock of each variant."""

from datetime import datetime
from enum import StrEnum

from attrs import evolve, frozen

from groupbuy.domain.kernel import Edge, Event, Invalid, Machine, Money, Refused


class ProductState(StrEnum):
    """Where a product is in its life."""

    DRAFT = "draft"
    LISTED = "listed"
    DELISTED = "delisted"
    RETIRED = "retired"


class ProductMove(StrEnum):
    """What may be asked of a product."""

    LIST = "list"
    DELIST = "delist"
    RETIRE = "retire"


_S, _M = ProductState, ProductMove
PRODUCT: Machine[ProductState, ProductMove, None] = Machine(
    name="product",
    initial=_S.DRAFT,
    final=frozenset({_S.RETIRED}),
    edges=(
        Edge(_S.DRAFT, _M.LIST, _S.LISTED, "product.listed"),
        Edge(_S.DELISTED, _M.LIST, _S.LISTED, "product.listed"),
        Edge(_S.LISTED, _M.DELIST, _S.DELISTED, "product.delisted"),
        Edge(_S.DRAFT, _M.RETIRE, _S.RETIRED, "product.retired"),
        Edge(_S.DELISTED, _M.RETIRE, _S.RETIRED, "product.retired"),
    ),
)


@frozen
class Category:
    """A node of the category tree."""

    id: str
    name: str
    parent_id: str | None = None
    commission_bp: int | None = None
    merged_into: str | None = None
    """What it became a part of; it is shown no longer."""
    version: int = 0


@frozen
class Brand:
    """Who makes a product."""

    id: str
    name: str
    merged_into: str | None = None
    """What it became a part of; it is shown no longer."""
    version: int = 0


@frozen
class Attribute:
    """A named fact about a product (origin, material …)."""

    name: str
    value: str


@frozen
class Product:
    """Something a merchant sells, in one or more variants."""

    id: str
    merchant_id: str
    code: str
    """The merchant's own code, unique per merchant."""
    name: str
    category_id: str
    created_at: datetime
    brand_id: str | None = None
    unit: str = ""
    description: str = ""
    attributes: tuple[Attribute, ...] = ()
    pictures: tuple[str, ...] = ()
    return_policy: str = "ordinary"
    description_html: str = ""
    """The same description with marks and pictures, cleaned; empty where there is only text."""
    shelf_life_days: int = 0
    """How long the goods keep; 0 for those that keep, or where nobody said."""
    list_at: datetime | None = None
    """When it goes on sale by itself."""
    delist_at: datetime | None = None
    """When it goes off sale by itself."""
    state: ProductState = ProductState.DRAFT
    version: int = 0

    def move(self, move: ProductMove, now: datetime) -> "tuple[Product, list[Event]]":
        """List, delist or retire it; what was planned for such a move is done with."""
        edge = PRODUCT.fire(self.state, move, None)
        after = evolve(self, state=edge.target)
        if move is not ProductMove.DELIST:
            after = evolve(after, list_at=None)
        if move is not ProductMove.LIST:
            after = evolve(after, delist_at=None)
        return after, [Event(edge.event, self.id, now)]

    def plan(
        self, list_at: datetime | None, delist_at: datetime | None, now: datetime
    ) -> "tuple[Product, list[Event]]":
        """Plan when it goes on and off sale; None plans nothing. Raises Invalid, Refused."""
        if self.state is ProductState.RETIRED:
            raise Refused(rule="product_is_not_retired", about=self.id)
        for name, at in (("list_at", list_at), ("delist_at", delist_at)):
            if at is not None and at <= now:
                raise Invalid(field=name, reason="must lie ahead")
        if list_at is not None and self.state is ProductState.LISTED:
            raise Refused(rule="product_is_off_sale", about=self.id)
        if delist_at is not None and list_at is None and self.state is not ProductState.LISTED:
            raise Refused(rule="product_is_on_sale", about=self.id)
        if list_at is not None and delist_at is not None and delist_at <= list_at:
            raise Invalid(field="delist_at", reason="must lie behind list_at")
        after = evolve(self, list_at=list_at, delist_at=delist_at)
        return after, [Event("product.planned", self.id, now)]


@frozen
class Variant:
    """One SKU of a product: what is really counted and priced."""

    id: str
    product_id: str
    merchant_id: str
    code: str
    """The merchant's own SKU code, unique per merchant."""
    options: str
    price: Money
    list_price: Money | None = None
    cost: Money | None = None
    named_options: tuple[Attribute, ...] = ()
    """What tells it from its siblings, by name; `options` is the same in one line."""
    barcode: str = ""
    grams: int = 0
    """What one weighs, packed; 0 where nobody said."""
    low_stock: int = 0
    """Its merchant is told once no more than so many are left; 0 tells nobody."""
    version: int = 0

    def __attrs_post_init__(self) -> None:
        """A price is positive."""
        if self.price.minor < 1:
            raise Invalid(field="price", reason="must be at least 0.01")


@frozen
class Stock:
    """The goods of one variant in hand; its id is the variant's id.

    available + reserved + sold = everything ever received minus everything adjusted away.
    """

    id: str
    available: int = 0
    reserved: int = 0
    sold: int = 0
    on_sale: bool = True
    """False while the product is not listed: whoever holds the lock of the stock sees it."""
    version: int = 0

    def check_on_sale(self) -> None:
        """Refuse to sell a product that was delisted."""
        if not self.on_sale:
            raise Refused(rule="product_is_listed", about=self.id)

    def reserve(self, units: int) -> "Stock":
        """Hold goods for an order. Raises Refused when delisted or when there are not enough."""
        self.check_on_sale()
        if units > self.available:
            raise Refused(rule="goods_in_stock", about=self.id)
        return evolve(self, available=self.available - units, reserved=self.reserved + units)

    def release(self, units: int) -> "Stock":
        """Give held goods back."""
        self._check(units, self.reserved)
        return evolve(self, available=self.available + units, reserved=self.reserved - units)

    def sell(self, units: int) -> "Stock":
        """Held goods now belong to a binding order."""
        self._check(units, self.reserved)
        return evolve(self, reserved=self.reserved - units, sold=self.sold + units)

    def unsell(self, units: int) -> "Stock":
        """A binding order was refunded before shipment: the goods are for sale again."""
        self._check(units, self.sold)
        return evolve(self, sold=self.sold - units, available=self.available + units)

    def adjust(self, by: int) -> "Stock":
        """Count in new goods (positive) or write goods off (negative)."""
        if self.available + by < 0:
            raise Refused(rule="goods_in_stock", about=self.id)
        return evolve(self, available=self.available + by)

    def _check(self, units: int, have: int) -> None:
        if units > have:
            raise Refused(rule="stock_counts_agree", about=self.id)


@frozen
class StockAlert:
    """Whether a variant is scarce, so that its merchant is told once each time it becomes so.

    Its id is the variant's.
    """

    id: str
    product_id: str
    merchant_id: str
    since: datetime
    low: bool = False
    times: int = 0
    """How often its merchant was told."""
    version: int = 0

    def crossed(self, *, low: bool, now: datetime) -> "StockAlert":
        """Return it on the other side of the mark, or as it is."""
        if low == self.low:
            return self
        return evolve(self, low=low, since=now, times=self.times + low)


@frozen
class StockMove:
    """One line of the stock journal: who changed the goods in hand, why, by how many."""

    id: str
    sku_id: str
    at: datetime
    by: str
    reason: str
    units: int
    """Positive: goods came in; negative: goods went out."""
    available_after: int
