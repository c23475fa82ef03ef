"""Importing products: rows in, verdicts out, a batch of rows a transaction.

A file may be applied again at any time: what is there already is left alone, so a run that was
cut off is finished by running it again.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from attrs import define, evolve, field, frozen

from groupbuy.application.catalogue.facts import VARIANTS_AT_MOST, SkuFacts
from groupbuy.application.catalogue.gallery import hang, named_in, pictures_of
from groupbuy.application.catalogue.rows import Parsed, ProductRow
from groupbuy.application.catalogue.shelf import (
    ShelfItem,
    put_on_shelf,
    shelf_item,
    variants_of,
)
from groupbuy.application.ports import Query
from groupbuy.application.steps.cataloguing import (
    Names,
    count_goods,
    may_act_for,
    receive_first,
    require_trade,
)
from groupbuy.application.steps.filing import Verdict
from groupbuy.application.steps.indexing import Around, index_product
from groupbuy.application.steps.picturing import NOT_OURS, may_show
from groupbuy.application.steps.records import Reject
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.catalogue import (
    Brand,
    Product,
    ProductMove,
    ProductState,
    Stock,
    Variant,
    options_disagree,
)
from groupbuy.domain.kernel import Event, Invalid, NotFound
from groupbuy.domain.membership import Merchant
from groupbuy.domain.pictures import Picture, Purpose
from groupbuy.domain.search import SearchEntry

BATCH = 200
"""Products of one transaction."""
BATCH_BYTES = 2 * 1024 * 1024
"""A batch ends early at so many bytes of its rows."""
WHY_COUNTED = "import"
"""The reason in the stock journal."""


@frozen
class ImportProducts:
    """Apply some rows to a merchant's catalogue."""

    merchant_id: str
    rows: tuple[ProductRow, ...]
    set_stock: bool = False
    """Also set the goods in hand of variants that exist already."""
    list_new: bool = True
    """New products go on sale at once; otherwise they wait as drafts."""


@frozen
class Done:
    """One row that was applied."""

    row: ProductRow
    verdict: Verdict


Outcome = Done | Reject


@define
class Tally:
    """What an import came to."""

    products: int = 0
    variants: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0

    def count(self, outcome: Outcome) -> None:
        """Count one outcome in."""
        if isinstance(outcome, Reject):
            self.rejected += 1
            return
        self.products += 1
        self.variants += len(outcome.row.skus)
        name = outcome.verdict.value
        setattr(self, name, getattr(self, name) + 1)


def import_products(work: Work, cmd: ImportProducts) -> tuple[Outcome, ...]:
    """Apply rows; each is applied whole or rejected. Raises Forbidden, NotFound."""
    require_trade(work)
    if not may_act_for(work, cmd.merchant_id):
        raise NotFound(kind="merchant", key=cmd.merchant_id)
    work.of(Merchant).get(cmd.merchant_id)
    rows = [_cleaned(work, row) for row in cmd.rows]
    good = tuple(row for row in rows if isinstance(row, ProductRow))
    known = _load(work, evolve(cmd, rows=good))
    return tuple(row if isinstance(row, Reject) else known.apply(row) for row in rows)


def in_batches(rows: Iterable[Parsed]) -> Iterator[tuple[tuple[ProductRow, ...], list[Reject]]]:
    """Yield the rows a transaction may take at a time, with the rejects met on the way."""
    good: list[ProductRow] = []
    bad: list[Reject] = []
    size = 0
    for row in rows:
        if isinstance(row, Reject):
            bad.append(row)
        else:
            good.append(row)
            size += row.size
        if len(good) + len(bad) >= BATCH or size >= BATCH_BYTES:
            yield tuple(good), bad
            good, bad, size = [], [], 0
    if good or bad:
        yield tuple(good), bad


def run_import(
    desk: Desk,
    caller: Caller,
    rows: Iterable[Parsed],
    cmd: ImportProducts,
    *,
    dry_run: bool = False,
) -> Iterator[Sequence[Outcome]]:
    """Apply a whole stream, a batch a transaction; `cmd` says how, its own rows are not used.

    Yields what became of each batch once that is committed: stop asking, and nothing more is done.
    """
    run = desk.preview if dry_run else desk.run
    for good, bad in in_batches(rows):
        batch = evolve(cmd, rows=good)
        done = run(caller, partial(import_products, cmd=batch)) if good else ()
        yield (*bad, *done)


def note_import(work: Work, merchant_id: str, sha256: str, tally: Tally) -> None:
    """Keep in the audit which file changed the catalogue."""
    work.audit(
        "catalogue.import",
        merchant_id,
        sha256=sha256,
        created=str(tally.created),
        updated=str(tally.updated),
        rejected=str(tally.rejected),
    )


