"""What came of sharing a campaign, for those who run it; and who takes part, for everybody."""

from datetime import datetime

import msgspec
from litestar import Controller, MediaType, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from groupbuy.application import sharing
from groupbuy.domain.membership import Role
from groupbuy.domain.sharing import Steps
from groupbuy.entrypoints.funnel_files import counts_of, funnel_csv
from groupbuy.entrypoints.http.auth import only, public
from groupbuy.entrypoints.http.roll_pages import RollTexts
from groupbuy.entrypoints.http.visit import OneVisit, Visit

RUNNERS = only(Role.LEADER, Role.MERCHANT, Role.OPERATOR)


class StepsOut(msgspec.Struct, frozen=True):
    """How many came how far."""

    shown: int
    """Browsers to which the page of a link was shown."""
    clicked: int
    """Browsers that pressed on."""
    registered: int
    """Accounts that were opened by such browsers."""
    joined: int
    """Buyers, paid or not."""
    paid: int
    """Buyers who paid."""


class FunnelRowOut(msgspec.Struct, frozen=True):
    """What came of one person's links in one channel."""

    sharer_id: str
    sharer: str
    """Masked: the first letter of their name."""
    channel: str
    steps: StepsOut


class FunnelOut(msgspec.Struct, frozen=True):
    """What came of sharing a campaign; who brought most comes first. Nobody is paid for it."""

    campaign_id: str
    rows: list[FunnelRowOut]
    total: StepsOut
    counted_at: datetime


class _FunnelDesk(Controller):
    """What leaders and merchants see alike."""

    @get("/{campaign_id:str}/share-funnel", opt=RUNNERS, sync_to_thread=True)
    def funnel(
        self, campaign_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[FunnelOut]:
        """Count what came of sharing a campaign, by sharer and channel."""
        return Response(_funnel_out(_funnel(visit, campaign_id)))

    @get(
        "/{campaign_id:str}/share-funnel.csv",
        opt=RUNNERS,
        sync_to_thread=True,
        media_type="text/csv",
    )
    def funnel_file(
        self, campaign_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[bytes]:
        """Count what came of sharing a campaign, as CSV."""
        content = funnel_csv(_funnel(visit, campaign_id), visit.language[:2])
        headers = {"Content-Disposition": f'attachment; filename="shares-{campaign_id}.csv"'}
        return Response(content, media_type="text/csv", headers=headers)


class LeaderFunnels(_FunnelDesk):
    """/leader/campaigns: what came of sharing them."""

    path = "/leader/campaigns"
    tags = ("leader",)


class MerchantFunnels(_FunnelDesk):
    """/merchant/campaigns: what came of sharing them."""

    path = "/merchant/campaigns"
    tags = ("merchant",)


class Rolls(Controller):
    """/shop/campaigns: 接龙."""

    path = "/shop/campaigns"
    tags = ("sharing",)

    @get(
        "/{campaign_id:str}/roll",
        opt=public(),
        sync_to_thread=True,
        media_type=MediaType.TEXT,
    )
    def roll(
        self,
        campaign_id: FromPath[str],
        visit: NamedDependency[Visit],
        rolls: NamedDependency[RollTexts],
    ) -> Response[str]:
        """Write who takes part, masked, with how much: paid orders, five seconds old at most."""
        english = visit.language == "en"
        text = rolls.text(visit.caller.tenant, campaign_id, english=english)
        return Response(text, media_type=MediaType.TEXT)


def _funnel(visit: OneVisit, campaign_id: str) -> sharing.Funnel:
    desk = visit.app.desk
    return desk.report(visit.caller, lambda work: sharing.campaign_funnel(work, campaign_id))


def _funnel_out(found: sharing.Funnel) -> FunnelOut:
    rows = [
        FunnelRowOut(
            named.row.sharer_id, named.sharer, named.row.channel.value, _steps(named.row.steps)
        )
        for named in found.rows
    ]
    return FunnelOut(found.subject, rows, _steps(found.total), found.counted_at)


def _steps(found: Steps) -> StepsOut:
    return StepsOut(*counts_of(found))
