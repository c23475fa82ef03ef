"""One campaign, its group and its seats without any storage, for tests of the pure rules."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from attrs import define, evolve, field

from groupbuy.domain.campaigns import (
    Campaign,
    Group,
    Measure,
    Mode,
    Offer,
    Progress,
    Quorum,
    Seat,
    progress_of,
)
from groupbuy.domain.invariants import count_of
from groupbuy.domain.kernel import Event, Money
from groupbuy.domain.logistics import ParcelTrouble, Trouble
from groupbuy.domain.ordering import Contact, Item, Order, OrderState, quote

START = datetime(2026, 11, 2, 4, tzinfo=UTC)
END = START + timedelta(days=3)
TICK = timedelta(microseconds=1)
"""The smallest step of time there is."""
PRICE = 79920


def offer(sku: str = "sku_1", price: int = PRICE, original: int = 99900, **more: Any) -> Offer:
    """Return an offer: ¥999.00, sold for 80 % of it."""
    return Offer(
        sku_id=sku,
        product_id="prd_1",
        title="智能手表",
        options="标准",
        original=Money(original),
        price=Money(price),
        **more,
    )


def draft(**changes: Any) -> Campaign:
    """Return a draft of three days that needs three buyers."""
    campaign = Campaign(
        id="cmp_1",
        merchant_id="mch_1",
        title="手表团",
        mode=Mode.POOL,
        starts_at=START,
        ends_at=END,
        created_by="usr_staff",
        created_at=START - timedelta(days=1),
        offers=(offer(),),
        quorum=Quorum(Measure.BUYERS, 3),
    )
    return evolve(campaign, **changes)


def an_order(
    state: OrderState = OrderState.AWAITING_PAYMENT, *, units: int = 2, **changes: Any
) -> Order:
    """Return an order of one line."""
    item = Item("sku_1", "prd_1", "智能手表", "标准", units, Money(99900), Money(PRICE))
    order = Order(
        id="ord_1",
        campaign_id="cmp_1",
        group_id="grp_1",
        merchant_id="mch_1",
        buyer_id="usr_1",
        lines=quote([item], activity="campaign:cmp_1", freight=Money(0)).lines,
        contact=Contact("王", "138"),
        created_at=START,
        expires_at=START + timedelta(minutes=15),
        state=state,
    )
    return evolve(order, **changes)


@define(slots=False)
class Room:
    """The open group of a campaign, and everybody in it."""

    campaign: Campaign
    group: Group
    now: datetime = START
    seats: dict[str, Seat] = field(factory=dict)
    happened: list[Event] = field(factory=list)
    _numbers: "count[int]" = field(factory=lambda: count(1))

    @classmethod
    def opened(cls, **changes: Any) -> "Room":
        """Schedule and open a campaign with these settings."""
        scheduled, _ = draft(**changes).schedule(START - timedelta(hours=1))
        campaign, _ = scheduled.open(scheduled.starts_at)
        group, _ = Group.of(campaign, "grp_1", campaign.starts_at)
        return cls(campaign, group, scheduled.starts_at)

    def mine(self, buyer: str, but: str = "") -> list[Seat]:
        """Return a buyer's seats, in any state, without one of them."""
        return [s for s in self.seats.values() if s.buyer_id == buyer and s.id != but]

    def hold(self, buyer: str, units: int = 1, price: int = PRICE) -> str:
        """Take a seat; return its id."""
        seat_id = f"ord_{next(self._numbers)}"
        self.group, seat, events = self.group.hold(
            self.campaign, seat_id, buyer, units, Money(price) * units, self.mine(buyer), self.now
        )
        self._put(seat, events)
        return seat_id

    def pay(self, seat_id: str, at: datetime | None = None) -> None:
        """Pay a held seat, now unless the provider names another instant."""
        seat = self.seats[seat_id]
        self.group, paid, events = self.group.pay(
            self.campaign, seat, self.mine(seat.buyer_id, seat_id), at or self.now, self.now
        )
        self._put(paid, events)

    def buy(self, *buyers: str, units: int = 1, price: int = PRICE) -> list[str]:
        """Hold and pay a seat for each."""
        made = [self.hold(buyer, units, price) for buyer in buyers]
        for seat_id in made:
            self.pay(seat_id)
        return made

    def release(self, seat_id: str, why: str = "left") -> None:
        """Give a seat up."""
        seat = self.seats[seat_id]
        mine = self.mine(seat.buyer_id, seat_id)
        self.group, gone, events = self.group.release(seat, mine, self.now, why)
        self._put(gone, events)

    def readmit(self, seat_id: str) -> None:
        """Let a late payer back in."""
        seat = self.seats[seat_id]
        mine = self.mine(seat.buyer_id, seat_id)
        self.group, back, events = self.group.readmit(self.campaign, seat, mine, self.now)
        self._put(back, events)

    def decide(self) -> None:
        """Do whatever is due."""
        self.group, events = self.group.decide(self.campaign, self.now)
        self.happened += events

    def waive(self) -> None:
        """Give the quorum up."""
        self.campaign, events = self.campaign.waive("usr_staff", "人少也发", self.now)
        self.happened += events

    def progress(self) -> Progress:
        """Describe the group now."""
        return progress_of(self.campaign, self.group, self.now)

    def names(self) -> list[str]:
        """Return what happened, by name."""
        return [event.name for event in self.happened]

    def _put(self, seat: Seat, events: list[Event]) -> None:
        self.seats[seat.id] = seat
        self.happened += events
        counted = count_of(self.seats.values())
        assert {name: getattr(self.group, name) for name in counted} == counted


def a_trouble(key: str, merchant_id: str, order_id: str, parcel_id: str) -> ParcelTrouble:
    """Return a bag that nobody fetches."""
    return ParcelTrouble(
        id=key,
        parcel_id=parcel_id,
        order_id=order_id,
        merchant_id=merchant_id,
        kind=Trouble.UNCOLLECTED,
        opened_at=START,
        open_parcel=f"{parcel_id}/{Trouble.UNCOLLECTED}",
    )
