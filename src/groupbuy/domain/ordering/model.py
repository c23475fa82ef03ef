"""The order: what one buyer takes from one group, at which price and why."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from attrs import evolve, field, frozen

from groupbuy.domain.kernel import Event, Invalid, Money, NotFound, Refused
from groupbuy.domain.ordering.states import ORDER, CloseReason, OrderMove, OrderState

HEAVIER_AT_MOST = 10
"""A weight above so many times the estimate is a slip of the hand."""


class Funder(StrEnum):
    """Who gives a discount away."""

    MERCHANT = "merchant"
    PLATFORM = "platform"
    LEADER = "leader"


class LineKind(StrEnum):
    """What a line stands for."""

    GOODS = "goods"
    FREIGHT = "freight"
    """Bears no commission and no fee."""


@frozen
class Attribution:
    """One reason why a line costs less than its gross: every fen has one."""

    layer: str
    """activity | threshold | coupon | points"""
    rule: str
    """What granted it, e.g. `campaign:cmp_…`."""
    amount: Money
    """How much less; never negative."""
    funder: Funder = Funder.MERCHANT


@frozen
class Weight:
    """What a unit of goods sold by weight should weigh, and what was packed."""

    unit_grams: int
    """The estimate on which the price of one unit stands."""
    packed_grams: int | None = None
    """What all units that were not refunded yet weigh together; None until they are weighed."""
    refunded_before: int = 0
    """How many units had been refunded when it was weighed."""


@frozen
class OrderLine:
    """One variant, its units, and how its price came about."""

    line_no: int
    kind: LineKind
    sku_id: str
    product_id: str
    title: str
    options: str
    units: int
    gross: Money
    """Original price × units."""
    net: Money
    """What the buyer pays for the line."""
    attributions: tuple[Attribution, ...] = ()
    category_id: str = ""
    commission_bp: int = 0
    commission_why: str = ""
    """Which rule gave the leader's rate, such as `category:cat_…`."""
    fee_bp: int = 0
    stock_policy: str = "tracked"
    return_policy: str = "ordinary"
    refunded_units: int = 0
    refunded: Money = field(factory=lambda: Money(0))
    restocked_units: int = 0
    """Refunded before anything was sent, while others were kept; for sale again."""
    dropped: Money = field(factory=lambda: Money(0))
    """By how much a ladder of prices made all units of the line cheaper in the end."""
    weight: Weight | None = None
    """Only of goods sold by weight."""

    def __attrs_post_init__(self) -> None:
        """Net plus every attributed discount is the gross, and nothing is negative."""
        taken = sum(a.amount.minor for a in self.attributions)
        if (
            not 0 <= self.net.minor <= self.gross.minor
            or self.net.minor + taken != self.gross.minor
            or not 0 <= self.dropped.minor <= self.net.minor
        ):
            raise Invalid(field="lines", reason=f"line {self.line_no} does not add up")

    @property
    def base(self) -> Money:
        """What commission and fee are computed on: net money paid and not refunded."""
        if self.kind is LineKind.FREIGHT:
            return Money(0, self.net.currency)
        return self.net - self.refunded

    @property
    def left(self) -> int:
        """How many units have not been refunded."""
        return self.units - self.refunded_units

    def drop_to(self, price: Money) -> "tuple[OrderLine, Money]":
        """Let a unit cost no more than a price, after the fact; return what goes back for it.

        What other discounts take off stays as it is; a line never costs less than nothing.
        """
        saved = sum(a.amount.minor for a in self.attributions if a.layer == "activity")
        cheaper = self.gross.minor - saved - price.minor * self.units
        dropped = max(self.dropped.minor, min(cheaper, self.net.minor))
        return self._owing(evolve(self, dropped=Money(dropped, self.net.currency)))

    def refund(self, units: int) -> "tuple[OrderLine, Money]":
        """Give back that many more units; exact and path-independent by unit."""
        if not 0 < units <= self.units - self.refunded_units:
            raise Refused(rule="units_left_to_refund", about=f"line {self.line_no}")
        return self._owing(evolve(self, refunded_units=self.refunded_units + units))

    def weigh(self, grams: int) -> "tuple[OrderLine, Money]":
        """Note what all units left weigh; what they are lighter than estimated goes back.

        What is heavier costs nothing more. Raises Invalid, Refused for a line that is not sold by
        weight, was weighed before or has nothing left.
        """
        if self.weight is None:
            raise Refused(rule="line_is_sold_by_weight", about=f"line {self.line_no}")
        if self.weight.packed_grams is not None:
            raise Refused(rule="line_is_weighed_once", about=f"line {self.line_no}")
        if not self.left:
            raise Refused(rule="units_left_to_refund", about=f"line {self.line_no}")
        if not 1 <= grams <= HEAVIER_AT_MOST * self.weight.unit_grams * self.left:
            most = HEAVIER_AT_MOST * self.weight.unit_grams * self.left
            raise Invalid(field="grams", reason=f"must be 1 to {most}")
        weight = evolve(self.weight, packed_grams=grams, refunded_before=self.refunded_units)
        return self._owing(evolve(self, weight=weight))

    def _owing(self, after: "OrderLine") -> "tuple[OrderLine, Money]":
        back = after._due_back() - self.refunded
        return evolve(after, refunded=self.refunded + back), back

    def _due_back(self) -> Money:
        """Return all that goes back in the line's state, however it came there.

        What the price dropped by, and N·n/q of the units; once weighed, what the units then left
        cost is cut by their weight and only the rest is shared among them. All of it together is
        the whole line.
        """
        weight, worth = self.weight, self.net - self.dropped
        if weight is None or weight.packed_grams is None:
            share = worth.of_units(units=self.units, start=0, count=self.refunded_units)
            return self.dropped + share
        before = weight.refunded_before
        left = self.units - before
        earlier = worth.of_units(units=self.units, start=0, count=before)
        estimate = weight.unit_grams * left
        kept = (worth - earlier).minor * min(weight.packed_grams, estimate) // estimate
        lighter = worth - earlier - Money(kept, worth.currency)
        since = Money(kept, worth.currency).of_units(
            units=left, start=0, count=self.refunded_units - before
        )
        return self.dropped + earlier + lighter + since


