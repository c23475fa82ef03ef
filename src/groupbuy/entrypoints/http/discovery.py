"""What shoppers are shown before they search."""

from typing import Annotated

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from groupbuy.application import discovery
from groupbuy.entrypoints.http.auth import public
from groupbuy.entrypoints.http.catalogue import CategoryId
from groupbuy.entrypoints.http.discovery_schemas import HotListOut, hot_list_out
from groupbuy.entrypoints.http.visit import Visit

Community = Annotated[
    str,
    QueryParameter(
        name="community", max_length=40, description="Id of a pickup point or of a leader"
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


DISCOVERY = (ShopHot,)
"""The controllers of this file."""
