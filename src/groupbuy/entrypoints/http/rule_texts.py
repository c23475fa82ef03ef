"""What a rule says when it refuses, to the person who asked."""

from collections.abc import Mapping

from groupbuy.entrypoints.http.texts import Text

RULES: Mapping[str, Text] = {
    "you_may_join": Text(
        "运营方暂停了您的参团资格，请联系客服",
        "The shop does not let you join for now: ask its service",
    ),
    "few_tags": Text("标签太多了", "There are too many tags on this customer"),
    "campaign_is_for_you": Text(
        "这个活动只对部分会员或社群开放", "This campaign is for some levels or communities only"
    ),
    "campaign_opens_for_you_later": Text(
        "优先购买时段，您的开抢时间还没到", "Others come first: it has not opened for you yet"
    ),
    "pushed_while_it_can_be_bought": Text(
        "商品未上架或活动不在进行，不能推送",
        "A push is about what is on sale or can be joined, or soon will be",
    ),
    "segments_are_counted_by_the_worker": Text(
        "订单太多，无法立即预览；保存后由后台统计人数",
        "There are too many orders to look at while you wait; the worker counts what is kept",
    ),
    "campaign_has_teams": Text("这个活动不是拼团", "This campaign has no teams"),
    "coupon_code_is_unused": Text("兑换码已被使用", "The code was used already"),
    "coupon_is_for_new_users": Text("仅限新用户领取", "Only for those who have not paid yet"),
    "coupon_is_for_this_shop": Text(
        "这张券不适用于该商家", "The coupon is not good for this merchant's campaigns"
    ),
    "coupon_is_over": Text("券还没有到期", "The coupon's time is not over yet"),
    "coupon_is_valid_now": Text(
        "券还未到使用时间或已过期", "The coupon's time has not come, or is over"
    ),
    "coupon_takes_something_off": Text(
        "这张券用不上，请查看报价说明", "The coupon takes nothing off; a quote says why"
    ),
    "coupons_are_given_by_code": Text(
        "只有兑换码方式的券可以生成兑换码", "Codes are made for coupons that are given by code"
    ),
    "coupons_are_given_out": Text("已暂停或结束发放", "The coupons are not given out any more"),
    "coupons_are_given_out_now": Text(
        "不在领取时间内", "The time to claim the coupon has not come, or is over"
    ),
    "coupons_are_left": Text("已领完", "No coupons are left"),
    "coupons_per_person": Text("已达每人领取上限", "You have claimed as many as anybody may"),
    "amended_once_at_most": Text("评价只能修改一次", "A review is amended once at most"),
    "answer_is_still_due": Text(
        "已经答复或结案；不满意可以重新打开", "It was answered or closed: reopen it instead"
    ),
    "answer_leads_nowhere_else": Text(
        "回复里不能有联系方式、链接或禁用词", "An answer holds no contact, link or banned phrase"
    ),
    "assignee_is_an_operator": Text("只能转给运营人员", "Only an operator can look after it"),
    "bought_what_it_is_about": Text("只有买过的人可以", "Only for those who bought it"),
    "feedback_was_answered": Text("还没有答复", "It was not answered yet"),
    "goods_were_delivered": Text("收到商品后才能评价", "Goods are reviewed once delivered"),
    "not_ones_own": Text("不能对自己的内容这样做", "Not for what one wrote oneself"),
    "one_review_a_line": Text("这件商品已经评价过", "This item was reviewed already"),
    "review_is_shown": Text("这条评价没有公开", "The review is not shown"),
    "reviewer_earns_nothing_by_it": Text(
        "不能评价自己销售的商品", "Nobody reviews what they sell themselves"
    ),
    "original_price_was_asked_before": Text(
        "原价高于近期实际成交价，不能发布",
        "The original price is above what the goods were really sold for",
    ),
    "price_covers_its_cost": Text(
        "价格低于成本：请提高价格，或说明应季、清库存等原因",
        "The price is below cost: raise it, or say why (seasonal, overstock)",
    ),
    "says_which_team": Text(
        "请选择要加入的团，或者自己开团", "Choose a team to join, or open one of your own"
    ),
    "series_of_one_merchant": Text(
        "同时进行的周期团购太多", "Too many series of this merchant run at once"
    ),
    "team_is_open": Text(
        "这个团已满员或已结束，请换一个团，或者自己开团",
        "This team is full or over: choose another one, or open one of your own",
    ),
    "within_the_amending_window": Text("已过修改评价的期限", "It is too late to amend the review"),
    "within_the_reopening_window": Text("已过重新打开的期限", "It is too late to reopen the case"),
    "within_the_review_window": Text("已过评价期限", "It is too late for a review"),
    "a_correction_was_asked_for": Text("商家没有要求修改", "Nobody asked for a correction"),
    "a_picture_is_shown_by_few": Text(
        "这张图片用在太多地方了", "The picture is shown in too many places already"
    ),
    "a_variant_is_for_sale": Text("没有可卖的规格", "No variant is for sale"),
    "adjustment_changes_something": Text(
        "调整之后金额没有变化", "The adjustment changes no amount"
    ),
    "all_withdrawals_of_the_day_within_the_cap": Text(
        "平台今天的提现额度已用完", "The shop's withdrawals of today have reached their cap"
    ),
    "approver_is_a_second_person": Text("需要另一个人审批", "A second person must approve"),
    "approver_is_somebody_else": Text("不能审批自己的提现", "Nobody approves their own money"),
    "backup_is_of_this_engine": Text(
        "备份来自另一种数据库", "The backup is of another kind of database"
    ),
    "backup_is_whole": Text("备份不完整或已损坏", "The backup is not whole, or was changed"),
    "backup_role_sees_every_tenant": Text(
        "备份用的数据库角色看不到所有租户", "The role that makes backups cannot see every tenant"
    ),
    "balance_is_not_frozen": Text(
        "余额已冻结，暂不能提现", "The balance is frozen: nothing may be withdrawn for now"
    ),
    "balance_is_enough": Text("余额不足", "The balance is not enough"),
    "before_the_end": Text("团购已经截止", "The campaign has ended"),
    "before_the_leaving_deadline": Text("已过可退出的时间", "It is too late to leave"),
    "brand_name_is_free": Text("品牌名已存在", "A brand has that name already"),
    "price_is_as_shown": Text(
        "价格有变动，请确认新价格后再参团", "The price has changed: look at it again, then join"
    ),
    "something_is_left_to_pay": Text(
        "优惠之后没有要付的金额", "Nothing is left to pay after the discounts"
    ),
    "campaign_is_open": Text("团购不在进行中", "The campaign is not open"),
    "collected_at_a_pickup_point": Text("这一单在自提点领取", "It is collected at a pickup point"),
    "citus_is_installed": Text(
        "这个数据库没有安装 Citus 扩展", "This database lacks the extension citus"
    ),
    "closed_books_are_unchanged": Text(
        "已关账的账目与关账时不符", "The closed books are no longer what they were"
    ),
    "commission_within_cap": Text("佣金之和超过上限", "The commissions exceed their cap"),
    "cooling_period_is_over": Text(
        "账户信息刚刚修改过，请稍后再提现", "The account was changed lately: withdraw later"
    ),
    "database_is_empty": Text(
        "数据库里已经有数据，不能恢复到里面", "The database holds something already"
    ),
    "end_reached": Text("还没有到截止时间", "The end has not been reached"),
    "ends_after_it_starts": Text("结束时间要晚于开始时间", "It must end after it starts"),
    "every_payment_is_certain": Text("还有付款正在核对", "A payment is still being checked"),
    "everything_is_delivered": Text("还有商品没有送达", "Not everything is delivered"),
    "few_addresses": Text("地址已经够多了", "There are enough addresses already"),
    "goods_were_sent": Text("还没有发货，请申请仅退款", "Nothing was sent: ask for a refund only"),
    "goods_come_back": Text("这个售后不用退货", "Nothing is to be returned"),
    "nothing_comes_back": Text("要先退回商品", "The goods have to come back first"),
    "goods_are_there_to_come_back": Text(
        "没收到的商品请申请仅退款", "What did not come cannot come back: ask for a refund only"
    ),
    "goods_are_exchanged": Text("这个售后不是换货", "This is no exchange"),
    "money_goes_back": Text("换货要先寄出商品", "A replacement is to be sent first"),
    "goods_came_back_uncounted": Text(
        "没有待验的退货，或已经验过", "No goods came back that are to be counted"
    ),
    "a_replacement_is_due": Text("现在不需要换货", "No replacement is due"),
    "no_operator_has_decided": Text("平台已经裁决", "An operator has decided already"),
    "an_operator_has_decided": Text("平台还没有裁决", "No operator has decided yet"),
    "an_operator_has_the_last_word": Text(
        "平台已就同样的问题作出裁决", "An operator has refused the same wish"
    ),
    "an_outsider_decides": Text(
        "买家或商家自己的人不能裁决", "Whoever bought or sold it does not decide"
    ),
    "before_the_deadline_of_the_case": Text("已过申请平台介入的时间", "It is too late to appeal"),
    "invoice_is_for_what_was_paid": Text(
        "开票金额要等于实付减去退款", "An invoice is for what was paid and not given back"
    ),
    "rate_belongs_to_an_order_line": Text(
        "阶梯奖励按当月销售计算，不能单独改费率", "A bonus follows the sales of its month"
    ),
    "red_letter_is_for_what_is_due": Text(
        "红字发票金额要等于待冲红的金额", "A red letter is for exactly what is due"
    ),
    "one_invoice_an_order": Text("这个订单已经申请过发票", "This order has an invoice already"),
    "something_was_paid": Text("没有可开票的金额", "Nothing was paid that an invoice could be for"),
    "something_of_it_stands": Text("发票已全部冲红", "Nothing of the invoice stands"),
    "nothing_of_it_stands": Text("发票还有未退款的金额", "A part of the invoice still stands"),
    "it_was_merged_before": Text("已经合并过了", "It was merged before"),
    "line_may_be_returned": Text("这件商品不支持无理由退货", "This item has no no-reason return"),
    "one_open_dispute_a_line": Text("这一条已有异议在处理", "A dispute about this line is open"),
    "one_open_case_a_line": Text("这件商品已有售后在处理", "A case about this item is open"),
    "order_is_binding": Text("订单还没有成团或已经关闭", "The order is not binding, or closed"),
    "payment_is_young_enough_to_refund": Text(
        "付款已超过 365 天，渠道不再退款", "Paid over 365 days ago: the provider refunds no more"
    ),
    "refunds_of_the_payment_left": Text(
        "这笔付款已退款 50 次", "This payment has been refunded 50 times"
    ),
    "line_is_sold_by_weight": Text("这件商品不按重量卖", "The item is not sold by weight"),
    "line_is_weighed_once": Text("这件商品已经称过重", "The item has been weighed already"),
    "order_is_packed_and_not_sent": Text(
        "只能在审核后、发货前称重", "It is weighed between its approval and its first parcel"
    ),
    "provider_will_never_refund": Text(
        "渠道还可以退：请重试，不要另行付款", "The provider may still refund it: send it again"
    ),
    "voucher_is_the_same": Text("两人填写的凭证号不一致", "Both people must name the same voucher"),
    "something_goes_back": Text("没有可退的金额", "No money would go back"),
    "within_the_after_sale_window": Text("已过售后期", "The after-sale window is over"),
    "goods_in_stock": Text("库存不足，没有扣款", "Not enough in stock; nothing was charged"),
    "group_is_still_forming": Text("团已经成了", "The group has formed already"),
    "merchant_has_agreed": Text("商家还没有同意这个团", "The merchant has not agreed yet"),
    "group_takes_payments": Text("这个团已取消，不用付款", "The group was called off: pay nothing"),
    "ladder_is_known_before_its_month": Text(
        "阶梯要在当月开始前设定", "A ladder is set before its month begins"
    ),
    "leader_is_approved": Text("团长还没有通过审核", "The leader is not approved"),
    "leaving_is_offered": Text("这个团不能中途退出", "This campaign cannot be left"),
    "no_correction_is_open": Text("还在等买家修改", "The buyer has yet to correct it"),
    "no_group_has_formed": Text("已经有团成了", "A group has formed already"),
    "nobody_judges_themselves": Text("不能改自己的权限", "Nobody changes their own rights"),
    "nothing_is_open": Text(
        "还有未完成的订单、退款、团购或佣金", "Orders, refunds or earnings are open"
    ),
    "one_leader_a_person": Text("您已经申请过了", "You have applied already"),
    "one_merchant_per_campaign": Text("一个团购只能卖一家的商品", "A campaign has one merchant"),
    "parcel_is_not_known_yet": Text("这个运单号已经登记过", "That parcel is known already"),
    "seat_is_still_held": Text("付款时间已过，名额已释放", "The time to pay is over"),
    "order_goes_by_parcel": Text("这一单不是快递", "The order does not go by parcel"),
    "order_goes_to_a_pickup_point": Text("这一单不是自提", "The order is not picked up"),
    "order_is_approved": Text("订单还没有审核通过", "The order is not approved"),
    "order_is_not_refunded": Text("订单已经退款", "The order was refunded"),
    "order_is_not_shipped": Text("订单已经发货", "The order has been shipped"),
    "order_is_paid": Text("订单还没有付款", "The order is not paid"),
    "order_is_unpaid": Text("订单已经付款", "The order is paid already"),
    "payment_attempts_left": Text("这一单付款次数太多", "Too many attempts to pay this order"),
    "payment_is_closed": Text("付款已经关闭", "The payment is closed"),
    "payout_account_is_set": Text("请先填写收款账户", "Set a payout account first"),
    "period_is_closed": Text("这一期没有关账", "The period is not closed"),
    "period_is_long_over": Text(
        "这一期结束一小时后才能关账", "A period is closed from an hour after its end on"
    ),
    "period_is_still_open": Text(
        "到这一期为止的账目已经关账", "The books are closed up to there already"
    ),
    "period_was_closed_last": Text(
        "只能重新打开最后关账的一期", "Only the period closed last can be opened again"
    ),
    "period_is_over": Text("这一期还不能结算", "The period cannot be settled yet"),
    "phone_is_free": Text("这个手机号已经注册", "This phone number has an account already"),
    "pickup_point_of_this_campaign": Text("这个团不能在那里自提", "Not a pickup point of this one"),
    "pickup_tries_left": Text("取货码错误次数太多", "Too many wrong pickup codes"),
    "product_is_off_sale": Text("商品已经在售", "The product is on sale already"),
    "product_is_on_sale": Text("商品没有在售", "The product is not on sale"),
    "product_code_is_free": Text("商品编码已经用过", "The product code is taken"),
    "product_is_listed": Text("商品没有上架", "The product is not listed"),
    "product_is_not_retired": Text("商品已经停售", "The product is retired"),
    "quorum_missed": Text("已经成团", "The quorum was reached"),
    "quorum_reached": Text("还没有成团", "The quorum is not reached"),
    "refund_within_what_was_paid": Text("退款超过了实付", "A refund exceeds what was paid"),
    "role_is_grantable": Text("这个角色不能这样授予", "This role is not handed out like that"),
    "seats_left": Text("名额已满，没有扣款", "No seats are left; nothing was charged"),
    "selling_has_begun": Text("还没有开团", "It has not begun yet"),
    "selling_is_over": Text("还在卖", "It is still selling"),
    "share_text_induces_nobody": Text(
        "分享文案不能诱导分享", "A share text must not induce people to share"
    ),
    "shared_while_it_can_be_joined": Text("已经不能参团了", "Nobody can join it any more"),
    "sibling_names_differ": Text("同级里已经有这个名字", "A sibling has that name"),
    "something_is_on_sale": Text("还没有选商品", "Nothing is on sale"),
    "something_is_frozen": Text("没有被冻结", "It is not frozen"),
    "something_to_settle": Text("没有可结算的佣金", "There is nothing to settle"),
    "statement_is_settled": Text("结算单还没有结算", "The statement is not settled"),
    "start_reached": Text("还没有到开始时间", "The start has not been reached"),
    "stock_counts_agree": Text("库存数量对不上", "The counts of the stock do not agree"),
    "terms_are_accepted": Text("请先同意服务条款", "Agree to the terms first"),
    "terms_fit_together": Text("团购的条件互相矛盾", "The terms contradict each other"),
    "the_bag_is_ready": Text("还没有备好货", "The bag is not ready"),
    "the_tree_has_no_circle": Text("分类不能放到自己下面", "A category cannot be its own parent"),
    "transfer_has_ended": Text("打款还在进行", "The transfer has not ended"),
    "trial_balance_holds": Text("试算不平衡", "Debits and credits differ"),
    "units_left_to_refund": Text("没有可退的数量", "No units are left to refund"),
    "units_left_to_send": Text("没有可发的数量", "No units are left to send"),
    "preview_is_current": Text(
        "预览之后有变化，请重新预览", "It would come out otherwise by now: look again"
    ),
    "campaign_has_ended": Text("团购还在销售", "The campaign still sells"),
    "goods_are_shared_out_once": Text("货已分配过", "These goods were shared out before"),
    "goods_are_sold_before_they_come": Text("这件商品不是预售", "These goods are sold from stock"),
    "variant_code_is_free": Text("规格编码已经用过", "The variant code is taken"),
    "variants_are_bounded": Text("规格太多", "There are too many variants"),
    "what_has_happened_is_not_sent_again": Text("已经完成，不再重发", "It was done already"),
    "withdrawal_is_approved": Text("提现还没有批准", "The withdrawal is not approved"),
    "withdrawal_reaches_the_minimum": Text("低于最低提现金额", "Below the least withdrawal"),
    "withdrawal_within_the_cap": Text("超过单笔提现上限", "Above the cap of one withdrawal"),
    "withdrawals_of_the_day_within_the_cap": Text(
        "今天的提现已到上限", "Today's withdrawals have reached their cap"
    ),
    "within_buyer_limit": Text("超过每人限购", "Above the limit of one buyer"),
    "within_order_limit": Text("超过每单限购", "Above the limit of one order"),
}
"""By the stable name of the rule."""
