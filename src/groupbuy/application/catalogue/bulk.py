"""Changing many products at once: looked at first, then done if nothing has changed since."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from attrs import asdict, evolve, frozen

from groupbuy.application.catalogue import facts
from groupbuy.application.catalogue.indexing import index_products
from groupbuy.application.catalogue.moving import carry_out
from groupbuy.application.catalogue.shelf import (
    ShelfItem,
    below,
    category_tree,
    put_on_shelf,
    shelf_item,
    variants_of,
)
from groupbuy.application.ports import Query
from groupbuy.application.steps.cataloguing import may_act_for, require_trade, standing
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import (
    PRODUCT,
    Category,
    Product,
    ProductMove,
    ProductState,
    Repricing,
    Variant,
)
from groupbuy.domain.commission import ChangedSincePreview
from groupbuy.domain.kernel import Event, Invalid, NotFound

PRODUCTS_AT_MOST = 500
"""Products of one run."""
DIGEST_LEAST = 12
"""Hexadecimal digits that name a preview."""


@frozen
class Selection:
    """Which products: those named, or those that fit everything else that is said."""

    product_ids: tuple[str, ...] = ()
    merchant_id: str = ""
    """For operators; a merchant's people always mean their own."""
    category_id: str = ""
    """With everything below it."""
    brand_id: str = ""
    states: tuple[ProductState, ...] = ()


@frozen
class BulkEdit:
    """One change of all of them: of the prices, of the state, or of the category."""

    selection: Selection
    repricing: Repricing | None = None
    move: ProductMove | None = None
    category_id: str = ""


@frozen
class BulkLine:
    """What becomes of one product, or of one of its variants; before and after as text."""

    product_id: str
    name: str
    sku_code: str
    before: str
    after: str
    problem: str = ""
    """Why it is left as it is."""


@frozen
class BulkPlan:
    """Everything that would happen; the digest is of this and nothing else."""

    lines: tuple[BulkLine, ...]
    products: int
    unchanged: int
    """Products that are already as they would be."""
    digest: str


def preview_bulk(work: Work, cmd: BulkEdit) -> BulkPlan:
    """Say what would happen, changing nothing. Raises Invalid, NotFound, Forbidden."""
    return _Planned.of(work, cmd).plan


def run_bulk(work: Work, cmd: BulkEdit, digest: str, reason: str) -> BulkPlan:
    """Do it, if it is still what was previewed. Raises ChangedSincePreview and as a preview."""
    why = facts.line("reason", reason, 200)
    planned = _Planned.of(work, cmd)
    given = digest.strip().lower()
    if len(given) < DIGEST_LEAST or not planned.plan.digest.startswith(given):
        raise ChangedSincePreview(settlement="bulk", digest=planned.plan.digest[:DIGEST_LEAST])
    planned.apply(why)
    return planned.plan


@frozen
class _Planned:
    """The products, and what becomes of them."""

    work: Work
    cmd: BulkEdit
    products: tuple[Product, ...]
    variants: Mapping[str, tuple[Variant, ...]]
    prices: Mapping[str, Variant]
    """Variants with their new prices, by id."""
    plan: BulkPlan

    @classmethod
    def of(cls, work: Work, cmd: BulkEdit) -> "_Planned":
        """Find the products and plan the change."""
        chosen = [cmd.repricing is not None, cmd.move is not None, bool(cmd.category_id)]
        if chosen.count(True) != 1:
            raise Invalid("change", "must be one of prices, state and category")
        products = _selected(work, cmd.selection)
        variants = variants_of(work, [product.id for product in products])
        if cmd.category_id:
            cmd = evolve(cmd, category_id=standing(work, Category, cmd.category_id).id)
        lines, prices = list[BulkLine](), dict[str, Variant]()
        for product in products:
            lines += _lines(cmd, product, variants[product.id], prices)
        touched = {line.product_id for line in lines}
        said = [asdict(line) for line in lines] + [[p.id, p.version] for p in products]
        said.append([[v.id, v.version] for p in products for v in variants[p.id]])
        text = json.dumps(said, ensure_ascii=False, sort_keys=True, default=str)
        digest = hashlib.sha256(text.encode()).hexdigest()
        plan = BulkPlan(tuple(lines), len(products), len(products) - len(touched), digest)
        return cls(work, cmd, tuple(products), variants, prices, plan)

    def apply(self, reason: str) -> None:
        """Stage every line that has no problem."""
        left = {line.product_id for line in self.plan.lines if not line.problem}
        after = dict[str, tuple[Product, Sequence[Variant]]]()
        for product in sorted(self.products, key=lambda each: each.id):
            if product.id not in left:
                continue
            if self.cmd.move is not None:
                moved = carry_out(self.work, product, self.variants[product.id], self.cmd.move)
                after[product.id] = moved, self.variants[product.id]
            elif self.cmd.category_id:
                after[product.id] = self._recategorise(product)
            else:
                after[product.id] = self._reprice(product, reason)
        variants = {key: each for key, (_, each) in after.items()}
        index_products(self.work, [product for product, _ in after.values()], variants)
        self.work.audit("catalogue.bulk", self.plan.digest[:DIGEST_LEAST], reason, **self._facts())

    def _facts(self) -> dict[str, str]:
        repricing = self.cmd.repricing
        change = asdict(repricing) if repricing else {}
        change |= {"move": self.cmd.move.value} if self.cmd.move else {}
        change |= {"category": self.cmd.category_id} if self.cmd.category_id else {}
        return {name: str(fact) for name, fact in {**change, "lines": len(self.plan.lines)}.items()}

    def _recategorise(self, product: Product) -> tuple[Product, Sequence[Variant]]:
        after = evolve(product, category_id=self.cmd.category_id)
        self.work.of(Product).save(after)
        self.work.emit([Event("product.changed", product.id, self.work.now())])
        return self._shelve(after, self.variants[product.id])

    def _reprice(self, product: Product, reason: str) -> tuple[Product, Sequence[Variant]]:
        mine = self.variants[product.id]
        for before in mine:
            after = self.prices.get(before.id)
            if after is None:
                continue
            self.work.of(Variant).save(after)
            facts_kept = {"variant": after.id}
            self.work.emit([Event("variant.changed", product.id, self.work.now(), facts_kept)])
            prices = {"before": str(before.price.minor), "after": str(after.price.minor)}
            self.work.audit("variant.price", after.id, reason, **prices)
        return self._shelve(product, [self.prices.get(variant.id, variant) for variant in mine])

    def _shelve(
        self, product: Product, variants: Sequence[Variant]
    ) -> tuple[Product, Sequence[Variant]]:
        known = self.work.of(ShelfItem).find([product.id]).get(product.id)
        put_on_shelf(self.work, shelf_item(product, variants), known)
        return product, variants


