"""Rates of commission and the performance ladder, for operators; a campaign's for its merchant."""

from datetime import datetime
from functools import partial
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from groupbuy.application import commission
from groupbuy.application.commission import Scope, SetLadder, SetRate
from groupbuy.domain.commission import CAP_BP, MOST_STEPS, Ladder, RateRule, Step
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.amounts import END, Amount, amount
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit

OPERATOR = only(Role.OPERATOR)
DESK = only(Role.OPERATOR, Role.FINANCE)
SELLERS = only(Role.MERCHANT, Role.OPERATOR)
RateBp = Annotated[int, Meta(ge=0, le=CAP_BP, description="Basis points; 500 is 5 %")]
Reason = Annotated[str, Meta(min_length=1, max_length=200, description="Kept in the audit")]
MonthText = Annotated[
    str,
    Meta(pattern="^(20[0-9]{2}-(0[1-9]|1[0-2]))?" + END, description="YYYY-MM; next by default"),
]


class RateIn(msgspec.Struct, forbid_unknown_fields=True):
    """A rate; without `rate_bp` what is less specific applies again."""

    reason: Reason
    rate_bp: RateBp | None = None


class StepIn(msgspec.Struct, forbid_unknown_fields=True):
    """From so many sales of a month on, so much more on all of them."""

    sales: Amount
    bonus_bp: RateBp


class LadderIn(msgspec.Struct, forbid_unknown_fields=True):
    """The steps from a month on; none takes the ladder back."""

    reason: Reason
    steps: Annotated[list[StepIn], Meta(max_length=MOST_STEPS)]
    month: MonthText = ""

    def command(self, whose: str) -> SetLadder:
        """Return it as a command."""
        steps = tuple(Step(each.sales.money(), each.bonus_bp) for each in self.steps)
        return SetLadder(whose, steps, self.reason, self.month)


class RateOut(msgspec.Struct, frozen=True):
    """What is said about one leader, category or campaign."""

    scope: Scope
    subject: str
    name: str
    rate_bp: int | None
    """Absent where nothing is said, so that what is less specific applies."""


class StepOut(msgspec.Struct, frozen=True):
    """One step of a ladder."""

    sales: Amount
    bonus_bp: int


class LadderOut(msgspec.Struct, frozen=True):
    """The steps that hold from a month on, for the shop or one leader."""

    id: str
    whose: str
    month: str
    steps: list[StepOut]
    set_at: datetime


class OfferRateOut(msgspec.Struct, frozen=True):
    """What the leader earns on one offer, and whose word that is."""

    sku_id: str
    title: str
    rate_bp: int
    rule: RateRule
    source: str


class CampaignRatesOut(msgspec.Struct, frozen=True):
    """What everybody earns on a campaign: as fixed, or for a draft as it would be fixed now."""

    campaign_id: str
    rate_bp: int | None
    offers: list[OfferRateOut]
    helper_bp: int
    pickup_points: dict[str, int]
    left_bp: int
    """Room below the ceiling at the dearest; below zero the campaign cannot be published."""


class StandingOut(msgspec.Struct, frozen=True):
    """Where a leader stands in the month that runs."""

    month: str
    sales: Amount
    """What vested so far, refunds taken off."""
    steps: list[StepOut]
    """The ladder that holds; empty where there is none."""
    reached: StepOut | None
    next: StepOut | None
    """The next step up, if there is one."""
    missing: Amount
    """Sales until the next step; nought where there is none."""
    bonus: Amount
    """What the month would earn if it ended now."""


class LeaderLadder(Controller):
    """/leader/ladder."""

    path = "/leader"
    tags = ("commission",)

    @get("/ladder", opt=only(Role.LEADER), sync_to_thread=True)
    def standing(self, visit: NamedDependency[Visit]) -> Response[StandingOut]:
        """Show what the leader sold this month, the step reached, and what the next one takes."""
        return Response(standing_out(visit.read(commission.my_standing)))


