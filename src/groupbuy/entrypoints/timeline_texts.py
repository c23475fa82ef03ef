"""What the lines of a timeline say, in both languages."""

from collections.abc import Mapping

from groupbuy.application.logistics import TRACE, Moment
from groupbuy.entrypoints.carrier_list import name_of

TEXTS: Mapping[str, tuple[str, str]] = {
    "order.created": ("已下单", "Ordered"),
    "order.placed": ("已支付，等待成团", "Paid, the group is forming"),
    "order.expired": ("超时未支付", "Not paid in time"),
    "order.confirmed": ("已成团，等待商家审核", "The group has formed, awaiting approval"),
    "order.correction_asked": ("商家请您更正信息", "The merchant asks for a correction"),
    "order.corrected": ("信息已更正", "Corrected"),
    "order.readdressed": ("收货信息已修改", "Goes to another address"),
    "order.approved": ("商家已审核", "Approved"),
    "order.fulfilling": ("开始发货", "Sending has begun"),
    "order.delivered": ("全部签收", "Everything has arrived"),
    "order.completed": ("已完成", "Completed"),
    "order.closed": ("已关闭", "Closed"),
    "shipment.shipped": ("包裹已发出", "A parcel was sent"),
    "shipment.ready": ("已到自提点，待提货", "Ready for pickup"),
    "shipment.code_renewed": ("提货码已更换", "A new pickup code was made"),
    "shipment.collected": ("已提货", "Collected"),
    "shipment.in_transit": ("包裹运输中", "A parcel is on its way"),
    "shipment.delivered": ("包裹已签收", "A parcel was signed for"),
    "shipment.exception": ("包裹物流异常", "A parcel met a problem"),
    "shipment.returning": ("包裹退回途中", "A parcel is coming back"),
    "shipment.returned": ("包裹已退回", "A parcel has come back"),
    "shipment.void": ("包裹已作废", "A parcel was taken out of the order"),
    "refund.granted": ("已同意退款", "A refund was granted"),
    "refund.submitted": ("退款处理中", "The refund was sent to the provider"),
    "refund.postponed": ("退款稍后重试", "The refund will be tried again"),
    "refund.needs_operator": ("退款需人工处理", "The refund needs a person"),
    "refund.vouched": ("退款已另行付款，待复核", "The refund was paid some other way"),
    "refund.taken_up": ("退款已由人工处理", "A person has taken the refund up"),
    "refund.succeeded": ("退款已到账", "The refund has arrived"),
}
"""zh-CN, en by the name of the event."""
_BY_RULE = ("（规则：{}）", " (rule: {})")


def told(moment: Moment) -> tuple[str, str]:
    """Return what a line says: zh-CN, en. A carrier's own words are what they are."""
    if moment.what == TRACE:
        carrier, number = moment.facts["carrier"], moment.facts["tracking_number"]
        line = f"{name_of(carrier)} {number}：{moment.text}"
        return line, line
    zh, en = TEXTS.get(moment.what, (moment.what, moment.what))
    if rule := moment.facts.get("rule"):
        return zh + _BY_RULE[0].format(rule), en + _BY_RULE[1].format(rule)
    return zh, en
