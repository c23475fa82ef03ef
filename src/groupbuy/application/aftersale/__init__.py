"""Giving an order up, or a part of it back. Import from here."""

from groupbuy.application.aftersale.applying import (
    Application,
    apply_for,
    cancel_case,
    case_of,
    cases,
    ship_back,
)
from groupbuy.application.aftersale.by_the_shop import UnitsBack, refund_units, weigh_line
from groupbuy.application.aftersale.giving_up import cancel_checkout, leave_group, refund_order
from groupbuy.application.aftersale.judging import (
    approve_case,
    hear_silence,
    receive_back,
    refuse_case,
)

__all__ = [
    "Application",
    "UnitsBack",
    "apply_for",
    "approve_case",
    "cancel_case",
    "cancel_checkout",
    "case_of",
    "cases",
    "hear_silence",
    "leave_group",
    "receive_back",
    "refund_order",
    "refund_units",
    "refuse_case",
    "ship_back",
    "weigh_line",
]