@frozen
class Contact:
    """Who gets the goods. Names, phones and streets are sealed by the Vault, region is not."""

    name: str
    phone: str
    address: str = ""
    region: str = ""
    """Province and city, readable, for freight and reports."""
    phone_tail: str = ""
    """Last four digits, to recognise somebody at a pickup point."""


@frozen
class Correction:
    """The merchant asked the buyer to mend the address or the contact."""

    note: str
    """Sealed under the buyer's key."""
    deadline: datetime


@frozen
class Order:
    """One buyer's order in one group. Its seat carries the same id."""

    id: str
    campaign_id: str
    group_id: str
    merchant_id: str
    buyer_id: str
    lines: tuple[OrderLine, ...]
    contact: Contact
    created_at: datetime
    expires_at: datetime
    leader_id: str | None = None
    helper_id: str | None = None
    helper_bp: int = 0
    """What the helper earns; like the point's and each line's rate fixed when it is placed."""
    pickup_point_id: str | None = None
    pickup_bp: int = 0
    note: str = ""
    """What the buyer wrote to whoever packs the goods; sealed under their key."""
    state: OrderState = OrderState.AWAITING_PAYMENT
    close_reason: CloseReason | None = None
    correction: Correction | None = None
    refund_rules: str = ""
    """The campaign's refund rules as shown to the buyer, as JSON text."""
    after_sale_days: int = 7
    coupon_id: str | None = None
    coupon_returns: bool = True
    """Whether the coupon comes back when the buyer leaves, or gets all back before shipment."""
    share_id: str | None = None
    """The share link that brought the buyer; it counts, and pays nobody."""
    shared_by: str | None = None
    """Whose link it is."""
    cancelled_at: datetime | None = None
    """When the buyer gave up before paying; the provider's certainty ends the order."""
    points_per_yuan: int = 0
    """Points it earns for each 1.00 paid and kept; fixed when it is made."""
    placed_at: datetime | None = None
    confirmed_at: datetime | None = None
    approved_at: datetime | None = None
    delivered_at: datetime | None = None
    completed_at: datetime | None = None
    vested_at: datetime | None = None
    version: int = 0

    @property
    def payable(self) -> Money:
        """What the buyer pays in all."""
        total = self.lines[0].net
        for line in self.lines[1:]:
            total = total + line.net
        return total

    @property
    def refunded(self) -> Money:
        """What has been granted back so far."""
        total = self.lines[0].refunded
        for line in self.lines[1:]:
            total = total + line.refunded
        return total

    @property
    def units(self) -> int:
        """How many goods it holds."""
        return sum(line.units for line in self.lines if line.kind is LineKind.GOODS)

    def cancel(self, now: datetime) -> "Order":
        """Note that the buyer gives up an unpaid order."""
        if self.state is not OrderState.AWAITING_PAYMENT:
            raise Refused(rule="order_is_unpaid", about=self.id)
        return evolve(self, cancelled_at=self.cancelled_at or now)

    def place(self, now: datetime) -> "tuple[Order, list[Event]]":
        """The money is here; wait for the group."""
        return self._fire(OrderMove.PLACE, now, placed_at=now)

    def readmit(self, now: datetime, group_id: str = "") -> "tuple[Order, list[Event]]":
        """A late payment brings an expired order back, maybe into another team."""
        there = evolve(self, group_id=group_id or self.group_id)
        return there._fire(OrderMove.READMIT, now, placed_at=now)

    def expire(self, now: datetime) -> "tuple[Order, list[Event]]":
        """Nobody paid in time, by the provider's own word."""
        return self._fire(OrderMove.EXPIRE, now)

    def confirm(self, now: datetime) -> "tuple[Order, list[Event]]":
        """The group has formed: the order is binding."""
        return self._fire(OrderMove.CONFIRM, now, confirmed_at=now)

    def ask_correction(
        self, note: str, deadline: datetime, now: datetime
    ) -> "tuple[Order, list[Event]]":
        """Ask the buyer to mend address or contact before a deadline."""
        return self._fire(OrderMove.ASK_CORRECTION, now, correction=Correction(note, deadline))

    def correct(self, contact: Contact, now: datetime) -> "tuple[Order, list[Event]]":
        """The buyer mended it."""
        if self.correction is None:
            raise Refused(rule="a_correction_was_asked_for", about=self.id)
        return self._fire(OrderMove.CORRECT, now, contact=contact, correction=None)

    def readdress(self, contact: Contact, now: datetime) -> "tuple[Order, list[Event]]":
        """It goes somewhere else, or to somebody else; nobody has reviewed it yet."""
        if self.correction is not None:
            raise Refused(rule="no_correction_is_open", about=self.id)
        return self._fire(OrderMove.READDRESS, now, contact=contact)

    def approve(self, now: datetime, rule: str = "") -> "tuple[Order, list[Event]]":
        """The merchant accepts it for shipping, by hand or by a rule that is named."""
        if self.correction is not None:
            raise Refused(rule="no_correction_is_open", about=self.id)
        after, happened = self._fire(OrderMove.APPROVE, now, approved_at=now)
        if rule:
            happened = [evolve(e, data={**e.data, "rule": rule}) for e in happened]
        return after, happened

    def fulfil(self, now: datetime) -> "tuple[Order, list[Event]]":
        """The first parcel left, or the goods lie ready for pickup."""
        return self._fire(OrderMove.FULFIL, now)

    def deliver(self, now: datetime) -> "tuple[Order, list[Event]]":
        """Everything has been signed for or collected."""
        return self._fire(OrderMove.DELIVER, now, delivered_at=now)

    def complete(self, now: datetime) -> "tuple[Order, list[Event]]":
        """The after-sale window is over: the order is done and its money vests."""
        if self.delivered_at is None:
            raise Refused(rule="everything_is_delivered", about=self.id)
        return self._fire(OrderMove.COMPLETE, now, completed_at=now, vested_at=now)

    def close(self, reason: CloseReason, now: datetime) -> "tuple[Order, list[Event]]":
        """End it without completing it."""
        after, happened = self._fire(OrderMove.CLOSE, now, close_reason=reason, correction=None)
        return after, [evolve(e, data={**e.data, "reason": reason.value}) for e in happened]

    def refund_all(self) -> "tuple[Order, Money]":
        """Mark every unit not yet refunded as refunded; return the sum."""
        total, lines = Money(0, self.payable.currency), list[OrderLine]()
        for line in self.lines:
            left = line.units - line.refunded_units
            after, back = line.refund(left) if left else (line, Money(0, total.currency))
            total = total + back
            lines.append(after)
        return evolve(self, lines=tuple(lines)), total

    def refund_units(
        self, line_no: int, units: int, *, freight: bool, restock: bool = False
    ) -> "tuple[Order, Money]":
        """Mark some units of a goods line as refunded; return what goes back for them.

        With `restock` they are noted as for sale again. With `freight` the freight goes back too,
        once no goods are left. Raises NotFound, Refused.
        """
        total, lines = Money(0, self.payable.currency), list[OrderLine]()
        self.goods_line(line_no)
        for line in self.lines:
            after, back = line.refund(units) if line.line_no == line_no else (line, total * 0)
            total = total + back
            if restock and line.line_no == line_no:
                after = evolve(after, restocked_units=after.restocked_units + units)
            lines.append(after)
        marked = evolve(self, lines=tuple(lines))
        if not freight or any(x.left for x in lines if x.kind is LineKind.GOODS):
            return marked, total
        whole, rest = marked.refund_all()
        return whole, total + rest

    def weigh(self, line_no: int, grams: int) -> "tuple[Order, Money]":
        """Note the weight of a packed line before anything is sent; return what goes back for it.

        Raises NotFound, Invalid, Refused.
        """
        if self.state is not OrderState.APPROVED:
            raise Refused(rule="order_is_packed_and_not_sent", about=self.id)
        weighed, back = self.goods_line(line_no).weigh(grams)
        lines = tuple(weighed if line.line_no == line_no else line for line in self.lines)
        return evolve(self, lines=lines), back

    def drop_prices(self, prices: Mapping[str, Money]) -> "tuple[Order, Money]":
        """Let every unit of these variants cost no more than that; return what goes back."""
        total, lines = Money(0, self.payable.currency), list[OrderLine]()
        for line in self.lines:
            price = prices.get(line.sku_id)
            after, back = (line, total * 0) if price is None else line.drop_to(price)
            total = total + back
            lines.append(after)
        return evolve(self, lines=tuple(lines)), total

    def goods_line(self, line_no: int) -> OrderLine:
        """Return a line of goods by its number. Raises NotFound."""
        for line in self.lines:
            if line.line_no == line_no and line.kind is LineKind.GOODS:
                return line
        raise NotFound(kind="line", key=str(line_no))

    def _fire(
        self, move: OrderMove, now: datetime, **changes: object
    ) -> "tuple[Order, list[Event]]":
        edge = ORDER.fire(self.state, move, None)
        after: Order = evolve(self, state=edge.target, **changes)  # type: ignore[arg-type]
        return after, [Event(edge.event, self.id, now, {"group": self.group_id})]
