"""What goods look like over HTTP."""

from datetime import datetime

import msgspec

from groupbuy.application.catalogue.shelf import ProductView, RatingView, Shelved
from groupbuy.domain.catalogue import (
    Attribute,
    Brand,
    Category,
    Product,
    ProductState,
    Stock,
    StockAlert,
    StockMove,
    Variant,
    sections_of,
)
from groupbuy.domain.pictures import FILES, STILL, shown_at
from groupbuy.entrypoints.http.amounts import (
    Amount,
    amount,
    amount_or_none,
)
from groupbuy.entrypoints.http.catalogue_bodies import AttributeBody, SectionsBody


class CategoryOut(msgspec.Struct, frozen=True):
    """A category; `parent_id` is null at the root."""

    id: str
    name: str
    parent_id: str | None


class BrandOut(msgspec.Struct, frozen=True):
    """A brand."""

    id: str
    name: str


class CategoriesOut(msgspec.Struct, frozen=True):
    """The whole tree as a flat list, by name."""

    items: list[CategoryOut]


class BrandsOut(msgspec.Struct, frozen=True):
    """All brands, by name."""

    items: list[BrandOut]


class ShelfOut(msgspec.Struct, frozen=True):
    """One product of a list."""

    id: str
    name: str
    price: Amount
    """Of the cheapest variant."""
    list_price: Amount | None
    category: list[str]
    """From the root."""
    category_id: str
    brand: str | None
    brand_id: str | None
    picture: str | None
    in_stock: bool


class GalleryOut(msgspec.Struct, frozen=True):
    """One picture in the sizes a page chooses from; of a foreign address all are the same."""

    small: str
    """320 pixels wide."""
    medium: str
    """750 pixels wide."""
    large: str
    """1280 pixels wide."""
    jpeg: str
    """1280 pixels wide, for whatever reads no WebP."""


class ShopVariantOut(msgspec.Struct, frozen=True):
    """A variant as shoppers see it."""

    id: str
    code: str
    options: str
    price: Amount
    list_price: Amount | None
    """Only where it is above the price."""
    available: int
    named_options: list[AttributeBody]
    barcode: str
    grams: int
    """0 where nobody knows."""


class RatingOut(msgspec.Struct, frozen=True):
    """What buyers think of a product."""

    count: int
    """How many reviews are shown."""
    mean_hundredths: int
    """Bayesian mean: 462 means 4.62 stars."""
    by_stars: list[int]
    """How many gave one star, two, three, four, five."""


class ShopProductOut(msgspec.Struct, frozen=True):
    """A product as shoppers see it."""

    id: str
    code: str
    name: str
    merchant_id: str
    category: list[CategoryOut]
    """From the root."""
    brand: BrandOut | None
    unit: str
    description: str
    attributes: list[AttributeBody]
    pictures: list[str]
    return_policy: str
    variants: list[ShopVariantOut]
    rating: RatingOut | None
    """Null while nobody has reviewed it."""
    description_html: str
    """Safe to show as it is; empty where there is only text."""
    sections: SectionsBody
    """Also among the attributes."""
    shelf_life_days: int
    """0 where nobody said."""
    gallery: list[GalleryOut]


class StockOut(msgspec.Struct, frozen=True):
    """The goods of one variant."""

    available: int
    reserved: int
    """Held for orders that are not binding yet."""
    sold: int


class VariantOut(msgspec.Struct, frozen=True):
    """A variant as its merchant sees it."""

    id: str
    code: str
    options: str
    price: Amount
    list_price: Amount | None
    cost: Amount | None
    stock: StockOut
    version: int
    named_options: list[AttributeBody]
    barcode: str
    grams: int
    low_stock: int


class ProductOut(msgspec.Struct, frozen=True):
    """A product as its merchant sees it."""

    id: str
    code: str
    name: str
    merchant_id: str
    state: ProductState
    category: list[CategoryOut]
    brand: BrandOut | None
    unit: str
    description: str
    attributes: list[AttributeBody]
    pictures: list[str]
    return_policy: str
    variants: list[VariantOut]
    created_at: datetime
    version: int
    description_html: str
    sections: SectionsBody
    shelf_life_days: int
    gallery: list[GalleryOut]
    list_at: datetime | None
    """When it goes on sale by itself."""
    delist_at: datetime | None


class ScarceOut(msgspec.Struct, frozen=True):
    """A variant of which no more are left than its merchant wants to be told of."""

    variant_id: str
    product_id: str
    since: datetime


class StockMoveOut(msgspec.Struct, frozen=True):
    """One line of the stock journal."""

    id: str
    at: datetime
    by: str
    reason: str
    units: int
    available_after: int


def category_out(category: Category) -> CategoryOut:
    """Render a category."""
    return CategoryOut(category.id, category.name, category.parent_id)


