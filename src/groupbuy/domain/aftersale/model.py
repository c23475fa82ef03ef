"""An after-sale case: some units of one order line, and what their buyer wants for them."""

import re
from datetime import datetime
from enum import StrEnum

from attrs import evolve, frozen

from groupbuy.domain.aftersale.states import AFTER_SALE, OPEN, CaseMove, CaseState
from groupbuy.domain.kernel import Event, Invalid, Money, Refused

PICTURES_AT_MOST = 3
_CARRIER = re.compile(r"[a-z0-9_-]{1,40}")
_NUMBER = re.compile(r"[0-9A-Za-z-]{1,40}")
APPLIED = "after_sale.applied"


class Kind(StrEnum):
    """What the buyer asks for."""

    REFUND_ONLY = "refund_only"
    RETURN_AND_REFUND = "return_and_refund"


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


REASON_TEXTS: dict[Reason, tuple[str, str]] = {
    Reason.CHANGED_MIND: ("不想要了", "Changed my mind"),
    Reason.NOT_RECEIVED: ("没有收到", "Not received"),
    Reason.MISSING: ("少件", "Something is missing"),
    Reason.WRONG_ITEM: ("发错货", "The wrong item came"),
    Reason.DAMAGED: ("破损", "It is damaged"),
    Reason.POOR_QUALITY: ("质量问题", "Poor quality"),
    Reason.NOT_AS_DESCRIBED: ("与描述不符", "Not as described"),
    Reason.OTHER: ("其他", "Something else"),
}
"""Texts by reason: zh-CN, en."""


@frozen
class ReturnParcel:
    """How the goods come back: carrier code and tracking number."""

    carrier: str
    tracking_number: str

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot name a parcel at a carrier."""
        if not _CARRIER.fullmatch(self.carrier):
            raise Invalid(field="carrier", reason="1 to 40 of a-z, 0-9, _ and -")
        if not _NUMBER.fullmatch(self.tracking_number):
            raise Invalid(field="tracking_number", reason="1 to 40 letters, digits and dashes")


@frozen
class AfterSale:
    """One case. Its id is the effect key of its refund, so that is granted once."""

    id: str
    order_id: str
    line_no: int
    buyer_id: str
    merchant_id: str
    kind: Kind
    units: int
    reason: Reason
    applied_at: datetime
    decide_by: datetime
    """When it goes on without the one whose turn it is; of no meaning once the case is over."""
    open_line: str
    """`order/line` while the case is open, empty afterwards: a line has one open case."""
    text: str = ""
    """What the buyer says, sealed under their key."""
    pictures: tuple[str, ...] = ()
    """References of pictures, at most three."""
    answer: str = ""
    """What the merchant says, sealed under the buyer's key."""
    decided_by: str = ""
    """Who approved or refused it; `silence` if nobody did in time."""
    decided_at: datetime | None = None
    return_carrier: str = ""
    return_number: str = ""
    refund: Money | None = None
    """What was granted, once it was."""
    finished_at: datetime | None = None
    state: CaseState = CaseState.APPLIED
    version: int = 0

    @property
    def goods_come_back(self) -> bool:
        """Whether the goods are to be returned before money goes back."""
        return self.kind is Kind.RETURN_AND_REFUND

    def approve(
        self, by: str, answer: str, return_by: datetime, now: datetime
    ) -> "tuple[AfterSale, list[Event]]":
        """The merchant agrees; goods that come back have to be on their way by `return_by`."""
        return self._fire(
            CaseMove.APPROVE, now, decided_by=by, answer=answer, decided_at=now, decide_by=return_by
        )

    def refuse(self, by: str, answer: str, now: datetime) -> "tuple[AfterSale, list[Event]]":
        """The merchant says no, and why."""
        return self._fire(CaseMove.REFUSE, now, decided_by=by, answer=answer, decided_at=now)

    def cancel(self, now: datetime) -> "tuple[AfterSale, list[Event]]":
        """The buyer takes it back."""
        return self._fire(CaseMove.CANCEL, now)

    def lapse(self, now: datetime) -> "tuple[AfterSale, list[Event]]":
        """The goods were not sent back in time."""
        return self._fire(CaseMove.LAPSE, now)

    def overtake(self, now: datetime) -> "tuple[AfterSale, list[Event]]":
        """Everything of the order went back some other way."""
        return self._fire(CaseMove.OVERTAKE, now)

    def ship_back(
        self, parcel: ReturnParcel, receive_by: datetime, now: datetime
    ) -> "tuple[AfterSale, list[Event]]":
        """The goods are on their way back; silence past `receive_by` counts as received."""
        return self._fire(
            CaseMove.SHIP_BACK,
            now,
            return_carrier=parcel.carrier,
            return_number=parcel.tracking_number,
            decide_by=receive_by,
        )

    def receive_back(self, now: datetime) -> "tuple[AfterSale, list[Event]]":
        """The goods are back."""
        return self._fire(CaseMove.RECEIVE_BACK, now)

    def grant(self, amount: Money, now: datetime) -> "tuple[AfterSale, list[Event]]":
        """The refund is granted; whether it was paid is another question."""
        return self._fire(CaseMove.GRANT, now, refund=amount)

    def finish(self, now: datetime) -> "tuple[AfterSale, list[Event]]":
        """The money is back."""
        return self._fire(CaseMove.FINISH, now)

    def _fire(
        self, move: CaseMove, now: datetime, **changes: object
    ) -> "tuple[AfterSale, list[Event]]":
        edge = AFTER_SALE.fire(self.state, move, self)
        if edge.target not in OPEN:
            changes |= {"open_line": "", "finished_at": now}
        after: AfterSale = evolve(self, state=edge.target, **changes)  # type: ignore[arg-type]
        return after, [Event(edge.event, self.id, now, {"order": self.order_id})]


def apply(case: AfterSale, earlier: "list[AfterSale]") -> "tuple[AfterSale, list[Event]]":
    """Check a new case against those of the same order. Raises Invalid, Refused."""
    if case.units < 1:
        raise Invalid(field="units", reason="must be at least 1")
    if len(case.pictures) > PICTURES_AT_MOST:
        raise Invalid(field="pictures", reason=f"at most {PICTURES_AT_MOST} at once")
    if any(each.open_line == case.open_line for each in earlier):
        raise Refused(rule="one_open_case_a_line", about=case.open_line)
    data = {"order": case.order_id, "line": case.line_no, "units": case.units}
    return case, [Event(APPLIED, case.id, case.applied_at, data)]
