"""Payments and refunds: what was due, what really arrived, what goes back to where it came from."""

from datetime import datetime
from enum import StrEnum

from attrs import evolve, frozen

from groupbuy.domain.kernel import Event, Money, Refused
from groupbuy.domain.payments.states import (
    GRANTED,
    PAYMENT,
    REFUND,
    VOUCHED,
    PaymentMove,
    PaymentState,
    RefundMove,
    RefundState,
)

TOO_MANY = "refunds_of_the_payment_left"
TOO_LATE = "payment_is_young_enough_to_refund"
NEVER = frozenset({TOO_MANY, TOO_LATE})
"""Rules by which a provider will not refund, however often it is asked."""


def payment_number(payment_id: str) -> str:
    """Return our number at the provider: 27 letters and digits, derived, so never drawn anew."""
    return "P" + payment_id.partition("_")[2]


def payment_id_of(number: str) -> str:
    """Return the id behind one of our payment numbers."""
    return "pay_" + number[1:]


def refund_number(refund_id: str) -> str:
    """Return the refund's number at the provider: one for ever."""
    return "R" + refund_id.partition("_")[2]


def refund_id_of(number: str) -> str:
    """Return the id behind one of our refund numbers."""
    return "rfd_" + number[1:]


@frozen
class Payment:
    """One attempt of a buyer to pay one order."""

    id: str
    order_id: str
    group_id: str
    buyer_id: str
    provider: str
    due: Money
    created_at: datetime
    expires_at: datetime
    state: PaymentState = PaymentState.CREATED
    captured: Money | None = None
    paid_at: datetime | None = None
    """The provider's success time: what counts against the end of a group."""
    provider_ref: str = ""
    payer_fingerprint: str = ""
    pay_params: str = ""
    """What the buyer's browser needs, while pending."""
    quarantined: str = ""
    """Why the money was put aside instead of paying the order; empty if it was not."""
    version: int = 0

    @property
    def number(self) -> str:
        """Our number at the provider."""
        return payment_number(self.id)

    def announce(self, pay_params: str, now: datetime) -> "tuple[Payment, list[Event]]":
        """The provider knows about it."""
        return self._fire(PaymentMove.ANNOUNCE, now, pay_params=pay_params)

    def capture(
        self, amount: Money, paid_at: datetime, provider_ref: str, now: datetime
    ) -> "tuple[Payment, list[Event]]":
        """Record what arrived, whatever else is true: the provider's word wins."""
        return self._fire(
            PaymentMove.CAPTURE, now, captured=amount, paid_at=paid_at, provider_ref=provider_ref
        )

    def close(self, now: datetime) -> "tuple[Payment, list[Event]]":
        """Nobody can pay it any more, by the provider's own word."""
        return self._fire(PaymentMove.CLOSE, now, pay_params="")

    def put_aside(self, why: str) -> "Payment":
        """Keep the money apart from the order until it is refunded."""
        return evolve(self, quarantined=why)

    def _fire(
        self, move: PaymentMove, now: datetime, **changes: object
    ) -> "tuple[Payment, list[Event]]":
        edge = PAYMENT.fire(self.state, move, None)
        after: Payment = evolve(self, state=edge.target, **changes)  # type: ignore[arg-type]
        return after, [Event(edge.event, self.id, now, {"order": self.order_id})]


class RefundCause(StrEnum):
    """Why money goes back."""

    GROUP_FAILED = "group_failed"
    CAMPAIGN_CANCELLED = "campaign_cancelled"
    LEFT = "left"
    LATE_PAYMENT = "late_payment"
    DUPLICATE = "duplicate"
    WRONG_AMOUNT = "wrong_amount"
    REJECTED = "rejected"
    MERCHANT = "merchant"
    AFTER_SALE = "after_sale"
    WEIGHED = "weighed"
    """Goods sold by weight came out lighter than estimated."""
    TIER = "tier"
    """The price ladder came down after the buyer had paid."""


