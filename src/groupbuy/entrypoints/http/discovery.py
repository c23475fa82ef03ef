"""What shoppers are shown before they search."""

from typing import Annotated

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from groupbuy.application import discovery
from groupbuy.entrypoints.http.auth import public
from groupbuy.entrypoints.http.catalogue import CategoryId
from groupbuy.entrypoints.http.discovery_schemas import (
    ForYouOut,
    HomeOut,
    HotListOut,
    SlotsOut,
    for_you_out,
    home_out,
    hot_list_out,
    slots_out,
)
from groupbuy.entrypoints.http.homes import Homes
from groupbuy.entrypoints.http.visit import Visit

Community = Annotated[
    str,
    QueryParameter(
        name="community", max_length=40, description="Id of a pickup point or of a leader"
    ),
]
Personal = Annotated[
    bool,
    QueryParameter(
        name="personal", description="false: nothing that follows from what the caller bought"
    ),
]
Most = Annotated[int, QueryParameter(name="limit", ge=1, le=100)]


class ShopHot(Controller):
    """/shop/hot."""

    path = "/shop/hot"
    tags = ("shop",)

    @get("/", opt=public(), sync_to_thread=True)
    def hot(
        self,
        visit: NamedDependency[Visit],
        category: CategoryId = "",
        community: Community = "",
        limit: Most = 50,
    ) -> Response[HotListOut]:
        """List what is hot: everywhere, in a category, in a community; and say why."""
        wish = discovery.HotWish(category, community, limit)
        found = visit.read(lambda work: discovery.hot(work, wish))
        return Response(hot_list_out(found, visit.language))


class ShopHome(Controller):
    """/shop/home."""

    path = "/shop/home"
    tags = ("shop",)

    @get("/", opt=public(), sync_to_thread=True)
    def home(
        self,
        visit: NamedDependency[Visit],
        homes: NamedDependency[Homes],
        community: Community = "",
        *,
        personal: Personal = True,
    ) -> Response[HomeOut]:
        """Show the home page: tonight's campaigns, groups nearly formed, hot, new, for you."""
        found = homes.page(visit.caller.tenant, community)
        own = homes.for_you(visit.caller, personal=personal)
        return Response(home_out(found, own, visit.language))


class ShopForYou(Controller):
    """/shop/for-you, /shop/products/{id}/also-bought."""

    path = "/shop"
    tags = ("shop",)

    @get("/for-you", opt=public(), sync_to_thread=True)
    def for_you(
        self, visit: NamedDependency[Visit], limit: Most = 20, *, personal: Personal = True
    ) -> Response[ForYouOut]:
        """Recommend products: by what the caller bought, then what is hot near them, then all."""
        found = visit.read(lambda work: discovery.for_you(work, limit, personal=personal))
        return Response(for_you_out(found, visit.language))

    @get("/products/{product_id:str}/also-bought", opt=public(), sync_to_thread=True)
    def also_bought(
        self, product_id: FromPath[str], visit: NamedDependency[Visit], limit: Most = 10
    ) -> Response[SlotsOut]:
        """List what people who bought a product bought as well."""
        found = visit.read(lambda work: discovery.bought_with(work, product_id, limit))
        return Response(slots_out(found, visit.language))


DISCOVERY = (ShopHot, ShopHome, ShopForYou)
"""The controllers of this file."""
