"""The shelf: what shoppers browse, kept beside the products and read by index."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import evolve, frozen

from groupbuy.application.catalogue.facts import DEPTH_AT_MOST
from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import (
    Brand,
    Category,
    Product,
    ProductState,
    Stock,
    Variant,
)
from groupbuy.domain.community import Rating
from groupbuy.domain.kernel import Invalid, Money, NotFound

WORDS_AT_MOST = 2_000
"""Characters of a product that a keyword is looked for in."""
SCAN_AT_MOST = 10_000
"""Shelf items one page looks at for its keywords, in the order asked for."""
STEP = 500
"""Shelf items a search reads by one statement."""
SORTS = ("-created_at", "created_at", "price", "-price")


@frozen
class ShelfItem:
    """What browsing needs of one product; its id is the product's id."""

    id: str
    merchant_id: str
    name: str
    category_id: str
    price: Money
    """Of the cheapest variant."""
    created_at: datetime
    brand_id: str | None = None
    list_price: Money | None = None
    """Of the same variant, where it is above the price."""
    picture: str = ""
    words: str = ""
    """Everything a keyword may match, folded."""
    listed: bool = False
    version: int = 0


@frozen
class Browse:
    """What a shopper wants to see; everything left out is no condition."""

    category_id: str = ""
    """With everything below it."""
    brand_ids: tuple[str, ...] = ()
    lowest: int | None = None
    """Minor units."""
    highest: int | None = None
    """Minor units, inclusive."""
    words: str = ""
    """All of them must be found, in the name, code, brand, category, attributes or description."""
    merchant_id: str = ""
    sort: str = "-created_at"
    limit: int = 50
    after: tuple[datetime | int, str] | None = None
    """Order value (a price in minor units) and id of the last one already seen."""


@frozen
class Shelved:
    """One product on the shelf, with the names and the goods a page shows."""

    item: ShelfItem
    category: tuple[str, ...]
    """Names from the root."""
    brand: str
    available: int
    """Units in hand over all variants."""

    @property
    def id(self) -> str:
        """The product's id."""
        return self.item.id

    def place(self, sort: str) -> datetime | int:
        """Return the value it is sorted by."""
        return self.item.price.minor if sort.endswith("price") else self.item.created_at


@frozen
class RatingView:
    """What buyers think of a product."""

    count: int
    mean: int
    """Bayesian mean, in hundredths of a star."""
    by_stars: tuple[int, int, int, int, int]
    """How many gave one star, two, and so on."""


@frozen
class ProductView:
    """A product with everything that is shown of it."""

    product: Product
    category: tuple[Category, ...]
    """From the root."""
    brand: Brand | None
    variants: tuple[Variant, ...]
    stock: Mapping[str, Stock]
    """By variant id; a variant without an entry has none."""
    rating: "RatingView | None" = None
    """What buyers think of it; read for shoppers only, None of what nobody reviewed."""

    @property
    def id(self) -> str:
        """The product's id."""
        return self.product.id


