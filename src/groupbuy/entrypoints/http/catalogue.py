"""Goods: what shoppers browse, what merchants describe and count, the operator's category tree."""

from typing import Annotated, Literal

from litestar import Controller, Response, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter

from groupbuy.application import catalogue
from groupbuy.application.catalogue.facts import PRICE_AT_MOST
from groupbuy.domain.catalogue import ProductMove, ProductState
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only, public
from groupbuy.entrypoints.http.catalogue_bodies import (
    CategoryIn,
    PlanIn,
    ProductIn,
    ProductPatch,
    StockIn,
    VariantIn,
    VariantPatch,
)
from groupbuy.entrypoints.http.catalogue_desk import BulkDesk, NamesDesk, PriceBands
from groupbuy.entrypoints.http.catalogue_schemas import (
    BrandsOut,
    CategoriesOut,
    CategoryOut,
    ProductOut,
    ScarceOut,
    ShelfOut,
    ShopProductOut,
    StockMoveOut,
    StockOut,
    brand_out,
    category_out,
    product_out,
    scarce_out,
    shelf_out,
    shop_product_out,
    stock_move_out,
    stock_out,
)
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit, version_of

SELLERS = only(Role.MERCHANT, Role.OPERATOR)
OPERATORS = only(Role.OPERATOR)
Sort = Annotated[
    Literal["-created_at", "created_at", "price", "-price"], QueryParameter(name="sort")
]
CategoryId = Annotated[
    str, QueryParameter(name="category", max_length=40, description="With everything below it")
]
BrandIds = Annotated[
    str, QueryParameter(name="brand", max_length=820, description="Ids, parted by commas")
]
MerchantId = Annotated[str, QueryParameter(name="merchant", max_length=40)]
Words = Annotated[str, QueryParameter(name="q", max_length=100, description="All must be found")]
Lowest = Annotated[
    int | None,
    QueryParameter(name="price_gte", ge=0, le=PRICE_AT_MOST, description="Minor units"),
]
Highest = Annotated[
    int | None,
    QueryParameter(name="price_lte", ge=0, le=PRICE_AT_MOST, description="Minor units"),
]
State = Annotated[ProductState | None, QueryParameter(name="state")]
Version = Annotated[
    str, HeaderParameter(name="If-Match", max_length=40, description="The ETag you edited")
]


