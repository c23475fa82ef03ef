"""Campaigns that come again, for those who run them."""

from datetime import datetime, time
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from groupbuy.application import campaigns
from groupbuy.domain.campaigns import Rhythm, Series, SeriesMove
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.amounts import END
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit

RUNNERS = only(Role.LEADER, Role.MERCHANT, Role.OPERATOR)
Weekday = Annotated[int, Meta(ge=1, le=7, description="Monday is 1 (ISO 8601)")]


class RhythmIn(msgspec.Struct, forbid_unknown_fields=True):
    """When campaigns begin and how long they sell, in the zone of the campaign."""

    weekdays: Annotated[list[Weekday], Meta(min_length=1, max_length=7)]
    at: Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]" + END)]
    lasts_minutes: Annotated[int, Meta(ge=1, le=43_200)]
    lead_minutes: Annotated[int, Meta(ge=0, le=10_080)] = 0
    """So long before its start a campaign is made, for everybody to see."""

    def rhythm(self) -> Rhythm:
        """Return it in the domain's words."""
        at = time.fromisoformat(self.at)
        days = frozenset(day - 1 for day in self.weekdays)
        return Rhythm(days, at.hour * 60 + at.minute, self.lasts_minutes, self.lead_minutes)


class SeriesIn(msgspec.Struct, forbid_unknown_fields=True):
    """Let a campaign come again."""

    rhythm: RhythmIn
    times: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    """How many are made; null for as many as come."""
    publish: bool = False
    """At once, with the merchant's word; otherwise each one waits as a draft."""


class SeriesOut(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign that comes again."""

    id: str
    campaign_id: str
    merchant_id: str
    leader_id: str | None
    state: str
    rhythm: RhythmIn
    zone: str
    publish: bool
    next_at: datetime
    """When the next one begins, if the series runs."""
    made: int
    left: int | None
    last_campaign_id: str | None
    created_at: datetime
    version: int


def series_out(series: Series) -> SeriesOut:
    """Render a series."""
    rhythm = series.rhythm
    hours, minutes = divmod(rhythm.minute, 60)
    shown = RhythmIn(
        weekdays=[day + 1 for day in sorted(rhythm.weekdays)],
        at=f"{hours:02}:{minutes:02}",
        lasts_minutes=rhythm.lasts,
        lead_minutes=rhythm.lead,
    )
    return SeriesOut(
        id=series.id,
        campaign_id=series.campaign_id,
        merchant_id=series.merchant_id,
        leader_id=series.leader_id,
        state=series.state.value,
        rhythm=shown,
        zone=series.zone,
        publish=series.publish,
        next_at=series.next_at,
        made=series.made,
        left=series.left,
        last_campaign_id=series.last_campaign_id or None,
        created_at=series.created_at,
        version=series.version,
    )


class _SeriesDesk(Controller):
    """What leaders and merchants share."""

    @post("/campaigns/{campaign_id:str}/series", opt=RUNNERS, sync_to_thread=True)
    def repeat(
        self, campaign_id: FromPath[str], data: JSONBody[SeriesIn], visit: NamedDependency[Visit]
    ) -> Response[SeriesOut]:
        """Let a campaign come again by itself, each time as a copy with a new window."""
        wish = campaigns.Repeat(campaign_id, data.rhythm.rhythm(), data.times, data.publish)
        return visit.once(lambda work: campaigns.repeat_campaign(work, wish), series_out, 201)

    @get("/series", opt=RUNNERS, sync_to_thread=True)
    def list_series(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[SeriesOut]]:
        """List the caller's own series, the newest first."""
        found = visit.read(lambda work: campaigns.list_series(work, page.fetch, page.after))
        return page.answer(found, series_out, lambda each: each.created_at)

    @post("/series/{series_id:str}/pause", opt=RUNNERS, sync_to_thread=True, status_code=200)
    def pause(self, series_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[SeriesOut]:
        """Make none until it is resumed."""
        return visit.once(
            lambda work: campaigns.move_series(work, series_id, SeriesMove.PAUSE), series_out
        )

    @post("/series/{series_id:str}/resume", opt=RUNNERS, sync_to_thread=True, status_code=200)
    def resume(
        self, series_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[SeriesOut]:
        """Go on with the next start that lies ahead; what was missed is not made up for."""
        return visit.once(
            lambda work: campaigns.move_series(work, series_id, SeriesMove.RESUME), series_out
        )

    @post("/series/{series_id:str}/end", opt=RUNNERS, sync_to_thread=True, status_code=200)
    def end(self, series_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[SeriesOut]:
        """Make no more, for good; campaigns that were made go on."""
        return visit.once(
            lambda work: campaigns.move_series(work, series_id, SeriesMove.END), series_out
        )


class LeaderSeries(_SeriesDesk):
    """/leader: series of one's own campaigns."""

    path = "/leader"
    tags = ("leader",)


class MerchantSeries(_SeriesDesk):
    """/merchant: series of the merchant's campaigns."""

    path = "/merchant"
    tags = ("merchant",)


SERIES: tuple[type[Controller], ...] = (LeaderSeries, MerchantSeries)