def brand_out(brand: Brand) -> BrandOut:
    """Render a brand."""
    return BrandOut(brand.id, brand.name)


def shelf_out(shelved: Shelved) -> ShelfOut:
    """Render one product of a list."""
    item = shelved.item
    return ShelfOut(
        id=item.id,
        name=item.name,
        price=amount(item.price),
        list_price=amount_or_none(item.list_price),
        category=list(shelved.category),
        category_id=item.category_id,
        brand=shelved.brand or None,
        brand_id=item.brand_id,
        picture=shown_at(item.picture, FILES[1]) or None,
        in_stock=shelved.available > 0,
    )


def shop_product_out(view: ProductView) -> ShopProductOut:
    """Render a product for shoppers: no cost, no counts but what can be had."""
    product = view.product
    return ShopProductOut(
        id=product.id,
        code=product.code,
        name=product.name,
        merchant_id=product.merchant_id,
        category=[category_out(step) for step in view.category],
        brand=brand_out(view.brand) if view.brand else None,
        unit=product.unit,
        description=product.description,
        attributes=_pairs(product.attributes),
        pictures=[shown_at(picture) for picture in product.pictures],
        return_policy=product.return_policy,
        variants=[_shop_variant(variant, view) for variant in view.variants],
        rating=None if view.rating is None else _rating(view.rating),
        description_html=product.description_html,
        sections=_sections(product),
        shelf_life_days=product.shelf_life_days,
        gallery=_gallery(product),
    )


def _rating(rating: RatingView) -> RatingOut:
    return RatingOut(rating.count, rating.mean, list(rating.by_stars))


def product_out(view: ProductView) -> ProductOut:
    """Render a product for its merchant."""
    product = view.product
    return ProductOut(
        id=product.id,
        code=product.code,
        name=product.name,
        merchant_id=product.merchant_id,
        state=product.state,
        category=[category_out(step) for step in view.category],
        brand=brand_out(view.brand) if view.brand else None,
        unit=product.unit,
        description=product.description,
        attributes=_pairs(product.attributes),
        pictures=[shown_at(picture) for picture in product.pictures],
        return_policy=product.return_policy,
        variants=[_variant(variant, view) for variant in view.variants],
        created_at=product.created_at,
        version=product.version,
        description_html=product.description_html,
        sections=_sections(product),
        shelf_life_days=product.shelf_life_days,
        gallery=_gallery(product),
        list_at=product.list_at,
        delist_at=product.delist_at,
    )


def scarce_out(alert: StockAlert) -> ScarceOut:
    """Render a variant that is scarce."""
    return ScarceOut(alert.id, alert.product_id, alert.since)


def stock_out(stock: Stock) -> StockOut:
    """Render the goods of a variant."""
    return StockOut(stock.available, stock.reserved, stock.sold)


def stock_move_out(move: StockMove) -> StockMoveOut:
    """Render one line of the stock journal."""
    return StockMoveOut(move.id, move.at, move.by, move.reason, move.units, move.available_after)


def _shop_variant(variant: Variant, view: ProductView) -> ShopVariantOut:
    stock, before = view.stock.get(variant.id), variant.list_price
    above = before is not None and variant.price < before
    return ShopVariantOut(
        id=variant.id,
        code=variant.code,
        options=variant.options,
        price=amount(variant.price),
        list_price=amount_or_none(before if above else None),
        available=stock.available if stock else 0,
        named_options=_pairs(variant.named_options),
        barcode=variant.barcode,
        grams=variant.grams,
    )


def _variant(variant: Variant, view: ProductView) -> VariantOut:
    return VariantOut(
        id=variant.id,
        code=variant.code,
        options=variant.options,
        price=amount(variant.price),
        list_price=amount_or_none(variant.list_price),
        cost=amount_or_none(variant.cost),
        stock=stock_out(view.stock.get(variant.id, Stock(variant.id))),
        version=variant.version,
        named_options=_pairs(variant.named_options),
        barcode=variant.barcode,
        grams=variant.grams,
        low_stock=variant.low_stock,
    )


def _pairs(given: tuple[Attribute, ...]) -> list[AttributeBody]:
    return [AttributeBody(each.name, each.value) for each in given]


def _sections(product: Product) -> SectionsBody:
    return SectionsBody(**{k.value: text for k, text in sections_of(product.attributes).items()})


def _gallery(product: Product) -> list[GalleryOut]:
    small, medium, large, _ = FILES
    return [
        GalleryOut(
            small=shown_at(picture, small),
            medium=shown_at(picture, medium),
            large=shown_at(picture, large),
            jpeg=shown_at(picture, STILL),
        )
        for picture in product.pictures
    ]
