"""An after-sale case: some units of one order line, and what their buyer wants for them."""

import re
from collections.abc import Iterable
from datetime import datetime

from attrs import evolve, frozen

from groupbuy.domain.aftersale.states import AFTER_SALE, OPEN, CaseMove, CaseState
from groupbuy.domain.aftersale.texts import TURNS, Kind, Reason, Turn
from groupbuy.domain.kernel import Event, Invalid, Money, Refused

PICTURES_AT_MOST = 3
_CARRIER = re.compile(r"[a-z0-9_-]{1,40}")
_NUMBER = re.compile(r"[0-9A-Za-z-]{1,40}")
APPLIED = "after_sale.applied"


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
    campaign_id: str = ""
    leader_id: str = ""
    """Whose campaign it was; empty if nobody's."""
    text: str = ""
    """What the buyer says, sealed under their key."""
    pictures: tuple[str, ...] = ()
    """References of pictures, at most three."""
    answer: str = ""
    """What the merchant said last, sealed under the buyer's key."""
    decided_by: str = ""
    """Who approved or refused it last for the merchant; `silence` if nobody did in time."""
    decided_at: datetime | None = None
    return_carrier: str = ""
    return_number: str = ""
    good_units: int | None = None
    """How many came back fit to be sold; None until somebody has counted."""
    damaged_units: int = 0
    """How many came back and were written off."""
    replacement_id: str = ""
    """The parcel with the replacement; empty for one that is handed over at a pickup point."""
    appeal: str = ""
    """What the buyer says to the operator, sealed under their key."""
    ruling: str = ""
    """What the operator says, sealed under the buyer's key."""
    ruled_by: str = ""
    """Which operator decided last; `silence` if none did in time."""
    ruled_at: datetime | None = None
    refund: Money | None = None
    """What was granted, once it was."""
    finished_at: datetime | None = None
    state: CaseState = CaseState.APPLIED
    version: int = 0

    @property
    def goods_come_back(self) -> bool:
        """Whether the goods are to be returned before anything else goes out."""
        return self.kind is not Kind.REFUND_ONLY

    @property
    def sent_back(self) -> bool:
        """Whether the buyer has said by which parcel the goods come."""
        return bool(self.return_number)

    @property
    def exchanges(self) -> bool:
        """Whether other goods, not money, are to go out."""
        return self.kind is Kind.EXCHANGE

    @property
    def ruled(self) -> bool:
        """Whether an operator has decided about it, or let the time for that pass."""
        return bool(self.ruled_by)

    @property
    def counted(self) -> bool:
        """Whether somebody has counted what came back."""
        return self.good_units is not None

    @property
    def turn(self) -> Turn:
        """Whose turn it is."""
        return TURNS.get(self.state, Turn.NOBODY)

    @property
    def replaced(self) -> bool:
        """Whether it ended with other goods, not with money."""
        return self.state is CaseState.DONE and self.exchanges and self.refund is None

    def may_be_escalated(self, now: datetime) -> bool:
        """Tell whether a refusal may still be brought to an operator."""
        return self.state is CaseState.REFUSED and not self.ruled and now < self.decide_by

    def approve(
        self, by: str, answer: str, return_by: datetime, now: datetime
    ) -> "tuple[AfterSale, list[Event]]":
        """The merchant agrees; goods that come back have to be on their way by `return_by`."""
        return self._fire(
            CaseMove.APPROVE, now, decided_by=by, answer=answer, decided_at=now, decide_by=return_by
        )

    def refuse(
        self, by: str, answer: str, until: datetime, now: datetime
    ) -> "tuple[AfterSale, list[Event]]":
        """The merchant says no, and why: to the wish, or to the goods that came back.

        The buyer may ask an operator `until` then. Where one has decided already, the merchant's
        no is theirs to judge until then.
        """
        said = {"decided_by": by, "answer": answer, "decided_at": now, "decide_by": until}
        move = CaseMove.DISPUTE if self.sent_back and self.ruled else CaseMove.REFUSE
        return self._fire(move, now, **said)

    def escalate(
        self, appeal: str, rule_by: datetime, now: datetime
    ) -> "tuple[AfterSale, list[Event]]":
        """The buyer brings it to an operator, once. Raises Refused when it is too late."""
        late = self.state is CaseState.REFUSED and now >= self.decide_by
        if late and not self.ruled:
            raise Refused(rule="before_the_deadline_of_the_case", about=self.id)
        return self._fire(CaseMove.ESCALATE, now, appeal=appeal, decide_by=rule_by)

    def uphold(
        self, by: str, ruling: str, return_by: datetime, now: datetime
    ) -> "tuple[AfterSale, list[Event]]":
        """An operator decides for the buyer; goods not yet sent back are due by `return_by`."""
        said = {"ruled_by": by, "ruling": ruling, "ruled_at": now, "decide_by": return_by}
        return self._fire(CaseMove.UPHOLD, now, **said)

    def reject(self, by: str, ruling: str, now: datetime) -> "tuple[AfterSale, list[Event]]":
        """An operator decides for the merchant: that is the last word."""
        return self._fire(CaseMove.REJECT, now, ruled_by=by, ruling=ruling, ruled_at=now)

    def cancel(self, now: datetime) -> "tuple[AfterSale, list[Event]]":
        """The buyer takes it back."""
        return self._fire(CaseMove.CANCEL, now)

    def lapse(self, now: datetime) -> "tuple[AfterSale, list[Event]]":
        """The goods were not sent back in time."""
        return self._fire(CaseMove.LAPSE, now)

    def overtake(self, now: datetime) -> "tuple[AfterSale, list[Event]]":
        """Everything it is about went back some other way."""
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

    def receive_back(self, inspect_by: datetime, now: datetime) -> "tuple[AfterSale, list[Event]]":
        """The goods are back; who does not count them by `inspect_by` does not object."""
        return self._fire(CaseMove.RECEIVE_BACK, now, decide_by=inspect_by)

    def inspect(self, good: int, damaged: int, now: datetime) -> "tuple[AfterSale, list[Event]]":
        """Note what came back: fit to be sold, and not. Raises Invalid, Refused once counted."""
        if good < 0 or damaged < 0 or good + damaged > self.units:
            raise Invalid(field="good", reason=f"good and damaged are 0 to {self.units} together")
        after, happened = self._fire(CaseMove.INSPECT, now, good_units=good, damaged_units=damaged)
        counts = {"good": good, "damaged": damaged}
        return after, [evolve(e, data={**e.data, **counts}) for e in happened]

    def await_replacement(
        self, send_by: datetime, now: datetime
    ) -> "tuple[AfterSale, list[Event]]":
        """Other goods are to be sent by `send_by`, or the money goes back."""
        return self._fire(CaseMove.AWAIT_REPLACEMENT, now, decide_by=send_by)

    def send_replacement(
        self, parcel_id: str, look_by: datetime, now: datetime
    ) -> "tuple[AfterSale, list[Event]]":
        """Other goods are on their way; who says nothing by `look_by` has got them."""
        return self._fire(
            CaseMove.SEND_REPLACEMENT, now, replacement_id=parcel_id, decide_by=look_by
        )

    def accept(self, now: datetime) -> "tuple[AfterSale, list[Event]]":
        """The replacement is there: the exchange is done."""
        return self._fire(CaseMove.ACCEPT, now)

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
        if edge.target in OPEN:
            changes |= {"open_line": f"{self.order_id}/{self.line_no}", "finished_at": None}
        elif self.state in OPEN:
            changes |= {"open_line": "", "finished_at": now}
        after: AfterSale = evolve(self, state=edge.target, **changes)  # type: ignore[arg-type]
        return after, [Event(edge.event, self.id, now, {"order": self.order_id})]


