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
    CANCELLED = "cancelled"
    """By the buyer, by their silence, or because the order was refunded some other way."""
    RETURN_SHIPPED = "return_shipped"
    """It is the merchant's turn; silence counts as received."""
    RETURN_RECEIVED = "return_received"
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
    GRANT = "grant"
    FINISH = "finish"


class CaseFacts(Protocol):
    """What the guards look at."""

    @property
    def goods_come_back(self) -> bool:
        """Whether the goods are to be returned."""
        ...


def goods_come_back(case: CaseFacts) -> bool:
    """Tell whether the goods have to be returned before money goes back."""
    return case.goods_come_back


def goods_are_kept(case: CaseFacts) -> bool:
    """Tell whether money alone goes back."""
    return not case.goods_come_back


_S, _M = CaseState, CaseMove
_UNPAID = (_S.APPLIED, _S.APPROVED, _S.RETURN_SHIPPED, _S.RETURN_RECEIVED)

AFTER_SALE: Machine[CaseState, CaseMove, CaseFacts] = Machine(
    name="after_sale",
    initial=_S.APPLIED,
    final=frozenset({_S.REFUSED, _S.CANCELLED, _S.DONE}),
    edges=(
        Edge(_S.APPLIED, _M.APPROVE, _S.APPROVED, "after_sale.approved"),
        Edge(_S.APPLIED, _M.REFUSE, _S.REFUSED, "after_sale.refused"),
        Edge(_S.APPLIED, _M.CANCEL, _S.CANCELLED, "after_sale.cancelled"),
        Edge(_S.APPROVED, _M.CANCEL, _S.CANCELLED, "after_sale.cancelled", (goods_come_back,)),
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
        Edge(_S.APPROVED, _M.GRANT, _S.REFUNDING, "after_sale.refunding", (goods_are_kept,)),
        Edge(_S.RETURN_RECEIVED, _M.GRANT, _S.REFUNDING, "after_sale.refunding"),
        Edge(_S.REFUNDING, _M.FINISH, _S.DONE, "after_sale.done"),
    ),
)

OPEN = frozenset(CaseState) - AFTER_SALE.final
"""States in which a case still waits for somebody or for its money."""
