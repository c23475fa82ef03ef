"""A group and its orders under any sequence of moves, with everything counted afresh after each."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from groupbuy.domain.campaigns import (
    LIVE,
    Capacity,
    GroupState,
    Limits,
    Measure,
    OnQuorum,
    Quorum,
    SeatMove,
    SeatState,
)
from groupbuy.domain.invariants import Books, count_of
from groupbuy.domain.invariants.scarce import (
    buyers_stay_within_limits,
    groups_count_their_seats,
    seats_follow_their_orders,
)
from groupbuy.domain.kernel import IllegalMove, Refused
from groupbuy.domain.ordering import CloseReason, OrderState
from tests.support.rooms import END, PRICE, START, Room, an_order

BUYERS = [f"usr_{number}" for number in range(6)]
OUTCOMES = {"group.formed", "group.failed", "group.cancelled"}
SELLING = {GroupState.OPEN, GroupState.FORMED}
maybe = st.none() | st.integers(1, 4)


@st.composite
def rules(draw):
    """Settings of a campaign that can all be kept."""
    measure = draw(st.sampled_from(Measure))
    target = draw(st.integers(1, 5)) * (PRICE if measure is Measure.AMOUNT else 1)
    counted = draw(st.none() | st.sampled_from([Measure.BUYERS, Measure.UNITS]))
    return {
        "quorum": Quorum(measure, target),
        "capacity": Capacity(counted, draw(st.integers(5, 9))) if counted else None,
        "limits": Limits(draw(maybe), draw(maybe), draw(maybe)),
        "on_quorum": draw(st.sampled_from(OnQuorum)),
    }


class GroupOfPeople(RuleBasedStateMachine):
    """Shoppers hold, pay, leave, come back; time passes; the merchant decides."""

    @initialize(settings=rules())
    def open(self, settings):
        self.room = Room.opened(**settings)
        self.orders = {}
        self.ever_formed = False

    def seats(self, *states):
        return sorted(s.id for s in self.room.seats.values() if s.state in states)

    def step(self, order_id, move, *args):
        self.orders[order_id], _ = getattr(self.orders[order_id], move)(*args)

    # --- what people do -----------------------------------------------------------------------

    @rule(buyer=st.sampled_from(BUYERS), units=st.integers(1, 3))
    def hold(self, buyer, units):
        room, before = self.room, self.room.group
        try:
            seat_id = room.hold(buyer, units)
        except Refused as refusal:
            assert room.group == before
            self.explain(refusal.rule, buyer, units)
            return
        except IllegalMove:
            assert before.state not in SELLING
            return
        assert before.state in SELLING
        assert START <= room.now < END
        assert room.now < room.seats[seat_id].held_until <= END
        self.orders[seat_id] = an_order(units=units, id=seat_id, buyer_id=buyer)

    def explain(self, rule, buyer, units):
        """A refusal names a rule that really stands in the way."""
        room, limits = self.room, self.room.campaign.limits
        mine = [s for s in room.mine(buyer) if s.state in LIVE]
        assert {
            "before_the_end": room.now >= END,
            "within_order_limit": units > (limits.units_per_order or units),
            "within_buyer_limit": sum(s.units for s in mine) + units
            > (limits.units_per_buyer or 10**6)
            or len(mine) >= (limits.orders_per_buyer or 10**6),
            "seats_left": room.progress().seats_left in range(units),
        }[rule]

    @precondition(lambda self: self.seats(SeatState.HELD))
    @rule(data=st.data(), ago=st.integers(0, 3))
    def pay(self, data, ago):
        seat_id = data.draw(st.sampled_from(self.seats(SeatState.HELD)))
        paid_at = self.room.now - timedelta(hours=ago)
        decided = self.room.group.state in (GroupState.FAILED, GroupState.CANCELLED)
        try:
            self.room.pay(seat_id, paid_at)
        except Refused:
            assert paid_at >= END
            return
        except IllegalMove:
            assert decided
            return
        assert paid_at < END
        assert not decided
        self.step(seat_id, "place", self.room.now)

    @precondition(lambda self: self.seats(SeatState.HELD))
    @rule(data=st.data())
    def expire(self, data):
        seat_id = data.draw(st.sampled_from(self.seats(SeatState.HELD)))
        self.room.release(seat_id, "expired")
        self.step(seat_id, "expire", self.room.now)

    @precondition(lambda self: self.seats(SeatState.PAID, SeatState.CONFIRMED))
    @rule(data=st.data())
    def give_back(self, data):
        seat_id = data.draw(st.sampled_from(self.seats(SeatState.PAID, SeatState.CONFIRMED)))
        self.room.release(seat_id, "left")
        self.step(seat_id, "close", CloseReason.REFUNDED, self.room.now)

    @precondition(lambda self: self.seats(SeatState.RELEASED))
    @rule(data=st.data())
    def come_back(self, data):
        seat_id = data.draw(st.sampled_from(self.seats(SeatState.RELEASED)))
        if self.orders[seat_id].state is not OrderState.EXPIRED:
            return
        before, selling = self.room.group, self.room.group.state in SELLING
        try:
            self.room.readmit(seat_id)
        except (Refused, IllegalMove):
            assert self.room.group == before
            return
        assert selling
        assert self.room.now < END
        self.step(seat_id, "readmit", self.room.now)

    @precondition(lambda self: self.ever_formed and self.seats(SeatState.PAID))
    @rule()
    def confirm(self):
        for seat_id in self.seats(SeatState.PAID):
            self.room.seats[seat_id] = self.room.seats[seat_id].move(SeatMove.CONFIRM)
            self.step(seat_id, "confirm", self.room.now)

    # --- what the merchant and the clock do ---------------------------------------------------

    @rule(hours=st.sampled_from([1, 5, 30]))
    def let_time_pass(self, hours):
        self.room.now += timedelta(hours=hours)

    @rule()
    def decide(self):
        self.room.decide()
        state = self.room.group.state
        if self.room.now >= END:
            assert state is not GroupState.OPEN
            assert state is not GroupState.FORMED
            assert (state is GroupState.CLOSING) <= bool(self.seats(SeatState.HELD))
        self.room.decide()
        assert self.room.group.state is state

    @precondition(lambda self: self.room.campaign.waiver is None)
    @rule()
    def waive(self):
        self.room.waive()

    @precondition(lambda self: not self.ever_formed)
    @rule(sure=st.integers(0, 9))
    def cancel(self, sure):
        if sure or self.room.group.state not in (GroupState.OPEN, GroupState.CLOSING):
            return
        self.room.group, events = self.room.group.cancel(self.room.campaign, self.room.now)
        self.room.happened += events

    # --- what is always true ------------------------------------------------------------------

    @invariant()
    def counts_are_plain_counts(self):
        books = Books(
            campaigns=[self.room.campaign],
            groups=[self.room.group],
            seats=[*self.room.seats.values()],
            orders=[*self.orders.values()],
        )
        assert list(groups_count_their_seats(books)) == []
        assert list(seats_follow_their_orders(books)) == []
        assert list(buyers_stay_within_limits(books)) == []

    @invariant()
    def live_paid_orders_are_paid_seats_and_progress_follows(self):
        paid = [
            o for o in self.orders.values() if o.state in (OrderState.PLACED, OrderState.CONFIRMED)
        ]
        assert len(paid) == len(self.seats(SeatState.PAID, SeatState.CONFIRMED))
        shown, campaign = self.room.progress(), self.room.campaign
        counted = count_of(self.room.seats.values())
        assert shown.joined == len({order.buyer_id for order in paid})
        assert shown.reached == counted[f"paid_{campaign.measure.value}"]
        if not self.ever_formed and self.room.group.formed_at is None:
            assert shown.missing == max(0, campaign.target - shown.reached)

    @invariant()
    def the_outcome_is_decided_once_and_formation_is_sticky(self):
        outcomes = [name for name in self.room.names() if name in OUTCOMES]
        assert len(outcomes) <= 1
        group = self.room.group
        self.ever_formed = self.ever_formed or group.formed_at is not None
        assert self.ever_formed == (outcomes == ["group.formed"])
        if self.ever_formed:
            assert group.state in (GroupState.FORMED, GroupState.ENDED)
        assert (group.decided_at is not None) == bool(outcomes)


TestGroupOfPeople = GroupOfPeople.TestCase
TestGroupOfPeople.settings = settings(max_examples=100, stateful_step_count=50)