def apply(case: AfterSale, earlier: "list[AfterSale]") -> "tuple[AfterSale, list[Event]]":
    """Check a new case against those of the same order. Raises Invalid, Refused."""
    if case.units < 1:
        raise Invalid(field="units", reason="must be at least 1")
    if len(case.pictures) > PICTURES_AT_MOST:
        raise Invalid(field="pictures", reason=f"at most {PICTURES_AT_MOST} pictures")
    if case.goods_come_back and not case.reason.goods_are_there:
        raise Refused(rule="goods_are_there_to_come_back", about=case.open_line)
    check_line_is_free(case, earlier)
    if any(_rejected_alike(case, each) for each in earlier):
        raise Refused(rule="an_operator_has_the_last_word", about=case.open_line)
    data = {"order": case.order_id, "line": case.line_no, "units": case.units}
    return case, [Event(APPLIED, case.id, case.applied_at, data)]


def check_line_is_free(case: AfterSale, others: Iterable[AfterSale]) -> None:
    """Refuse a case to be open beside another of its line. Raises Refused."""
    where = f"{case.order_id}/{case.line_no}"
    if any(each.open_line == where and each.id != case.id for each in others):
        raise Refused(rule="one_open_case_a_line", about=where)


def _rejected_alike(case: AfterSale, earlier: AfterSale) -> bool:
    """Tell whether an operator has refused the same wish: a line for a reason."""
    alike = (earlier.line_no, earlier.reason) == (case.line_no, case.reason)
    return alike and earlier.state is CaseState.REFUSED and earlier.ruled
