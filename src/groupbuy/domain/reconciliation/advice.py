"""What mends a difference, in words; a command of ours beside it where one can mend it."""

from collections.abc import Mapping
from enum import StrEnum


class Advice(StrEnum):
    """What a person should do about a difference."""

    RUN = "run"
    """The command of the finding mends it."""
    STRANGER = "stranger"
    LOST = "lost"
    WRONG_AMOUNT = "wrong_amount"
    PAID_TWICE = "paid_twice"
    ENDED_UNPAID = "ended_unpaid"
    WAIT = "wait"


ADVICE: Mapping[Advice, tuple[str, str]] = {
    Advice.RUN: ("执行所列命令", "run the command"),
    Advice.STRANGER: (
        "我方没有这个单号：请在渠道商户平台查明是谁的款项",
        "no number of ours: ask the provider whose movement this is",
    ),
    Advice.LOST: (
        "渠道账单没有这笔：请用单号向渠道查询并索取凭证",
        "not on the bill: ask the provider about this number and for its proof",
    ),
    Advice.WRONG_AMOUNT: (
        "金额不一致：请向渠道索取凭证，由财务决定",
        "amounts differ: ask the provider for proof; finance decides",
    ),
    Advice.PAID_TWICE: (
        "账单上出现两次：请渠道确认是否重复扣款",
        "twice on the bill: ask the provider whether money moved twice",
    ),
    Advice.ENDED_UNPAID: (
        "我方已按未付结束：请联系渠道追回或由财务更正",
        "ended as unpaid here: have the provider return it, or finance correct it",
    ),
    Advice.WAIT: ("还在途中，无需处理", "still on its way: nothing to do"),
}
"""zh, en."""