def merchants_named(work: Work, wanted: str) -> list[Merchant]:
    """Return the merchant with that id, or those with that name; all (at most 100) for no name."""
    if not wanted:
        return work.of(Merchant).select(Query().page(100))
    found = work.of(Merchant).find([wanted])
    return list(found.values()) or work.of(Merchant).select(Query().where(name=wanted).page(2))


def open_first_merchant(work: Work, name: str) -> Merchant:
    """Make the first merchant of a shop that has none; return the one there is otherwise."""
    known = work.of(Merchant).select(Query().page(1))
    if known:
        return known[0]
    made = Merchant(
        id=work.new_id("mch"),
        name=name,
        created_at=work.now(),
        fee_bp=work.kit.policy.default_fee_bp,
    )
    work.of(Merchant).add(made)
    work.audit("merchant.open", made.id, name=name)
    return made


@define(eq=False)
class _Known:
    """What the shop has of the things a batch speaks of."""

    work: Work
    cmd: ImportProducts
    names: Names
    products: dict[str, Product]
    """By code."""
    variants: dict[str, Variant]
    """By code."""
    of_product: dict[str, tuple[Variant, ...]]
    stock: dict[str, Stock]
    shelf: dict[str, ShelfItem]
    pictures: dict[str, Picture]
    entries: dict[str, SearchEntry]
    """What search finds products by."""
    changed: bool = field(default=False, init=False)
    """Whether the row at hand changed anything."""

    def apply(self, row: ProductRow) -> Outcome:
        """Apply one row whole, or say why not."""
        product = self.products.get(row.facts.code)
        if refusal := self._refusal(row, product):
            return refusal
        self.changed = False
        after = self._product(row, product)
        variants = {v.id: v for v in self.of_product.get(after.id, ())}
        for sku in row.skus:
            variant = self._variant(after, sku)
            variants[variant.id] = variant
        known = self.shelf.get(after.id)
        put_on_shelf(self.work, shelf_item(after, variants.values()), known)
        self._index(row, after, tuple(variants.values()))
        if product is None:
            return Done(row, Verdict.CREATED)
        return Done(row, Verdict.UPDATED if self.changed else Verdict.UNCHANGED)

    def _index(self, row: ProductRow, product: Product, variants: tuple[Variant, ...]) -> None:
        brand = self.work.of(Brand).find([product.brand_id] if product.brand_id else [])
        around = Around("".join(each.name for each in brand.values()), tuple(row.category))
        index_product(self.work, product, variants, around, self.entries.get(product.id))

    def _refusal(self, row: ProductRow, product: Product | None) -> Reject | None:
        """Say why a row cannot be applied, before anything of it is staged."""
        code = row.facts.code
        for where, why in self._faults(row, product):
            return Reject(row.row, where, why, code)
        return None

    def _faults(self, row: ProductRow, product: Product | None) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with a row, and where."""
        if product is not None and product.state is ProductState.RETIRED:
            yield "code", "is the code of a retired product"
        mine = {v.code for v in self.of_product.get(product.id, ())} if product else set[str]()
        for sku in row.skus:
            if sku.code in self.variants and sku.code not in mine:
                yield "skus.code", f"{sku.code} is another product's"
        if why := self._disagreement(row, product):
            yield "skus.named_options", why
        if self._strange_pictures(row, product):
            yield "pictures", NOT_OURS
        if len(mine.union(sku.code for sku in row.skus)) > VARIANTS_AT_MOST:
            yield "skus", f"a product has at most {VARIANTS_AT_MOST} variants"

    def _disagreement(self, row: ProductRow, product: Product | None) -> str:
        """Say why the options would not go together once the row is applied."""
        known = self.of_product.get(product.id, ()) if product else ()
        named = {variant.code: variant.named_options for variant in known}
        named |= {s.code: s.named_options for s in row.skus if s.named_options is not None}
        return options_disagree(named.values())

    def _strange_pictures(self, row: ProductRow, product: Product | None) -> bool:
        """Tell whether a row names a picture that is not there, or is not this merchant's."""
        shown = set[str]() if product is None else pictures_of(product)
        named = named_in(row.facts) - shown
        found = [self.pictures.get(key) for key in named]
        whose = self.cmd.merchant_id
        return not all(
            each is not None and may_show(self.work, each, Purpose.PRODUCT, whose) for each in found
        )

    def _product(self, row: ProductRow, known: Product | None) -> Product:
        category_id = self.names.category(row.category).id
        before = known or self._new_product(row, category_id)
        after = evolve(row.facts.on(before), category_id=category_id)
        if row.brand is not None:
            after = evolve(after, brand_id=self.names.brand(row.brand).id if row.brand else None)
        if known is None:
            return self._create(after, row)
        if after != known:
            self.changed = True
            self.work.of(Product).save(after)
            hang(self.work, known, after, self.pictures)
            self.work.emit([Event("product.changed", after.id, self.work.now())])
        return after

    def _new_product(self, row: ProductRow, category_id: str) -> Product:
        return Product(
            id=self.work.new_id("prd"),
            merchant_id=self.cmd.merchant_id,
            code=row.facts.code,
            name=row.facts.name,
            category_id=category_id,
            created_at=self.work.now(),
        )

    def _create(self, draft: Product, row: ProductRow) -> Product:
        """Stage a new product in the state the file, or else the command, asks for."""
        now = self.work.now()
        wanted = row.state
        if wanted is None:
            wanted = ProductState.LISTED if self.cmd.list_new else ProductState.DRAFT
        happened = [Event("product.created", draft.id, now)]
        product = draft
        for move, when in _MOVES:
            if wanted in when:
                product, more = product.move(move, now)
                happened += more
        self.work.of(Product).add(product)
        hang(self.work, None, product, self.pictures)
        self.work.emit(happened)
        return product

    def _variant(self, product: Product, sku: SkuFacts) -> Variant:
        known = self.variants.get(sku.code)
        if known is None:
            return self._new_variant(product, sku)
        after = sku.on(known)
        if after != known:
            self.changed = True
            self.work.of(Variant).save(after)
        if after.price != known.price:
            prices = {"before": str(known.price.minor), "after": str(after.price.minor)}
            self.work.audit("variant.price", known.id, WHY_COUNTED, **prices)
        if self.cmd.set_stock:
            stock = self.stock[known.id]
            self.changed |= stock.available != sku.stock
            count_goods(self.work, stock, sku.stock - stock.available, WHY_COUNTED)
        return after

    def _new_variant(self, product: Product, sku: SkuFacts) -> Variant:
        self.changed = True
        made = Variant(
            id=self.work.new_id("sku"),
            product_id=product.id,
            merchant_id=product.merchant_id,
            code=sku.code,
            options=sku.options,
            price=sku.price,
        )
        made = sku.on(made)
        self.work.of(Variant).add(made)
        receive_first(self.work, made.id, sku.stock, WHY_COUNTED)
        return made


