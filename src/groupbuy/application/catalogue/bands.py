"""Price bands of what is on the shelf."""

from attrs import frozen

from groupbuy.application.catalogue.shelf import ShelfItem, below, category_tree
from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import Band, price_bands

PAGE = 1_000
COUNTED_AT_MOST = 5_000
"""Products that are counted; of a larger shelf the newest."""


@frozen
class Bands:
    """Some bands, and whether they tell of every product."""

    bands: tuple[Band, ...]
    complete: bool


def bands_of(
    work: Work, category_id: str = "", brand_ids: tuple[str, ...] = (), merchant_id: str = ""
) -> Bands:
    """Return price bands of what is on sale. Raises NotFound for the category."""
    query = Query().where(listed=True).sorted("-created_at")
    if merchant_id:
        query = query.where(merchant_id=merchant_id)
    if category_id:
        tree = {category.id: category for category in category_tree(work)}
        query = query.among("category_id", below(category_id, tree))
    if brand_ids:
        query = query.among("brand_id", brand_ids)
    prices, after = list[int](), None
    while len(prices) < COUNTED_AT_MOST:
        page = work.of(ShelfItem).select(query.page(PAGE, after))
        prices += [item.price.minor for item in page]
        if len(page) < PAGE:
            return Bands(price_bands(prices), complete=True)
        after = (page[-1].created_at, page[-1].id)
    return Bands(price_bands(prices), complete=False)
