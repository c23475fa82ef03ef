"""What merchants do with their goods: describe, price, list, delist, count."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import evolve, frozen

from groupbuy.application.catalogue import facts
from groupbuy.application.catalogue.facts import ProductFacts, SkuFacts
from groupbuy.application.catalogue.gallery import hang
from groupbuy.application.catalogue.moving import carry_out
from groupbuy.application.catalogue.shelf import (
    ProductView,
    ShelfItem,
    put_on_shelf,
    shelf_item,
    upwards,
    variants_of,
    view,
    views,
)
from groupbuy.application.ports import Query
from groupbuy.application.steps.cataloguing import (
    Names,
    may_act_for,
    owned,
    receive_first,
    require_trade,
    standing,
)
from groupbuy.application.steps.indexing import Around, index_product
from groupbuy.application.write_path import Work
from groupbuy.domain.catalogue import (
    Attribute,
    Brand,
    Category,
    Product,
    ProductMove,
    ProductState,
    Section,
    Stock,
    Variant,
    options_disagree,
    with_section,
)
from groupbuy.domain.kernel import (
    EditedMeanwhile,
    Event,
    Forbidden,
    Invalid,
    Money,
    NotFound,
    Refused,
)
from groupbuy.domain.membership import Merchant, Role
from groupbuy.domain.search import SearchEntry


@frozen
class CreateProduct:
    """Describe a new product; it starts as a draft."""

    facts: ProductFacts
    category_id: str
    skus: tuple[SkuFacts, ...]
    brand: str = ""
    """By name; made if it is new. Empty for none."""
    merchant_id: str = ""
    """For operators; a merchant's people always act for their own."""


@frozen
class EditProduct:
    """Change what is said about a product; None leaves a fact as it is."""

    product_id: str
    version: int | None = None
    """The version the editor saw; None overwrites whatever there is."""
    name: str | None = None
    category_id: str | None = None
    brand: str | None = None
    """An empty name takes the brand away."""
    unit: str | None = None
    description: str | None = None
    attributes: tuple[Attribute, ...] | None = None
    pictures: tuple[str, ...] | None = None
    return_policy: str | None = None
    description_html: str | None = None
    shelf_life_days: int | None = None
    sections: Mapping[Section, str] | None = None
    """Said among the attributes; an empty text takes a section away."""


@frozen
class AddVariant:
    """Sell a product in one more variant."""

    product_id: str
    sku: SkuFacts


@frozen
class EditVariant:
    """Change a variant; None leaves a fact as it is. Orders keep the price they were made at."""

    variant_id: str
    version: int | None = None
    options: str | None = None
    price: Money | None = None
    list_price: Money | None = None
    cost: Money | None = None
    named_options: tuple[Attribute, ...] | None = None
    barcode: str | None = None
    grams: int | None = None
    low_stock: int | None = None


@frozen
class MoveProduct:
    """List, delist or retire a product."""

    product_id: str
    move: ProductMove


@frozen
class OwnProducts:
    """A page of a merchant's products, newest first."""

    merchant_id: str = ""
    """For operators; empty for all merchants."""
    states: tuple[ProductState, ...] = ()
    limit: int = 50
    after: tuple[datetime, str] | None = None


def create_product(work: Work, cmd: CreateProduct) -> ProductView:
    """Describe a new product. Raises Invalid, NotFound, Refused for a code in use."""
    merchant_id = _acting_for(work, cmd.merchant_id)
    said, skus = cmd.facts.checked().cleaned(work.kit.markup), _checked(cmd.skus)
    category_id = standing(work, Category, cmd.category_id).id
    if work.of(Product).select(Query().where(merchant_id=merchant_id, code=said.code).page(1)):
        raise Refused(rule="product_code_is_free", about=said.code)
    _need_free(work, merchant_id, skus)
    product = Product(
        id=work.new_id("prd"),
        merchant_id=merchant_id,
        code=said.code,
        name=said.name,
        category_id=category_id,
        created_at=work.now(),
        brand_id=_brand_id(work, cmd.brand),
    )
    product = said.on(product)
    work.of(Product).add(product)
    hang(work, None, product)
    work.emit([Event("product.created", product.id, product.created_at)])
    made = tuple(_add_variant(work, product, sku) for sku in skus)
    _need_agreement(made)
    put_on_shelf(work, shelf_item(product, made), None)
    return _indexed(work, _fresh(work, product, made), None)


