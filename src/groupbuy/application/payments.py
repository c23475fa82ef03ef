"""Money in and money back: what to do with the provider's word.

Callback and query lead to the same place. The provider's word is recorded first, always; then
the rules decide whether it pays the order or goes back.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from attrs import frozen

from groupbuy.application.ports import (
    Answer,
    KeyClaim,
    PaymentOutcome,
    PaymentReport,
    PaymentRequest,
    Query,
)
from groupbuy.application.steps.confirming import confirm_order
from groupbuy.application.steps.deciding import settle_group
from groupbuy.application.steps.reading import every
from groupbuy.application.steps.readmitting import follow_to_team, let_back_in
from groupbuy.application.steps.refunding import refuse_money
from groupbuy.application.steps.scene import Scene, set_scene, set_scene_of_payments
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.campaigns import Group, GroupState, Mode, SeatState
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.kernel import DomainError, Event, IllegalMove, NotFound, Refused
from groupbuy.domain.ordering import CloseReason, Order, OrderState
from groupbuy.domain.payments import (
    Payment,
    PaymentState,
    RefundCause,
    payment_id_of,
)

OPEN = frozenset({PaymentState.CREATED, PaymentState.PENDING})
"""States in which the provider's word is still awaited."""
ASK_FIRST = timedelta(seconds=15)
"""How soon after its announcement a payment is asked about: its callback may be lost."""
ATTEMPTS_AT_MOST = 20
"""How many payments one order may have; a buyer needs few, a script finds no end."""
_GIVEN_UP = frozenset({PaymentState.CLOSED, PaymentState.FAILED})
_CALLED_OFF = frozenset({GroupState.FAILED, GroupState.CANCELLED})
_UNPAID = frozenset({OrderState.AWAITING_PAYMENT, OrderState.EXPIRED})


@frozen
class Settled:
    """What became of one report."""

    payment: Payment
    outcome: str
    """paid | confirmed | closed | pending | refunded:<cause> | repeated"""


def settle_payments(work: Work, reports: Sequence[PaymentReport]) -> list[Settled]:
    """Take the provider's word about payments, one batch in one transaction.

    Reports of unknown numbers raise NotFound; repeats change nothing.
    """
    known = work.of(Payment).find(payment_id_of(report.number) for report in reports)
    for report in reports:
        if payment_id_of(report.number) not in known:
            raise NotFound(kind="payment", key=payment_id_of(report.number))
    scene = _scene(work, known, reports)
    return [_settle(scene, report) for report in reports]


def _scene(work: Work, known: Mapping[str, Payment], reports: Sequence[PaymentReport]) -> Scene:
    """Lock what the reports are about; where a payment was closed its order's others count too.

    Money for a payment that was given up may find its team gone: another one may take it.
    """
    closed = [
        known[payment_id_of(report.number)].order_id
        for report in reports
        if report.outcome is PaymentOutcome.CLOSED
    ]
    late = [
        known[payment_id_of(report.number)].order_id
        for report in reports
        if report.outcome is PaymentOutcome.CAPTURED
        and known[payment_id_of(report.number)].state in _GIVEN_UP
    ]
    return set_scene_of_payments(work, known, with_others=closed, late=late)


@frozen
class Heard:
    """What a provider said by callback, its signature verified."""

    provider: str
    report: PaymentReport

    @property
    def claim(self) -> KeyClaim:
        """The inbox key of the provider's event; an event without an id cannot be told again."""
        return _inbox(self.provider, self.report.event_id)


def hear_payments(desk: Desk, tenant: str, heard: Sequence[Heard]) -> list[DomainError | None]:
    """Take many callbacks, those of a provider in one transaction; None for each that was taken.

    An unknown number is answered NotFound and harms nobody else. If the batch cannot be committed
    as a whole, its callbacks are taken one by one, so that a bad one is answered alone.
    """
    answers: dict[int, DomainError | None] = {}
    for provider in sorted({each.provider for each in heard}):
        places = [n for n, each in enumerate(heard) if each.provider == provider]
        said = _hear_provider(desk, tenant, provider, [heard[n] for n in places])
        answers.update(zip(places, said, strict=True))
    return [answers[n] for n in range(len(heard))]


