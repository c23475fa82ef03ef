"""Campaigns for those who run them: leaders, merchants, operators."""

from typing import Annotated

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter

from groupbuy.application import campaigns
from groupbuy.application.ports import Query
from groupbuy.domain.campaigns import CampaignState
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.amounts import MOST
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.campaign_schemas import (
    CampaignIn,
    CampaignOut,
    PreviewOut,
    ReasonIn,
    SeenIn,
    WindowIn,
    campaign_out,
    preview_out,
)
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit, version_of
from groupbuy.entrypoints.http.what_if_schemas import WhatIfOut, what_if_out

RUNNERS = only(Role.LEADER, Role.MERCHANT, Role.OPERATOR)
OWNERS = only(Role.MERCHANT, Role.OPERATOR)
StatusText = Annotated[CampaignState | None, QueryParameter(name="status")]
UnitsText = Annotated[
    int, QueryParameter(name="units", ge=1, le=10_000, description="Of a variant in every order")
]
FixedText = Annotated[
    int,
    QueryParameter(
        name="fixed", ge=0, le=MOST, description="What it costs however many join; minor units"
    ),
]
Version = Annotated[
    str, HeaderParameter(name="If-Match", max_length=40, description="The ETag you edited")
]


class _CampaignDesk(Controller):
    """What leaders and merchants share."""

    @get("/", opt=RUNNERS, sync_to_thread=True)
    def list_campaigns(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page], within: StatusText = None
    ) -> Response[Listing[CampaignOut]]:
        """List the caller's own campaigns, newest first."""
        query = Query().sorted("-created_at").page(page.fetch, page.after)
        wanted = query.where(state=within) if within else query
        found = visit.read(lambda work: campaigns.list_campaigns(work, wanted))
        return page.answer(found, campaign_out, lambda each: each.created_at)

    @post("/", opt=RUNNERS, sync_to_thread=True)
    def draft(
        self, data: JSONBody[CampaignIn], visit: NamedDependency[Visit]
    ) -> Response[CampaignOut]:
        """Start a draft."""
        spec = data.spec()
        return visit.once(lambda work: campaigns.draft_campaign(work, spec), campaign_out, 201)

    @get("/{campaign_id:str}", opt=RUNNERS, sync_to_thread=True)
    def show(
        self, campaign_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[CampaignOut]:
        """Show one of the caller's own campaigns."""
        found = visit.read(lambda work: campaigns.own_campaign(work, campaign_id, lock=False))
        return Response(campaign_out(found), headers={"ETag": f'"{found.version}"'})

    @put("/{campaign_id:str}", opt=RUNNERS, sync_to_thread=True)
    def edit(
        self,
        campaign_id: FromPath[str],
        data: JSONBody[CampaignIn],
        visit: NamedDependency[Visit],
        if_match: Version = "",
    ) -> Response[CampaignOut]:
        """Replace the contents of a draft."""
        spec, seen = data.spec(), version_of(if_match)
        return visit.once(
            lambda work: campaigns.edit_campaign(work, campaign_id, spec, seen), campaign_out
        )

    @get("/{campaign_id:str}/preview", opt=RUNNERS, sync_to_thread=True)
    def preview(
        self, campaign_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[PreviewOut]:
        """Show a draft as it would be published, and what stands in the way."""
        found = visit.read(lambda work: campaigns.preview_campaign(work, campaign_id))
        return Response(preview_out(found))

    @get("/{campaign_id:str}/what-if", opt=RUNNERS, sync_to_thread=True)
    def what_if(
        self,
        campaign_id: FromPath[str],
        visit: NamedDependency[Visit],
        units: UnitsText = 1,
        fixed: FixedText = 0,
    ) -> Response[WhatIfOut]:
        """Simulate: what buyers would pay and everybody earn at each step, and the break-even."""
        assumed = campaigns.Assumed(units, fixed)
        found = visit.read(lambda work: campaigns.simulate_campaign(work, campaign_id, assumed))
        return Response(what_if_out(found))

    @post("/{campaign_id:str}/approve", opt=OWNERS, sync_to_thread=True, status_code=200)
    def approve(
        self, campaign_id: FromPath[str], data: JSONBody[SeenIn], visit: NamedDependency[Visit]
    ) -> Response[CampaignOut]:
        """Agree, as the merchant, to a leader's draft as it was seen: prices and commission."""
        return visit.once(
            lambda work: campaigns.approve_campaign(work, campaign_id, data.version), campaign_out
        )

    @post("/{campaign_id:str}/schedule", opt=RUNNERS, sync_to_thread=True, status_code=200)
    def schedule(
        self, campaign_id: FromPath[str], visit: NamedDependency[Visit], if_match: Version = ""
    ) -> Response[CampaignOut]:
        """Publish: price and rules are fixed from here on. It opens by itself at its start."""
        seen = version_of(if_match)
        return visit.once(
            lambda work: campaigns.schedule_campaign(work, campaign_id, seen), campaign_out
        )

    @post("/{campaign_id:str}/close", opt=RUNNERS, sync_to_thread=True, status_code=200)
    def close(
        self, campaign_id: FromPath[str], data: JSONBody[ReasonIn], visit: NamedDependency[Visit]
    ) -> Response[CampaignOut]:
        """Stop selling now; what has been reached decides."""
        return visit.once(
            lambda work: campaigns.close_campaign(work, campaign_id, data.reason), campaign_out
        )

    @post("/{campaign_id:str}/cancel", opt=RUNNERS, sync_to_thread=True, status_code=200)
    def cancel(
        self, campaign_id: FromPath[str], data: JSONBody[ReasonIn], visit: NamedDependency[Visit]
    ) -> Response[CampaignOut]:
        """Call it off before it forms; everybody who paid gets everything back."""
        return visit.once(
            lambda work: campaigns.cancel_campaign(work, campaign_id, data.reason), campaign_out
        )

    @post("/{campaign_id:str}/waive-quorum", opt=OWNERS, sync_to_thread=True, status_code=200)
    def waive(
        self, campaign_id: FromPath[str], data: JSONBody[ReasonIn], visit: NamedDependency[Visit]
    ) -> Response[CampaignOut]:
        """Give up the quorum openly: whoever has paid gets the goods. Everybody can see why."""
        return visit.once(
            lambda work: campaigns.waive_quorum(work, campaign_id, data.reason), campaign_out
        )

    @post("/{campaign_id:str}/copies", opt=RUNNERS, sync_to_thread=True)
    def copy(
        self, campaign_id: FromPath[str], data: JSONBody[WindowIn], visit: NamedDependency[Visit]
    ) -> Response[CampaignOut]:
        """Start a new draft with the same offers and rules."""
        return visit.once(
            lambda work: campaigns.copy_campaign(work, campaign_id, data.starts_at, data.ends_at),
            campaign_out,
            201,
        )


class LeaderCampaigns(_CampaignDesk):
    """/leader/campaigns."""

    path = "/leader/campaigns"
    tags = ("leader",)


class MerchantCampaigns(_CampaignDesk):
    """/merchant/campaigns."""

    path = "/merchant/campaigns"
    tags = ("merchant",)