def _cleaned(work: Work, row: ProductRow) -> Parsed:
    """Return a row whose description is safe to show, or why it has none."""
    try:
        return evolve(row, facts=row.facts.cleaned(work.kit.markup))
    except Invalid as error:
        return Reject(row.row, error.field, error.reason, row.facts.code)


_MOVES = (
    (ProductMove.LIST, (ProductState.LISTED, ProductState.DELISTED)),
    (ProductMove.DELIST, (ProductState.DELISTED,)),
)
"""The way from a draft to the state a file asks for."""


def _load(work: Work, cmd: ImportProducts) -> _Known:
    """Read everything the rows speak of: a statement or two for each kind."""
    mine = Query().where(merchant_id=cmd.merchant_id)
    codes = [row.facts.code for row in cmd.rows]
    sku_codes = [sku.code for row in cmd.rows for sku in row.skus]
    # Variants first: whoever sees a variant then sees its product as well. The other way round an
    # import that commits in between would leave variants that seem to belong to nobody.
    variants = work.of(Variant).select(mine.among("code", sku_codes).page(len(sku_codes) + 1))
    products = work.of(Product).select(mine.among("code", codes).page(len(codes) + 1))
    ids = [product.id for product in products]
    stock: dict[str, Stock] = {}
    if cmd.set_stock:
        stock = work.of(Stock).lock([variant.id for variant in variants], create=Stock)
    named = [named_in(row.facts) for row in cmd.rows]
    named += [pictures_of(product) for product in products]
    work.of(Brand).find({product.brand_id for product in products if product.brand_id})
    names = Names(work)
    names.look_up([row.category for row in cmd.rows], [row.brand or "" for row in cmd.rows])
    return _Known(
        work=work,
        cmd=cmd,
        names=names,
        products={product.code: product for product in products},
        variants={variant.code: variant for variant in variants},
        of_product=variants_of(work, ids),
        stock=stock,
        shelf=work.of(ShelfItem).find(ids),
        pictures=work.of(Picture).find(set[str]().union(*named)),
        entries=work.of(SearchEntry).find(ids),
    )
