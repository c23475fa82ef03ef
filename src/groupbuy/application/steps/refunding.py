"""Granting money back: the journal, the intent, and the effect that will carry it out."""

from collections.abc import Mapping

from groupbuy.application.steps.scene import Scene
from groupbuy.domain.kernel import Money
from groupbuy.domain.ledger import Amount
from groupbuy.domain.ordering import Order
from groupbuy.domain.payments import Payment, Refund, RefundCause, grant


def give_back(
    scene: Scene,
    payment: Payment,
    amount: Money,
    *,
    cause: RefundCause,
    effect_key: str,
    moment: str,
    names: Mapping[str, str] | None = None,
    amounts: Mapping[str, Amount] | None = None,
    reason: str = "",
    refund_id: str = "",
) -> Refund | None:
    """Grant a refund once, book it and stage its execution; None if it was granted before.

    `moment` is the row of the posting table that says out of which account the money comes,
    `refund_id` the id it is to have, for who had to name it before.
    """
    work = scene.work
    earlier = scene.refunds_of(payment.id)
    refund, happened = grant(
        refund_id or work.new_id("rfd", near=payment.id),
        payment,
        earlier,
        cause=cause,
        effect_key=effect_key,
        amount=amount,
        now=work.now(),
        reason=reason,
        by=work.caller.user_id,
    )
    if refund is None:
        return None
    scene.add_refund(refund, happened)
    accounts = {"order": payment.order_id, "refund": refund.id, **(names or {})}
    work.book(moment, refund.id, accounts, {"R": amount.minor, **(amounts or {})}, amount.currency)
    work.later("refund", refund.id, work.now())
    work.tell(payment.buyer_id, "refund.granted", refund.id, cause=cause.value)
    return refund


def refuse_money(scene: Scene, payment: Payment, cause: RefundCause) -> None:
    """Money arrived that pays nothing: book it apart, and send it back at once.

    Where nothing arrived there is nothing to book or to send back; finance hears of it.
    """
    captured = payment.captured
    if captured is None:
        return
    scene.put_payment(payment.put_aside(cause.value))
    if captured.minor <= 0:
        scene.work.tell("role:finance", "payment.nothing_captured", payment.id, amount=captured)
        return
    scene.work.book(
        "capture_unusable",
        payment.id,
        {"provider": payment.provider},
        {"P": captured.minor},
        captured.currency,
    )
    give_back(
        scene,
        payment,
        captured,
        cause=cause,
        effect_key=payment.id,
        moment="refund_from_suspense",
    )


def give_back_order(
    scene: Scene, order: Order, *, cause: RefundCause, effect_key: str, reason: str = ""
) -> Order:
    """Refund everything of an order that is not binding yet; return it with its lines marked."""
    after, total = order.refund_all()
    for payment in scene.payments_of(order.id):
        if payment.captured is not None and not payment.quarantined and total:
            give_back(
                scene,
                payment,
                total,
                cause=cause,
                effect_key=effect_key,
                moment="refund_before_confirmation",
                reason=reason,
            )
    return after