def _hear_provider(
    desk: Desk, tenant: str, provider: str, heard: Sequence[Heard]
) -> list[DomainError | None]:
    caller = Caller.system(tenant, channel="callback", actor=provider)
    try:
        return desk.run(caller, lambda work: _hear(work, heard))
    except DomainError as error:
        if len(heard) == 1:
            return [error]
    return [_hear_provider(desk, tenant, provider, [each])[0] for each in heard]


def _hear(work: Work, heard: Sequence[Heard]) -> list[DomainError | None]:
    known = work.of(Payment).find(payment_id_of(each.report.number) for each in heard)
    answers: list[DomainError | None] = []
    wanted: list[Heard] = []
    for each in heard:
        payment_id = payment_id_of(each.report.number)
        if payment_id in known:
            wanted.append(each)
            answers.append(None)
        else:
            answers.append(NotFound(kind="payment", key=payment_id))
    if wanted:
        _hear_known(work, known, wanted)
    return answers


def _hear_known(work: Work, known: Mapping[str, Payment], wanted: Sequence[Heard]) -> None:
    scene = _scene(work, known, [each.report for each in wanted])
    claims = {each.claim for each in wanted if each.report.event_id}
    # Whoever hears of a payment holds its group, so nobody else can be using a key of its events.
    stored = work.tx.claim_keys(list(claims), guarded=True)
    told = set(stored)
    for each in wanted:
        if each.claim not in told:
            _settle(scene, each.report)
        if each.report.event_id:
            told.add(each.claim)
    work.tx.answer_keys(dict.fromkeys(claims - set(stored), Answer(ok=True, body="")), work.now())


def _inbox(provider: str, event_id: str) -> KeyClaim:
    return KeyClaim(scope=f"inbox:{provider}", key=event_id, input_hash="")


def first_time(work: Work, provider: str, event_id: str) -> bool:
    """Tell whether this callback is new (the inbox): a repeat is answered, not handled."""
    if not event_id:
        return True
    claim = _inbox(provider, event_id)
    if claim in work.tx.claim_keys([claim]):
        return False
    work.tx.answer_keys({claim: Answer(ok=True, body="")}, work.now())
    return True


def _settle(scene: Scene, report: PaymentReport) -> Settled:
    payment = scene.payments[payment_id_of(report.number)]
    if payment.state is PaymentState.CAPTURED:
        return Settled(payment, "repeated")
    if report.outcome is PaymentOutcome.CAPTURED:
        return _capture(scene, payment, report)
    if report.outcome is PaymentOutcome.CLOSED:
        return _close(scene, payment)
    if payment.state is PaymentState.CREATED:
        pending, happened = payment.announce(report.pay_params, scene.work.now())
        scene.payments[pending.id] = pending
        _put_announced(scene.work, pending, happened)
        return Settled(pending, "pending")
    return Settled(payment, "pending")


def _capture(scene: Scene, payment: Payment, report: PaymentReport) -> Settled:
    now = scene.work.now()
    # Nothing at all is an amount too: only silence about it means what was due.
    amount = payment.due if report.amount is None else report.amount
    captured, happened = payment.capture(amount, report.paid_at or now, report.provider_ref, now)
    scene.put_payment(captured, happened)
    cause = _why_not(scene, captured)
    if cause is None:
        return _pay_order(scene, captured)
    scene.fetch_refunds()
    refuse_money(scene, captured, cause)
    _give_up_seat(scene, captured.order_id, cause)
    return Settled(captured, f"refunded:{cause.value}")


