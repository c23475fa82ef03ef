"""Goods by the many: price bands, bulk edits, and what operators do about names."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from groupbuy.application import catalogue
from groupbuy.application.catalogue.bulk import PRODUCTS_AT_MOST, BulkLine
from groupbuy.domain.catalogue import (
    AMOUNT_AT_MOST,
    BP_AT_MOST,
    Band,
    ProductMove,
    ProductState,
    Repricing,
)
from groupbuy.domain.kernel import Money
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.amounts import Amount, IdText, amount
from groupbuy.entrypoints.http.auth import only, public
from groupbuy.entrypoints.http.catalogue_bodies import Reason, Word
from groupbuy.entrypoints.http.catalogue_schemas import (
    BrandOut,
    CategoryOut,
    brand_out,
    category_out,
)
from groupbuy.entrypoints.http.visit import Visit

SELLERS = only(Role.MERCHANT, Role.OPERATOR)
SELLERS_LOOK = only(Role.MERCHANT, Role.OPERATOR, keyless=True)
OPERATORS = only(Role.OPERATOR)
SHOWN_AT_MOST = 1_000
"""Lines of a plan that an answer holds; the digest is of all."""
CategoryId = Annotated[
    str, QueryParameter(name="category", max_length=40, description="With everything below it")
]
BrandIds = Annotated[
    str, QueryParameter(name="brand", max_length=820, description="Ids, parted by commas")
]
MerchantId = Annotated[str, QueryParameter(name="merchant", max_length=40)]


class RepricingIn(msgspec.Struct, forbid_unknown_fields=True):
    """What becomes of a price: first the share, then the amount, then rounding, halves up."""

    share_bp: Annotated[int, Meta(ge=1, le=BP_AT_MOST, description="9000 is a tenth less")] = 10_000
    by: Annotated[
        int, Meta(ge=-AMOUNT_AT_MOST, le=AMOUNT_AT_MOST, description="Minor units more or less")
    ] = 0
    step: Annotated[int, Meta(ge=1, le=100, description="Round to 1, 10 or 100 minor units")] = 1

    def rule(self) -> Repricing:
        """Return it as a rule. Raises Invalid."""
        return Repricing(self.share_bp, self.by, self.step)


class SelectionIn(msgspec.Struct, forbid_unknown_fields=True):
    """Which products: those named, or all that fit."""

    product_ids: Annotated[list[IdText], Meta(max_length=PRODUCTS_AT_MOST)] = []
    merchant_id: IdText | None = None
    """For operators."""
    category_id: IdText | None = None
    """With everything below it."""
    brand_id: IdText | None = None
    states: Annotated[list[ProductState], Meta(max_length=4)] = []

    def chosen(self) -> catalogue.Selection:
        """Return it as the use cases read it."""
        return catalogue.Selection(
            product_ids=tuple(self.product_ids),
            merchant_id=self.merchant_id or "",
            category_id=self.category_id or "",
            brand_id=self.brand_id or "",
            states=tuple(self.states),
        )


class BulkIn(msgspec.Struct, forbid_unknown_fields=True):
    """One change of many products: of prices, of the state or of the category."""

    selection: SelectionIn
    repricing: RepricingIn | None = None
    move: ProductMove | None = None
    category_id: IdText | None = None

    def command(self) -> catalogue.BulkEdit:
        """Return it as the use cases read it. Raises Invalid."""
        return catalogue.BulkEdit(
            selection=self.selection.chosen(),
            repricing=self.repricing.rule() if self.repricing else None,
            move=self.move,
            category_id=self.category_id or "",
        )


class BulkRunIn(BulkIn, forbid_unknown_fields=True, kw_only=True):
    """The same change once it was previewed."""

    digest: Annotated[str, Meta(min_length=12, max_length=64, pattern=r"^[0-9a-f]+\Z")]
    reason: Reason


class MergeIn(msgspec.Struct, forbid_unknown_fields=True):
    """What something becomes a part of, and why."""

    into: IdText
    reason: Reason


class BrandIn(msgspec.Struct, forbid_unknown_fields=True):
    """A brand's new name."""

    name: Word


class BulkLineOut(msgspec.Struct, frozen=True):
    """What becomes of one product or variant; prices in yuan, states and categories by name."""

    product_id: str
    name: str
    sku_code: str | None
    before: str
    after: str
    problem: str | None
    """Why it is left as it is."""


class BulkPlanOut(msgspec.Struct, frozen=True):
    """What happens, or has happened."""

    digest: str
    products: int
    unchanged: int
    """Products that are so already."""
    lines_count: int
    lines: list[BulkLineOut]
    """At most 1,000 of them."""


