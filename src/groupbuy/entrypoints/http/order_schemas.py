"""What orders look like over HTTP, to their buyer and to those who ship them."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from groupbuy.application.checkout import Joined
from groupbuy.application.orders import Destination, OrderView
from groupbuy.domain.logistics import Shipment
from groupbuy.domain.ordering import TEXTS, Contact, Order, OrderLine
from groupbuy.domain.payments import Payment, Refund
from groupbuy.entrypoints.http.amounts import END, Amount, IdText, Text200, amount, amount_or_none
from groupbuy.entrypoints.http.progress_schemas import ProgressOut, progress_out
from groupbuy.entrypoints.http.share_tokens import SharedText, share_address

PhoneText = Annotated[str, Meta(pattern=r"^\+?[0-9][0-9 -]{4,19}" + END)]


class ContactIn(msgspec.Struct, forbid_unknown_fields=True):
    """Who gets the goods; the address may stay empty for a pickup."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    phone: PhoneText
    address: Text200 = ""
    region: Annotated[str, Meta(max_length=60)] = ""

    def contact(self) -> Contact:
        """Return it in the domain's words, still readable."""
        return Contact(self.name, self.phone, self.address, self.region)


class ItemIn(msgspec.Struct, forbid_unknown_fields=True):
    """One variant and how many."""

    sku_id: IdText
    units: Annotated[int, Meta(ge=1, le=10_000)] = 1


class JoinIn(msgspec.Struct, forbid_unknown_fields=True):
    """Join a campaign."""

    items: Annotated[list[ItemIn], Meta(min_length=1, max_length=50)]
    contact: ContactIn
    pickup_point_id: IdText | None = None
    helper_id: IdText | None = None
    note: Text200 = ""
    team: Annotated[str, Meta(pattern="^(new|grp_[0-9A-HJKMNP-TV-Z]{26})" + END)] | None = None
    """Where there are teams: the id of an open one, or `new` to open one."""
    coupon_id: IdText | None = None
    """One of one's own; a join it takes nothing off is refused. A quote tells the best."""
    agreed: Amount | None = None
    """The sum a quote showed: a join that costs another by now is refused."""
    shared: SharedText = ""
    """For programs without cookies; it is counted, and changes nothing."""


class LineOut(msgspec.Struct, frozen=True):
    """A line and where its price comes from."""

    line_no: int
    kind: str
    sku_id: str
    title: str
    options: str
    units: int
    gross: Amount
    net: Amount
    refunded: Amount
    refunded_units: int
    reasons: list["ReasonOut"]
    unit_grams: int | None = None
    """What a unit should weigh, if the goods are sold by weight."""
    packed_grams: int | None = None
    """What the packed units weigh together, once the merchant has weighed them."""
    dropped: Amount = Amount(0)
    """By how much the price ladder made it cheaper in the end; it goes back by itself."""


class ReasonOut(msgspec.Struct, frozen=True):
    """One reason why a line costs less than its gross."""

    layer: str
    rule: str
    amount: Amount
    funder: str


class PaymentOut(msgspec.Struct, frozen=True):
    """One attempt to pay."""

    id: str
    number: str
    state: str
    due: Amount
    captured: Amount | None
    expires_at: datetime
    pay_params: str = ""
    """What the payment page of the provider needs; present while pending."""


class RefundOut(msgspec.Struct, frozen=True):
    """Money going back to the payment it came from."""

    id: str
    number: str
    state: str
    cause: str
    amount: Amount
    granted_at: datetime
    finished_at: datetime | None


class RefundCaseOut(msgspec.Struct, frozen=True, kw_only=True):
    """A refund with everything a person needs to decide about it."""

    id: str
    number: str
    state: str
    cause: str
    amount: Amount
    order_id: str
    payment_id: str
    reason: str
    attempts: int
    last_word: str
    """The provider's last answer, in its own words."""
    granted_by: str
    granted_at: datetime
    finished_at: datetime | None


class StepOut(msgspec.Struct, frozen=True):
    """One line of a parcel's trace."""

    at: datetime
    text: str


class ParcelOut(msgspec.Struct, frozen=True):
    """A parcel, or a bag at a pickup point."""

    id: str
    state: str
    carrier: str
    tracking_number: str
    pickup_point_id: str | None
    trace: list[StepOut]
    contents: list["ContentOut"]
    """What is in it; empty: all that is in no other parcel."""


class ContentOut(msgspec.Struct, frozen=True):
    """Some units of a line, in one parcel."""

    line_no: int
    units: int


class OrderOut(msgspec.Struct, frozen=True, kw_only=True):
    """An order as its buyer, its merchant and its leader see it."""

    id: str
    campaign_id: str
    group_id: str
    merchant_id: str
    buyer_id: str
    label: str
    label_text: str
    state: str
    close_reason: str | None
    lines: list[LineOut]
    payable: Amount
    refunded: Amount
    region: str
    phone_tail: str
    pickup_point_id: str | None
    note: str
    """Only to the buyer; whoever ships sees it with the contact."""
    correction: str | None
    """What the merchant asks the buyer to mend; only to the buyer."""
    created_at: datetime
    expires_at: datetime
    placed_at: datetime | None
    confirmed_at: datetime | None
    delivered_at: datetime | None
    completed_at: datetime | None
    payments: list[PaymentOut]
    refunds: list[RefundOut]
    parcels: list[ParcelOut]
    share: str
    """Where to ask for texts to share its campaign with, as long as it is sold: POST."""