def _why_not(scene: Scene, payment: Payment) -> RefundCause | None:
    """Return why captured money cannot pay its order; None if it can."""
    order = scene.orders[payment.order_id]
    if payment.captured != payment.due:
        return RefundCause.WRONG_AMOUNT
    if order.state is OrderState.CLOSED and order.placed_at is None:
        return RefundCause.LATE_PAYMENT
    if order.state not in _UNPAID:
        return RefundCause.DUPLICATE
    return None if _seat_order(scene, payment) else RefundCause.LATE_PAYMENT


def _seat_order(scene: Scene, payment: Payment) -> bool:
    """Count the money for its seat, or let a late payer back in; False if it is too late."""
    now = scene.work.now()
    order, seat = scene.orders[payment.order_id], scene.seats[payment.order_id]
    try:
        if seat.state is SeatState.HELD:
            group, paid_at = scene.groups[order.group_id], payment.paid_at or now
            campaign, mine = scene.campaign_of(group), scene.mine(seat)
            after, paid, happened = group.pay(campaign, seat, mine, paid_at, now)
            placed, more = order.place(now)
        else:
            after, paid, happened = let_back_in(scene, seat)
            goods = _held_again(scene, order.id)
            placed, more = order.readmit(now, after.id)
            # Last of all that may be refused: nothing is staged for an order that stays out.
            scene.take_coupon_along(placed)
            for stock in goods:
                scene.put_stock(stock)
    except (Refused, IllegalMove):
        return False
    scene.put_seat(paid)
    scene.put_order(placed, more)
    scene.work.emit(happened)
    settle_group(scene, after)
    if placed.group_id != order.group_id:
        follow_to_team(scene, placed)
    return True


def _held_again(scene: Scene, order_id: str) -> list[Stock]:
    """Return the goods of a readmitted order, held again: all must be there and on sale."""
    ahead = [line.sku_id for line in scene.orders[order_id].lines if line.stock_policy == "presale"]
    for goods in scene.work.of(Stock).find(ahead).values():
        goods.check_on_sale()
    return [(s.reserve(units)) for s, units in scene.each_tracked(scene.orders[order_id])]


def _pay_order(scene: Scene, payment: Payment) -> Settled:
    order = scene.orders[payment.order_id]
    scene.work.book(
        "capture",
        payment.id,
        {"provider": payment.provider, "order": order.id},
        {"P": order.payable.minor},
        order.payable.currency,
    )
    scene.work.tell(order.buyer_id, "order.paid", order.id)
    if scene.groups[order.group_id].formed_at is not None:
        confirm_order(scene, order.id)
        return Settled(payment, "confirmed")
    return Settled(payment, "paid")


def _close(scene: Scene, payment: Payment) -> Settled:
    if payment.state in _GIVEN_UP:
        return Settled(payment, "repeated")
    closed, happened = payment.close(scene.work.now())
    scene.put_payment(closed, happened)
    others = scene.payments_of(payment.order_id)
    if not any(p.state in OPEN for p in others):
        _give_up_seat(scene, payment.order_id, None)
    return Settled(closed, "closed")


def _give_up_seat(scene: Scene, order_id: str, cause: RefundCause | None) -> None:
    """Release what an unpaid order still holds: its seat and its goods."""
    now = scene.work.now()
    order, seat = scene.orders[order_id], scene.seats[order_id]
    if order.state is OrderState.EXPIRED and cause is RefundCause.LATE_PAYMENT:
        closed, happened = order.close(CloseReason.EXPIRED, now)
        scene.put_order(closed, happened)
    if order.state is not OrderState.AWAITING_PAYMENT or seat.state is not SeatState.HELD:
        return
    if cause is RefundCause.WRONG_AMOUNT:
        return  # the buyer may still pay the right amount until the seat expires
    expired, happened = order.expire(now)
    scene.put_order(expired, happened)
    for stock, units in scene.each_tracked(order):
        scene.put_stock(stock.release(units))
    group = scene.groups[order.group_id]
    after, gone, more = group.release(seat, scene.mine(seat), now, "expired")
    scene.put_seat(gone)
    scene.work.emit(more)
    settle_group(scene, after)
    # Whose team is over may still pay late, and find another team.
    alone = scene.campaign_of(group).mode is not Mode.TEAM
    over = alone and group.state is not GroupState.OPEN and group.formed_at is None
    if over or order.cancelled_at or cause is RefundCause.LATE_PAYMENT:
        reason = CloseReason.CANCELLED if order.cancelled_at else CloseReason.EXPIRED
        closed, more = expired.close(reason, now)
        scene.put_order(closed, more)


