"""Stable codes in Chinese, for people who read tables; programs read the codes as they are."""

from collections.abc import Mapping
from enum import Enum

_PAYOUT = {
    "requested": "已申请",
    "on_hold": "暂缓",
    "approved": "已批准",
    "submitted": "付款中",
    "awaiting_user": "待本人确认",
    "needs_operator": "需人工处理",
    "paid": "已付款",
    "failed": "付款失败",
    "cancelled": "已取消",
}
ZH: Mapping[str, Mapping[str, str]] = {
    "CampaignState": {
        "draft": "草稿",
        "scheduled": "待开团",
        "open": "进行中",
        "closed": "已结束",
        "cancelled": "已取消",
    },
    "CaseState": {
        "applied": "待商家处理",
        "approved": "待寄回",
        "refused": "已拒绝",
        "cancelled": "已撤销",
        "return_shipped": "退货运输中",
        "return_received": "验货中",
        "to_replace": "待换货",
        "replacement_sent": "换货已寄出",
        "escalated": "平台介入中",
        "refunding": "退款中",
        "done": "已完成",
    },
    "Channel": {
        "chat_group": "群聊",
        "moments": "朋友圈",
        "weibo": "微博",
        "official_account": "公众号",
        "douyin": "抖音",
        "plain": "通用",
    },
    "CloseReason": {
        "cancelled": "买家取消",
        "left": "退出拼团",
        "expired": "超时未支付",
        "group_failed": "未成团",
        "campaign_cancelled": "团购取消",
        "rejected": "商家拒绝",
        "refunded": "已退款",
    },
    "CouponState": {
        "claimed": "待使用",
        "held": "占用中",
        "used": "已使用",
        "returned": "已退回",
        "expired": "已过期",
        "revoked": "已收回",
    },
    "DisputeState": {"opened": "待处理", "upheld": "维持", "adjusted": "已更正"},
    "EntryState": {
        "pending": "待生效",
        "vested": "已生效",
        "stated": "已出账",
        "paid": "已结清",
        "reversed": "已冲回",
    },
    "FeedbackKind": {
        "suggestion": "建议",
        "order": "订单",
        "leader": "团长",
        "merchant": "商家",
        "product": "商品",
        "illegal": "违法",
    },
    "FeedbackState": {
        "open": "待处理",
        "in_progress": "处理中",
        "answered": "已答复",
        "reopened": "重新打开",
        "closed": "已关闭",
    },
    "GroupState": {
        "open": "拼团中",
        "closing": "截团中",
        "formed": "已成团",
        "failed": "未成团",
        "ended": "已结束",
        "cancelled": "已取消",
    },
    "Inducement": {
        "reward": "奖励分享",
        "help": "求助力",
        "chance": "抽奖",
        "pressure": "施压转发",
        "superlative": "绝对化用语",
    },
    "InvoiceState": {
        "requested": "已申请",
        "issued": "已开具",
        "red_letter_due": "待开红字",
        "reversed": "已冲红",
        "refused": "已拒绝",
        "withdrawn": "已撤回",
    },
    "LeaderState": {
        "applied": "待审核",
        "approved": "已批准",
        "refused": "已拒绝",
        "suspended": "已停用",
    },
    "OrderState": {
        "awaiting_payment": "待支付",
        "placed": "待成团",
        "confirmed": "待审核",
        "approved": "已审核",
        "fulfilling": "发货中",
        "completed": "已完成",
        "expired": "已超时",
        "closed": "已关闭",
    },
    "PaymentState": {
        "created": "已创建",
        "pending": "待支付",
        "captured": "已支付",
        "closed": "已关闭",
        "failed": "失败",
    },
    "PayoutState": _PAYOUT,
    "InvitationState": {
        "open": "待下单",
        "held": "待审核",
        "rewarded": "已奖励",
        "refused": "不奖励",
        "lapsed": "已失效",
        "reversed": "已收回",
    },
    "Doubt": {
        "same_phone": "同一电话",
        "same_address": "同一地址",
        "linked": "地址关联",
        "many_a_day": "当日过多",
    },
    "PointWhy": {
        "granted": "获得",
        "posted": "入账",
        "taken_back": "退款扣回",
        "expired": "过期",
    },
    "PostState": {
        "submitted": "待审核",
        "published": "已发布",
        "hidden": "已隐藏",
        "rejected": "未通过",
    },
    "ProductState": {
        "draft": "草稿",
        "listed": "在售",
        "delisted": "已下架",
        "retired": "已停用",
    },
    "Reason": {
        "changed_mind": "不想要了",
        "not_received": "没有收到",
        "missing": "少件",
        "wrong_item": "发错货",
        "damaged": "破损",
        "poor_quality": "质量问题",
        "not_as_described": "与描述不符",
        "other": "其他",
    },
    "RefundCause": {
        "group_failed": "未成团",
        "campaign_cancelled": "团购取消",
        "left": "退出拼团",
        "late_payment": "付款太晚",
        "duplicate": "重复付款",
        "wrong_amount": "金额不符",
        "rejected": "商家拒绝",
        "merchant": "商家主动退款",
        "after_sale": "售后",
        "weighed": "称重差额",
        "tier": "阶梯价差额",
    },
    "RefundState": {
        "created": "已创建",
        "submitted": "退款中",
        "retryable": "待重试",
        "needs_operator": "需人工处理",
        "succeeded": "已到账",
    },
    "RefundedWhen": {
        "refunds": "成交后退款",
        "returned": "成交前退回",
        "unusable": "无效付款退回",
    },
    "Role": {
        "shopper": "顾客",
        "leader": "团长",
        "merchant": "商家",
        "finance": "财务",
        "operator": "运营",
        "admin": "管理员",
    },
    "SeatState": {
        "held": "占位",
        "paid": "已支付",
        "confirmed": "已确认",
        "released": "已释放",
    },
    "SeriesState": {
        "running": "进行中",
        "paused": "已暂停",
        "ended": "已结束",
    },
    "ShipmentState": {
        "packed": "待发出",
        "shipped": "已发出",
        "in_transit": "运输中",
        "delivered": "已签收",
        "exception": "异常",
        "returning": "退回中",
        "returned": "已退回",
        "ready": "待提货",
        "collected": "已提货",
        "void": "已作废",
    },
    "PointLotState": {
        "pending": "待入账",
        "posted": "已入账",
        "expired": "已过期",
        "void": "已作废",
    },
    "PushState": {
        "draft": "草稿",
        "sending": "发送中",
        "sent": "已发送",
        "cancelled": "已取消",
    },
    "StatementState": {"draft": "草稿", "frozen": "已冻结", "settled": "已结算"},
    "TemplateState": {"open": "发放中", "paused": "已暂停", "ended": "已结束"},
    "Trouble": {
        "exception": "物流异常",
        "silent": "久无轨迹",
        "uncollected": "久未提货",
        "returning": "退回中",
        "returned": "已退回",
    },
    "Turn": {
        "buyer": "买家",
        "merchant": "商家",
        "operator": "平台",
        "provider": "支付渠道",
        "nobody": "无",
    },
    "TroubleState": {"open": "待处理", "resolved": "已处理"},
}
"""By the name of the kind of code, and the code."""
_TOLD_BY: Mapping[str, str] = {
    "state": "OrderState",
    "close_reason": "CloseReason",
    "what": "RefundedWhen",
    "cause": "RefundCause",
    "reason": "Reason",
}
"""Which kind of code a dimension of a report tells its rows apart by."""


def said(code: Enum, lang: str) -> str:
    """Return a code in a language; one without words of its own stays as it is."""
    value = str(code.value)
    return ZH.get(type(code).__name__, {}).get(value, value) if lang == "zh" else value


def labelled(dimension: str, key: str, lang: str) -> str:
    """Return what tells a row of a report apart, in a language."""
    return ZH.get(_TOLD_BY.get(dimension, ""), {}).get(key, key) if lang == "zh" else key


def code_of(kind: str, typed: str) -> str:
    """Return the code that was typed, also by its Chinese name; otherwise what was typed."""
    return next((code for code, word in ZH.get(kind, {}).items() if word == typed), typed)