class ShopProducts(Controller):
    """/shop/products, /shop/categories, /shop/brands."""

    path = "/shop"
    tags = ("shop",)

    @get("/products", opt=public(), sync_to_thread=True)
    def browse(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        category: CategoryId = "",
        brand: BrandIds = "",
        merchant: MerchantId = "",
        q: Words = "",
        price_gte: Lowest = None,
        price_lte: Highest = None,
        sort: Sort = "-created_at",
    ) -> Response[Listing[ShelfOut]]:
        """Browse what is on sale, by category, brand, price band and keywords."""
        wish = catalogue.Browse(
            category_id=category,
            brand_ids=tuple(filter(None, brand.split(","))),
            lowest=price_gte,
            highest=price_lte,
            words=q,
            merchant_id=merchant,
            sort=sort,
            limit=page.fetch,
            after=page.after,
        )
        found = visit.read(lambda work: catalogue.browse(work, wish))
        return page.answer(found, shelf_out, lambda each: each.place(sort))

    @get("/products/{product_id:str}", opt=public(), sync_to_thread=True)
    def show(
        self, product_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[ShopProductOut]:
        """Show a product that is on sale."""
        found = visit.read(lambda work: catalogue.view(work, product_id, listed=True))
        return Response(shop_product_out(found))

    @get("/categories", opt=public(), sync_to_thread=True)
    def categories(self, visit: NamedDependency[Visit]) -> Response[CategoriesOut]:
        """List the whole category tree."""
        found = visit.read(catalogue.shown_tree)
        return Response(CategoriesOut([category_out(each) for each in found]))

    @get("/brands", opt=public(), sync_to_thread=True)
    def brands(self, visit: NamedDependency[Visit]) -> Response[BrandsOut]:
        """List all brands."""
        found = visit.read(catalogue.shown_brands)
        return Response(BrandsOut([brand_out(each) for each in found]))


class MerchantProducts(Controller):
    """/merchant/products."""

    path = "/merchant/products"
    tags = ("merchant",)

    @get("/", opt=SELLERS, sync_to_thread=True)
    def list_products(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        within: State = None,
        merchant: MerchantId = "",
    ) -> Response[Listing[ProductOut]]:
        """List the merchant's products in every state, newest first."""
        states = (within,) if within else ()
        wish = catalogue.OwnProducts(merchant, states, page.fetch, page.after)
        found = visit.read(lambda work: catalogue.own_products(work, wish))
        return page.answer(found, product_out, lambda each: each.product.created_at)

    @post("/", opt=SELLERS, sync_to_thread=True)
    def create(
        self, data: JSONBody[ProductIn], visit: NamedDependency[Visit]
    ) -> Response[ProductOut]:
        """Describe a new product; it is a draft until it is listed."""
        cmd = data.command()
        return visit.once(lambda work: catalogue.create_product(work, cmd), product_out, 201)

    @get("/{product_id:str}", opt=SELLERS, sync_to_thread=True)
    def show(
        self, product_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[ProductOut]:
        """Show one of the merchant's products."""
        found = visit.read(lambda work: catalogue.own_product(work, product_id))
        return Response(product_out(found), headers={"ETag": f'"{found.product.version}"'})

    @patch("/{product_id:str}", opt=SELLERS, sync_to_thread=True)
    def edit(
        self,
        product_id: FromPath[str],
        data: JSONBody[ProductPatch],
        visit: NamedDependency[Visit],
        if_match: Version = "",
    ) -> Response[ProductOut]:
        """Change what is said about a product."""
        cmd = data.command(product_id, version_of(if_match))
        return visit.once(lambda work: catalogue.edit_product(work, cmd), product_out)

    @post("/{product_id:str}/variants", opt=SELLERS, sync_to_thread=True)
    def add_variant(
        self,
        product_id: FromPath[str],
        data: JSONBody[VariantIn],
        visit: NamedDependency[Visit],
    ) -> Response[ProductOut]:
        """Sell a product in one more variant."""
        cmd = data.command(product_id)
        return visit.once(lambda work: catalogue.add_variant(work, cmd), product_out, 201)

    @post("/{product_id:str}/list", opt=SELLERS, sync_to_thread=True, status_code=200)
    def list_one(
        self, product_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[ProductOut]:
        """Put a product on sale."""
        cmd = catalogue.MoveProduct(product_id, ProductMove.LIST)
        return visit.once(lambda work: catalogue.move_product(work, cmd), product_out)

    @post("/{product_id:str}/delist", opt=SELLERS, sync_to_thread=True, status_code=200)
    def delist(
        self, product_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[ProductOut]:
        """Take a product off sale at once; orders that exist are kept."""
        cmd = catalogue.MoveProduct(product_id, ProductMove.DELIST)
        return visit.once(lambda work: catalogue.move_product(work, cmd), product_out)

    @post("/{product_id:str}/retire", opt=SELLERS, sync_to_thread=True, status_code=200)
    def retire(
        self, product_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[ProductOut]:
        """Give a product up for good; it must be off sale."""
        cmd = catalogue.MoveProduct(product_id, ProductMove.RETIRE)
        return visit.once(lambda work: catalogue.move_product(work, cmd), product_out)

    @put("/{product_id:str}/schedule", opt=SELLERS, sync_to_thread=True)
    def plan(
        self,
        product_id: FromPath[str],
        data: JSONBody[PlanIn],
        visit: NamedDependency[Visit],
        if_match: Version = "",
    ) -> Response[ProductOut]:
        """Choose when a product goes on and off sale by itself."""
        cmd = data.command(product_id, version_of(if_match))
        return visit.once(lambda work: catalogue.plan_product(work, cmd), product_out)


class MerchantShelf(Controller):
    """/merchant/low-stock."""

    path = "/merchant/low-stock"
    tags = ("merchant",)

    @get("/", opt=SELLERS, sync_to_thread=True)
    def scarce(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        merchant: MerchantId = "",
    ) -> Response[Listing[ScarceOut]]:
        """List the variants that are scarce, those that became so last at the front."""
        wish = catalogue.Scarce(merchant, page.fetch, page.after)
        found = visit.read(lambda work: catalogue.scarce(work, wish))
        return page.answer(found, scarce_out, lambda each: each.since)


class MerchantVariants(Controller):
    """/merchant/variants."""

    path = "/merchant/variants/{variant_id:str}"
    tags = ("merchant",)

    @patch("/", opt=SELLERS, sync_to_thread=True)
    def edit(
        self,
        variant_id: FromPath[str],
        data: JSONBody[VariantPatch],
        visit: NamedDependency[Visit],
        if_match: Version = "",
    ) -> Response[ProductOut]:
        """Change a variant's options or prices; campaigns and orders keep theirs."""
        cmd = data.command(variant_id, version_of(if_match))
        return visit.once(
            lambda work: catalogue.edit_variant(work, cmd), product_out, part=variant_id
        )

    @get("/stock", opt=SELLERS, sync_to_thread=True)
    def journal(
        self,
        variant_id: FromPath[str],
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
    ) -> Response[Listing[StockMoveOut]]:
        """List who changed the goods in hand, why and by how many, newest first."""
        found = visit.read(
            lambda work: catalogue.stock_journal(work, variant_id, page.fetch, page.after)
        )
        return page.answer(found, stock_move_out, lambda each: each.at)

    @post("/stock", opt=SELLERS, sync_to_thread=True, status_code=200)
    def adjust(
        self, variant_id: FromPath[str], data: JSONBody[StockIn], visit: NamedDependency[Visit]
    ) -> Response[StockOut]:
        """Count goods in or write them off."""
        cmd = catalogue.AdjustStock(variant_id, data.units, data.reason)
        return visit.once(lambda work: catalogue.adjust_stock(work, cmd), stock_out)


class OpsCategories(Controller):
    """/ops/categories."""

    path = "/ops/categories"
    tags = ("ops",)

    @post("/", opt=OPERATORS, sync_to_thread=True)
    def create(
        self, data: JSONBody[CategoryIn], visit: NamedDependency[Visit]
    ) -> Response[CategoryOut]:
        """Add a category to the tree."""
        cmd = catalogue.PutCategory(data.name, data.parent_id, data.commission_bp)
        return visit.once(lambda work: catalogue.put_category(work, cmd), category_out, 201)

    @put("/{category_id:str}", opt=OPERATORS, sync_to_thread=True)
    def change(
        self,
        category_id: FromPath[str],
        data: JSONBody[CategoryIn],
        visit: NamedDependency[Visit],
    ) -> Response[CategoryOut]:
        """Rename a category, move it, or change its commission."""
        cmd = catalogue.PutCategory(data.name, data.parent_id, data.commission_bp, category_id)
        return visit.once(lambda work: catalogue.put_category(work, cmd), category_out)


CATALOGUE = (
    ShopProducts,
    PriceBands,
    MerchantProducts,
    MerchantShelf,
    MerchantVariants,
    BulkDesk,
    OpsCategories,
    NamesDesk,
)
"""The controllers of goods."""
