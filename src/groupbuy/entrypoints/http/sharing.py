"""Passing campaigns and products on: texts, links, pictures, and what came of them."""

from functools import partial
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from groupbuy.application import sharing
from groupbuy.domain.membership import Role
from groupbuy.domain.sharing import Channel, Tone
from groupbuy.entrypoints.http.auth import only, public
from groupbuy.entrypoints.http.share_funnels import LeaderFunnels, MerchantFunnels, Rolls
from groupbuy.entrypoints.http.share_pages import ShareVisits
from groupbuy.entrypoints.http.sharing_schemas import ShareCopiesOut, ShareIn, copies_out
from groupbuy.entrypoints.http.visit import Visit

ANYBODY = only(*Role)
ToneText = Annotated[Tone, QueryParameter(name="tone", description="How the texts speak")]
ChannelText = Annotated[
    Channel | None, QueryParameter(name="channel", description="Left out: every channel")
]


class ShareTexts(Controller):
    """/shop/campaigns/{id}/share, /shop/products/{id}/share."""

    path = "/shop"
    tags = ("sharing",)

    @get("/campaigns/{campaign_id:str}/share", opt=public(), sync_to_thread=True)
    def of_campaign(
        self,
        campaign_id: FromPath[str],
        visit: NamedDependency[Visit],
        tone: ToneText = Tone.CLASSIC,
        channel: ChannelText = None,
    ) -> Response[ShareCopiesOut]:
        """Write texts about a campaign, as it stands at this moment, with its plain link."""
        return _texts(visit, "cmp", campaign_id, tone, channel)

    @get("/products/{product_id:str}/share", opt=public(), sync_to_thread=True)
    def of_product(
        self,
        product_id: FromPath[str],
        visit: NamedDependency[Visit],
        tone: ToneText = Tone.CLASSIC,
        channel: ChannelText = None,
    ) -> Response[ShareCopiesOut]:
        """Write texts about a product that is on sale, and the campaign that sells it."""
        return _texts(visit, "prd", product_id, tone, channel)


def _texts(
    visit: Visit, kind: str, subject: str, tone: Tone, channel: Channel | None
) -> Response[ShareCopiesOut]:
    wish = wish_of(visit, subject, tone, channel)
    told = visit.read(lambda work: sharing.share_texts(work, wish, kind))
    return Response(copies_out(told, tone.value, visit.language))


def wish_of(visit: Visit, subject: str, tone: Tone, channel: Channel | None) -> sharing.ShareWish:
    """Return what somebody wants to pass on, as the use cases take it."""
    return sharing.ShareWish(
        subject=subject,
        base_url=visit.app.settings.base_url,
        tone=tone,
        channels=(channel,) if channel else tuple(Channel),
        english=visit.language == "en",
    )


class OwnShares(Controller):
    """/shop/campaigns/{id}/shares, /shop/products/{id}/shares."""

    path = "/shop"
    tags = ("sharing",)

    @post("/campaigns/{campaign_id:str}/shares", opt=ANYBODY, sync_to_thread=True)
    def of_campaign(
        self, campaign_id: FromPath[str], data: JSONBody[ShareIn], visit: NamedDependency[Visit]
    ) -> Response[ShareCopiesOut]:
        """Share a campaign: texts with short links of one's own; the same ones every time."""
        wish = wish_of(visit, campaign_id, data.tone, data.channel)
        render = partial(copies_out, tone=data.tone.value, language=visit.language)
        return visit.once(lambda work: sharing.share(work, wish, "cmp"), render, 201)

    @post("/products/{product_id:str}/shares", opt=ANYBODY, sync_to_thread=True)
    def of_product(
        self, product_id: FromPath[str], data: JSONBody[ShareIn], visit: NamedDependency[Visit]
    ) -> Response[ShareCopiesOut]:
        """Share a product: texts with short links of one's own; the same ones every time."""
        wish = wish_of(visit, product_id, data.tone, data.channel)
        render = partial(copies_out, tone=data.tone.value, language=visit.language)
        return visit.once(lambda work: sharing.share(work, wish, "prd"), render, 201)


SHARING = (ShareTexts, OwnShares, ShareVisits, LeaderFunnels, MerchantFunnels, Rolls)
"""The controllers of this file."""
