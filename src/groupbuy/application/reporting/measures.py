"""What each figure of a report means, and where in the ledger it comes from."""

from enum import StrEnum

from attrs import frozen


class Unit(StrEnum):
    """How a figure is written."""

    MONEY = "money"
    """Minor units of the report's currency."""
    COUNT = "count"
    RATE = "rate"
    """Basis points."""
    TENTHS = "tenths"
    """Tenths of a day."""


@frozen
class Measure:
    """One figure."""

    code: str
    zh: str
    en: str
    unit: Unit
    meaning_zh: str
    meaning_en: str
    source: str
    """Accounts and moments of the ledger, or the record it is counted from."""


def _money(*said: str) -> Measure:
    code, zh, en, *rest = said
    return Measure(code, zh, en, Unit.MONEY, *rest)


def _count(*said: str) -> Measure:
    code, zh, en, *rest = said
    return Measure(code, zh, en, Unit.COUNT, *rest)


def _rate(*said: str) -> Measure:
    code, zh, en, *rest = said
    return Measure(code, zh, en, Unit.RATE, *rest)


MEASURES: tuple[Measure, ...] = (
    _count(
        "begun",
        "开始结账",
        "started checkouts",
        "这段时间内开始结账的订单数。",
        "Orders that were begun in the period, paid or not.",
        "orders, by `created_at`",
    ),
    _count(
        "begun_and_paid",
        "其中已付款",
        "of them paid",
        "这段时间内开始结账、到现在已付款的订单数。",
        "Orders begun in the period that have been paid by now, whenever that was.",
        "orders, by `created_at`, with `placed_at`",
    ),
    _rate(
        "conversion",
        "付款率",
        "conversion",
        "其中已付款 ÷ 开始结账。不记录页面浏览，所以从结账算起。",
        "Of them paid ÷ started checkouts. Page views are not recorded, so it starts at checkout.",
        "computed",
    ),
    _count(
        "participants",
        "参团人数",
        "participants",
        "活动至今付过款的买家数；一人买多次算一人。",
        "Buyers who have paid in the campaign since it began; each counts once.",
        "orders with `placed_at`, distinct buyers",
    ),
    _count(
        "paid_orders",
        "付款订单",
        "paid orders",
        "这段时间内付款的订单数。",
        "Orders that were paid in the period.",
        "orders, by `placed_at`",
    ),
    _money(
        "paid",
        "收款",
        "paid in",
        "这段时间内为订单收到的钱，不论是否成团。",
        "Money captured for orders in the period, whether or not their groups form.",
        "`capture`, `readmit`: credit of `buyer:{order}`",
    ),
    _count(
        "orders",
        "成交订单",
        "orders",
        "这段时间内成团生效的订单数。",
        "Orders that became binding in the period: their groups formed.",
        "orders, by `confirmed_at`; one journal `confirm` each",
    ),
    _count(
        "units",
        "件数",
        "units",
        "成交订单里的商品件数，退货前。",
        "Units of goods on those orders, before anything went back.",
        "order lines",
    ),
    _money(
        "gross",
        "原价金额",
        "at original prices",
        "成交订单按原价计算的金额，含运费。",
        "Those orders at original prices, freight included.",
        "order lines",
    ),
    _money(
        "discounts",
        "优惠",
        "discounts",
        "原价金额 − 销售额，不论由谁承担。",
        "Original prices − sales, whoever pays for it.",
        "order lines, each fen attributed",
    ),
    _money(
        "sales",
        "销售额",
        "sales",
        "成交订单买家实际支付的钱，含运费，退款前。",
        "What buyers paid for orders that became binding, freight included, before refunds.",
        "`confirm`: debit of `buyer:{order}`",
    ),
    _money(
        "subsidy",
        "平台补贴",
        "subsidy",
        "平台或积分承担、补给商户的优惠，减去退款时收回的。",
        "Discounts that the platform or points pay to the merchant, less what refunds took back.",
        "`confirm`, `refund_after_confirmation`, `funding_taken_back`: `promotion:platform`, "
        "`points:liability`",
    ),
    _money(
        "refunds",
        "退款",
        "refunds",
        "这段时间内同意的成交后退款，不论何时卖出、何时到账。",
        "Refunds of binding orders granted in the period, whenever sold and whenever they arrive.",
        "`refund_after_confirmation`: credit of `refund_due:{refund}`",
    ),
    _count(
        "refund_count",
        "退款笔数",
        "refunds granted",
        "上述退款的笔数。",
        "How many such refunds.",
        "journals `refund_after_confirmation`",
    ),
    _money(
        "net_sales",
        "净销售额",
        "net sales",
        "销售额 − 退款。",
        "Sales − refunds.",
        "computed",
    ),
    _money(
        "returned",
        "未成团退款",
        "returned before binding",
        "订单生效前退回的钱（未成团、退出、取消）。不是销售，也不算退款。",
        "Money given back before the order was binding; it was no sale and is no refund of one.",
        "`refund_before_confirmation`: credit of `refund_due:{refund}`",
    ),
    _money(
        "unusable",
        "无效付款退回",
        "unusable money returned",
        "迟到、重复或金额不符的付款的退回。",
        "Payments given back because they were late, twice or of a wrong amount.",
        "`refund_from_suspense`: credit of `refund_due:{refund}`",
    ),
    _money(
        "commission",
        "佣金",
        "commission",
        "团长、帮卖人和自提点在这段时间内应得的佣金，减去退款收回的。",
        "Commission of leaders, helpers and points booked in the period, less reversals.",
        "`confirm`, `refund_after_confirmation`, `commission_adjusted`: `leader:{leader}:*`",
    ),
    _money(
        "fees",
        "平台服务费",
        "service fee",
        "平台的份额，减去退款收回的。支付渠道手续费由平台从中承担。",
        "The operator's share, less reversals. It bears the payment provider's fees.",
        "`confirm`, `refund_after_confirmation`: `platform:fees*`",
    ),
    _money(
        "merchant",
        "商户所得",
        "credited to the merchant",
        "销售额 + 平台补贴 − 退款 − 佣金 − 平台服务费。",
        "Sales + subsidy − refunds − commission − service fee.",
        "`merchant:{merchant}:*` of the same journals",
    ),
    _count(
        "kept",
        "留存件数",
        "units kept",
        "这段时间内成交、至今没有退的件数。",
        "Units sold in the period that have not gone back by now.",
        "order lines",
    ),
    _count(
        "units_back",
        "退回件数",
        "units given back",
        "这段时间内成交、至今已退的件数。",
        "Units sold in the period that have gone back by now.",
        "order lines",
    ),
    _money(
        "back",
        "其中已退款",
        "of it refunded",
        "这段时间内成交的商品至今退了多少钱，不论何时退。",
        "What has been refunded by now of the sales of the period, whenever that was.",
        "order lines; in all the same as the refunds of these orders",
    ),
    _money(
        "cost",
        "成本",
        "cost of goods",
        "留存件数 × 规格现在的进价；没有进价的件数不计入。",
        "Units kept × what the variant costs as it stands now; units without a cost are not in it.",
        "variants, `cost`",
    ),
    _count(
        "uncosted",
        "成本不明件数",
        "units of unknown cost",
        "留存件数中规格没有进价的。只要有，利润就不显示。",
        "Units kept whose variant has no cost. While there are any, no profit is given.",
        "variants without `cost`",
    ),
    _money(
        "profit",
        "利润",
        "profit",
        "商户所得 − 成本。成本不明时不显示，也不当作零。",
        "Credited to the merchant − cost of goods. Not given while a cost is unknown: "
        "unknown is not zero.",
        "computed",
    ),
    _count(
        "past_orders",
        "历史购买",
        "past purchases",
        "以前系统里的购买笔数。",
        "Purchases in earlier systems, as they were imported.",
        "past purchases; in no ledger",
    ),
    _count(
        "past_units",
        "历史件数",
        "past units",
        "以前系统里购买的件数。",
        "Units bought in earlier systems.",
        "past purchases; in no ledger",
    ),
    _money(
        "past_sales",
        "历史销售额",
        "past sales",
        "以前系统里购买的金额，退款不详。",
        "What was bought for in earlier systems; what went back is not known.",
        "past purchases; in no ledger",
    ),
    _rate(
        "share",
        "占比",
        "share",
        "占本表销售额合计的比例。",
        "Part of the sales of this table.",
        "computed",
    ),
    _count(
        "count",
        "笔数",
        "count",
        "有多少。",
        "How many.",
        "the records the table is about",
    ),
    _money(
        "amount",
        "金额",
        "amount",
        "同意退回的钱。",
        "Money granted back.",
        "credit of `refund_due:{refund}`",
    ),
    _count(
        "buyers",
        "买家",
        "buyers",
        "在第一次购买之后第几个月里又买过的买家数；第 0 个月是第一次购买的月份。",
        "Buyers of the cohort who bought in that month; month 0 is that of their first purchase.",
        "orders by `confirmed_at`; purchases of earlier systems if asked for",
    ),
    _rate(
        "repeat",
        "复购率",
        "repeat rate",
        "当月购买的买家 ÷ 同批第 0 个月的买家。",
        "Buyers of that month ÷ buyers of month 0 of the cohort.",
        "computed",
    ),
    _count(
        "on_hand",
        "现有库存",
        "on hand",
        "现在可售和已占用的件数。",
        "Units available or reserved now.",
        "stock, `available` + `reserved`",
    ),
    _rate(
        "turnover",
        "周转率",
        "turnover",
        "留存件数 ÷ 现有库存。不保存过去的库存，所以用现在的。",
        "Units kept ÷ units on hand. Past stock is not kept, so it is that of now.",
        "computed",
    ),
    Measure(
        "days_left",
        "可售天数",
        "days of stock",
        Unit.TENTHS,
        "照这段时间的速度，现有库存还能卖几天。",
        "How long what is on hand lasts at the pace of the period.",
        "computed",
    ),
)
"""Every figure there is."""

BY_CODE = {measure.code: measure for measure in MEASURES}


def measures(*codes: str) -> tuple[Measure, ...]:
    """Return some measures, in that order."""
    return tuple(BY_CODE[code] for code in codes)
