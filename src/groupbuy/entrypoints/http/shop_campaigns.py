"""Campaigns for shoppers: what is on, how it stands, and 我要参团."""

from collections.abc import Awaitable, Callable
from typing import Annotated, cast

import msgspec
from litestar import Controller, MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from groupbuy.application import campaigns
from groupbuy.application.checkout import Join, Joined, Outcome
from groupbuy.application.ports import Query
from groupbuy.application.steps.sealing import ORDER_NOTE, seal_contact, seal_own
from groupbuy.domain.campaigns import CampaignState, group_of
from groupbuy.domain.kernel import DomainError
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.audience_schemas import ForMeOut
from groupbuy.entrypoints.http.auth import only, public
from groupbuy.entrypoints.http.campaign_pages import CampaignPages, Pages
from groupbuy.entrypoints.http.campaign_schemas import CampaignOut, campaign_out
from groupbuy.entrypoints.http.mailbox import Mailbox
from groupbuy.entrypoints.http.order_schemas import JoinedOut, JoinIn, joined_out
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.problems import problem_of
from groupbuy.entrypoints.http.progress_schemas import TeamsOut, teams_out
from groupbuy.entrypoints.http.promotion_schemas import BasketText, QuoteOut, basket_of, quote_out
from groupbuy.entrypoints.http.visit import Visit

Joins = Mailbox[Join, Outcome]
PostJoin = Callable[[str, str, Join], Awaitable[Outcome]]
CouponText = Annotated[
    str | None,
    QueryParameter(
        name="coupon", max_length=40, description="One's own coupon; empty for none; else the best"
    ),
]
LeaderText = Annotated[str, QueryParameter(name="leader_id", max_length=30)]


class ShopCampaigns(Controller):
    """/shop/campaigns."""

    path = "/shop/campaigns"
    tags = ("shop",)

    @get("/", opt=public(), sync_to_thread=True)
    def list_campaigns(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page], leader_id: LeaderText = ""
    ) -> Response[Listing[CampaignOut]]:
        """List open campaigns, those that end first at the front."""
        query = Query().where(state=CampaignState.OPEN).sorted("ends_at")
        wanted = (query.where(leader_id=leader_id) if leader_id else query).page(
            page.fetch, page.after
        )
        found = visit.read(lambda work: campaigns.open_campaigns(work, wanted))
        return page.answer(found, campaign_out, lambda each: each.ends_at)

    @get("/{campaign_id:str}", opt=public())
    async def show(
        self,
        campaign_id: FromPath[str],
        visit: NamedDependency[Visit],
        pages: NamedDependency[Pages],
    ) -> Response[CampaignOut]:
        """Show a published campaign, with the rules a buyer agrees to."""
        return await show_campaign(visit, pages, campaign_id)

    @get("/{campaign_id:str}/quote", opt=public(), sync_to_thread=True)
    def quote(
        self,
        campaign_id: FromPath[str],
        visit: NamedDependency[Visit],
        items: BasketText = (),
        coupon: CouponText = None,
    ) -> Response[QuoteOut]:
        """Price a basket as a join now would, and explain every fen of it."""
        basket = basket_of(items)
        found = visit.read(lambda work: campaigns.quote_basket(work, campaign_id, basket, coupon))
        return Response(quote_out(found))

    @get("/{campaign_id:str}/for-me", opt=only(Role.SHOPPER), sync_to_thread=True)
    def for_me(
        self, campaign_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[ForMeOut]:
        """Tell whether it is open to the caller, and from when."""
        found, said = visit.read(lambda work: campaigns.for_me(work, campaign_id))
        return Response(ForMeOut(said.included, said.opens_at, found.opens_for_all_at, said.first))

    @get("/{campaign_id:str}/teams", opt=public(), sync_to_thread=True)
    def teams(
        self, campaign_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[TeamsOut]:
        """List open teams somebody has paid in, those that end first at the front."""
        found = visit.read(lambda work: campaigns.open_teams_of(work, campaign_id))
        return Response(teams_out(found))

    @post("/{campaign_id:str}/joins", opt=only(Role.SHOPPER, key=True))
    async def join(
        self,
        campaign_id: FromPath[str],
        data: JSONBody[JoinIn],
        visit: NamedDependency[Visit],
        mailbox: NamedDependency[Joins],
    ) -> Response[JoinedOut]:
        """Take a seat and hold the goods for a while; pay before `expires_at`."""
        return await take_seat(visit, mailbox.answer, campaign_id, data)


async def show_campaign(
    visit: Visit, pages: CampaignPages, campaign_id: str
) -> Response[CampaignOut]:
    """Answer with a published campaign. Raises NotFound."""
    page = await pages.page(visit.caller.tenant, campaign_id)
    shown = Response(page.body, media_type=MediaType.JSON, headers={"ETag": page.etag})
    return cast("Response[CampaignOut]", shown)


async def take_seat(
    visit: Visit, ask: PostJoin, campaign_id: str, data: JoinIn
) -> Response[JoinedOut]:
    """Hand a join to the mailbox and answer what came of it. Raises what it was refused by."""
    command = _command(visit, campaign_id, data)
    outcome = await ask(visit.caller.tenant, command.group_id, command)
    if isinstance(outcome, DomainError):
        raise outcome
    answer, replayed = outcome
    return visit.said(visit.in_own_words(answer), replayed=replayed, status=201)


def _command(visit: Visit, campaign_id: str, data: JoinIn) -> Join:
    brought = visit.brought(data.shared)
    return Join(
        caller=visit.caller,
        claim=visit.claim(near=group_of(campaign_id)),
        campaign_id=campaign_id,
        items=tuple((item.sku_id, item.units) for item in data.items),
        contact=seal_contact(visit.app.kit.vault, visit.caller, data.contact.contact()),
        pickup_point_id=data.pickup_point_id,
        helper_id=data.helper_id,
        team=data.team,
        coupon_id=data.coupon_id,
        note=seal_own(visit.app.kit.vault, visit.caller, ORDER_NOTE, data.note),
        agreed=data.agreed.money() if data.agreed else None,
        share_id=brought.link_id if brought else None,
    )


def rendered(joined: Joined) -> str:
    """Render a join as it is stored with its key."""
    return msgspec.json.encode(joined_out(joined)).decode()


def refused(error: DomainError) -> str:
    """Render a refused join as it is stored with its key, to be retold to whoever asks."""
    return msgspec.json.encode(problem_of(error, "en", "")).decode()
