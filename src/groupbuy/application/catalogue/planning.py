"""Going on and off sale at a time that was chosen before."""

from datetime import datetime

from attrs import frozen

from groupbuy.application.catalogue.indexing import index_products
from groupbuy.application.catalogue.moving import carry_out
from groupbuy.application.catalogue.shelf import ProductView, variants_of, view
from groupbuy.application.steps.cataloguing import owned, require_trade
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import PRODUCT, Product, ProductMove
from groupbuy.domain.kernel import EditedMeanwhile


@frozen
class PlanProduct:
    """Choose when a product goes on and off sale; None plans nothing."""

    product_id: str
    list_at: datetime | None = None
    delist_at: datetime | None = None
    version: int | None = None
    """The version the planner saw; None overwrites whatever there is."""


def plan_product(work: Work, cmd: PlanProduct) -> ProductView:
    """Plan both moves anew. Raises NotFound, Invalid, Refused, EditedMeanwhile."""
    require_trade(work)
    product = owned(work, work.of(Product).get(cmd.product_id))
    if cmd.version is not None and cmd.version != product.version:
        raise EditedMeanwhile(kind="product", key=product.id, version=product.version)
    after, happened = product.plan(cmd.list_at, cmd.delist_at, work.now())
    shown = view(work, product.id)
    if after == product:
        return shown
    work.of(Product).save(after)
    work.emit(happened)
    for topic, at in (("list_product", after.list_at), ("delist_product", after.delist_at)):
        if at is not None:
            # Named after its instant: planned twice for the same time, it is still one.
            work.later(topic, product.id, at, once=at.isoformat())
    return ProductView(after, shown.category, shown.brand, shown.variants, shown.stock)


def list_as_planned(work: Work, product_id: str) -> datetime | None:
    """Put a product on sale, if its plan still says so."""
    product = work.of(Product).get(product_id)
    if product.list_at is not None and product.list_at <= work.now():
        _as_planned(work, product, ProductMove.LIST)
    return None


def delist_as_planned(work: Work, product_id: str) -> datetime | None:
    """Take a product off sale, if its plan still says so."""
    product = work.of(Product).get(product_id)
    if product.delist_at is not None and product.delist_at <= work.now():
        _as_planned(work, product, ProductMove.DELIST)
    return None


def _as_planned(work: Work, product: Product, move: ProductMove) -> None:
    if PRODUCT.allows(product.state, move):
        variants = variants_of(work, [product.id])
        after = carry_out(work, product, variants[product.id], move)
        index_products(work, [after], variants)
        word = "product.listed" if move is ProductMove.LIST else "product.delisted"
        merchant = f"merchant:{product.merchant_id}"
        work.tell(merchant, word, product.id, time=product.version + 1)
