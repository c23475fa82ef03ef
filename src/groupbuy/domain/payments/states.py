"""The lives of a payment and of a refund, as tables."""

from enum import StrEnum

from groupbuy.domain.kernel import Edge, Machine


class PaymentState(StrEnum):
    """Where a payment is in its life."""

    CREATED = "created"
    PENDING = "pending"
    CAPTURED = "captured"
    CLOSED = "closed"
    FAILED = "failed"


class PaymentMove(StrEnum):
    """What may be asked of a payment."""

    ANNOUNCE = "announce"
    CAPTURE = "capture"
    CLOSE = "close"
    FAIL = "fail"


class RefundState(StrEnum):
    """Where a refund is in its life."""

    CREATED = "created"
    SUBMITTED = "submitted"
    RETRYABLE = "retryable"
    NEEDS_OPERATOR = "needs_operator"
    SUCCEEDED = "succeeded"


class RefundMove(StrEnum):
    """What may be asked of a refund."""

    SUBMIT = "submit"
    SUCCEED = "succeed"
    RETRY_LATER = "retry_later"
    GIVE_UP = "give_up"
    TAKE_UP = "take_up"


ANNOUNCED = "payment.announced"
CAPTURED = "payment.captured"
CLOSED = "payment.closed"
FAILED = "payment.failed"
GRANTED = "refund.granted"
SUBMITTED = "refund.submitted"
SUCCEEDED = "refund.succeeded"
POSTPONED = "refund.postponed"
NEEDS_OPERATOR = "refund.needs_operator"
TAKEN_UP = "refund.taken_up"
VOUCHED = "refund.vouched"

_P, _M = PaymentState, PaymentMove
PAYMENT: Machine[PaymentState, PaymentMove, None] = Machine(
    name="payment",
    initial=_P.CREATED,
    final=frozenset({_P.CAPTURED, _P.CLOSED, _P.FAILED}),
    edges=(
        Edge(_P.CREATED, _M.ANNOUNCE, _P.PENDING, ANNOUNCED),
        Edge(_P.CREATED, _M.CAPTURE, _P.CAPTURED, CAPTURED),
        Edge(_P.PENDING, _M.CAPTURE, _P.CAPTURED, CAPTURED),
        Edge(_P.CREATED, _M.CLOSE, _P.CLOSED, CLOSED),
        Edge(_P.PENDING, _M.CLOSE, _P.CLOSED, CLOSED),
        Edge(_P.CREATED, _M.FAIL, _P.FAILED, FAILED),
        Edge(_P.PENDING, _M.FAIL, _P.FAILED, FAILED),
        Edge(_P.CLOSED, _M.CAPTURE, _P.CAPTURED, CAPTURED),
        Edge(_P.FAILED, _M.CAPTURE, _P.CAPTURED, CAPTURED),
    ),
)

_R, _N = RefundState, RefundMove
REFUND: Machine[RefundState, RefundMove, None] = Machine(
    name="refund",
    initial=_R.CREATED,
    final=frozenset({_R.SUCCEEDED}),
    edges=(
        Edge(_R.CREATED, _N.SUBMIT, _R.SUBMITTED, SUBMITTED),
        Edge(_R.RETRYABLE, _N.SUBMIT, _R.SUBMITTED, SUBMITTED),
        Edge(_R.SUBMITTED, _N.RETRY_LATER, _R.RETRYABLE, POSTPONED),
        Edge(_R.CREATED, _N.GIVE_UP, _R.NEEDS_OPERATOR, NEEDS_OPERATOR),
        Edge(_R.SUBMITTED, _N.GIVE_UP, _R.NEEDS_OPERATOR, NEEDS_OPERATOR),
        Edge(_R.RETRYABLE, _N.GIVE_UP, _R.NEEDS_OPERATOR, NEEDS_OPERATOR),
        Edge(_R.NEEDS_OPERATOR, _N.TAKE_UP, _R.RETRYABLE, TAKEN_UP),
        *(
            Edge(state, _N.SUCCEED, _R.SUCCEEDED, SUCCEEDED)
            for state in (_R.CREATED, _R.SUBMITTED, _R.RETRYABLE, _R.NEEDS_OPERATOR)
        ),
    ),
)