class JoinedOut(msgspec.Struct, frozen=True):
    """What a join made: a seat held until `expires_at`, to be paid."""

    order_id: str
    campaign_id: str
    group_id: str
    payable: Amount
    lines: list[LineOut]
    expires_at: datetime
    payment: PaymentOut
    progress: ProgressOut
    share: str
    """Where to ask for texts to share this campaign with: POST."""


class ChangedOut(msgspec.Struct, frozen=True):
    """An order after a move."""

    id: str
    state: str
    close_reason: str | None
    refunded: Amount
    version: int


class ContactOut(msgspec.Struct, frozen=True):
    """Where an order goes, readable, and what the buyer wrote to whoever packs it."""

    name: str
    phone: str
    address: str
    region: str
    note: str


def joined_out(joined: Joined) -> JoinedOut:
    """Render what a join made."""
    order = joined.order
    return JoinedOut(
        order_id=order.id,
        campaign_id=order.campaign_id,
        group_id=order.group_id,
        payable=amount(order.payable),
        lines=[_line(line) for line in order.lines],
        expires_at=order.expires_at,
        payment=payment_out(joined.payment),
        progress=progress_out(joined.progress),
        share=share_address(order.campaign_id),
    )


def order_out(view: OrderView, language: str = "zh-CN") -> OrderOut:
    """Render an order; names and streets stay sealed."""
    order, (zh, en) = view.order, TEXTS[view.label]
    return OrderOut(
        id=order.id,
        campaign_id=order.campaign_id,
        group_id=order.group_id,
        merchant_id=order.merchant_id,
        buyer_id=order.buyer_id,
        label=view.label.value,
        label_text=en if language.startswith("en") else zh,
        state=order.state.value,
        close_reason=order.close_reason.value if order.close_reason else None,
        lines=[_line(line) for line in order.lines],
        payable=amount(order.payable),
        refunded=amount(order.refunded),
        region=order.contact.region,
        phone_tail=order.contact.phone_tail,
        pickup_point_id=order.pickup_point_id,
        note=view.note,
        correction=view.correction,
        created_at=order.created_at,
        expires_at=order.expires_at,
        placed_at=order.placed_at,
        confirmed_at=order.confirmed_at,
        delivered_at=order.delivered_at,
        completed_at=order.completed_at,
        payments=[payment_out(payment) for payment in view.payments],
        refunds=[_refund(refund) for refund in view.refunds],
        parcels=[parcel_out(parcel) for parcel in view.parcels],
        share=share_address(order.campaign_id),
    )


def changed_out(order: Order) -> ChangedOut:
    """Render an order that was just changed."""
    reason = order.close_reason.value if order.close_reason else None
    return ChangedOut(order.id, order.state.value, reason, amount(order.refunded), order.version)


def payment_out(payment: Payment) -> PaymentOut:
    """Render a payment."""
    return PaymentOut(
        id=payment.id,
        number=payment.number,
        state=payment.state.value,
        due=amount(payment.due),
        captured=amount_or_none(payment.captured),
        expires_at=payment.expires_at,
        pay_params=payment.pay_params,
    )


def parcel_out(parcel: Shipment) -> ParcelOut:
    """Render a parcel."""
    return ParcelOut(
        id=parcel.id,
        state=parcel.state.value,
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        pickup_point_id=parcel.pickup_point_id,
        trace=[StepOut(step.at, step.text) for step in parcel.trace],
        contents=[ContentOut(each.line_no, each.units) for each in parcel.contents],
    )


def refund_case_out(refund: Refund) -> RefundCaseOut:
    """Render a refund for those who watch over money."""
    return RefundCaseOut(
        id=refund.id,
        number=refund.number,
        state=refund.state.value,
        cause=refund.cause.value,
        amount=amount(refund.amount),
        order_id=refund.order_id,
        payment_id=refund.payment_id,
        reason=refund.reason,
        attempts=refund.attempts,
        last_word=refund.last_word,
        granted_by=refund.granted_by,
        granted_at=refund.granted_at,
        finished_at=refund.finished_at,
    )


def contact_out(found: Destination) -> ContactOut:
    """Render where an order goes, readable."""
    to = found.contact
    return ContactOut(to.name, to.phone, to.address, to.region, found.note)


def _refund(refund: Refund) -> RefundOut:
    return RefundOut(
        id=refund.id,
        number=refund.number,
        state=refund.state.value,
        cause=refund.cause.value,
        amount=amount(refund.amount),
        granted_at=refund.granted_at,
        finished_at=refund.finished_at,
    )


def _line(line: OrderLine) -> LineOut:
    return LineOut(
        line_no=line.line_no,
        kind=line.kind.value,
        sku_id=line.sku_id,
        title=line.title,
        options=line.options,
        units=line.units,
        gross=amount(line.gross),
        net=amount(line.net),
        refunded=amount(line.refunded),
        refunded_units=line.refunded_units,
        reasons=[
            ReasonOut(a.layer, a.rule, amount(a.amount), a.funder.value) for a in line.attributions
        ],
        unit_grams=line.weight.unit_grams if line.weight else None,
        packed_grams=line.weight.packed_grams if line.weight else None,
        dropped=amount(line.dropped),
    )