class BandOut(msgspec.Struct, frozen=True):
    """Prices from `lowest` on and below `end`; the last band has no end."""

    lowest: Amount
    end: Amount | None
    count: int


class BandsOut(msgspec.Struct, frozen=True):
    """Bands that touch each other; none is empty."""

    items: list[BandOut]
    complete: bool
    """False where only the newest 5,000 products were counted."""


class PriceBands(Controller):
    """/shop/price-bands."""

    path = "/shop/price-bands"
    tags = ("shop",)

    @get("/", opt=public(), sync_to_thread=True)
    def bands(
        self,
        visit: NamedDependency[Visit],
        category: CategoryId = "",
        brand: BrandIds = "",
        merchant: MerchantId = "",
    ) -> Response[BandsOut]:
        """Show a few price bands of what is on sale, and how many products are in each."""
        brands = tuple(filter(None, brand.split(",")))
        found = visit.read(lambda work: catalogue.bands_of(work, category, brands, merchant))
        unit = visit.app.settings.policy.currency
        shown = BandsOut([_band(band, unit) for band in found.bands], found.complete)
        return Response(shown, headers={"Cache-Control": "public, max-age=60"})


class BulkDesk(Controller):
    """/merchant/bulk-edits."""

    path = "/merchant/bulk-edits"
    tags = ("merchant",)

    @post("/preview", opt=SELLERS_LOOK, sync_to_thread=True, status_code=200)
    def preview(
        self, data: JSONBody[BulkIn], visit: NamedDependency[Visit]
    ) -> Response[BulkPlanOut]:
        """Show what a change of many products would do; nothing is written."""
        cmd = data.command()
        return Response(_plan(visit.read(lambda work: catalogue.preview_bulk(work, cmd))))

    @post("/", opt=SELLERS, sync_to_thread=True, status_code=200)
    def run(
        self, data: JSONBody[BulkRunIn], visit: NamedDependency[Visit]
    ) -> Response[BulkPlanOut]:
        """Change many products, if that is still what was previewed."""
        cmd, digest, reason = data.command(), data.digest, data.reason
        return visit.once(lambda work: catalogue.run_bulk(work, cmd, digest, reason), _plan)


class NamesDesk(Controller):
    """/ops/categories/…/merge and /ops/brands."""

    path = "/ops"
    tags = ("ops",)

    @post(
        "/categories/{category_id:str}/merge", opt=OPERATORS, sync_to_thread=True, status_code=200
    )
    def merge_category(
        self, category_id: FromPath[str], data: JSONBody[MergeIn], visit: NamedDependency[Visit]
    ) -> Response[CategoryOut]:
        """Make a category, and all below it, a part of another one; its goods follow."""
        cmd = catalogue.Merge(category_id, data.into, data.reason)
        return visit.once(lambda work: catalogue.merge_categories(work, cmd), category_out)

    @patch("/brands/{brand_id:str}", opt=OPERATORS, sync_to_thread=True)
    def rename_brand(
        self, brand_id: FromPath[str], data: JSONBody[BrandIn], visit: NamedDependency[Visit]
    ) -> Response[BrandOut]:
        """Give a brand another name."""
        cmd = catalogue.RenameBrand(brand_id, data.name)
        return visit.once(lambda work: catalogue.rename_brand(work, cmd), brand_out)

    @post("/brands/{brand_id:str}/merge", opt=OPERATORS, sync_to_thread=True, status_code=200)
    def merge_brand(
        self, brand_id: FromPath[str], data: JSONBody[MergeIn], visit: NamedDependency[Visit]
    ) -> Response[BrandOut]:
        """Make a brand a part of another one; its goods follow."""
        cmd = catalogue.Merge(brand_id, data.into, data.reason)
        return visit.once(lambda work: catalogue.merge_brands(work, cmd), brand_out)


def _plan(plan: catalogue.BulkPlan) -> BulkPlanOut:
    return BulkPlanOut(
        digest=plan.digest,
        products=plan.products,
        unchanged=plan.unchanged,
        lines_count=len(plan.lines),
        lines=[_line(line) for line in plan.lines[:SHOWN_AT_MOST]],
    )


def _line(line: BulkLine) -> BulkLineOut:
    return BulkLineOut(
        product_id=line.product_id,
        name=line.name,
        sku_code=line.sku_code or None,
        before=line.before,
        after=line.after,
        problem=line.problem or None,
    )


def _band(band: Band, unit: str) -> BandOut:
    end = None if band.end is None else amount(Money(band.end, unit))
    return BandOut(amount(Money(band.lowest, unit)), end, band.count)
