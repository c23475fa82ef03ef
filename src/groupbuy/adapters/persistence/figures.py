"""What follows the event log: reports and discovery, and where it is kept."""

from groupbuy.adapters.persistence.kinds import By, Kind
from groupbuy.application.report_facts import (
    OrderFact,
    PastPurchase,
    ReportPosition,
    ReportSchedule,
    Rollup,
)
from groupbuy.domain.discovery import Habit, Heat

REPORTS = (
    Kind(ReportPosition, "report_positions"),
    Kind(OrderFact, "report_facts"),
    Kind(
        Rollup,
        "report_sums",
        indexes=(
            By(("merchant_id", "grain", "day", "id")),
            By(("grain", "day", "id")),
            By(("campaign_id", "grain", "day", "id"), where="campaign_id <> ''", label="campaign"),
            By(("leader_id", "grain", "day", "id"), where="leader_id <> ''", label="leader"),
        ),
    ),
    Kind(ReportSchedule, "report_schedules", indexes=(By(("next_at", "id")),)),
    Kind(PastPurchase, "past_purchases", indexes=(By(("merchant_id", "source", "id")),)),
)
DISCOVERY = (
    Kind(
        Habit,
        "habits",
        indexes=(By(("buyer_id", "last_on", "id")), By(("product_id", "last_on", "id"))),
        near=("buyer_id",),
    ),
    Kind(
        Heat,
        "heats",
        indexes=(
            By(("product_id", "id")),
            By(("community", "rank", "id")),
            By(("community", "category_id", "rank", "id")),
        ),
        checks={"counts": "buyers >= 0 AND units >= 0 AND back >= 0"},
    ),
)
