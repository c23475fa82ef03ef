"""A group and its seats: exact counts, and every move that changes them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import evolve, frozen

from groupbuy.domain.campaigns import events
from groupbuy.domain.campaigns.model import Campaign
from groupbuy.domain.campaigns.states import (
    GROUP,
    LIVE,
    PAID,
    SEAT,
    GroupFacts,
    GroupMove,
    GroupState,
    SeatMove,
    SeatState,
)
from groupbuy.domain.campaigns.terms import Measure, Mode
from groupbuy.domain.kernel import Event, Invalid, Money, Refused


@frozen
class Seat:
    """One order's place in a group. Its id is the order's id."""

    id: str
    group_id: str
    campaign_id: str
    buyer_id: str
    units: int
    amount: Money
    """What the order pays."""
    held_until: datetime
    state: SeatState = SeatState.HELD
    version: int = 0

    def move(self, move: SeatMove) -> "Seat":
        """Return the seat after a move of its table."""
        return evolve(self, state=SEAT.fire(self.state, move, None).target)


def group_of(campaign_id: str) -> str:
    """Return the id of the one group of a pool or relay campaign: it carries its number."""
    return "grp_" + campaign_id.partition("_")[2]


@frozen
class Group:
    """The people of a campaign who stand or fall together, as exact counts.

    `live_*` counts held, paid and confirmed seats; `paid_*` counts paid and confirmed ones.
    Buyers are distinct people.
    """

    id: str
    campaign_id: str
    opens_at: datetime
    ends_at: datetime
    currency: str = "CNY"
    state: GroupState = GroupState.OPEN
    held_seats: int = 0
    live_buyers: int = 0
    live_units: int = 0
    paid_seats: int = 0
    paid_buyers: int = 0
    paid_units: int = 0
    paid_amount: int = 0
    """Minor units."""
    formed_at: datetime | None = None
    decided_at: datetime | None = None
    formed_by: str = ""
    """quorum | waiver"""
    final_reached: int | None = None
    """What the ladder of prices has come to, in the quorum's measure; None until it is certain."""
    members: tuple[str, ...] = ()
    """The living buyers of a team, first come first; empty where there are no teams."""
    version: int = 0

    @classmethod
    def of(cls, campaign: Campaign, group_id: str, now: datetime) -> "tuple[Group, list[Event]]":
        """Open a group under a campaign, for as long as the campaign sells."""
        group = cls(
            id=group_id,
            campaign_id=campaign.id,
            opens_at=campaign.starts_at,
            ends_at=campaign.ends_at,
            currency=campaign.currency,
        )
        return group, [Event(events.GROUP_OPENED, group_id, now, {"campaign": campaign.id})]

    @classmethod
    def team(cls, campaign: Campaign, group_id: str, now: datetime) -> "tuple[Group, list[Event]]":
        """Open a team (拼团): its clock runs from now on. Whoever takes its first seat opened it.

        Raises Refused where a campaign has no teams, or its own end has come.
        """
        if campaign.mode is not Mode.TEAM or campaign.team_hours is None:
            raise Refused(rule="campaign_has_teams", about=campaign.id)
        if campaign.ends_at <= now:
            raise Refused(rule="before_the_end", about=campaign.id)
        group, happened = cls.of(campaign, group_id, now)
        ends_at = min(now + timedelta(hours=campaign.team_hours), campaign.ends_at)
        return evolve(group, opens_at=now, ends_at=ends_at), happened

    @property
    def opener_id(self) -> str:
        """Who opened the team (开团人), or has taken that place since; empty for anything else."""
        return self.members[0] if self.members else ""

    def hold(
        self,
        campaign: Campaign,
        seat_id: str,
        buyer_id: str,
        units: int,
        amount: Money,
        mine: Sequence[Seat],
        now: datetime,
    ) -> "tuple[Group, Seat, list[Event]]":
        """Take a seat for a while. `mine` are this buyer's other live seats in the campaign."""
        if units < 1:
            raise Invalid(field="units", reason="must be at least 1")
        self._fire(GroupMove.HOLD, self._facts(campaign, now, units, mine))
        until = min(now + timedelta(minutes=campaign.hold_minutes), self.ends_at)
        seat = Seat(seat_id, self.id, self.campaign_id, buyer_id, units, amount, until)
        after = self._counted(seat, mine, SeatState.HELD, 1, held=1)._with(campaign, buyer_id)
        return after, seat, [self._event(events.SEAT_TAKEN, now, seat)]

    def pay(
        self, campaign: Campaign, seat: Seat, mine: Sequence[Seat], paid_at: datetime, now: datetime
    ) -> "tuple[Group, Seat, list[Event]]":
        """Count a held seat as paid; the one that meets the quorum forms the group at once."""
        self._fire(GroupMove.PAY, self._facts(campaign, paid_at, 0, mine))
        paid = seat.move(SeatMove.PAY)
        after = self._counted(seat, mine, SeatState.PAID, 1, held=-1)
        formed, happened = after.form_if_reached(campaign, now)
        return formed, paid, [self._event(events.SEAT_PAID, now, paid), *happened]

    def readmit(
        self, campaign: Campaign, seat: Seat, mine: Sequence[Seat], now: datetime
    ) -> "tuple[Group, Seat, list[Event]]":
        """Let a late payer in, if there is still room for the same order.

        A seat of another team of the campaign becomes one of this team.
        """
        facts = self._facts(campaign, now, seat.units, mine)
        self._fire(GroupMove.READMIT, facts)
        back = evolve(seat.move(SeatMove.READMIT), group_id=self.id)
        after = self._counted(back, mine, SeatState.HELD, 1)._counted(back, mine, SeatState.PAID, 1)
        after = after._with(campaign, seat.buyer_id)
        formed, happened = after.form_if_reached(campaign, now)
        return formed, back, [self._event(events.SEAT_READMITTED, now, back), *happened]

    def release(
        self, seat: Seat, mine: Sequence[Seat], now: datetime, why: str
    ) -> "tuple[Group, Seat, list[Event]]":
        """Give a seat up. A formed group stays formed: formation is sticky."""
        gone = seat.move(SeatMove.RELEASE)
        after = self._counted(seat, mine, SeatState.HELD, -1)
        if seat.state in PAID:
            after = after._counted(seat, mine, SeatState.PAID, -1)
        else:
            after = evolve(after, held_seats=after.held_seats - 1)
        after, happened = after._without(seat, mine, now)
        return after, gone, [self._event(events.SEAT_RELEASED, now, gone, why=why), *happened]

    def form_if_reached(self, campaign: Campaign, now: datetime) -> "tuple[Group, list[Event]]":
        """Form if the quorum is reached (or openly waived); otherwise change nothing."""
        facts = self._facts(campaign, now)
        if self.state not in (GroupState.OPEN, GroupState.CLOSING) or not (
            facts.reached >= facts.target or (facts.waived and facts.reached > 0)
        ):
            return self, []
        why = "quorum" if facts.reached >= facts.target else "waiver"
        edge_state = self._fire(GroupMove.FORM, facts)
        after = evolve(self, state=edge_state, formed_at=now, decided_at=now, formed_by=why)
        formed = Event(events.GROUP_FORMED, self.id, now, {"by": why, "reached": facts.reached})
        if campaign.stops_at_quorum or self.ends_at <= now:
            ended, more = after.end(campaign, now)
            return ended, [formed, *more]
        return after, [formed]

    def lapse(self, campaign: Campaign, now: datetime) -> "tuple[Group, list[Event]]":
        """Stop selling at the end without a quorum; wait until every payment is certain."""
        state = self._fire(GroupMove.LAPSE, self._facts(campaign, now))
        return evolve(self, state=state), [Event(events.GROUP_CLOSING, self.id, now)]

    def fail(self, campaign: Campaign, now: datetime) -> "tuple[Group, list[Event]]":
        """Give up, once and for all: everybody who paid gets everything back."""
        facts = self._facts(campaign, now)
        state = self._fire(GroupMove.FAIL, facts)
        happened = Event(events.GROUP_FAILED, self.id, now, {"reached": facts.reached})
        return evolve(self, state=state, decided_at=now), [happened]

    def end(self, campaign: Campaign, now: datetime) -> "tuple[Group, list[Event]]":
        """Stop selling in a formed group; seats already held may still pay in time."""
        state = self._fire(GroupMove.END, self._facts(campaign, now))
        return evolve(self, state=state), [Event(events.GROUP_ENDED, self.id, now)]

    def cancel(self, campaign: Campaign, now: datetime) -> "tuple[Group, list[Event]]":
        """Call the group off before it formed."""
        state = self._fire(GroupMove.CANCEL, self._facts(campaign, now))
        return evolve(self, state=state, decided_at=now), [
            Event(events.GROUP_CANCELLED, self.id, now)
        ]

    def bring_end_forward(self, now: datetime) -> "tuple[Group, list[Event]]":
        """Stop selling now: the merchant closed the campaign by hand."""
        if self.ends_at <= now:
            return self, []
        return evolve(self, ends_at=now), [Event(events.END_MOVED, self.id, now)]

    def decide(self, campaign: Campaign, now: datetime) -> "tuple[Group, list[Event]]":
        """Do whatever is due: form at quorum, lapse at the end, fail or end when certain."""
        after, happened = self.form_if_reached(campaign, now)
        if after.state is GroupState.OPEN and after.ends_at <= now:
            after, more = after.lapse(campaign, now)
            happened = [*happened, *more]
        if after.state is GroupState.CLOSING and after.held_seats == 0:
            after, more = after.fail(campaign, now)
            happened = [*happened, *more]
        if after.state is GroupState.FORMED and after.ends_at <= now:
            after, more = after.end(campaign, now)
            happened = [*happened, *more]
        after, more = after.settle_ladder(campaign, now)
        return after, [*happened, *more]

    def settle_ladder(self, campaign: Campaign, now: datetime) -> "tuple[Group, list[Event]]":
        """Fix what everybody pays in the end, once nobody can join or pay any more."""
        over = self.state is GroupState.ENDED and self.held_seats == 0
        if not campaign.tiers or not over or self.final_reached is not None:
            return self, []
        final = self.reached(campaign.measure)
        happened = Event(events.LADDER_SETTLED, self.id, now, {"reached": final})
        return evolve(self, final_reached=final), [happened]

    def reached(self, measure: Measure) -> int:
        """Count what has been paid, in the quorum's measure."""
        if measure is Measure.BUYERS:
            return self.paid_buyers
        return self.paid_units if measure is Measure.UNITS else self.paid_amount

    def _fire(self, move: GroupMove, facts: GroupFacts) -> GroupState:
        return GROUP.fire(self.state, move, facts).target

    def _facts(
        self,
        campaign: Campaign,
        at: datetime,
        units: int = 0,
        mine: Sequence[Seat] = (),
    ) -> GroupFacts:
        live = [s for s in mine if s.state in LIVE]
        return GroupFacts(
            at=at,
            opens_at=self.opens_at,
            ends_at=self.ends_at,
            reached=self.reached(campaign.measure),
            target=campaign.target,
            waived=campaign.waiver is not None,
            held_seats=self.held_seats,
            live_buyers=self.live_buyers,
            live_units=self.live_units,
            is_new_buyer=not any(s.group_id == self.id for s in live),
            units=units,
            my_units=sum(s.units for s in live),
            my_orders=len(live),
            capacity=campaign.room,
            limits=campaign.limits,
            stopped=campaign.stops_at_quorum,
        )

    def _with(self, campaign: Campaign, buyer_id: str) -> "Group":
        if campaign.mode is not Mode.TEAM or buyer_id in self.members:
            return self
        return evolve(self, members=(*self.members, buyer_id))

    def _without(
        self, seat: Seat, mine: Sequence[Seat], now: datetime
    ) -> "tuple[Group, list[Event]]":
        """Let a member of a team go with their last seat; if they opened it the next one does.

        What has been decided stays as it was: it tells who formed the team.
        """
        others = (s for s in mine if s.id != seat.id and s.group_id == self.id)
        stays = any(s.state in LIVE for s in others)
        if self.state is not GroupState.OPEN or stays or seat.buyer_id not in self.members:
            return self, []
        after = evolve(self, members=tuple(m for m in self.members if m != seat.buyer_id))
        if not after.members or after.opener_id == self.opener_id:
            return after, []
        return after, [Event(events.OPENER_PROMOTED, self.id, now, {"members": len(after.members)})]

    def _counted(
        self, seat: Seat, mine: Sequence[Seat], level: SeatState, sign: int, held: int = 0
    ) -> "Group":
        """Add or take away one seat at a level; `mine` are the buyer's other seats, not this.

        `held` seats come to wait for their payment, or wait no more.
        """
        others = [s for s in mine if s.id != seat.id and s.group_id == self.id]
        if level is SeatState.HELD:
            alone = not any(s.state in LIVE for s in others)
            return evolve(
                self,
                held_seats=self.held_seats + held,
                live_buyers=self.live_buyers + (sign if alone else 0),
                live_units=self.live_units + sign * seat.units,
            )
        alone = not any(s.state in PAID for s in others)
        return evolve(
            self,
            held_seats=self.held_seats + held,
            paid_seats=self.paid_seats + sign,
            paid_buyers=self.paid_buyers + (sign if alone else 0),
            paid_units=self.paid_units + sign * seat.units,
            paid_amount=self.paid_amount + sign * seat.amount.minor,
        )

    def _event(self, name: str, now: datetime, seat: Seat, **more: object) -> Event:
        data = {"seat": seat.id, "units": seat.units, "amount": seat.amount.minor, **more}
        return Event(name, self.id, now, data)
