"""Making search entries anew: all of them, or those that a changed name or place concerns."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from attrs import frozen

from groupbuy.application.catalogue.shelf import below, category_tree, path_of, variants_of
from groupbuy.application.ports import Query
from groupbuy.application.steps.indexing import Around, index_campaign, index_product
from groupbuy.application.steps.reading import pages
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.campaigns import Campaign
from groupbuy.domain.catalogue import Brand, Category, Product, Stock, Variant
from groupbuy.domain.search import SearchEntry

BATCH = 200
"""Products of one transaction."""
_PARTS = 3


@frozen
class Rebuilt:
    """What a rebuild came to."""

    products: int
    changed: int
    """Whose entries were missing or said something else."""


def rebuild_search(
    desk: Desk, caller: Caller, moved: Callable[[int], None] = lambda _: None
) -> Rebuilt:
    """Look at every product and put right what search finds it by; count what was sold anew.

    Safe beside all other work and to repeat. `moved` is told how many were looked at so far.
    """
    products = changed = 0
    for page in pages(desk, caller, Product, Query().sorted("id"), BATCH):
        ids = [product.id for product in page]
        changed += desk.run(caller, partial(_index, product_ids=ids))
        products += len(ids)
        moved(products)
    return Rebuilt(products, changed)


def index_category(work: Work, subject: str) -> datetime | None:
    """Index what lies in a category and below it after its name or place changed, part by part.

    The subject is the category's id, its version, and the product after which to go on.
    """
    category_id, version, after = subject.split("/", _PARTS - 1)
    tree = {category.id: category for category in category_tree(work)}
    query = Query().among("category_id", below(category_id, tree)).sorted("id")
    found = work.of(Product).select(query.page(BATCH, (after, after) if after else None))
    _index(work, [product.id for product in found])
    if len(found) == BATCH:
        work.later("index_category", f"{category_id}/{version}/{found[-1].id}", work.now())
    return None


def index_brand(work: Work, subject: str) -> datetime | None:
    """Index what a brand makes after it got another name, part by part.

    The subject is the brand's id, its version, and the product after which to go on.
    """
    brand_id, version, after = subject.split("/", _PARTS - 1)
    query = Query().where(brand_id=brand_id).sorted("id")
    found = work.of(Product).select(query.page(BATCH, (after, after) if after else None))
    _index(work, [product.id for product in found])
    if len(found) == BATCH:
        work.later("index_brand", f"{brand_id}/{version}/{found[-1].id}", work.now())
    return None


def index_running(work: Work, campaign_id: str) -> datetime | None:
    """Bring what search says of a campaign up to date; look again at its end."""
    campaign = work.of(Campaign).get(campaign_id)
    return campaign.ends_at if index_campaign(work, campaign) else None


def index_products(
    work: Work, products: Iterable[Product], variants: Mapping[str, Sequence[Variant]]
) -> int:
    """Stage what these are found by, as they are staged here; return how many that changed."""
    wanted = {product.id: product for product in products}
    known = work.of(SearchEntry).find(wanted)
    stock = work.of(Stock).find({v.id for mine in variants.values() for v in mine})
    brands = work.of(Brand).find({p.brand_id for p in wanted.values() if p.brand_id})
    tree = {category.id: category for category in category_tree(work)}
    changed = 0
    for product in wanted.values():
        mine = variants.get(product.id, ())
        sold = sum(stock[variant.id].sold for variant in mine if variant.id in stock)
        around = _around(product, brands, tree)
        changed += index_product(work, product, mine, around, known.get(product.id), sold)
    return changed


def _index(work: Work, product_ids: Sequence[str]) -> int:
    products = work.of(Product).find(product_ids)
    return index_products(work, products.values(), variants_of(work, list(products)))


def _around(product: Product, brands: Mapping[str, Brand], tree: Mapping[str, Category]) -> Around:
    brand = brands.get(product.brand_id or "")
    names = tuple(step.name for step in path_of(product.category_id, tree))
    return Around(brand.name if brand else "", names)