def folded(text: str) -> str:
    """Return text as keywords compare: widths and cases made equal, spaces single."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def shelf_item(product: Product, variants: Iterable[Variant]) -> ShelfItem | None:
    """Return what the shelf says of a product; None while it has no variant to sell."""
    cheapest = min(variants, key=lambda v: (v.price.minor, v.id), default=None)
    if cheapest is None:
        return None
    above = cheapest.list_price is not None and cheapest.price < cheapest.list_price
    said = [product.name, product.code, product.unit]
    said += [f"{fact.name} {fact.value}" for fact in product.attributes]
    return ShelfItem(
        id=product.id,
        merchant_id=product.merchant_id,
        name=product.name,
        category_id=product.category_id,
        price=cheapest.price,
        created_at=product.created_at,
        brand_id=product.brand_id,
        list_price=cheapest.list_price if above else None,
        picture=product.pictures[0] if product.pictures else "",
        words=folded(" ".join([*said, product.description]))[:WORDS_AT_MOST],
        listed=product.state is ProductState.LISTED,
    )


def put_on_shelf(work: Work, wanted: ShelfItem | None, known: ShelfItem | None) -> bool:
    """Stage what the shelf says of a product, if that is new; tell whether it was."""
    if wanted is None or (known and evolve(wanted, version=known.version) == known):
        return False
    if known is None:
        work.of(ShelfItem).add(wanted)
    else:
        work.of(ShelfItem).save(evolve(wanted, version=known.version))
    return True


def category_tree(work: Work) -> tuple[Category, ...]:
    """Return all categories, by name; the tree is small and read whole."""
    return tuple(sorted(every(work.of(Category), Query()), key=lambda c: (c.name, c.id)))


def brands(work: Work) -> tuple[Brand, ...]:
    """Return all brands, by name."""
    return tuple(sorted(every(work.of(Brand), Query()), key=lambda b: (b.name, b.id)))


def path_of(category_id: str, tree: Mapping[str, Category]) -> tuple[Category, ...]:
    """Return a category and all above it, from the root; empty for one that is unknown."""
    found: list[Category] = []
    here = tree.get(category_id)
    while here is not None and here not in found:
        found.append(here)
        here = tree.get(here.parent_id or "")
    return tuple(reversed(found))


def upwards(work: Work, category_id: str) -> tuple[Category, ...]:
    """Return a category and all above it, from the root, as staged here. Raises NotFound."""
    found = [work.of(Category).get(category_id)]
    while (above := found[-1].parent_id) is not None and len(found) <= DEPTH_AT_MOST:
        found.append(work.of(Category).get(above))
    return tuple(reversed(found))


def below(category_id: str, tree: Mapping[str, Category]) -> list[str]:
    """Return the ids of a category and everything below it. Raises NotFound."""
    if category_id not in tree:
        raise NotFound(kind="category", key=category_id)
    return [key for key in tree if any(step.id == category_id for step in path_of(key, tree))]


def browse(work: Work, wish: Browse) -> list[Shelved]:
    """Return listed products. Raises NotFound for the category, Invalid for the sort."""
    if wish.sort not in SORTS:
        raise Invalid("sort", "must be one of " + ", ".join(SORTS))
    tree = {category.id: category for category in category_tree(work)}
    words = folded(wish.words).split()
    query, after, left = _query(work, wish, tree), _after(work, wish), SCAN_AT_MOST
    step = STEP if words else wish.limit
    found: list[ShelfItem] = []
    names: dict[str, str] = {}
    while len(found) < wish.limit and left > 0:
        batch = work.of(ShelfItem).select(query.page(step, after))
        names |= brand_names(work, batch)
        found += [item for item in batch if _matches(item, words, tree, names)]
        if len(batch) < step:
            break
        left -= step
        after = (getattr(batch[-1], wish.sort.lstrip("-")), batch[-1].id)
    return shelved(work, found[: wish.limit], tree, names)


def view(work: Work, product_id: str, *, listed: bool = False) -> ProductView:
    """Return a product with all that is shown of it. Raises NotFound.

    `listed` hides what shoppers may not see.
    """
    product = work.of(Product).get(product_id)
    if listed and product.state is not ProductState.LISTED:
        raise NotFound(kind="product", key=product_id)
    shown = views(work, [product])[0]
    return evolve(shown, rating=_rating(work, product_id)) if listed else shown


def views(work: Work, products: Sequence[Product]) -> list[ProductView]:
    """Return some products with all that is shown of them, in the same order."""
    tree = {category.id: category for category in category_tree(work)}
    known = work.of(Brand).find({p.brand_id for p in products if p.brand_id})
    by_product = variants_of(work, [product.id for product in products])
    skus = [variant.id for variants in by_product.values() for variant in variants]
    stock = work.of(Stock).find(skus)
    return [
        ProductView(
            product=product,
            category=path_of(product.category_id, tree),
            brand=known.get(product.brand_id or ""),
            variants=by_product[product.id],
            stock={v.id: stock[v.id] for v in by_product[product.id] if v.id in stock},
        )
        for product in products
    ]


def variants_of(work: Work, product_ids: Sequence[str]) -> dict[str, tuple[Variant, ...]]:
    """Return the variants of some products, by product id, in the order they were made."""
    found: dict[str, list[Variant]] = {key: [] for key in product_ids}
    if product_ids:
        query = Query().among("product_id", product_ids)
        # By the product first: so both engines follow its index instead of reading every variant.
        for variant in every(work.of(Variant), query, order="product_id"):
            found[variant.product_id].append(variant)
    return {key: tuple(variants) for key, variants in found.items()}


def _rating(work: Work, product_id: str) -> RatingView | None:
    rules = work.kit.policy.community
    found = work.of(Rating).find([product_id]).get(product_id)
    if found is None:
        return None
    mean = found.mean(rules.prior_mean, rules.prior_reviews)
    if mean is None:
        return None
    return RatingView(found.count, mean, found.by_stars)


def _query(work: Work, wish: Browse, tree: Mapping[str, Category]) -> Query:
    query = Query().where(listed=True).sorted(wish.sort)
    if wish.merchant_id:
        query = query.where(merchant_id=wish.merchant_id)
    if wish.category_id:
        query = query.among("category_id", below(wish.category_id, tree))
    if wish.brand_ids:
        query = query.among("brand_id", wish.brand_ids)
    currency = work.kit.policy.currency
    if wish.lowest is not None:
        query = query.since("price", Money(wish.lowest, currency))
    if wish.highest is not None:
        query = query.before("price", Money(wish.highest + 1, currency))
    return query


def _after(work: Work, wish: Browse) -> tuple[object, str] | None:
    if wish.after is None:
        return None
    value, key = wish.after
    if isinstance(value, datetime) == wish.sort.endswith("price"):
        raise Invalid("cursor", "belongs to another order")
    return (value if isinstance(value, datetime) else Money(value, work.kit.policy.currency), key)


def brand_names(work: Work, items: Iterable[ShelfItem]) -> dict[str, str]:
    """Return the names of the brands of some shelf items, by id."""
    found = work.of(Brand).find({item.brand_id for item in items if item.brand_id})
    return {key: brand.name for key, brand in found.items()}


def _matches(
    item: ShelfItem, words: Sequence[str], tree: Mapping[str, Category], names: Mapping[str, str]
) -> bool:
    if not words:
        return True
    around = [step.name for step in path_of(item.category_id, tree)]
    text = item.words + "\n" + folded(" ".join([*around, names.get(item.brand_id or "", "")]))
    return all(word in text for word in words)


def shelved(
    work: Work,
    items: Sequence[ShelfItem],
    tree: Mapping[str, Category],
    names: Mapping[str, str],
) -> list[Shelved]:
    """Return shelf items with what a page shows of them, in the same order.

    `tree` holds all categories and `names` the brands of the items, by id.
    """
    by_product = variants_of(work, [item.id for item in items])
    skus = [variant.id for variants in by_product.values() for variant in variants]
    stock = work.of(Stock).find(skus)
    return [
        Shelved(
            item=item,
            category=tuple(step.name for step in path_of(item.category_id, tree)),
            brand=names.get(item.brand_id or "", ""),
            available=sum(stock[v.id].available for v in by_product[item.id] if v.id in stock),
        )
        for item in items
    ]
