"""What is done about each topic of the outbox that stays inside: topic to use case.

A use case here takes the subject's id and returns when to look again, or None when done. It may
be repeated, and cut short anywhere.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from groupbuy.application import (
    aftersale,
    campaigns,
    catalogue,
    coupons,
    feedback,
    forming,
    fulfilment,
    logistics,
    membership,
    points,
    segments,
)
from groupbuy.application.write_path import Work

Reaction = Callable[[Work, str], datetime | None]

REACTIONS: Mapping[str, Reaction] = {
    "open_campaign": campaigns.open_campaign,
    "repeat_campaign": campaigns.repeat_due,
    "settle_holds": campaigns.settle_holds,
    "end_teams": campaigns.end_teams,
    "end_group": forming.end_group,
    "reject_uncorrected": fulfilment.reject_uncorrected,
    "after_sale": aftersale.hear_silence,
    "feedback": feedback.hear_time,
    "list_product": catalogue.list_as_planned,
    "delist_product": catalogue.delist_as_planned,
    "follow_category": catalogue.follow_category,
    "follow_brand": catalogue.follow_brand,
    "watch_stock": catalogue.watch_stock,
    "approve_known": logistics.approve_known,
    "refund_short": logistics.refund_short,
    "watch_parcel": logistics.watch_parcel,
    "expire_coupon": coupons.expire_coupon,
    "settle_points": points.settle_points,
    "expire_points": points.expire_points,
    "follow_invitation": points.follow_invitation,
    "welcome_user": coupons.welcome,
    "follow_level": membership.follow_level,
    "complete": fulfilment.complete_order,
    "index_campaign": catalogue.index_running,
    "index_brand": catalogue.index_brand,
    "push": segments.send_on,
    "index_category": catalogue.index_category,
}
