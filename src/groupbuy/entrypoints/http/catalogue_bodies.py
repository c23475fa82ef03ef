"""What merchants may send about their goods."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from groupbuy.application.catalogue import (
    AddVariant,
    CreateProduct,
    EditProduct,
    EditVariant,
    PlanProduct,
)
from groupbuy.application.catalogue.facts import (
    ATTRIBUTES_AT_MOST,
    CODE_AT_MOST,
    DAYS_AT_MOST,
    DESCRIPTION_AT_MOST,
    GRAMS_AT_MOST,
    HTML_AT_MOST,
    NAME_AT_MOST,
    NAMED_AT_MOST,
    OPTIONS_AT_MOST,
    PICTURES_AT_MOST,
    STOCK_AT_MOST,
    UNIT_AT_MOST,
    VALUE_AT_MOST,
    VARIANTS_AT_MOST,
    WORD_AT_MOST,
    ProductFacts,
    SkuFacts,
)
from groupbuy.application.catalogue.stock import REASON_AT_MOST
from groupbuy.domain.campaigns import ReturnPolicy
from groupbuy.domain.catalogue import Attribute, Section, with_section
from groupbuy.entrypoints.http.amounts import END, Amount, BasisPoints, IdText

Code = Annotated[str, Meta(min_length=1, max_length=CODE_AT_MOST, pattern=r"^\S+" + END)]
Name = Annotated[str, Meta(min_length=1, max_length=NAME_AT_MOST)]
Word = Annotated[str, Meta(min_length=1, max_length=WORD_AT_MOST)]
BrandName = Annotated[
    str, Meta(max_length=WORD_AT_MOST, description="Made if it is new; empty for none")
]
Unit = Annotated[str, Meta(max_length=UNIT_AT_MOST)]
Options = Annotated[str, Meta(max_length=OPTIONS_AT_MOST)]
Description = Annotated[str, Meta(max_length=DESCRIPTION_AT_MOST)]
Html = Annotated[
    str,
    Meta(
        max_length=HTML_AT_MOST,
        description="Plain marks, tables, https links and our own pictures; the rest is taken out. "
        "`description` becomes its text",
    ),
]
ShelfLife = Annotated[int, Meta(ge=0, le=DAYS_AT_MOST, description="Days; 0 for none")]
Barcode = Annotated[str, Meta(max_length=14, description="EAN-8, UPC-A, EAN-13 or GTIN-14")]
Grams = Annotated[int, Meta(ge=0, le=GRAMS_AT_MOST, description="Packed; 0 where nobody knows")]
LowStock = Annotated[
    int, Meta(ge=0, le=STOCK_AT_MOST, description="Tell me once no more are left; 0 for never")
]
Moment = Annotated[datetime, Meta(tz=True)]
SectionText = Annotated[str, Meta(max_length=VALUE_AT_MOST)]
Picture = Annotated[str, Meta(min_length=1, max_length=VALUE_AT_MOST)]
Pictures = Annotated[list[Picture], Meta(max_length=PICTURES_AT_MOST)]
Reason = Annotated[str, Meta(min_length=1, max_length=REASON_AT_MOST)]
Units = Annotated[int, Meta(ge=0, le=STOCK_AT_MOST)]
Change = Annotated[
    int, Meta(ge=-STOCK_AT_MOST, le=STOCK_AT_MOST, description="Positive: in; negative: out")
]


class AttributeBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A named fact, such as the origin."""

    name: Word
    value: Annotated[str, Meta(min_length=1, max_length=VALUE_AT_MOST)]


NamedOptions = Annotated[
    list[AttributeBody],
    Meta(max_length=NAMED_AT_MOST, description="`options` follows from them"),
]


class SectionsBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Facts that every page shows in a place of their own; each is kept as an attribute."""

    origin: SectionText | None = None
    taste: SectionText | None = None
    nutrition: SectionText | None = None
    function: SectionText | None = None
    selling_points: SectionText | None = None

    def on(self, attributes: tuple[Attribute, ...]) -> tuple[Attribute, ...]:
        """Return attributes that say this; an empty text takes a section away."""
        for section in Section:
            said = getattr(self, section.value)
            if said is not None:
                attributes = with_section(attributes, section, said.strip())
        return attributes


Attributes = Annotated[list[AttributeBody], Meta(max_length=ATTRIBUTES_AT_MOST)]


class VariantIn(msgspec.Struct, forbid_unknown_fields=True):
    """A new variant."""

    code: Code
    price: Amount
    options: Options = ""
    list_price: Amount | None = None
    cost: Amount | None = None
    stock: Units = 0
    named_options: NamedOptions = []
    barcode: Barcode = ""
    grams: Grams = 0
    low_stock: LowStock = 0

    def facts(self) -> SkuFacts:
        """Return it as the use cases read it."""
        return SkuFacts(
            code=self.code,
            options=self.options,
            price=self.price.money(),
            list_price=self.list_price.money() if self.list_price else None,
            cost=self.cost.money() if self.cost else None,
            stock=self.stock,
            named_options=_facts(self.named_options),
            barcode=self.barcode,
            grams=self.grams,
            low_stock=self.low_stock,
        )

    def command(self, product_id: str) -> AddVariant:
        """Return the command that adds it."""
        return AddVariant(product_id, self.facts())


class ProductIn(msgspec.Struct, forbid_unknown_fields=True):
    """A new product."""

    code: Code
    name: Name
    category_id: IdText
    variants: Annotated[list[VariantIn], Meta(min_length=1, max_length=VARIANTS_AT_MOST)]
    brand: BrandName = ""
    unit: Unit = ""
    description: Description = ""
    attributes: Attributes = []
    pictures: Pictures = []
    return_policy: ReturnPolicy = ReturnPolicy.ORDINARY
    description_html: Html = ""
    shelf_life_days: ShelfLife = 0
    sections: SectionsBody = SectionsBody()
    merchant_id: IdText | None = None
    """For operators."""

    def command(self) -> CreateProduct:
        """Return the command that creates it."""
        return CreateProduct(
            facts=ProductFacts(
                code=self.code,
                name=self.name,
                unit=self.unit,
                description=self.description,
                attributes=self.sections.on(_facts(self.attributes)),
                pictures=tuple(self.pictures),
                return_policy=self.return_policy.value,
                description_html=self.description_html or None,
                shelf_life_days=self.shelf_life_days,
            ),
            category_id=self.category_id,
            skus=tuple(variant.facts() for variant in self.variants),
            brand=self.brand,
            merchant_id=self.merchant_id or "",
        )


class ProductPatch(msgspec.Struct, forbid_unknown_fields=True):
    """What to change about a product; left out or null leaves it as it is."""

    name: Name | None = None
    category_id: IdText | None = None
    brand: BrandName | None = None
    unit: Unit | None = None
    description: Description | None = None
    attributes: Attributes | None = None
    pictures: Pictures | None = None
    return_policy: ReturnPolicy | None = None
    description_html: Html | None = None
    shelf_life_days: ShelfLife | None = None
    sections: SectionsBody | None = None

    def command(self, product_id: str, version: int | None) -> EditProduct:
        """Return the command that changes it."""
        return EditProduct(
            product_id,
            version,
            name=self.name,
            category_id=self.category_id,
            brand=self.brand,
            unit=self.unit,
            description=self.description,
            attributes=None if self.attributes is None else _facts(self.attributes),
            pictures=None if self.pictures is None else tuple(self.pictures),
            return_policy=self.return_policy.value if self.return_policy else None,
            description_html=self.description_html,
            shelf_life_days=self.shelf_life_days,
            sections=self._sections(),
        )

    def _sections(self) -> dict[Section, str] | None:
        if self.sections is None:
            return None
        said = {section: getattr(self.sections, section.value) for section in Section}
        return {section: text.strip() for section, text in said.items() if text is not None}


class VariantPatch(msgspec.Struct, forbid_unknown_fields=True):
    """What to change about a variant; left out or null leaves it as it is."""

    options: Options | None = None
    price: Amount | None = None
    list_price: Amount | None = None
    cost: Amount | None = None
    named_options: NamedOptions | None = None
    barcode: Barcode | None = None
    grams: Grams | None = None
    low_stock: LowStock | None = None

    def command(self, variant_id: str, version: int | None) -> EditVariant:
        """Return the command that changes it."""
        return EditVariant(
            variant_id,
            version,
            options=self.options,
            price=self.price.money() if self.price else None,
            list_price=self.list_price.money() if self.list_price else None,
            cost=self.cost.money() if self.cost else None,
            named_options=None if self.named_options is None else _facts(self.named_options),
            barcode=self.barcode,
            grams=self.grams,
            low_stock=self.low_stock,
        )


class PlanIn(msgspec.Struct, forbid_unknown_fields=True):
    """When a product goes on and off sale by itself; left out or null plans nothing."""

    list_at: Moment | None = None
    delist_at: Moment | None = None

    def command(self, product_id: str, version: int | None) -> PlanProduct:
        """Return the command that plans it."""
        return PlanProduct(product_id, _utc(self.list_at), _utc(self.delist_at), version)


class StockIn(msgspec.Struct, forbid_unknown_fields=True):
    """Goods counted in or written off, and why."""

    units: Change
    reason: Reason


class CategoryIn(msgspec.Struct, forbid_unknown_fields=True):
    """A category: a name and its place in the tree."""

    name: Word
    parent_id: IdText | None = None
    commission_bp: BasisPoints | None = None


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


def _facts(given: list[AttributeBody]) -> tuple[Attribute, ...]:
    return tuple(Attribute(each.name, each.value) for each in given)