def edit_product(work: Work, cmd: EditProduct) -> ProductView:
    """Change what is said. Raises NotFound, Invalid, EditedMeanwhile."""
    product = _open(work, cmd.product_id, cmd.version)
    said = ProductFacts(
        code=product.code,
        name=product.name if cmd.name is None else cmd.name,
        unit=cmd.unit,
        description=cmd.description,
        attributes=_with_sections(product, cmd),
        pictures=cmd.pictures,
        return_policy=cmd.return_policy,
        description_html=cmd.description_html,
        shelf_life_days=cmd.shelf_life_days,
    )
    said = said.checked().cleaned(work.kit.markup)
    after = said.on(product)
    if cmd.category_id is not None:
        after = evolve(after, category_id=standing(work, Category, cmd.category_id).id)
    if cmd.brand is not None:
        after = evolve(after, brand_id=_brand_id(work, cmd.brand))
    if after != product:
        work.of(Product).save(after)
        hang(work, product, after)
        work.emit([Event("product.changed", product.id, work.now())])
    return _reshelved(work, after, variants_of(work, [product.id])[product.id])


def add_variant(work: Work, cmd: AddVariant) -> ProductView:
    """Sell a product in one more variant. Raises NotFound, Invalid, Refused for a used code."""
    product = _open(work, cmd.product_id, None)
    (sku,) = _checked([cmd.sku])
    _need_free(work, product.merchant_id, [sku])
    known = variants_of(work, [product.id])[product.id]
    if len(known) >= facts.VARIANTS_AT_MOST:
        raise Refused(rule="variants_are_bounded", about=product.id)
    made = _add_variant(work, product, sku)
    _need_agreement((*known, made))
    return _reshelved(work, product, (*known, made))


def edit_variant(work: Work, cmd: EditVariant) -> ProductView:
    """Change options or prices. Raises NotFound, EditedMeanwhile."""
    require_trade(work)
    variant = work.of(Variant).get(cmd.variant_id)
    if not may_act_for(work, variant.merchant_id):
        raise NotFound(kind="variant", key=cmd.variant_id)
    product = _open(work, variant.product_id, None)
    _need_version(variant.version, cmd.version, "variant", variant.id)
    said = SkuFacts(
        code=variant.code,
        options=variant.options if cmd.options is None else cmd.options,
        price=cmd.price or variant.price,
        list_price=cmd.list_price or variant.list_price,
        cost=cmd.cost or variant.cost,
        named_options=cmd.named_options,
        barcode=cmd.barcode,
        grams=cmd.grams,
        low_stock=cmd.low_stock,
    ).checked("variant")
    after = said.on(variant)
    if after != variant:
        work.of(Variant).save(after)
        work.emit([Event("variant.changed", product.id, work.now(), {"variant": variant.id})])
    if after.price != variant.price:
        prices = {"before": str(variant.price.minor), "after": str(after.price.minor)}
        work.audit("variant.price", variant.id, **prices)
    known = variants_of(work, [product.id])[product.id]
    variants = [after if v.id == after.id else v for v in known]
    _need_agreement(variants)
    return _reshelved(work, product, variants)


def move_product(work: Work, cmd: MoveProduct) -> ProductView:
    """List, delist or retire. Raises NotFound, IllegalMove, Refused without a variant."""
    product = owned(work, work.of(Product).get(cmd.product_id))
    require_trade(work)
    variants = variants_of(work, [product.id])[product.id]
    if cmd.move is ProductMove.LIST and not variants:
        raise Refused(rule="a_variant_is_for_sale", about=product.id)
    after = carry_out(work, product, variants, cmd.move)
    entry = work.of(SearchEntry).find([after.id]).get(after.id)
    return _indexed(work, _fresh(work, after, variants), entry)


def own_product(work: Work, product_id: str) -> ProductView:
    """Return a product of the caller's, in any state. Raises NotFound."""
    require_trade(work)
    owned(work, work.of(Product).get(product_id))
    return view(work, product_id)


