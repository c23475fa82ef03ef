"""Rates and ladders kept: who may say one, from when it holds, and what applies to an offer.

A rate is fixed when a campaign is published and a ladder before its month begins: whatever is
said here changes neither orders nor months that have begun.
"""

from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.offering import with_rates
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Campaign, CampaignState
from groupbuy.domain.catalogue import Category
from groupbuy.domain.commission import (
    CAP_BP,
    SHOP,
    Ladder,
    Rate,
    Step,
    checked,
    ladder_id,
    month_after,
    month_at,
    month_named,
)
from groupbuy.domain.kernel import Invalid, NotFound, Refused
from groupbuy.domain.membership import Leader, Role

T = TypeVar("T")


class Scope(StrEnum):
    """What bears a rate of its own."""

    LEADER = "leader"
    CATEGORY = "category"
    CAMPAIGN = "campaign"
    """As long as it is a draft."""


_KINDS: dict[Scope, type[Any]] = {
    Scope.LEADER: Leader,
    Scope.CATEGORY: Category,
    Scope.CAMPAIGN: Campaign,
}


@frozen
class SetRate:
    """Say a rate, or take it back."""

    scope: Scope
    subject: str
    bp: int | None
    """Basis points; None: what is less specific applies again."""
    reason: str


@frozen
class SetLadder:
    """Say which steps hold from a month on, or that none do."""

    whose: str
    """`shop`, or a leader's id."""
    steps: tuple[Step, ...]
    """None: a leader goes by the shop's ladder again, and the shop has none."""
    reason: str
    month: str = ""
    """YYYY-MM, later than the one that runs; the next one by default."""


@frozen
class RateRow:
    """What is said about one leader, category or campaign."""

    scope: Scope
    subject: str
    name: str
    bp: int | None
    """None: nothing, so that what is less specific applies."""


@frozen
class OfferRate:
    """What a leader would earn on one offer, and why."""

    sku_id: str
    title: str
    rate: Rate
    """0 without a leader."""


@frozen
class CampaignRates:
    """What everybody earns on a campaign: as fixed, or for a draft as it would be fixed now."""

    campaign: Campaign
    offers: tuple[OfferRate, ...] = field(factory=tuple)
    left_bp: int = 0
    """Room below the ceiling beside the dearest offer and the dearest pickup point."""


def set_rate(work: Work, cmd: SetRate) -> RateRow:
    """Say a rate, or take it back. Raises Forbidden, NotFound, Invalid, IllegalMove."""
    reason = _reason(cmd.reason)
    if cmd.bp is not None and not 0 <= cmd.bp <= CAP_BP:
        raise Invalid(field="rate_bp", reason=f"must be 0 to {CAP_BP}")
    if cmd.scope is Scope.CAMPAIGN:
        before: Any = _own_campaign(work, cmd.subject)
        after, happened = before.edit(work.now(), {"commission_bp": cmd.bp})
        work.emit(happened)
    else:
        work.caller.require(Role.OPERATOR)
        before = _locked(work, _KINDS[cmd.scope], cmd.subject)
        after = evolve(before, commission_bp=cmd.bp)
    work.of(_KINDS[cmd.scope]).save(after)
    said = {"bp": _text(cmd.bp), "was": _text(before.commission_bp)}
    work.audit(f"commission_rate.{cmd.scope}", cmd.subject, reason, **said)
    return _row(cmd.scope, after)


def list_rates(
    work: Work, scope: Scope, limit: int, after: tuple[Any, str] | None = None
) -> list[RateRow]:
    """Return what is said about leaders, categories or campaigns, by id. Raises Forbidden."""
    work.caller.require(Role.OPERATOR, Role.FINANCE)
    found = work.of(_KINDS[scope]).select(Query().page(limit, after))
    return [_row(scope, each) for each in found]


def campaign_rates(work: Work, campaign_id: str) -> CampaignRates:
    """Return which rate applies to each offer of a campaign and why. Raises NotFound."""
    campaign = _own_campaign(work, campaign_id, lock=False)
    draft = campaign.state is CampaignState.DRAFT
    ready = with_rates(work, campaign) if draft else campaign
    offers = tuple(
        OfferRate(offer.sku_id, offer.title, Rate.kept(offer.leader_bp, offer.leader_why))
        for offer in ready.offers
    )
    side = ready.side_rates
    most = max((offer.leader_bp for offer in ready.offers), default=0) + side.helper_bp
    return CampaignRates(
        ready, offers, CAP_BP - most - max((each.bp for each in side.points), default=0)
    )


def set_ladder(work: Work, cmd: SetLadder) -> Ladder:
    """Say a ladder for a month that has not begun, and those after it.

    Raises Forbidden, NotFound, Invalid, Refused for a month that runs or is over.
    """
    work.caller.require(Role.OPERATOR)
    reason = _reason(cmd.reason)
    policy = work.kit.policy
    running = month_at(work.now(), ZoneInfo(policy.zone))
    month = month_named(cmd.month) if cmd.month else month_after(running)
    if month <= running:
        raise Refused(rule="ladder_is_known_before_its_month", about=month)
    if cmd.whose != SHOP:
        work.of(Leader).get(cmd.whose)
    steps = checked(cmd.steps, policy.currency) if cmd.steps else ()
    key = ladder_id(cmd.whose, month)
    made = Ladder(key, cmd.whose, month, steps, work.caller.user_id, work.now())
    known = work.of(Ladder).lock([key]).get(key)
    if known is None:
        work.of(Ladder).add(made)
    else:
        made = evolve(made, version=known.version)
        work.of(Ladder).save(made)
    said = ", ".join(f"{step.sales.minor}:{step.bonus_bp}" for step in steps)
    work.audit("commission_ladder.set", key, reason, steps=said)
    return made


def list_ladders(work: Work, limit: int, after: tuple[Any, str] | None = None) -> list[Ladder]:
    """Return every ladder that was said, by whose and month. Raises Forbidden."""
    work.caller.require(Role.OPERATOR, Role.FINANCE)
    return work.of(Ladder).select(Query().page(limit, after))


def _own_campaign(work: Work, campaign_id: str, *, lock: bool = True) -> Campaign:
    """Return a campaign of the caller's merchant; the operator speaks for every one."""
    caller, store = work.caller, work.of(Campaign)
    caller.require(Role.MERCHANT, Role.OPERATOR)
    found = (store.lock([campaign_id]) if lock else store.find([campaign_id])).get(campaign_id)
    own = found is not None and found.merchant_id == caller.merchant_id
    if found is None or not (own or Role.OPERATOR in caller.roles):
        raise NotFound(kind="campaign", key=campaign_id)
    return found


def _locked(work: Work, kind: type[T], key: str) -> T:
    found = work.of(kind).lock([key]).get(key)
    if found is None:
        raise NotFound(kind=kind.__name__.lower(), key=key)
    return found


def _row(scope: Scope, bearer: Any) -> RateRow:
    name = bearer.title if scope is Scope.CAMPAIGN else bearer.name
    return RateRow(scope, bearer.id, name, bearer.commission_bp)


def _reason(text: str) -> str:
    reason = text.strip()
    if not 1 <= len(reason) <= 200:
        raise Invalid(field="reason", reason="must have 1 to 200 letters")
    return reason


def _text(bp: int | None) -> str:
    return "" if bp is None else str(bp)
