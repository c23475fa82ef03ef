"""What the shop gives back by itself: some units of a line, or what a packed line is lighter."""

from collections.abc import Iterable

from attrs import frozen

from groupbuy.application.steps.scene import Scene, set_scene
from groupbuy.application.steps.unwinding import Part, take_back_units, unwind, weigh_off
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import Conflict, Invalid, KeyReused, Money, NotFound, Refused
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import CloseReason, Order
from groupbuy.domain.payments import Refund, RefundCause


@frozen
class UnitsBack:
    """Some units of a line, or a whole order, to be given back."""

    order_id: str
    line_no: int | None = None
    """None: everything that is left of the order."""
    units: int = 0
    key: str = ""
    """Names the wish for ever: the same key on the same order gives back once."""
    seen: int | None = None
    """How many units of the line the asker has seen refunded; None if they did not look."""
    expected: Money | None = None
    """What the asker was told would go back."""

    @property
    def effect_key(self) -> str:
        """What the refund is unique by: the key together with what was asked for."""
        what = "all" if self.line_no is None else f"{self.line_no}x{self.units}"
        return f"{self.key}#{what}"


def refund_units(work: Work, asked: UnitsBack, reason: str) -> Order:
    """Refund units of a line of a binding order, as its merchant or an operator.

    Every unit costs what is left of its line by the unit rule, so that it does not matter in which
    steps they go. Raises NotFound, Invalid without a reason, Refused, KeyReused if the key named
    something else of this order, and Conflict if somebody refunded units the asker had not seen,
    or another amount would go back than they were told.
    """
    scene, before = _before_the_shop(work, asked.order_id, reason)
    if granted_before(scene.refunds.values(), asked) is not None:
        return before
    if asked.line_no is None:
        after = unwind(
            scene,
            asked.order_id,
            cause=RefundCause.MERCHANT,
            why=CloseReason.REFUNDED,
            reason=reason,
            effect_key=asked.effect_key if asked.key else "",
        )
    else:
        _take_units(scene, before, asked, reason)
        after = scene.orders[asked.order_id]
    total = after.refunded - before.refunded
    if asked.expected is not None and total != asked.expected:
        raise Conflict(kind="order", key=asked.order_id)
    work.audit(
        "order.refund_units", asked.order_id, reason, amount=str(total.minor), key=asked.effect_key
    )
    return after


def granted_before(refunds: Iterable[Refund], asked: UnitsBack) -> Refund | None:
    """Return the refund a wish was granted by. Raises KeyReused for another wish with its key."""
    if not asked.key:
        return None
    mine = {
        refund.effect_key: refund
        for refund in refunds
        if refund.cause is RefundCause.MERCHANT and refund.effect_key.startswith(f"{asked.key}#")
    }
    if mine and asked.effect_key not in mine:
        raise KeyReused(key=asked.key)
    return mine.get(asked.effect_key)


def weigh_line(work: Work, order_id: str, line_no: int, grams: int, reason: str = "") -> Order:
    """Enter what a packed line weighs, once and before anything is sent, as its merchant.

    What it is lighter than estimated goes back; what it is heavier costs nothing. Raises NotFound,
    Invalid, Refused.
    """
    scene, before = _before_the_shop(work, order_id, reason or "weighed")
    back = weigh_off(scene, order_id, line_no, grams, reason=reason)
    work.audit(
        "order.weigh",
        order_id,
        reason,
        line=str(line_no),
        grams=str(grams),
        amount=str(back.minor),
    )
    work.tell(before.buyer_id, "order.weighed", order_id, time=line_no, amount=back)
    return scene.orders[order_id]


def _take_units(scene: Scene, before: Order, asked: UnitsBack, reason: str) -> None:
    line = before.goods_line(asked.line_no or 0)
    if asked.seen is not None and asked.seen != line.refunded_units:
        raise Conflict(kind="order", key=before.id)
    key = asked.effect_key
    if not asked.key:
        # Where the line then stands names the step: nobody can take the same one twice.
        key = f"{before.id}/{line.line_no}/{line.refunded_units + asked.units}"
    part = Part(before.id, line.line_no, asked.units)
    if not take_back_units(scene, part, cause=RefundCause.MERCHANT, effect_key=key, reason=reason):
        raise Refused(rule="something_goes_back", about=before.id)


def _before_the_shop(work: Work, order_id: str, reason: str) -> tuple[Scene, Order]:
    caller = work.caller
    caller.require(Role.MERCHANT, Role.OPERATOR, Role.FINANCE)
    if not reason.strip():
        raise Invalid(field="reason", reason="say why, the audit keeps it")
    scene = set_scene(work, [order_id], refunds=True)
    order = scene.orders.get(order_id)
    staff = caller.roles & {Role.OPERATOR, Role.FINANCE}
    own = order is not None and order.merchant_id == caller.merchant_id
    if order is None or not (own or staff):
        raise NotFound(kind="order", key=order_id)
    return scene, order