class RatesDesk(Controller):
    """/ops/commission."""

    path = "/ops/commission"
    tags = ("commission",)

    @get("/rates/leaders", opt=DESK, sync_to_thread=True)
    def leaders(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[RateOut]]:
        """List leaders with their own rates, by id."""
        return _listed(visit, page, Scope.LEADER)

    @put("/rates/leaders/{leader_id:str}", opt=OPERATOR, sync_to_thread=True)
    def set_leader(
        self, leader_id: FromPath[str], data: JSONBody[RateIn], visit: NamedDependency[Visit]
    ) -> Response[RateOut]:
        """Say a leader's rate or take it back; campaigns published before keep theirs."""
        cmd = SetRate(Scope.LEADER, leader_id, data.rate_bp, data.reason)
        return visit.once(lambda work: commission.set_rate(work, cmd), rate_out)

    @get("/rates/categories", opt=DESK, sync_to_thread=True)
    def categories(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[RateOut]]:
        """List categories with their own rates, by id."""
        return _listed(visit, page, Scope.CATEGORY)

    @put("/rates/categories/{category_id:str}", opt=OPERATOR, sync_to_thread=True)
    def set_category(
        self, category_id: FromPath[str], data: JSONBody[RateIn], visit: NamedDependency[Visit]
    ) -> Response[RateOut]:
        """Say the rate of a category and those below it, or take it back."""
        cmd = SetRate(Scope.CATEGORY, category_id, data.rate_bp, data.reason)
        return visit.once(lambda work: commission.set_rate(work, cmd), rate_out)

    @get("/ladders", opt=DESK, sync_to_thread=True)
    def ladders(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[LadderOut]]:
        """List the ladders of the shop and of leaders, by the month from which they hold."""
        found = visit.read(lambda work: commission.list_ladders(work, page.fetch, page.after))
        return page.answer(found, ladder_out, lambda each: each.id)

    @put("/ladders/{leader_id:str}", opt=OPERATOR, sync_to_thread=True)
    def set_ladder(
        self, leader_id: FromPath[str], data: JSONBody[LadderIn], visit: NamedDependency[Visit]
    ) -> Response[LadderOut]:
        """Say which steps hold for a leader, or for `shop`, from a month that has not begun."""
        cmd = data.command(leader_id)
        return visit.once(lambda work: commission.set_ladder(work, cmd), ladder_out)


class CampaignRatesDesk(Controller):
    """/merchant/campaigns/{campaign_id}/commission."""

    path = "/merchant/campaigns/{campaign_id:str}/commission"
    tags = ("commission",)

    @get("/", opt=SELLERS, sync_to_thread=True)
    def show(
        self, campaign_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[CampaignRatesOut]:
        """Show which rate applies to each offer, and whose word it is."""
        found = visit.read(partial(commission.campaign_rates, campaign_id=campaign_id))
        return Response(campaign_rates_out(found))

    @post("/", opt=SELLERS, status_code=200, sync_to_thread=True)
    def change(
        self, campaign_id: FromPath[str], data: JSONBody[RateIn], visit: NamedDependency[Visit]
    ) -> Response[RateOut]:
        """Say a draft's rate or take it back; the draft has to be agreed to anew."""
        cmd = SetRate(Scope.CAMPAIGN, campaign_id, data.rate_bp, data.reason)
        return visit.once(lambda work: commission.set_rate(work, cmd), rate_out)


def _listed(visit: Visit, page: Page, scope: Scope) -> Response[Listing[RateOut]]:
    found = visit.read(lambda work: commission.list_rates(work, scope, page.fetch, page.after))
    return page.answer(found, rate_out, lambda each: each.subject)


def rate_out(row: commission.RateRow) -> RateOut:
    """Render what is said."""
    return RateOut(row.scope, row.subject, row.name, row.bp)


def ladder_out(ladder: Ladder) -> LadderOut:
    """Render a ladder."""
    steps = [step_out(step) for step in ladder.steps]
    return LadderOut(ladder.id, ladder.whose, ladder.month, steps, ladder.set_at)


def standing_out(found: commission.Standing) -> StandingOut:
    """Render where a leader stands."""
    return StandingOut(
        month=found.month,
        sales=amount(found.sales),
        steps=[step_out(step) for step in found.ladder.steps] if found.ladder else [],
        reached=step_out(found.reached) if found.reached else None,
        next=step_out(found.following) if found.following else None,
        missing=amount(found.missing),
        bonus=amount(found.bonus),
    )


def step_out(step: Step) -> StepOut:
    """Render a step."""
    return StepOut(amount(step.sales), step.bonus_bp)


def campaign_rates_out(found: commission.CampaignRates) -> CampaignRatesOut:
    """Render what everybody earns on a campaign."""
    campaign = found.campaign
    offers = [
        OfferRateOut(o.sku_id, o.title, o.rate.bp, o.rate.rule, o.rate.source) for o in found.offers
    ]
    side = campaign.side_rates
    points = {each.point_id: each.bp for each in side.points}
    return CampaignRatesOut(
        campaign.id, campaign.commission_bp, offers, side.helper_bp, points, found.left_bp
    )
