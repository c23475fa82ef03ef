"""The campaign: what it promises and its own life. Moves return the next value and its events."""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise

from attrs import evolve, field, frozen

from groupbuy.domain.campaigns import events
from groupbuy.domain.campaigns.audience import Audience, HeadStart
from groupbuy.domain.campaigns.states import (
    CAMPAIGN,
    CampaignFacts,
    CampaignMove,
    CampaignState,
)
from groupbuy.domain.campaigns.terms import (
    TEAM_SIZES,
    Capacity,
    Limits,
    Measure,
    Mode,
    Offer,
    OnQuorum,
    Quorum,
    RefundRules,
    SideRates,
    Tier,
    Waiver,
)
from groupbuy.domain.kernel import Event, Money, NotFound


@frozen
class Campaign:
    """An offer to a community, its rules, and its own life.

    A date somebody typed means that local day in `zone`; instants here are UTC and windows are
    half-open: `[starts_at, ends_at)`.
    """

    id: str
    merchant_id: str
    title: str
    mode: Mode
    starts_at: datetime
    ends_at: datetime
    created_by: str
    created_at: datetime
    leader_id: str | None = None
    description: str = ""
    zone: str = "Asia/Shanghai"
    offers: tuple[Offer, ...] = ()
    quorum: Quorum | None = None
    capacity: Capacity | None = None
    limits: Limits = Limits()
    refund_rules: RefundRules = RefundRules()
    tiers: tuple[Tier, ...] = ()
    team_hours: int | None = None
    """How long a team stays open, but never beyond the end; None where there are no teams."""
    on_quorum: OnQuorum = OnQuorum.SELL_ON
    hold_minutes: int = 15
    freight: Money = field(factory=lambda: Money(0))
    pickup_point_ids: tuple[str, ...] = ()
    express: bool = True
    coupons_allowed: bool = True
    promotions: tuple[str, ...] = ()
    """What is taken off beside the group price: texts that `marketing` writes and reads."""
    commission_bp: int | None = None
    side_rates: SideRates = SideRates()
    approved_by: str | None = None
    """Who agreed for the merchant; a leader's campaign needs it before it is published."""
    waiver: Waiver | None = None
    copied_from: str | None = None
    audience: Audience = Audience()
    head_start: HeadStart | None = None
    state: CampaignState = CampaignState.DRAFT
    version: int = 0

    def edit(self, now: datetime, changes: Mapping[str, object]) -> "tuple[Campaign, list[Event]]":
        """Change a draft. Once scheduled, price and rules are a promise."""
        after, event = self._fire(CampaignMove.EDIT, now)
        edited: Campaign = evolve(after, approved_by=None, **dict(changes))  # type: ignore[arg-type]
        return edited, [event]

    def approve(self, by: str, now: datetime) -> "tuple[Campaign, list[Event]]":
        """Agree for the merchant; any later edit needs a new word."""
        after, event = self._fire(CampaignMove.APPROVE, now)
        return evolve(after, approved_by=by), [evolve(event, data={"by": by})]

    def schedule(self, now: datetime) -> "tuple[Campaign, list[Event]]":
        """Publish: from here on price and rules do not change."""
        after, event = self._fire(CampaignMove.SCHEDULE, now)
        return after, [event]

    def open(self, now: datetime) -> "tuple[Campaign, list[Event]]":
        """Begin selling; the caller opens the group of a pool or relay campaign."""
        after, event = self._fire(CampaignMove.OPEN, now)
        return after, [event]

    def waive(self, by: str, reason: str, now: datetime) -> "tuple[Campaign, list[Event]]":
        """Give up the quorum openly: whoever has paid gets the goods. Everybody can see it."""
        after, event = self._fire(CampaignMove.WAIVE, now)
        happened = evolve(event, data={"by": by, "reason": reason})
        return evolve(after, waiver=Waiver(by, reason)), [happened]

    def close(self, now: datetime) -> "tuple[Campaign, list[Event]]":
        """Stop for good; its groups have been decided or are being decided."""
        after, event = self._fire(CampaignMove.CLOSE, now)
        return after, [event]

    def cancel(self, now: datetime, *, any_group_formed: bool) -> "tuple[Campaign, list[Event]]":
        """Call it off; everybody who paid gets everything back."""
        after, event = self._fire(CampaignMove.CANCEL, now, any_group_formed=any_group_formed)
        return after, [event]

    def copy(
        self, *, new_id: str, by: str, starts_at: datetime, ends_at: datetime, now: datetime
    ) -> "tuple[Campaign, list[Event]]":
        """Start a new draft with the same offers and rules and a new window."""
        draft = evolve(
            self,
            id=new_id,
            created_by=by,
            created_at=now,
            starts_at=starts_at,
            ends_at=ends_at,
            offers=tuple(evolve(offer, reference=None) for offer in self.offers),
            approved_by=None,
            waiver=None,
            copied_from=self.id,
            state=CampaignState.DRAFT,
            version=0,
        )
        return draft, [Event(events.DRAFTED, new_id, now, {"copied_from": self.id})]

    def offer(self, sku_id: str) -> Offer:
        """Return the offer of a variant. Raises NotFound."""
        for offer in self.offers:
            if offer.sku_id == sku_id:
                return offer
        raise NotFound(kind="offer", key=sku_id)

    @property
    def currency(self) -> str:
        """The one currency of all offers."""
        return self.offers[0].price.currency if self.offers else self.freight.currency

    @property
    def opens_for_all_at(self) -> datetime:
        """When it opens for those who do not come first."""
        return self.starts_at + self.head_start.lasts if self.head_start else self.starts_at

    @property
    def target(self) -> int:
        """What a group must reach; a relay forms at its first paid seat."""
        return self.quorum.target if self.quorum else 1

    @property
    def measure(self) -> Measure:
        """What the target counts."""
        return self.quorum.measure if self.quorum else Measure.BUYERS

    @property
    def room(self) -> Capacity | None:
        """The most a group may hold; a team holds as many buyers as it needs."""
        if self.mode is Mode.TEAM:
            return Capacity(Measure.BUYERS, self.target)
        return self.capacity

    @property
    def stops_at_quorum(self) -> bool:
        """Tell whether a group sells nothing more once it has formed."""
        return self.mode is Mode.TEAM or self.on_quorum is OnQuorum.STOP

    def tier_at(self, reached: int) -> Tier | None:
        """Return the last step of the ladder that so much has reached, in the quorum's measure."""
        return next((t for t in reversed(self.tiers) if t.reached <= reached), None)

    def next_tier(self, reached: int) -> Tier | None:
        """Return the step of the ladder that comes next."""
        return next((t for t in self.tiers if t.reached > reached), None)

    def price_at(self, sku_id: str, reached: int) -> Money:
        """Return what a unit costs once so much is reached. Raises NotFound."""
        offer, tier = self.offer(sku_id), self.tier_at(reached)
        return offer.price if tier is None else Offer.share_of(offer.original, tier.share_bp)

    def terms_fit(self) -> bool:
        """Tell whether mode, quorum, capacity, tiers and currency can all be kept."""
        one_currency = len({o.price.currency for o in self.offers} | {self.freight.currency}) == 1
        if not one_currency or self.opens_for_all_at >= self.ends_at:
            return False
        if (self.mode is Mode.TEAM) is not (self.team_hours is not None):
            return False
        if self.mode is Mode.RELAY:
            return self.quorum is None and not self.tiers
        if self.mode is Mode.TEAM:
            return self._teams_fit()
        return self.quorum is not None and self._has_room_for(self.quorum) and self._tiers_fall()

    def _teams_fit(self) -> bool:
        """A team is so many people, at one price; stock and limits bound all teams together."""
        people = self.measure is Measure.BUYERS and self.target in TEAM_SIZES
        return people and self.capacity is None and not self.tiers

    def _tiers_fall(self) -> bool:
        """Every step asks for more and costs less than the one before, in every variant."""
        steps = [0, *(tier.reached for tier in self.tiers)]
        if any(later <= earlier for earlier, later in pairwise(steps)):
            return False
        return all(
            Money(0, later.currency) < later < earlier
            for offer in self.offers
            for earlier, later in pairwise(self.price_at(offer.sku_id, step) for step in steps)
        )

    def _has_room_for(self, quorum: Quorum) -> bool:
        """Everybody takes one unit or more: room for so many units is room for so many buyers."""
        if self.capacity is None or quorum.measure not in (Measure.BUYERS, self.capacity.measure):
            return True
        return quorum.target <= self.capacity.limit

    def _fire(
        self, move: CampaignMove, now: datetime, *, any_group_formed: bool = False
    ) -> "tuple[Campaign, Event]":
        facts = CampaignFacts(
            now=now,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            offers=len(self.offers),
            promises_kept=self.terms_fit(),
            agreed=self.leader_id is None or self.approved_by is not None,
            any_group_formed=any_group_formed,
        )
        edge = CAMPAIGN.fire(self.state, move, facts)
        return evolve(self, state=edge.target), Event(edge.event, self.id, now)
