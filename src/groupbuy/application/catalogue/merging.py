"""Two categories, or two brands, that are one: names are merged at once, goods follow in batches.

What was merged keeps its name and its place, and points at what it became part of: a file or a
page that still names it finds the other one.
"""

from datetime import datetime
from typing import Any

from attrs import evolve, frozen

from groupbuy.application.catalogue import facts
from groupbuy.application.catalogue.indexing import index_products
from groupbuy.application.catalogue.shelf import (
    ShelfItem,
    brands,
    category_tree,
    upwards,
    variants_of,
)
from groupbuy.application.ports import Query
from groupbuy.application.steps.cataloguing import Merged, standing
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import Brand, Category, Product
from groupbuy.domain.kernel import Event, Invalid, Refused
from groupbuy.domain.membership import Role

BATCH = 200
"""Products of one transaction."""


@frozen
class Merge:
    """Make `source_id` a part of `target_id`."""

    source_id: str
    target_id: str
    reason: str


@frozen
class RenameBrand:
    """Give a brand another name."""

    brand_id: str
    name: str


def shown_tree(work: Work) -> tuple[Category, ...]:
    """Return all categories that still stand, by name."""
    return tuple(each for each in category_tree(work) if each.merged_into is None)


def shown_brands(work: Work) -> tuple[Brand, ...]:
    """Return all brands that still stand, by name."""
    return tuple(each for each in brands(work) if each.merged_into is None)


def merge_categories(work: Work, cmd: Merge) -> Category:
    """Merge two categories and everything below them; children of one name become one.

    Raises NotFound, Invalid, Refused.
    """
    source, target = _both(work, Category, cmd)
    path = upwards(work, target.id)
    if any(step.id == source.id for step in path):
        raise Refused(rule="the_tree_has_no_circle", about=source.id)
    tree = shown_tree(work)
    if len(path) + height(source.id, tree) - 1 > facts.DEPTH_AT_MOST:
        raise Invalid("target_id", f"must leave at most {facts.DEPTH_AT_MOST} levels")
    _join(work, source, target, tree)
    work.audit("category.merge", source.id, _reason(cmd), into=target.id)
    return target


def merge_brands(work: Work, cmd: Merge) -> Brand:
    """Merge two brands. Raises NotFound, Invalid, Refused."""
    source, target = _both(work, Brand, cmd)
    work.of(Brand).save(evolve(source, merged_into=target.id))
    _follow(work, "brand", source.id, target.id)
    work.audit("brand.merge", source.id, _reason(cmd), into=target.id)
    return target


def rename_brand(work: Work, cmd: RenameBrand) -> Brand:
    """Rename a brand. Raises NotFound, Invalid, Refused for a name that is taken."""
    work.caller.require(Role.OPERATOR)
    name = facts.line("name", cmd.name, facts.WORD_AT_MOST)
    known = work.of(Brand).get(cmd.brand_id)
    if known.name == name:
        return known
    if work.of(Brand).select(Query().where(name=name).page(1)):
        raise Refused(rule="brand_name_is_free", about=name)
    after = evolve(known, name=name)
    work.of(Brand).save(after)
    work.emit([Event("brand.renamed", known.id, work.now(), {"before": known.name})])
    work.later("index_brand", f"{known.id}/{known.version}/", work.now())
    work.audit("brand.rename", known.id, before=known.name, after=name)
    return after


def follow_category(work: Work, source_id: str) -> datetime | None:
    """Move the next goods of a category that was merged."""
    target = standing(work, Category, source_id).id
    query = Query().where(category_id=source_id).sorted("created_at").page(BATCH)
    return _moved(work, work.of(Product).select(query), category_id=target)


def follow_brand(work: Work, source_id: str) -> datetime | None:
    """Move the next goods of a brand that was merged."""
    target = standing(work, Brand, source_id).id
    query = Query().where(brand_id=source_id).page(BATCH)
    return _moved(work, work.of(Product).select(query), brand_id=target)


def height(category_id: str, tree: tuple[Category, ...]) -> int:
    """Return how many levels a category and what is below it take."""
    below = [height(each.id, tree) for each in tree if each.parent_id == category_id]
    return 1 + max(below, default=0)


def _both(work: Work, kind: type[Merged], cmd: Merge) -> tuple[Merged, Merged]:
    work.caller.require(Role.OPERATOR)
    if cmd.source_id == cmd.target_id:
        raise Invalid("target_id", "must be another one")
    source, target = work.of(kind).get(cmd.source_id), work.of(kind).get(cmd.target_id)
    for each in (source, target):
        if each.merged_into is not None:
            raise Refused(rule="it_was_merged_before", about=each.id)
    return source, target


def _reason(cmd: Merge) -> str:
    return facts.line("reason", cmd.reason, 200)


def _join(work: Work, source: Category, target: Category, tree: tuple[Category, ...]) -> None:
    work.of(Category).save(evolve(source, merged_into=target.id))
    _follow(work, "category", source.id, target.id)
    twins = {each.name: each for each in tree if each.parent_id == target.id}
    for child in [each for each in tree if each.parent_id == source.id]:
        if child.name in twins:
            _join(work, child, twins[child.name], tree)
        else:
            work.of(Category).save(evolve(child, parent_id=target.id))
            work.later("index_category", f"{child.id}/{child.version}/", work.now())


def _follow(work: Work, what: str, source_id: str, target_id: str) -> None:
    now = work.now()
    work.emit([Event(f"{what}.merged", source_id, now, {"into": target_id})])
    work.later(f"follow_{what}", source_id, now)


def _moved(work: Work, products: list[Product], **to: Any) -> datetime | None:
    """Stage goods at their new place; return when to come for more of them."""
    products = [evolve(product, **to) for product in products]
    shelf = work.of(ShelfItem).find(product.id for product in products)
    for product in products:
        work.of(Product).save(product)
        if product.id in shelf:
            work.of(ShelfItem).save(evolve(shelf[product.id], **to))
    work.emit([Event("product.changed", product.id, work.now()) for product in products])
    index_products(work, products, variants_of(work, [product.id for product in products]))
    return work.now() if len(products) == BATCH else None
