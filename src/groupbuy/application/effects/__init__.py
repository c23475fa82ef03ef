"""Effects outside: ask a provider, then write down what it said.

The call lies between two transactions, never inside one, and may be repeated: its number was
fixed before the first call. Whatever is not certain is asked about again.
"""

from collections.abc import Callable, Mapping

from groupbuy.application.effects.asking import ask, expire, notify, payout, prepay, track
from groupbuy.application.effects.counting import count_segment
from groupbuy.application.effects.delivering import deliver_report
from groupbuy.application.effects.errands import Errand, Finish
from groupbuy.application.effects.groups import (
    confirm_group,
    confirm_range,
    ladder_group,
    ladder_range,
    refund_group,
    refund_range,
)
from groupbuy.application.effects.sending import SENT_TOGETHER, send_refunds

__all__ = ["EFFECTS", "TOGETHER", "Errand", "Finish"]

NOTIFY = "notify"
TOGETHER: Mapping[str, int] = {NOTIFY: 100, "refund": SENT_TOGETHER}
"""Topics of which several tasks are one errand, and how many at most."""

EFFECTS: Mapping[str, Callable[[Errand], None]] = {
    "prepay": prepay,
    "ask": ask,
    "expire": expire,
    "refund": send_refunds,
    "payout": payout,
    "track": track,
    "confirm_group": confirm_group,
    "confirm_range": confirm_range,
    "refund_group": refund_group,
    "refund_range": refund_range,
    "ladder_group": ladder_group,
    "ladder_range": ladder_range,
    NOTIFY: notify,
    "report": deliver_report,
    "count_segment": count_segment,
}
"""What is done about each topic that needs more than one transaction of its own."""
