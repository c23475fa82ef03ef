"""The first schema."""

from groupbuy.adapters.persistence.migrations.initial import (
    base,
    campaigns,
    catalogue,
    coupons,
    discovery,
    logistics,
    logs,
    money,
    orders,
    people,
    points,
    reports,
    segments,
    sharing,
    voices,
)
from groupbuy.adapters.persistence.migrations.tools import (
    append_only,
    drop,
    keep_closed_periods,
    keep_tenants_apart,
    make_searchable,
)

revision = "0001"
down_revision = None
TENANTS_APART = (
    "idempotency",
    "pictures",
    "brands",
    "categories",
    "products",
    "variants",
    "stock_alerts",
    "shelf",
    "search",
    "merchants",
    "users",
    "order_filters",
    "rate_windows",
    "leaders",
    "commission_ladders",
    "login_sessions",
    "addresses",
    "pickup_points",
    "campaigns",
    "campaign_series",
    "groups",
    "stock",
    "stock_moves",
    "seats",
    "count_heads",
    "count_links",
    "coupon_templates",
    "coupon_codes",
    "coupons",
    "invitations",
    "point_lots",
    "point_moves",
    "orders",
    "order_lines",
    "payments",
    "refunds",
    "after_sales",
    "invoices",
    "shipments",
    "questions",
    "answers",
    "reviews",
    "ratings",
    "follows",
    "reports",
    "votes",
    "feedback",
    "feedback_messages",
    "order_notes",
    "allocations",
    "goods_receipts",
    "hand_overs",
    "parcel_troubles",
    "performances",
    "commission_entries",
    "statements",
    "disputes",
    "withdrawals",
    "merchant_payouts",
    "balances",
    "journals",
    "journal_lines",
    "closed_periods",
    "billed_fees",
    "reconciliations",
    "report_positions",
    "report_facts",
    "report_sums",
    "report_schedules",
    "past_purchases",
    "habits",
    "heats",
    "segments",
    "segment_members",
    "pushes",
    "push_consents",
    "push_hearings",
    "share_links",
    "share_visits",
    "notices",
    "events",
    "tasks",
    "job_runs",
    "audit",
    "audit_seals",
)
APPEND_ONLY = (
    "stock_moves",
    "count_links",
    "point_moves",
    "reports",
    "votes",
    "order_notes",
    "allocations",
    "goods_receipts",
    "hand_overs",
    "journals",
    "journal_lines",
    "billed_fees",
    "reconciliations",
    "past_purchases",
    "push_hearings",
    "share_links",
    "share_visits",
    "events",
    "audit",
    "audit_seals",
)


def upgrade() -> None:
    """Create everything."""
    base.create()
    catalogue.create()
    people.create()
    campaigns.create()
    coupons.create()
    points.create()
    orders.create()
    voices.create()
    logistics.create()
    money.create()
    reports.create()
    discovery.create()
    segments.create()
    sharing.create()
    logs.create()
    keep_tenants_apart(*TENANTS_APART)
    append_only(*APPEND_ONLY)
    keep_closed_periods()
    make_searchable()


def downgrade() -> None:
    """Remove everything."""
    drop(*reversed(TENANTS_APART), "tenants")
