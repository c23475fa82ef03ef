"""What after-sale cases look like over HTTP, to each of their sides."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from groupbuy.application.aftersale import (
    Application,
    CaseView,
    Counted,
    Replacement,
)
from groupbuy.domain.aftersale import (
    KIND_TEXTS,
    REASON_TEXTS,
    SILENCE_TEXTS,
    STATE_TEXTS,
    CaseState,
    Kind,
    Reason,
    ReturnParcel,
    Turn,
)
from groupbuy.entrypoints.http.amounts import END, Amount, amount
from groupbuy.entrypoints.http.order_schemas import ParcelOut, parcel_out

Said = Annotated[str, Meta(min_length=1, max_length=500)]
MaybeSaid = Annotated[str, Meta(max_length=500)]
PictureText = Annotated[
    str, Meta(pattern="^[0-9A-Za-z._/-]{1,200}" + END, description="Reference of a picture")
]
Units = Annotated[int, Meta(ge=0, le=10_000)]
CarrierCode = Annotated[str, Meta(pattern="^[a-z0-9_-]{0,40}" + END)]
Number = Annotated[str, Meta(pattern="^[0-9A-Za-z-]{0,40}" + END)]


class CaseIn(msgspec.Struct, forbid_unknown_fields=True):
    """What a buyer asks for; `dry_run` shows what would go back, and asks nothing."""

    line_no: Annotated[int, Meta(ge=1, le=1000)]
    kind: Kind
    reason: Reason
    units: Annotated[int, Meta(ge=1, le=10_000)] = 1
    text: MaybeSaid = ""
    pictures: Annotated[list[PictureText], Meta(max_length=3)] = []
    dry_run: bool = False

    def wish(self, order_id: str) -> Application:
        """Return it in the words of the use case."""
        return Application(
            order_id,
            self.line_no,
            self.units,
            self.kind,
            self.reason,
            self.text.strip(),
            tuple(self.pictures),
        )


class ReturnParcelIn(msgspec.Struct, forbid_unknown_fields=True):
    """By which parcel the goods come back."""

    carrier: CarrierCode
    tracking_number: Number

    def parcel(self) -> ReturnParcel:
        """Return it in the domain's words."""
        return ReturnParcel(self.carrier, self.tracking_number)


class CaseAnswerIn(msgspec.Struct, forbid_unknown_fields=True):
    """What the merchant says to it, if anything."""

    answer: MaybeSaid = ""


class SaidIn(msgspec.Struct, forbid_unknown_fields=True):
    """Why, in words that the other side will read."""

    reason: Said


class CountIn(msgspec.Struct, forbid_unknown_fields=True):
    """What came back: fit to be sold, and damaged."""

    good: Units
    damaged: Units = 0

    def found(self, case_id: str) -> Counted:
        """Return it in the words of the use case."""
        return Counted(case_id, self.good, self.damaged)


class ReplacementIn(msgspec.Struct, forbid_unknown_fields=True):
    """The parcel with the replacement; empty for an order that is picked up."""

    carrier: CarrierCode = ""
    tracking_number: Number = ""

    def sent(self, case_id: str) -> Replacement:
        """Return it in the words of the use case."""
        return Replacement(case_id, self.carrier, self.tracking_number)


class RulingIn(msgspec.Struct, forbid_unknown_fields=True):
    """What an operator decides, and why; both sides read it."""

    decide_for: Turn
    reason: Said


class CaseOut(msgspec.Struct, frozen=True, kw_only=True):
    """A case without what anybody wrote."""

    id: str
    order_id: str
    campaign_id: str
    line_no: int
    title: str
    options: str
    kind: Kind
    kind_text: str
    units: int
    reason: Reason
    reason_text: str
    state: CaseState
    state_text: str
    turn: Turn
    """Whose turn it is."""
    decide_by: datetime | None
    """Until when; null where nothing happens by itself any more."""
    silence_text: str
    """What happens then if nobody does anything."""
    refund: Amount
    """What goes back, or would if it were granted now; 0 for an exchange."""
    granted: bool
    good_units: int | None
    damaged_units: int
    return_carrier: str
    return_number: str
    replacement: ParcelOut | None
    applied_at: datetime
    decided_at: datetime | None
    decided_in_silence: bool
    ruled_at: datetime | None
    finished_at: datetime | None
    version: int


class ToldCaseOut(msgspec.Struct, frozen=True):
    """A case with what was written, for those it concerns."""

    case: CaseOut
    text: str
    """What the buyer says."""
    pictures: list[str]
    answer: str
    """What the merchant says."""
    appeal: str
    """What the buyer says to the operator."""
    ruling: str
    """What the operator says."""


def case_out(view: CaseView, language: str = "zh-CN") -> CaseOut:
    """Render a case without what anybody wrote."""
    case, say = view.case, _sayer(language)
    line = view.order.goods_line(case.line_no)
    waits = case.state in SILENCE_TEXTS and not (case.state is CaseState.REFUSED and case.ruled)
    return CaseOut(
        id=case.id,
        order_id=case.order_id,
        campaign_id=case.campaign_id,
        line_no=case.line_no,
        title=line.title,
        options=line.options,
        kind=case.kind,
        kind_text=say(KIND_TEXTS[case.kind]),
        units=case.units,
        reason=case.reason,
        reason_text=say(REASON_TEXTS[case.reason]),
        state=case.state,
        state_text=say(STATE_TEXTS[case.state]),
        turn=case.turn,
        decide_by=case.decide_by if waits else None,
        silence_text=say(SILENCE_TEXTS[case.state]) if waits else "",
        refund=amount(view.expected),
        granted=case.refund is not None,
        good_units=case.good_units,
        damaged_units=case.damaged_units,
        return_carrier=case.return_carrier,
        return_number=case.return_number,
        replacement=parcel_out(view.replacement) if view.replacement else None,
        applied_at=case.applied_at,
        decided_at=case.decided_at,
        decided_in_silence="silence" in (case.decided_by, case.ruled_by),
        ruled_at=case.ruled_at,
        finished_at=case.finished_at,
        version=case.version,
    )


def told_out(view: CaseView, language: str = "zh-CN") -> ToldCaseOut:
    """Render a case with what was written."""
    return ToldCaseOut(
        case=case_out(view, language),
        text=view.text,
        pictures=list(view.case.pictures),
        answer=view.answer,
        appeal=view.appeal,
        ruling=view.ruling,
    )


def _sayer(language: str) -> Callable[[tuple[str, str]], str]:
    return lambda words: words[1] if language.startswith("en") else words[0]
