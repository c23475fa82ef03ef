"""The figures of reports, as they are stored."""

from groupbuy.adapters.persistence.kinds import By, Kind
from groupbuy.application.report_facts import (
    OrderFact,
    PastPurchase,
    ReportPosition,
    ReportSchedule,
    Rollup,
)

REPORTS = (
    Kind(ReportPosition, "report_positions"),
    Kind(OrderFact, "report_facts", indexes=(By(("merchant_id", "id")),)),
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
