"""Kinds of promotions, for whoever draws a form to set one up."""

from litestar import Controller, Response, get

from groupbuy.entrypoints.http.auth import public
from groupbuy.entrypoints.http.promotion_schemas import PromotionKindOut, kinds_out


class PromotionKinds(Controller):
    """/promotion-kinds."""

    path = "/promotion-kinds"
    tags = ("shop",)

    @get("/", opt=public(), sync_to_thread=False)
    def list_kinds(self) -> Response[list[PromotionKindOut]]:
        """List the kinds of promotions a campaign may have, each with its form."""
        return Response(kinds_out())
