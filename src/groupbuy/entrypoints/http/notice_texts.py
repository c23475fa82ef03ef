"""What a notice says to the person who finds it, by its kind; one without words says its kind."""

from collections.abc import Mapping

from groupbuy.domain.marketing import money
from groupbuy.entrypoints.http.texts import Text

NOTICES: Mapping[str, Text] = {
    "user.barred": Text("运营方暂停了您的参团资格：{reason}", "You may not join for now: {reason}"),
    "after_sale.applied": Text("有新的售后申请", "A buyer asks for after-sale"),
    "after_sale.approved": Text("您的售后申请已同意", "Your after-sale case was approved"),
    "after_sale.cancelled": Text("买家撤销了售后申请", "The buyer gave up an after-sale case"),
    "after_sale.disputed": Text("有售后等待平台裁决", "An after-sale case waits for a ruling"),
    "after_sale.escalated": Text(
        "售后已提交平台裁决", "An after-sale case was handed to the platform"
    ),
    "after_sale.exchanged": Text("买家已收到换货商品", "The buyer got the replacement"),
    "after_sale.lapsed": Text(
        "退货超时，售后已关闭", "Nothing was sent back in time; the after-sale case is closed"
    ),
    "after_sale.received": Text(
        "商家已收到您退回的商品", "The merchant got the goods you sent back"
    ),
    "after_sale.refund_instead": Text("换货改为退款", "You get a refund instead of a replacement"),
    "after_sale.refused": Text(
        "您的售后申请被拒绝，可以申请平台介入",
        "Your after-sale case was refused; you may ask the platform to judge",
    ),
    "after_sale.replacement_sent": Text("换货商品已寄出", "The replacement was sent"),
    "after_sale.ruled": Text("平台已作出售后裁决", "The platform ruled on an after-sale case"),
    "after_sale.shipped": Text("买家已寄回商品", "The buyer sent the goods back"),
    "answer.replied": Text("有人回复了您的回答", "Somebody replied to your answer"),
    "campaign.approved": Text("您的活动已获商家同意", "The merchant agreed to your campaign"),
    "campaign.cancelled": Text(
        "活动未能开始，已取消", "A campaign could not start and was cancelled"
    ),
    "campaign.waits": Text(
        "活动未能按时开始，请查看原因", "A campaign could not start on time; please see why"
    ),
    "coupon.given": Text("您收到一张券：{title}", "You got a coupon: {title}"),
    "coupon.revoked": Text("您的一张券已被收回：{reason}", "A coupon was taken back: {reason}"),
    "dispute.adjusted": Text(
        "异议成立，佣金已调整", "The dispute was right; the commission was adjusted"
    ),
    "dispute.opened": Text("有团长对结算有异议", "A leader disputes a statement"),
    "dispute.upheld": Text(
        "您的异议已复核，结果不变", "Your dispute was looked at; the line stands"
    ),
    "feedback.answered": Text("您的反馈有了答复", "Your feedback was answered"),
    "feedback.assigned": Text("有一条反馈转给了您", "A case was handed to you"),
    "feedback.closed": Text("您的反馈已结案", "Your feedback was closed"),
    "feedback.more": Text("反馈有了新的消息", "Something was added to a case"),
    "feedback.opened": Text("收到一条新的反馈或投诉", "New feedback, or a complaint, has come in"),
    "feedback.overdue": Text("有一条反馈已超过答复期限", "The answer to a case is late"),
    "feedback.reopened": Text("有人对答复不满意", "Somebody doubts an answer"),
    "group.cancelled": Text(
        "「{title}」已取消，已为所有人退款", "“{title}” was cancelled; everybody is refunded"
    ),
    "group.failed": Text(
        "「{title}」未能成团，已为所有人退款", "“{title}” did not form; everybody is refunded"
    ),
    "group.formed": Text("「{title}」已成团", "“{title}” has formed"),
    "group.still_closing": Text(
        "有团在等待付款结果，已超过一小时",
        "A group has waited for the outcome of payments for over an hour",
    ),
    "invoice.issued": Text("发票已开具", "Your invoice was issued"),
    "invoice.red_letter": Text("发票已红冲", "A red-letter invoice was issued"),
    "invoice.red_letter_due": Text("有发票需要红冲", "An invoice needs a red-letter invoice"),
    "invoice.refused": Text("开票申请未通过", "Your request for an invoice was refused"),
    "invoice.requested": Text("有买家申请开票", "A buyer asks for an invoice"),
    "leader.approved": Text("您已成为团长", "You are a leader now"),
    "leader.refused": Text(
        "团长申请未通过：{reason}", "Your application as a leader was refused: {reason}"
    ),
    "leader.reinstated": Text("您的团长资格已恢复", "You are a leader again"),
    "leader.suspended": Text(
        "您的团长资格已暂停：{reason}", "You are suspended as a leader: {reason}"
    ),
    "merchant_payout.awaiting_user": Text(
        "请在微信中确认收款", "Please confirm the transfer in WeChat"
    ),
    "merchant_payout.cancelled": Text(
        "货款支付已取消，款项已退回余额",
        "Your payout was cancelled; the money is in your balance again",
    ),
    "merchant_payout.contradicted": Text(
        "渠道对一笔货款支付的说法与账上不符",
        "The provider says of a merchant's payout what the books do not",
    ),
    "merchant_payout.failed": Text(
        "货款支付失败，款项已退回余额", "Your payout failed; the money is in your balance again"
    ),
    "merchant_payout.needs_operator": Text(
        "有一笔货款支付久无结果，需要人工处理",
        "A merchant's payout has had no outcome for long and needs a person",
    ),
    "merchant_payout.on_hold": Text("货款支付已暂缓", "Your payout is on hold"),
    "merchant_payout.paid": Text("货款已到账", "Your payout has arrived"),
    "merchant_payout.requested": Text(
        "有一笔商家付款待审核", "A merchant's payout waits for approval"
    ),
    "order.campaign_cancelled": Text(
        "活动已取消，款项原路退回",
        "The campaign was cancelled; the money goes back the way it came",
    ),
    "order.cancelled": Text("订单已取消", "Your order was cancelled"),
    "order.confirmed": Text("已成团，您的订单生效了", "The group is formed: your order is binding"),
    "order.correction_asked": Text(
        "请更正收货信息，逾期订单将被退回",
        "Please mend your address or contact, or the order is rejected",
    ),
    "order.delivered": Text(
        "已签收，记得确认并评价", "Delivered; please look at it and tell others"
    ),
    "order.expired": Text(
        "订单超时未支付，名额已释放", "You did not pay in time; the seat is free again"
    ),
    "order.group_failed": Text(
        "未能成团，款项原路退回", "The group did not form; the money goes back the way it came"
    ),
    "order.left": Text(
        "您已退出拼团，款项原路退回", "You left the group; the money goes back the way it came"
    ),
    "order.left_behind": Text(
        "有订单未能随团处理，请查看", "An order could not follow its group; please look"
    ),
    "order.moved_team": Text(
        "您付款时原来的团已经满员或结束，已为您换到同一活动的另一个团",
        "Your team was over when you paid: another team of the campaign has taken you in",
    ),
    "order.new_pickup_code": Text("您有新的取货码", "You have a new pickup code"),
    "order.paid": Text("付款成功，等待成团", "Your payment has arrived; now the group has to fill"),
    "order.parcel_exception": Text(
        "包裹遇到问题，商家正在处理",
        "There is trouble with your parcel; the merchant looks into it",
    ),
    "order.parcel_returned": Text("包裹已退回商家", "Your parcel came back to the merchant"),
    "order.parcel_returning": Text(
        "包裹正在退回商家", "Your parcel is on its way back to the merchant"
    ),
    "order.parcel_silent": Text(
        "包裹久未更新，已提醒商家", "Nothing was heard of your parcel for long; the merchant knows"
    ),
    "order.parcel_uncollected": Text("您的包裹在等您提取", "Your parcel waits to be collected"),
    "order.parcel_void": Text(
        "一个包裹已作废，将重新发出", "A parcel was voided and will be sent anew"
    ),
    "order.readdressed": Text(
        "商家修改了收货地址，请核对",
        "The merchant changed the address of your order; please check it",
    ),
    "order.ready_for_pickup": Text(
        "商品已到自提点，请凭取货码提取", "Your goods wait at the pickup point; bring your code"
    ),
    "order.refunded": Text("订单已全额退款", "Your order was refunded in full"),
    "order.rejected": Text(
        "商家无法接单，款项原路退回",
        "The merchant cannot take your order; the money goes back the way it came",
    ),
    "order.shipped": Text("已发货，运单号 {tracking}", "Shipped, tracking number {tracking}"),
    "order.short": Text(
        "供货不足，差额 {amount} 原路退回", "Not enough came in; {amount} goes back the way it came"
    ),
    "order.weighed": Text(
        "称重后有差额，{amount} 原路退回",
        "It weighs less than estimated; {amount} goes back the way it came",
    ),
    "parcel.exception": Text(
        "有包裹遇到问题，请处理", "There is trouble with a parcel; please see to it"
    ),
    "parcel.returned": Text("有包裹已退回", "A parcel came back"),
    "parcel.returning": Text("有包裹正在退回", "A parcel is on its way back"),
    "parcel.silent": Text(
        "有包裹久未更新，请联系物流",
        "Nothing was heard of a parcel for long; please ask the carrier",
    ),
    "parcel.uncollected": Text("有包裹久未提取", "A parcel was not collected for long"),
    "payment.nothing_captured": Text(
        "有一笔付款金额为零，请查看", "A payment captured nothing; please look"
    ),
    "payout_account.changed": Text(
        "收款账户已更改；如非本人操作请立即联系我们",
        "The account for payouts was changed; tell us at once if that was not you",
    ),
    "post.hidden": Text("您发布的内容已被隐藏", "What you wrote is shown no longer"),
    "post.rejected": Text("您发布的内容未通过审核", "What you wrote is not shown"),
    "post.waiting": Text("有内容等待审核", "A post waits for a moderator"),
    "product.delisted": Text("商品已按计划下架", "A product went off sale as planned"),
    "product.listed": Text("商品已按计划上架", "A product went on sale as planned"),
    "product.sold_out": Text("商品已售罄并下架", "A product is sold out and off sale"),
    "question.answered": Text("您的提问有了新的回答", "Your question has a new answer"),
    "question.asked": Text("有人提了新的问题", "Somebody has asked a question"),
    "reconciliation.differs": Text("对账发现差异", "Reconciliation found differences"),
    "refund.granted": Text(
        "退款已受理，将原路退回", "A refund was granted; it goes back the way it came"
    ),
    "refund.needs_operator": Text("有一笔退款需要人工处理", "A refund needs a person"),
    "refund.vouched": Text(
        "有一笔退款已另行付款，等第二人确认",
        "A refund was paid some other way; a second person has to confirm it",
    ),
    "refund.succeeded": Text("已退款 {amount}", "{amount} was refunded"),
    "push.offer": Text("{title}：{body}", "{title_en}: {body_en}"),
    "review.answered": Text("商家回复了您的评价", "The merchant answered your review"),
    "review.published": Text("收到一条新的评价", "There is a new review"),
    "statement.reopened": Text(
        "{period} 的结算单已冲回", "Your statement for {period} was reversed"
    ),
    "series.draft_waits": Text(
        "「{title}」的下一期草稿已生成，请查看并发布",
        "The next “{title}” has been drafted: please look and publish it",
    ),
    "series.left_out": Text(
        "周期团购这一期没有开出，原因：{rule}", "A series left one campaign out: {rule}"
    ),
    "statement.settled": Text("{period} 的佣金已结算", "Your commission for {period} was settled"),
    "stock.low": Text("库存不足：{code} 还剩 {left}", "Stock is low: {left} of {code} are left"),
    "team.promoted": Text(
        "开团人已退出，现在由您带这个团", "The opener has left: this team is now yours"
    ),
    "withdrawal.awaiting_user": Text("请在微信中确认收款", "Please confirm the transfer in WeChat"),
    "withdrawal.cancelled": Text(
        "提现已取消，款项已退回余额",
        "Your withdrawal was cancelled; the money is in your balance again",
    ),
    "withdrawal.contradicted": Text(
        "渠道对一笔提现的说法与账上不符", "The provider says of a withdrawal what the books do not"
    ),
    "withdrawal.failed": Text(
        "提现失败，款项已退回余额", "Your withdrawal failed; the money is in your balance again"
    ),
    "withdrawal.needs_operator": Text(
        "有一笔提现久无结果，需要人工处理",
        "A withdrawal has had no outcome for long and needs a person",
    ),
    "withdrawal.on_hold": Text("提现已暂缓", "Your withdrawal is on hold"),
    "withdrawal.paid": Text("提现已到账", "Your withdrawal has arrived"),
    "withdrawal.requested": Text("有一笔提现待审核", "A withdrawal waits for approval"),
}
"""Texts by kind of notice; names in braces are facts of it."""


def notice_in(kind: str, facts: Mapping[str, str], language: str) -> str:
    """Return what a notice says in that language; empty where it has no words of its own.

    A kind may end in a number or a state (`withdrawal.on_hold.3`): the words are those of what
    stands before.
    """
    text = NOTICES.get(kind) or NOTICES.get(kind.rpartition(".")[0])
    return "" if text is None else text.in_(language).format_map(_Facts(_readable(facts)))


class _Facts(dict[str, str]):
    """A notice of long ago may lack a fact that is told today."""

    def __missing__(self, name: str) -> str:
        return "…"


def _readable(facts: Mapping[str, str]) -> Mapping[str, str]:
    """Write an amount of minor units as people do."""
    if not facts.get("amount", "").isdecimal():
        return facts
    return {**facts, "amount": money(int(facts["amount"]), facts.get("currency", "CNY"))}
