"""What a case says to people: what is asked, where it is, whose turn it is, what silence does."""

from collections.abc import Mapping
from enum import StrEnum

from groupbuy.domain.aftersale.states import CaseState

Words = tuple[str, str]
"""zh-CN, en."""


class Kind(StrEnum):
    """What the buyer asks for."""

    REFUND_ONLY = "refund_only"
    RETURN_AND_REFUND = "return_and_refund"
    EXCHANGE = "exchange"
    """The goods come back and others go out; no money moves."""


class Reason(StrEnum):
    """Why; `REASON_TEXTS` says it in words."""

    CHANGED_MIND = "changed_mind"
    NOT_RECEIVED = "not_received"
    MISSING = "missing"
    WRONG_ITEM = "wrong_item"
    DAMAGED = "damaged"
    POOR_QUALITY = "poor_quality"
    NOT_AS_DESCRIBED = "not_as_described"
    OTHER = "other"

    @property
    def merchants_fault(self) -> bool:
        """Tell whether the merchant answers for it, freight included."""
        return self not in (Reason.CHANGED_MIND, Reason.OTHER)

    @property
    def goods_are_there(self) -> bool:
        """Tell whether the buyer has the goods, so that they can come back."""
        return self not in (Reason.NOT_RECEIVED, Reason.MISSING)


class Turn(StrEnum):
    """Who has to do something."""

    BUYER = "buyer"
    MERCHANT = "merchant"
    OPERATOR = "operator"
    PROVIDER = "provider"
    """The money is on its way."""
    NOBODY = "nobody"


REASON_TEXTS: Mapping[Reason, Words] = {
    Reason.CHANGED_MIND: ("不想要了", "Changed my mind"),
    Reason.NOT_RECEIVED: ("没有收到", "Not received"),
    Reason.MISSING: ("少件", "Something is missing"),
    Reason.WRONG_ITEM: ("发错货", "The wrong item came"),
    Reason.DAMAGED: ("破损", "It is damaged"),
    Reason.POOR_QUALITY: ("质量问题", "Poor quality"),
    Reason.NOT_AS_DESCRIBED: ("与描述不符", "Not as described"),
    Reason.OTHER: ("其他", "Something else"),
}
"""Texts by reason."""
KIND_TEXTS: Mapping[Kind, Words] = {
    Kind.REFUND_ONLY: ("仅退款", "Refund only"),
    Kind.RETURN_AND_REFUND: ("退货退款", "Return and refund"),
    Kind.EXCHANGE: ("换货", "Exchange"),
}
"""Texts by what is asked for."""
STATE_TEXTS: Mapping[CaseState, Words] = {
    CaseState.APPLIED: ("待商家处理", "Waiting for the merchant"),
    CaseState.APPROVED: ("商家已同意，待寄回", "Agreed: send the goods back"),
    CaseState.REFUSED: ("已拒绝", "Refused"),
    CaseState.CANCELLED: ("已撤销", "Withdrawn"),
    CaseState.RETURN_SHIPPED: ("退货运输中", "The goods are on their way back"),
    CaseState.RETURN_RECEIVED: ("商家验货中", "The merchant checks the goods"),
    CaseState.TO_REPLACE: ("待商家换货", "A replacement is to be sent"),
    CaseState.REPLACEMENT_SENT: ("换货已寄出", "The replacement was sent"),
    CaseState.ESCALATED: ("平台介入中", "An operator decides"),
    CaseState.REFUNDING: ("退款中", "The refund is on its way"),
    CaseState.DONE: ("已完成", "Done"),
}
"""Texts by state."""
TURNS: Mapping[CaseState, Turn] = {
    CaseState.APPLIED: Turn.MERCHANT,
    CaseState.APPROVED: Turn.BUYER,
    CaseState.RETURN_SHIPPED: Turn.MERCHANT,
    CaseState.RETURN_RECEIVED: Turn.MERCHANT,
    CaseState.TO_REPLACE: Turn.MERCHANT,
    CaseState.REPLACEMENT_SENT: Turn.BUYER,
    CaseState.ESCALATED: Turn.OPERATOR,
    CaseState.REFUNDING: Turn.PROVIDER,
}
"""Whose turn it is; nobody's in states that are not here."""
SILENCE_TEXTS: Mapping[CaseState, Words] = {
    CaseState.APPLIED: ("到期未处理即视为同意", "If the merchant stays silent, it is approved"),
    CaseState.APPROVED: ("到期未寄回则售后关闭", "If nothing is sent back, the case ends"),
    CaseState.RETURN_SHIPPED: (
        "到期未确认即视为已收到",
        "If nobody answers, it counts as received",
    ),
    CaseState.RETURN_RECEIVED: (
        "到期未验货即视为无异议",
        "If nobody counts the goods, nobody objects to them",
    ),
    CaseState.TO_REPLACE: (
        "到期未换货则改为退款",
        "If no replacement is sent, the money goes back",
    ),
    CaseState.REPLACEMENT_SENT: (
        "到期未提出即视为已收到换货",
        "If the buyer stays silent, the exchange is done",
    ),
    CaseState.ESCALATED: ("到期未裁决则支持买家", "If no operator decides, the buyer is right"),
    CaseState.REFUSED: (
        "到期前可申请平台介入",
        "Until then an operator may be asked, once",
    ),
}
"""What happens at `decide_by` if nobody does anything."""
