"""Giving an order up, or a part of it back. Import from here."""

from groupbuy.application.aftersale.applying import (
    Application,
    accept_replacement,
    apply_for,
    cancel_case,
    escalate_case,
    ship_back,
)
from groupbuy.application.aftersale.by_the_shop import UnitsBack, refund_units, weigh_line
from groupbuy.application.aftersale.giving_up import cancel_checkout, leave_group, refund_order
from groupbuy.application.aftersale.judging import (
    approve_case,
    hear_silence,
    receive_back,
    refuse_case,
    rule_case,
)
from groupbuy.application.aftersale.looking import (
    CaseView,
    case_views,
    leader_cases,
    merchant_case,
    merchant_cases,
    my_case,
    my_cases,
)
from groupbuy.application.aftersale.returning import (
    Counted,
    Replacement,
    inspect_return,
    refund_instead,
    send_replacement,
)

__all__ = [
    "Application",
    "CaseView",
    "Counted",
    "Replacement",
    "UnitsBack",
    "accept_replacement",
    "apply_for",
    "approve_case",
    "cancel_case",
    "cancel_checkout",
    "case_views",
    "escalate_case",
    "hear_silence",
    "inspect_return",
    "leader_cases",
    "leave_group",
    "merchant_case",
    "merchant_cases",
    "my_case",
    "my_cases",
    "receive_back",
    "refund_instead",
    "refund_order",
    "refund_units",
    "refuse_case",
    "rule_case",
    "send_replacement",
    "ship_back",
    "weigh_line",
]
