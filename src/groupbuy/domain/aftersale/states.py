"""The life of an after-sale case, as a table."""

from enum import StrEnum
from typing import Protocol

from groupbuy.domain.kernel import Edge, Machine


class CaseState(StrEnum):
    """Where a case is in its life."""

    APPLIED = "applied"
    """It is the merchant's turn; silence approves."""
    APPROVED = "approved"
    """Goods are to come back: it is the buyer's turn; silence ends the case."""
    REFUSED = "refused"
    """Over, unless the buyer takes it to an operator in time."""
    CANCELLED = "cancelled"
    """By the buyer, by their silence, or because the order was refunded some other way."""
    RETURN_SHIPPED = "return_shipped"
    """It is the merchant's turn; silence counts as received."""
    RETURN_RECEIVED = "return_received"
    """The merchant counts what came back; silence counts it as it was said."""
    TO_REPLACE = "to_replace"
    """The merchant has to send a replacement; silence turns the exchange into a refund."""
    REPLACEMENT_SENT = "replacement_sent"
    """The buyer looks at the replacement; silence accepts it, unless its carrier lost it."""
    ESCALATED = "escalated"
    """An operator decides; silence decides for the buyer."""
    REFUNDING = "refunding"
    """The refund is granted and not yet paid back."""
    DONE = "done"


class CaseMove(StrEnum):
    """What may be asked of a case."""

    APPROVE = "approve"
    REFUSE = "refuse"
    CANCEL = "cancel"
    LAPSE = "lapse"
    OVERTAKE = "overtake"
    SHIP_BACK = "ship_back"
    RECEIVE_BACK = "receive_back"
    INSPECT = "inspect"
    DISPUTE = "dispute"
    ESCALATE = "escalate"
    UPHOLD = "uphold"
    REJECT = "reject"
    AWAIT_REPLACEMENT = "await_replacement"
    SEND_REPLACEMENT = "send_replacement"
    ACCEPT = "accept"
    GRANT = "grant"
    FINISH = "finish"


class CaseFacts(Protocol):
    """What the guards look at."""

    @property
    def goods_come_back(self) -> bool:
        """Whether goods are to be returned."""
        ...

    @property
    def sent_back(self) -> bool:
        """Whether the buyer has said by which parcel they come."""
        ...

    @property
    def exchanges(self) -> bool:
        """Whether other goods, not money, are to go out."""
        ...

    @property
    def ruled(self) -> bool:
        """Whether an operator has decided about it."""
        ...

    @property
    def counted(self) -> bool:
        """Whether somebody has counted what came back."""
        ...


def goods_come_back(case: CaseFacts) -> bool:
    """Tell whether goods have yet to be returned."""
    return case.goods_come_back and not case.sent_back


def nothing_comes_back(case: CaseFacts) -> bool:
    """Tell whether no goods have to be waited for: they are kept, or were sent back."""
    return not case.goods_come_back or case.sent_back


def goods_are_exchanged(case: CaseFacts) -> bool:
    """Tell whether other goods are to go out."""
    return case.exchanges


def money_goes_back(case: CaseFacts) -> bool:
    """Tell whether money, not other goods, is what the buyer asked for."""
    return not case.exchanges


def no_operator_has_decided(case: CaseFacts) -> bool:
    """Tell whether the merchant's word still counts, and the buyer may ask an operator."""
    return not case.ruled


def an_operator_has_decided(case: CaseFacts) -> bool:
    """Tell whether a quarrel belongs to an operator at once."""
    return case.ruled


def goods_came_back_uncounted(case: CaseFacts) -> bool:
    """Tell whether goods came back that nobody has counted."""
    return case.sent_back and not case.counted


_S, _M = CaseState, CaseMove
_UNPAID = (
    _S.APPLIED,
    _S.APPROVED,
    _S.RETURN_SHIPPED,
    _S.RETURN_RECEIVED,
    _S.TO_REPLACE,
    _S.REPLACEMENT_SENT,
    _S.ESCALATED,
)
_BACK = (_S.RETURN_SHIPPED, _S.RETURN_RECEIVED)
_COUNTED_IN = (_S.RETURN_RECEIVED, _S.TO_REPLACE, _S.REPLACEMENT_SENT, _S.REFUNDING, _S.DONE)
"""Whoever let a deadline pass may still count: goods are on the shelf by a count alone."""