def expire_order(work: Work, order_id: str, reports: Sequence[PaymentReport]) -> Order:
    """Take the provider's last word about an unpaid order; release it if nobody can pay it."""
    if reports:
        settle_payments(work, reports)
    order = work.of(Order).get(order_id)
    if order.state is not OrderState.AWAITING_PAYMENT:
        return order
    scene = set_scene(work, [order_id])
    if not any(payment.state in OPEN for payment in scene.payments_of(order_id)):
        _give_up_seat(scene, order_id, None)
    return scene.orders[order_id]


def open_payment(work: Work, order_id: str) -> Payment:
    """Return the payment the buyer can pay now; a new attempt if the last one came to nothing.

    Raises NotFound for anybody else's order, Refused when there is nothing to pay.
    """
    order = work.of(Order).lock([order_id]).get(order_id)
    if order is None or order.buyer_id != work.caller.user_id:
        raise NotFound(kind="order", key=order_id)
    if order.state is not OrderState.AWAITING_PAYMENT or order.cancelled_at:
        raise Refused(rule="order_is_unpaid", about=order_id)
    if work.now() >= order.expires_at:
        raise Refused(rule="seat_is_still_held", about=order_id)
    _check_group(work, order)
    attempts = list(every(work.of(Payment), Query().where(order_id=order_id)))
    for payment in attempts:
        if payment.state in OPEN:
            return payment
    if len(attempts) >= ATTEMPTS_AT_MOST:
        raise Refused(rule="payment_attempts_left", about=order_id)
    again = Payment(
        id=work.new_id("pay", near=order_id),
        order_id=order_id,
        group_id=order.group_id,
        buyer_id=order.buyer_id,
        provider=work.kit.policy.provider,
        due=order.payable,
        created_at=work.now(),
        expires_at=order.expires_at,
    )
    work.of(Payment).add(again)
    return again


def _check_group(work: Work, order: Order) -> None:
    """Ask nobody for money that would only go back: the group may be over before its hold is."""
    group = work.of(Group).get(order.group_id)
    if group.state in _CALLED_OFF:
        raise Refused(rule="group_takes_payments", about=group.id)
    if work.now() >= group.ends_at:
        raise Refused(rule="before_the_end", about=group.id)


def prepay_request(work: Work, payment_id: str) -> PaymentRequest | None:
    """Return what to announce to the provider; None if there is nothing to pay any more."""
    payment = work.of(Payment).get(payment_id)
    if payment.state not in OPEN:
        return None
    return PaymentRequest(
        number=payment.number,
        amount=payment.due,
        description=payment.order_id,
        expires_at=payment.expires_at,
        tenant=work.caller.tenant,
    )


def announced(work: Work, payment_id: str, pay_params: str) -> Payment:
    """Store what the buyer needs to pay; a callback that came first wins."""
    payment = work.of(Payment).lock([payment_id])[payment_id]
    if payment.state is not PaymentState.CREATED:
        return payment
    pending, happened = payment.announce(pay_params, work.now())
    _put_announced(work, pending, happened)
    return pending


def _put_announced(work: Work, pending: Payment, happened: Sequence[Event]) -> None:
    """Stage an announced payment, and the first question about it."""
    work.of(Payment).save(pending)
    work.emit(happened)
    work.later("ask", pending.id, work.now() + ASK_FIRST)
