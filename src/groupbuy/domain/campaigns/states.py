"""The lives of a campaign, a group and a seat, as tables."""

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from groupbuy.domain.campaigns import events
from groupbuy.domain.campaigns.terms import Capacity, Limits, Measure
from groupbuy.domain.kernel import Edge, Machine


class CampaignState(StrEnum):
    """Where a campaign is in its life."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class CampaignMove(StrEnum):
    """What may be asked of a campaign."""

    EDIT = "edit"
    APPROVE = "approve"
    SCHEDULE = "schedule"
    OPEN = "open"
    WAIVE = "waive"
    CLOSE = "close"
    CANCEL = "cancel"


@frozen
class CampaignFacts:
    """Everything a campaign's guards may look at."""

    now: datetime
    starts_at: datetime
    ends_at: datetime
    offers: int
    promises_kept: bool
    """Mode, quorum, tiers and capacity fit together."""
    agreed: bool = True
    """The merchant agreed, or no leader is involved."""
    any_group_formed: bool = False


def something_is_on_sale(f: CampaignFacts) -> bool:
    """A campaign needs at least one offer."""
    return f.offers > 0


def ends_after_it_starts(f: CampaignFacts) -> bool:
    """The end lies after the start, and in the future."""
    return f.starts_at < f.ends_at and f.now < f.ends_at


def terms_fit_together(f: CampaignFacts) -> bool:
    """A relay has no quorum, the other modes have one that the capacity can reach."""
    return f.promises_kept


def merchant_has_agreed(f: CampaignFacts) -> bool:
    """A leader sells the merchant's goods: the merchant agrees to price and commission first."""
    return f.agreed


def start_reached(f: CampaignFacts) -> bool:
    """The start has come."""
    return f.starts_at <= f.now


def no_group_has_formed(f: CampaignFacts) -> bool:
    """Once a group has formed people hold a promise: close the campaign instead."""
    return not f.any_group_formed


class GroupState(StrEnum):
    """Where a group is in its life."""

    OPEN = "open"
    CLOSING = "closing"
    FORMED = "formed"
    FAILED = "failed"
    ENDED = "ended"
    CANCELLED = "cancelled"


class GroupMove(StrEnum):
    """What may be asked of a group."""

    HOLD = "hold"
    PAY = "pay"
    RELEASE = "release"
    READMIT = "readmit"
    FORM = "form"
    LAPSE = "lapse"
    FAIL = "fail"
    END = "end"
    CANCEL = "cancel"


@frozen
class GroupFacts:
    """Everything a group's guards may look at."""

    at: datetime
    """Now; for a payment the instant the provider names."""
    opens_at: datetime
    ends_at: datetime
    reached: int = 0
    target: int = 0
    waived: bool = False
    held_seats: int = 0
    live_buyers: int = 0
    live_units: int = 0
    is_new_buyer: bool = True
    units: int = 0
    my_units: int = 0
    my_orders: int = 0
    capacity: Capacity | None = None
    limits: Limits = Limits()
    stopped: bool = False


def selling_has_begun(f: GroupFacts) -> bool:
    """The campaign has started."""
    return f.opens_at <= f.at


def before_the_end(f: GroupFacts) -> bool:
    """Windows are half-open: the end itself is too late."""
    return f.at < f.ends_at


def seats_left(f: GroupFacts) -> bool:
    """Held, paid and confirmed seats never exceed the capacity."""
    if f.capacity is None:
        return True
    if f.capacity.measure is Measure.BUYERS:
        return f.live_buyers + (1 if f.is_new_buyer else 0) <= f.capacity.limit
    return f.live_units + f.units <= f.capacity.limit


def within_order_limit(f: GroupFacts) -> bool:
    """One order holds no more units than the campaign allows."""
    return f.limits.units_per_order is None or f.units <= f.limits.units_per_order


def within_buyer_limit(f: GroupFacts) -> bool:
    """All live orders of one buyer hold no more units and orders than the campaign allows."""
    units, orders = f.limits.units_per_buyer, f.limits.orders_per_buyer
    return (units is None or f.my_units + f.units <= units) and (
        orders is None or f.my_orders < orders
    )


def quorum_reached(f: GroupFacts) -> bool:
    """Enough have paid, or the merchant openly waived the quorum and somebody has paid."""
    return f.reached >= f.target or (f.waived and f.reached > 0)


def quorum_missed(f: GroupFacts) -> bool:
    """Too few have paid."""
    return not quorum_reached(f)


def every_payment_is_certain(f: GroupFacts) -> bool:
    """No seat is still waiting for the provider's word."""
    return f.held_seats == 0


def end_reached(f: GroupFacts) -> bool:
    """The end has come."""
    return f.ends_at <= f.at


def selling_is_over(f: GroupFacts) -> bool:
    """The end has come, or the campaign stops at its quorum."""
    return f.stopped or f.ends_at <= f.at


class SeatState(StrEnum):
    """Where a seat is in its life."""

    HELD = "held"
    PAID = "paid"
    CONFIRMED = "confirmed"
    RELEASED = "released"


class SeatMove(StrEnum):
    """What may be asked of a seat."""

    PAY = "pay"
    CONFIRM = "confirm"
    RELEASE = "release"
    READMIT = "readmit"