AFTER_SALE: Machine[CaseState, CaseMove, CaseFacts] = Machine(
    name="after_sale",
    initial=_S.APPLIED,
    final=frozenset({_S.REFUSED, _S.CANCELLED, _S.DONE}),
    edges=(
        Edge(_S.APPLIED, _M.APPROVE, _S.APPROVED, "after_sale.approved"),
        Edge(_S.APPLIED, _M.REFUSE, _S.REFUSED, "after_sale.refused"),
        Edge(_S.APPLIED, _M.CANCEL, _S.CANCELLED, "after_sale.cancelled"),
        Edge(_S.APPROVED, _M.CANCEL, _S.CANCELLED, "after_sale.cancelled", (goods_come_back,)),
        Edge(_S.ESCALATED, _M.CANCEL, _S.CANCELLED, "after_sale.cancelled"),
        Edge(_S.APPROVED, _M.LAPSE, _S.CANCELLED, "after_sale.lapsed", (goods_come_back,)),
        *(Edge(s, _M.OVERTAKE, _S.CANCELLED, "after_sale.overtaken") for s in _UNPAID),
        Edge(
            _S.APPROVED,
            _M.SHIP_BACK,
            _S.RETURN_SHIPPED,
            "after_sale.return_shipped",
            (goods_come_back,),
        ),
        Edge(_S.RETURN_SHIPPED, _M.RECEIVE_BACK, _S.RETURN_RECEIVED, "after_sale.return_received"),
        *(
            Edge(s, _M.REFUSE, _S.REFUSED, "after_sale.refused", (no_operator_has_decided,))
            for s in _BACK
        ),
        *(
            Edge(s, _M.DISPUTE, _S.ESCALATED, "after_sale.disputed", (an_operator_has_decided,))
            for s in _BACK
        ),
        *(
            Edge(s, _M.INSPECT, s, "after_sale.inspected", (goods_came_back_uncounted,))
            for s in _COUNTED_IN
        ),
        Edge(
            _S.RETURN_RECEIVED,
            _M.AWAIT_REPLACEMENT,
            _S.TO_REPLACE,
            "after_sale.to_replace",
            (goods_are_exchanged,),
        ),
        Edge(
            _S.TO_REPLACE,
            _M.SEND_REPLACEMENT,
            _S.REPLACEMENT_SENT,
            "after_sale.replacement_sent",
        ),
        Edge(_S.REPLACEMENT_SENT, _M.ACCEPT, _S.DONE, "after_sale.exchanged"),
        Edge(
            _S.REFUSED,
            _M.ESCALATE,
            _S.ESCALATED,
            "after_sale.escalated",
            (no_operator_has_decided,),
        ),
        Edge(
            _S.REPLACEMENT_SENT,
            _M.ESCALATE,
            _S.ESCALATED,
            "after_sale.escalated",
            (no_operator_has_decided,),
        ),
        Edge(_S.ESCALATED, _M.UPHOLD, _S.APPROVED, "after_sale.upheld"),
        Edge(_S.ESCALATED, _M.REJECT, _S.REFUSED, "after_sale.rejected"),
        Edge(_S.APPROVED, _M.GRANT, _S.REFUNDING, "after_sale.refunding", (nothing_comes_back,)),
        Edge(
            _S.RETURN_RECEIVED, _M.GRANT, _S.REFUNDING, "after_sale.refunding", (money_goes_back,)
        ),
        Edge(_S.TO_REPLACE, _M.GRANT, _S.REFUNDING, "after_sale.refunding"),
        Edge(_S.REPLACEMENT_SENT, _M.GRANT, _S.REFUNDING, "after_sale.refunding"),
        Edge(_S.REFUNDING, _M.FINISH, _S.DONE, "after_sale.done"),
    ),
)

OPEN = frozenset(CaseState) - AFTER_SALE.final
"""States in which a case still waits for somebody or for its money."""
