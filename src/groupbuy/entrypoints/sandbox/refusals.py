"""How the sandbox says no: one code, one HTTP status, nothing changed."""

from attrs import frozen

STATUS = {
    "PARAM_ERROR": 400,
    "SIGN_ERROR": 401,
    "AMOUNT_LIMIT": 403,
    "CHANNEL_UNKNOWN": 403,
    "NOT_ENOUGH": 403,
    "ORDER_CLOSED": 403,
    "ORDER_EXPIRED": 403,
    "ORDER_NOT_PAID": 403,
    "OVER_REFUND": 403,
    "PAID_MISMATCH": 403,
    "PARCEL_AT_END": 403,
    "REFUND_TOO_LATE": 403,
    "TOO_MANY_REFUNDS": 403,
    "TRANSFER_ENDED": 403,
    "ORDER_NOT_EXIST": 404,
    "PARCEL_NOT_EXIST": 404,
    "PAYMENT_NOT_EXIST": 404,
    "REFUND_NOT_EXIST": 404,
    "TRANSFER_NOT_EXIST": 404,
    "NUMBER_REUSED": 409,
    "BODY_TOO_LARGE": 413,
    "FREQUENCY_LIMITED": 429,
    "SYSTEM_ERROR": 500,
}
"""Every code the sandbox can answer with, and its HTTP status."""


@frozen
class Refusal(Exception):
    """An answer that is not 200. `code` is a key of STATUS; `message` is for people."""

    code: str
    message: str = ""

    @property
    def status(self) -> int:
        """The HTTP status of the code."""
        return STATUS[self.code]
