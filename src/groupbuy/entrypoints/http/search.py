"""Search over what is on sale, and suggestions while somebody types."""

from typing import Annotated, Literal

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from groupbuy.application import catalogue
from groupbuy.entrypoints.http.auth import public
from groupbuy.entrypoints.http.catalogue import BrandIds, CategoryId, Highest, Lowest, MerchantId
from groupbuy.entrypoints.http.paging import Page
from groupbuy.entrypoints.http.search_schemas import (
    SearchOut,
    SuggestionsOut,
    match_out,
    search_out,
    suggestion_out,
)
from groupbuy.entrypoints.http.visit import Visit

Sort = Annotated[
    Literal["relevance", "-created_at", "created_at", "price", "-price", "-sold"],
    QueryParameter(name="sort"),
]
Text = Annotated[
    str,
    QueryParameter(
        name="q",
        max_length=100,
        description="Words, all of which must be found: Chinese in either script, Latin, numbers, "
        "pinyin in full or by first letters; empty for the newest",
    ),
]
Flag = Annotated[bool, QueryParameter(description="Only those, when true")]


class ShopSearch(Controller):
    """/shop/search."""

    path = "/shop/search"
    tags = ("shop",)

    @get("/", opt=public(), sync_to_thread=True)
    def search(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        q: Text = "",
        category: CategoryId = "",
        brand: BrandIds = "",
        merchant: MerchantId = "",
        price_gte: Lowest = None,
        price_lte: Highest = None,
        *,
        in_campaign: Flag = False,
        in_stock: Flag = False,
        sort: Sort = "relevance",
    ) -> Response[SearchOut]:
        """Find products by their words, the best first, with counts to narrow them by."""
        wish = catalogue.Wish(
            text=q,
            category_id=category,
            brand_ids=tuple(filter(None, brand.split(","))),
            merchant_id=merchant,
            lowest=price_gte,
            highest=price_lte,
            in_campaign=in_campaign,
            in_stock=in_stock,
            sort=sort,
            limit=page.fetch,
            after=page.after,
        )
        found = visit.read(lambda work: catalogue.search(work, wish))
        return search_out(page.answer(found.matches, match_out, lambda each: each.place), found)

    @get("/suggestions", opt=public(), sync_to_thread=True)
    def suggestions(self, visit: NamedDependency[Visit], q: Text = "") -> Response[SuggestionsOut]:
        """Suggest categories, brands and products that agree with what was typed so far."""
        found = visit.read(lambda work: catalogue.suggest(work, q))
        return Response(SuggestionsOut([suggestion_out(each) for each in found]))


SEARCH = (ShopSearch,)
"""The controllers of this file."""