def own_products(work: Work, wish: OwnProducts) -> list[ProductView]:
    """Return a page of the caller's products, newest first."""
    require_trade(work)
    query = Query().sorted("-created_at").page(wish.limit, wish.after)
    if Role.OPERATOR not in work.caller.roles:
        query = query.where(merchant_id=work.caller.merchant_id)
    elif wish.merchant_id:
        query = query.where(merchant_id=wish.merchant_id)
    if wish.states:
        query = query.among("state", wish.states)
    return views(work, work.of(Product).select(query))


def _acting_for(work: Work, merchant_id: str) -> str:
    """Return whose goods the caller means. Raises Forbidden, NotFound."""
    require_trade(work)
    chosen = merchant_id or work.caller.merchant_id
    if not chosen:
        raise Forbidden(needs="a merchant")
    if not may_act_for(work, chosen):
        raise NotFound(kind="merchant", key=chosen)
    return work.of(Merchant).get(chosen).id


def _open(work: Work, product_id: str, version: int | None) -> Product:
    """Return a product the caller may still edit."""
    require_trade(work)
    product = owned(work, work.of(Product).get(product_id))
    _need_version(product.version, version, "product", product.id)
    if product.state is ProductState.RETIRED:
        raise Refused(rule="product_is_not_retired", about=product.id)
    return product


def _with_sections(product: Product, cmd: EditProduct) -> tuple[Attribute, ...] | None:
    if cmd.sections is None:
        return cmd.attributes
    said = product.attributes if cmd.attributes is None else cmd.attributes
    for section, text in cmd.sections.items():
        said = with_section(said, section, text)
    return said


def _need_version(stored: int, seen: int | None, kind: str, about: str) -> None:
    if seen is not None and seen != stored:
        raise EditedMeanwhile(kind=kind, key=about, version=stored)


def _checked(skus: Sequence[SkuFacts]) -> tuple[SkuFacts, ...]:
    if not 1 <= len(skus) <= facts.VARIANTS_AT_MOST:
        raise Invalid("skus", f"must be 1 to {facts.VARIANTS_AT_MOST}")
    tidy = tuple(sku.checked() for sku in skus)
    if len({sku.code for sku in tidy}) < len(tidy):
        raise Invalid("skus.code", "must differ within a product")
    return tidy


def _need_agreement(variants: Sequence[Variant]) -> None:
    if why := options_disagree(variant.named_options for variant in variants):
        raise Invalid("named_options", why)


def _need_free(work: Work, merchant_id: str, skus: Sequence[SkuFacts]) -> None:
    query = Query().where(merchant_id=merchant_id).among("code", [sku.code for sku in skus])
    for taken in work.of(Variant).select(query.page(1)):
        raise Refused(rule="variant_code_is_free", about=taken.code)


def _brand_id(work: Work, name: str) -> str | None:
    text = facts.line("brand", name, facts.WORD_AT_MOST, empty=True)
    return Names(work).brand(text).id if text else None


def _add_variant(work: Work, product: Product, sku: SkuFacts) -> Variant:
    made = Variant(
        id=work.new_id("sku"),
        product_id=product.id,
        merchant_id=product.merchant_id,
        code=sku.code,
        options=sku.options,
        price=sku.price,
    )
    made = sku.on(made)
    work.of(Variant).add(made)
    receive_first(work, made.id, sku.stock, "first count")
    return made


def _reshelved(work: Work, product: Product, variants: Sequence[Variant]) -> ProductView:
    known = work.of(ShelfItem).find([product.id]).get(product.id)
    put_on_shelf(work, shelf_item(product, variants), known)
    entry = work.of(SearchEntry).find([product.id]).get(product.id)
    return _indexed(work, _fresh(work, product, variants), entry)


def _indexed(work: Work, view: ProductView, known: SearchEntry | None) -> ProductView:
    """Stage what search finds a product by, and return it as it is shown."""
    names = tuple(step.name for step in view.category)
    around = Around(view.brand.name if view.brand else "", names)
    index_product(work, view.product, view.variants, around, known)
    return view


def _fresh(work: Work, product: Product, variants: Sequence[Variant]) -> ProductView:
    """Return what is staged here, which no query sees before the commit."""
    brand = work.of(Brand).find([product.brand_id] if product.brand_id else [])
    return ProductView(
        product=product,
        category=upwards(work, product.category_id),
        brand=brand.get(product.brand_id or ""),
        variants=tuple(variants),
        stock=work.of(Stock).find([variant.id for variant in variants]),
    )