@frozen
class Refund:
    """The intent to give money back: granted once per (payment, cause, effect key).

    Granting and executing are apart: the number is fixed before the first call, and a retry
    reuses it, so no crash can pay twice.
    """

    id: str
    payment_id: str
    order_id: str
    cause: RefundCause
    effect_key: str
    """What caused it (group, after-sale case, payment), never a counter."""
    amount: Money
    granted_at: datetime
    reason: str = ""
    granted_by: str = ""
    state: RefundState = RefundState.CREATED
    attempts: int = 0
    provider_ref: str = ""
    last_word: str = ""
    """The provider's last answer in its own words, for the operator who must decide."""
    sent_at: datetime | None = None
    """When the provider was last asked to begin with it; None if it never was."""
    finished_at: datetime | None = None
    voucher: str = ""
    """What proves that the money was paid some other way, because the provider never will."""
    vouched_by: tuple[str, ...] = ()
    """Who has said so; it takes two."""
    version: int = 0

    @property
    def number(self) -> str:
        """Our number at the provider."""
        return refund_number(self.id)

    @property
    def paid_otherwise(self) -> bool:
        """Tell whether the money went back some other way than it came."""
        return not self.open and len(self.vouched_by) > 1

    @property
    def open(self) -> bool:
        """Tell whether the money has not gone back yet."""
        return self.state is not RefundState.SUCCEEDED

    def submit(self, now: datetime) -> "tuple[Refund, list[Event]]":
        """About to ask the provider; stored before the call."""
        if self.state is RefundState.SUBMITTED:
            return evolve(self, attempts=self.attempts + 1), []
        return self._fire(RefundMove.SUBMIT, now, attempts=self.attempts + 1, sent_at=now)

    def succeed(self, provider_ref: str, now: datetime) -> "tuple[Refund, list[Event]]":
        """The money is back, with proof."""
        return self._fire(RefundMove.SUCCEED, now, provider_ref=provider_ref, finished_at=now)

    def postpone(self, why: str, now: datetime) -> "tuple[Refund, list[Event]]":
        """Certainly not done now; the same number goes again later."""
        return self._fire(RefundMove.RETRY_LATER, now, last_word=why)

    def give_up(self, why: str, now: datetime) -> "tuple[Refund, list[Event]]":
        """Terminally failed by the provider's word or its limits: a person decides."""
        return self._fire(RefundMove.GIVE_UP, now, last_word=why)

    def take_up(self, now: datetime) -> "tuple[Refund, list[Event]]":
        """An operator sends the same number again."""
        return self._fire(RefundMove.TAKE_UP, now, voucher="", vouched_by=())

    def vouch(self, by: str, voucher: str, now: datetime) -> "tuple[Refund, list[Event]]":
        """Note that it was paid some other way; the second person who says so ends it.

        Only for what the provider never will refund. Raises Refused.
        """
        if self.state is not RefundState.NEEDS_OPERATOR or self.last_word not in NEVER:
            raise Refused(rule="provider_will_never_refund", about=self.id)
        if not self.vouched_by:
            said = Event(VOUCHED, self.id, now, {"order": self.order_id})
            return evolve(self, voucher=voucher, vouched_by=(by,)), [said]
        if by in self.vouched_by:
            raise Refused(rule="approver_is_a_second_person", about=self.id)
        if voucher != self.voucher:
            raise Refused(rule="voucher_is_the_same", about=self.id)
        both = (*self.vouched_by, by)
        return self._fire(RefundMove.SUCCEED, now, vouched_by=both, finished_at=now)

    def _fire(
        self, move: RefundMove, now: datetime, **changes: object
    ) -> "tuple[Refund, list[Event]]":
        edge = REFUND.fire(self.state, move, None)
        after: Refund = evolve(self, state=edge.target, **changes)  # type: ignore[arg-type]
        return after, [Event(edge.event, self.id, now, {"order": self.order_id})]


def grant(
    refund_id: str,
    payment: Payment,
    earlier: "list[Refund]",
    *,
    cause: RefundCause,
    effect_key: str,
    amount: Money,
    now: datetime,
    reason: str = "",
    by: str = "",
) -> "tuple[Refund | None, list[Event]]":
    """Grant a refund once per cause and effect key; None if it was granted before.

    `earlier` are all refunds of that payment. Raises Refused if more than was captured would
    go back.
    """
    if any(r.cause is cause and r.effect_key == effect_key for r in earlier):
        return None, []
    captured = payment.captured.minor if payment.captured else 0
    if not 0 < amount.minor <= captured - sum(r.amount.minor for r in earlier):
        raise Refused(rule="refund_within_what_was_paid", about=payment.id)
    refund = Refund(
        id=refund_id,
        payment_id=payment.id,
        order_id=payment.order_id,
        cause=cause,
        effect_key=effect_key,
        amount=amount,
        granted_at=now,
        reason=reason,
        granted_by=by,
    )
    data = {"order": payment.order_id, "amount": amount.minor, "cause": cause.value}
    return refund, [Event(GRANTED, refund_id, now, data)]