def _selected(work: Work, wish: Selection) -> list[Product]:
    """Return the products that are meant; none of them is retired."""
    require_trade(work)
    if wish.product_ids:
        found = work.of(Product).find(wish.product_ids)
        for key in wish.product_ids:
            if key not in found or not may_act_for(work, found[key].merchant_id):
                raise NotFound(kind="product", key=key)
        chosen = [found[key] for key in dict.fromkeys(wish.product_ids)]
    else:
        chosen = _matching(work, wish)
    if len(chosen) > PRODUCTS_AT_MOST:
        raise Invalid("selection", f"must be at most {PRODUCTS_AT_MOST}")
    return [product for product in chosen if product.state is not ProductState.RETIRED]


def _matching(work: Work, wish: Selection) -> list[Product]:
    merchant_id = wish.merchant_id or work.caller.merchant_id or ""
    if not merchant_id or not may_act_for(work, merchant_id):
        raise NotFound(kind="merchant", key=merchant_id)
    query = Query().where(merchant_id=merchant_id).sorted("created_at")
    if wish.states:
        query = query.among("state", wish.states)
    if wish.brand_id:
        query = query.where(brand_id=wish.brand_id)
    if wish.category_id:
        tree = {category.id: category for category in category_tree(work)}
        query = query.among("category_id", below(wish.category_id, tree))
    return work.of(Product).select(query.page(PRODUCTS_AT_MOST + 1))


def _lines(
    cmd: BulkEdit, product: Product, variants: Sequence[Variant], prices: dict[str, Variant]
) -> list[BulkLine]:
    """Return what becomes of a product; nothing for one that is so already."""
    if cmd.move is not None:
        return _moved(product, variants, cmd.move)
    if cmd.category_id:
        if product.category_id == cmd.category_id:
            return []
        place = (product.category_id, cmd.category_id)
        return [BulkLine(product.id, product.name, "", *place)]
    rule, lines = cmd.repricing, list[BulkLine]()
    for variant in variants:
        after = rule.of(variant.price) if rule else None
        before = facts.yuan(variant.price)
        if after is None:
            why = "nothing would be left of the price"
            lines.append(BulkLine(product.id, product.name, variant.code, before, before, why))
        elif after != variant.price:
            prices[variant.id] = evolve(variant, price=after)
            shown = facts.yuan(after)
            lines.append(BulkLine(product.id, product.name, variant.code, before, shown))
    return lines


def _moved(product: Product, variants: Sequence[Variant], move: ProductMove) -> list[BulkLine]:
    target = next(edge.target for edge in PRODUCT.edges if edge.move is move)
    if product.state is target:
        return []
    problem = "" if PRODUCT.allows(product.state, move) else "cannot be done in this state"
    if move is ProductMove.LIST and not variants:
        problem = "has no variant to sell"
    after = product.state if problem else target
    return [BulkLine(product.id, product.name, "", product.state.value, after.value, problem)]