LIVE = frozenset({SeatState.HELD, SeatState.PAID, SeatState.CONFIRMED})
"""Seats that take room."""
PAID = frozenset({SeatState.PAID, SeatState.CONFIRMED})
"""Seats that count towards the quorum."""

_C, _D = CampaignState, CampaignMove
CAMPAIGN: Machine[CampaignState, CampaignMove, CampaignFacts] = Machine(
    name="campaign",
    initial=_C.DRAFT,
    final=frozenset({_C.CLOSED, _C.CANCELLED}),
    edges=(
        Edge(_C.DRAFT, _D.EDIT, _C.DRAFT, events.EDITED),
        Edge(_C.DRAFT, _D.APPROVE, _C.DRAFT, events.APPROVED),
        Edge(
            _C.DRAFT,
            _D.SCHEDULE,
            _C.SCHEDULED,
            events.SCHEDULED,
            (something_is_on_sale, ends_after_it_starts, terms_fit_together, merchant_has_agreed),
        ),
        Edge(_C.SCHEDULED, _D.OPEN, _C.OPEN, events.OPENED, (start_reached,)),
        Edge(_C.SCHEDULED, _D.WAIVE, _C.SCHEDULED, events.QUORUM_WAIVED),
        Edge(_C.OPEN, _D.WAIVE, _C.OPEN, events.QUORUM_WAIVED),
        Edge(_C.OPEN, _D.CLOSE, _C.CLOSED, events.CLOSED),
        Edge(_C.DRAFT, _D.CANCEL, _C.CANCELLED, events.CANCELLED),
        Edge(_C.SCHEDULED, _D.CANCEL, _C.CANCELLED, events.CANCELLED),
        Edge(_C.OPEN, _D.CANCEL, _C.CANCELLED, events.CANCELLED, (no_group_has_formed,)),
    ),
)

_G, _M = GroupState, GroupMove
_JOIN = (selling_has_begun, before_the_end, within_order_limit, within_buyer_limit, seats_left)
GROUP: Machine[GroupState, GroupMove, GroupFacts] = Machine(
    name="group",
    initial=_G.OPEN,
    final=frozenset({_G.ENDED, _G.FAILED, _G.CANCELLED}),
    edges=(
        Edge(_G.OPEN, _M.HOLD, _G.OPEN, events.SEAT_TAKEN, _JOIN),
        Edge(_G.FORMED, _M.HOLD, _G.FORMED, events.SEAT_TAKEN, _JOIN),
        Edge(_G.OPEN, _M.PAY, _G.OPEN, events.SEAT_PAID, (before_the_end,)),
        Edge(_G.FORMED, _M.PAY, _G.FORMED, events.SEAT_PAID, (before_the_end,)),
        Edge(_G.CLOSING, _M.PAY, _G.CLOSING, events.SEAT_PAID, (before_the_end,)),
        Edge(_G.ENDED, _M.PAY, _G.ENDED, events.SEAT_PAID, (before_the_end,)),
        Edge(_G.OPEN, _M.READMIT, _G.OPEN, events.SEAT_READMITTED, _JOIN),
        Edge(_G.FORMED, _M.READMIT, _G.FORMED, events.SEAT_READMITTED, _JOIN),
        *(Edge(s, _M.RELEASE, s, events.SEAT_RELEASED) for s in GroupState),
        Edge(_G.OPEN, _M.FORM, _G.FORMED, events.GROUP_FORMED, (quorum_reached,)),
        Edge(_G.CLOSING, _M.FORM, _G.FORMED, events.GROUP_FORMED, (quorum_reached,)),
        Edge(_G.OPEN, _M.LAPSE, _G.CLOSING, events.GROUP_CLOSING, (end_reached, quorum_missed)),
        Edge(
            _G.CLOSING,
            _M.FAIL,
            _G.FAILED,
            events.GROUP_FAILED,
            (every_payment_is_certain, quorum_missed),
        ),
        Edge(_G.FORMED, _M.END, _G.ENDED, events.GROUP_ENDED, (selling_is_over,)),
        Edge(_G.OPEN, _M.CANCEL, _G.CANCELLED, events.GROUP_CANCELLED),
        Edge(_G.CLOSING, _M.CANCEL, _G.CANCELLED, events.GROUP_CANCELLED),
    ),
)

_S, _T = SeatState, SeatMove
SEAT: Machine[SeatState, SeatMove, None] = Machine(
    name="seat",
    initial=_S.HELD,
    final=frozenset({_S.RELEASED}),
    edges=(
        Edge(_S.HELD, _T.PAY, _S.PAID, events.SEAT_PAID),
        Edge(_S.PAID, _T.CONFIRM, _S.CONFIRMED, events.SEAT_CONFIRMED),
        Edge(_S.HELD, _T.RELEASE, _S.RELEASED, events.SEAT_RELEASED),
        Edge(_S.PAID, _T.RELEASE, _S.RELEASED, events.SEAT_RELEASED),
        Edge(_S.CONFIRMED, _T.RELEASE, _S.RELEASED, events.SEAT_RELEASED),
        Edge(_S.RELEASED, _T.READMIT, _S.PAID, events.SEAT_READMITTED),
    ),
)
