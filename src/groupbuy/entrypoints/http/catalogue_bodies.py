"""What merchants may send about their goods."""

from typing import Annotated

import msgspec
from msgspec import Meta

from groupbuy.application.catalogue import AddVariant, CreateProduct, EditProduct, EditVariant
from groupbuy.application.catalogue.facts import (
    ATTRIBUTES_AT_MOST,
    CODE_AT_MOST,
    DESCRIPTION_AT_MOST,
    NAME_AT_MOST,
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
from groupbuy.domain.catalogue import (
    Attribute,
)
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


Attributes = Annotated[list[AttributeBody], Meta(max_length=ATTRIBUTES_AT_MOST)]


class VariantIn(msgspec.Struct, forbid_unknown_fields=True):
    """A new variant."""

    code: Code
    price: Amount
    options: Options = ""
    list_price: Amount | None = None
    cost: Amount | None = None
    stock: Units = 0

    def facts(self) -> SkuFacts:
        """Return it as the use cases read it."""
        return SkuFacts(
            code=self.code,
            options=self.options,
            price=self.price.money(),
            list_price=self.list_price.money() if self.list_price else None,
            cost=self.cost.money() if self.cost else None,
            stock=self.stock,
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
                attributes=_facts(self.attributes),
                pictures=tuple(self.pictures),
                return_policy=self.return_policy.value,
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
        )


class VariantPatch(msgspec.Struct, forbid_unknown_fields=True):
    """What to change about a variant; left out or null leaves it as it is."""

    options: Options | None = None
    price: Amount | None = None
    list_price: Amount | None = None
    cost: Amount | None = None

    def command(self, variant_id: str, version: int | None) -> EditVariant:
        """Return the command that changes it."""
        return EditVariant(
            variant_id,
            version,
            options=self.options,
            price=self.price.money() if self.price else None,
            list_price=self.list_price.money() if self.list_price else None,
            cost=self.cost.money() if self.cost else None,
        )


class StockIn(msgspec.Struct, forbid_unknown_fields=True):
    """Goods counted in or written off, and why."""

    units: Change
    reason: Reason


class CategoryIn(msgspec.Struct, forbid_unknown_fields=True):
    """A category: a name and its place in the tree."""

    name: Word
    parent_id: IdText | None = None
    commission_bp: BasisPoints | None = None


def _facts(given: list[AttributeBody]) -> tuple[Attribute, ...]:
    return tuple(Attribute(each.name, each.value) for each in given)
