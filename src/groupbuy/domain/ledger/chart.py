"""The chart of accounts for people: a name and a meaning in both languages, and the normal side."""

import re
from collections.abc import Mapping
from enum import StrEnum

from attrs import frozen

from groupbuy.domain.ledger.postings import ACCOUNTS


class Side(StrEnum):
    """Where the balance of an account normally stands."""

    DEBIT = "debit"
    CREDIT = "credit"


@frozen
class ChartRow:
    """All accounts of one pattern."""

    pattern: str
    kind: str
    """asset, liability, income or expense."""
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str

    @property
    def normal(self) -> Side:
        """What we have and what we spend stands on the left, what we owe and earn on the right."""
        return Side.DEBIT if self.kind in {"asset", "expense"} else Side.CREDIT


_NAMES: Mapping[str, tuple[str, str, str]] = {
    "clearing:{provider}": ("渠道待结算款", "clearing", "还在支付渠道的钱"),
    "buyer:{order}": ("买家预收款", "held for an order", "订单尚未生效时代买家保管的钱"),
    "refund_due:{refund}": ("应付退款", "refund due", "已同意退款、尚未退到买家"),
    "merchant:{merchant}:pending": ("商户待确认货款", "merchant, pending", "售后期满前商户的份额"),
    "merchant:{merchant}:payable": ("应付商户货款", "merchant, payable", "售后期满后商户的份额"),
    "merchant:{merchant}:in_transit": ("在途商户货款", "merchant, in transit", "正在付给商户的钱"),
    "leader:{leader}:pending": ("团长待确认佣金", "leader, pending", "售后期满前的佣金"),
    "leader:{leader}:vested": ("团长待结算佣金", "leader, vested", "已确认、尚未进结算单的佣金"),
    "leader:{leader}:available": ("团长可提现佣金", "leader, available", "可以提现的佣金"),
    "leader:{leader}:in_transit": ("在途提现", "leader, in transit", "正在付给团长的佣金"),
    "platform:fees:pending": ("待确认平台服务费", "platform fees, pending", "售后期满前平台的份额"),
    "platform:fees": ("平台服务费收入", "platform fees", "平台的份额"),
    "promotion:platform": ("平台营销费用", "platform promotion", "平台承担的优惠和奖励"),
    "points:liability": ("未兑换积分", "points outstanding", "尚未使用的积分的价值"),
    "points:expense": ("积分成本", "cost of points", "发放积分的成本"),
    "tax_withheld": ("代扣税款", "tax withheld", "付款时扣下、应交给税务的钱"),
    "provider_fees": ("渠道手续费", "provider fees", "支付渠道收取的费用"),
    "suspense": ("待查款项", "suspense", "收到却不能用于任何订单、等待退回的钱"),
    "rounding": ("舍入差额", "rounding", "永远为零：分摊没有余数"),
}
"""By pattern: the name in Chinese and in English, and the meaning in Chinese."""


def _row(pattern: str, kind: str, meaning: str) -> ChartRow:
    # An account somebody has just added still works; a test asks for its names.
    zh, en, meaning_zh = _NAMES.get(pattern, (pattern, pattern, meaning))
    return ChartRow(pattern, kind, zh, en, meaning_zh, meaning)


CHART: tuple[ChartRow, ...] = tuple(_row(*account) for account in ACCOUNTS)
"""Every pattern of the chart, in its order."""

_SHAPES = tuple(
    re.compile("[^:]+".join(map(re.escape, re.split(r"\{\w+\}", row.pattern)))) for row in CHART
)


def row_of(account: str) -> ChartRow | None:
    """Return the row of the chart an account belongs to; None if it fits none."""
    for shape, row in zip(_SHAPES, CHART, strict=True):
        if shape.fullmatch(account):
            return row
    return None
