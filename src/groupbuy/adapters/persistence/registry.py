"""Everything that is stored, kind by kind, in the order in which it is written.

Indexes cost every join, so there is one per question somebody really asks; states change often
and stay out of them, so that an update on PostgreSQL touches no index at all.
"""

from groupbuy.adapters.persistence.figures import REPORTS
from groupbuy.adapters.persistence.kinds import By, Child, Kind
from groupbuy.adapters.persistence.reach import DISCOVERY, POINTS, SEGMENTS, SHARING
from groupbuy.adapters.persistence.voices import VOICES
from groupbuy.application.audit_chain import AuditSeal
from groupbuy.application.catalogue.shelf import ShelfItem
from groupbuy.application.jobs import JobRun
from groupbuy.application.limits import RateWindow
from groupbuy.application.ports.persistence import AuditRow, LoggedEvent, Task
from groupbuy.domain.aftersale import AfterSale
from groupbuy.domain.campaigns import Campaign, CountHead, CountLink, Group, Seat, Series
from groupbuy.domain.catalogue import (
    Brand,
    Category,
    Product,
    Stock,
    StockAlert,
    StockMove,
    Variant,
)
from groupbuy.domain.commission import (
    Dispute,
    Entry,
    Ladder,
    Performance,
    Statement,
    Withdrawal,
)
from groupbuy.domain.invoicing import Invoice
from groupbuy.domain.ledger import Balance, ClosedPeriod, Journal, JournalLine
from groupbuy.domain.logistics import Allocation, GoodsReceipt, HandOver, ParcelTrouble, Shipment
from groupbuy.domain.marketing import Coupon, CouponCode, CouponTemplate
from groupbuy.domain.membership import (
    Address,
    Leader,
    LoginSession,
    Merchant,
    Notice,
    PickupPoint,
    User,
)
from groupbuy.domain.merchants import MerchantPayout
from groupbuy.domain.ordering import Order, OrderFilters, OrderLine, OrderNote
from groupbuy.domain.payments import Payment, Refund
from groupbuy.domain.pictures import Picture
from groupbuy.domain.reconciliation import BilledFee, Reconciliation
from groupbuy.domain.search import SearchEntry

_CHANGING = 70
"""Rows that change soon after they were written: the changed row finds room on the same page."""

_CATALOGUE = (
    Kind(Picture, "pictures"),
    Kind(Brand, "brands", indexes=(By(("name",)),)),
    Kind(Category, "categories", indexes=(By(("parent_id",)),)),
    Kind(
        Product,
        "products",
        indexes=(
            By(("merchant_id", "created_at", "id")),
            By(("category_id", "created_at", "id")),
            By(("brand_id", "id"), where="brand_id IS NOT NULL", label="brand"),
            By(("state", "created_at", "id")),
        ),
    ),
    Kind(
        Variant,
        "variants",
        indexes=(By(("product_id", "id")),),
    ),
    Kind(StockAlert, "stock_alerts", indexes=(By(("merchant_id", "low", "since", "id")),)),
    Kind(
        ShelfItem,
        "shelf",
        indexes=(
            By(("listed", "created_at", "id")),
            By(("listed", "price", "id")),
            By(("category_id", "created_at", "id")),
            By(("brand_id", "created_at", "id"), where="brand_id IS NOT NULL", label="brand"),
        ),
    ),
    Kind(SearchEntry, "search", indexes=(By(("listed", "created_at", "id")),)),
)
_PEOPLE = (
    Kind(Merchant, "merchants"),
    Kind(
        User,
        "users",
        indexes=(
            By(("created_at", "id")),
            By(("invited_by",), where="invited_by IS NOT NULL", label="inviter"),
            By(("share_id",), where="share_id IS NOT NULL", label="share"),
        ),
    ),
    Kind(OrderFilters, "order_filters"),
    Kind(RateWindow, "rate_windows"),
    Kind(Leader, "leaders", indexes=(By(("user_id",)), By(("state", "applied_at", "id")))),
    Kind(Ladder, "commission_ladders", indexes=(By(("whose", "month", "id")),)),
    Kind(LoginSession, "login_sessions", indexes=(By(("user_id",)),)),
    Kind(Address, "addresses", indexes=(By(("user_id",)),)),
    Kind(PickupPoint, "pickup_points", indexes=(By(("leader_id",)),)),
)
_CAMPAIGNS = (
    Kind(
        Campaign,
        "campaigns",
        steady=True,
        indexes=(
            By(("merchant_id", "created_at", "id")),
            By(("leader_id", "created_at", "id"), where="leader_id IS NOT NULL", label="leader"),
            By(("state", "ends_at", "id")),
            By(("created_at", "id")),
        ),
    ),
    Kind(
        Series,
        "campaign_series",
        indexes=(
            By(("merchant_id", "state", "id")),
            By(("merchant_id", "created_at", "id")),
            By(("leader_id", "created_at", "id"), where="leader_id IS NOT NULL", label="leader"),
            By(("created_at", "id")),
        ),
        near=("campaign_id",),
    ),
    Kind(
        Group,
        "groups",
        indexes=(By(("campaign_id", "id")), By(("campaign_id", "state", "ends_at", "id"))),
        near=("campaign_id",),
        checks={
            "seats": "held_seats >= 0 AND paid_seats >= 0",
            "live": "live_buyers >= 0 AND live_units >= 0",
            "paid": "paid_buyers >= 0 AND paid_units >= 0 AND paid_amount >= 0",
        },
    ),
    Kind(
        Stock,
        "stock",
        checks={"not_oversold": "available >= 0 AND reserved >= 0 AND sold >= 0"},
    ),
    Kind(StockMove, "stock_moves", indexes=(By(("sku_id", "at", "id")),)),
    Kind(
        Seat,
        "seats",
        indexes=(By(("group_id", "buyer_id")),),
        near=("group_id", "campaign_id"),
        fill=_CHANGING,
    ),
)
_COUPONS = (
    Kind(
        CouponTemplate,
        "coupon_templates",
        indexes=(
            By(("merchant_id", "created_at", "id")),
            By(("created_at", "id")),
            By(("state", "giving", "ends_at", "id")),
        ),
        checks={"not_overdrawn": "claimed >= 0 AND claimed <= quantity"},
    ),
    Kind(CouponCode, "coupon_codes"),
    Kind(
        Coupon,
        "coupons",
        indexes=(
            By(("owner_id", "claimed_at", "id")),
            By(("owner_id", "state", "valid_until", "id")),
            By(("template_id", "owner_id")),
        ),
    ),
)
_COUNTS = (
    Kind(CountHead, "count_heads"),
    Kind(
        CountLink,
        "count_links",
        indexes=(By(("group_id", "sequence", "id")),),
        near=("group_id",),
    ),
)
_ORDERS = (
    Kind(
        Order,
        "orders",
        indexes=(
            By(("buyer_id", "created_at", "id")),
            By(("merchant_id", "created_at", "id")),
            By(("leader_id", "created_at", "id"), where="leader_id IS NOT NULL", label="leader"),
            By(("campaign_id", "created_at", "id")),
            By(("group_id", "id")),
            By(("created_at", "id")),
            By(("share_id", "id"), where="share_id IS NOT NULL", label="share"),
        ),
        near=("group_id", "campaign_id"),
        fill=_CHANGING,
        children=(Child("lines", OrderLine, "order_lines"),),
    ),
    Kind(
        Payment,
        "payments",
        indexes=(By(("order_id",)), By(("group_id", "id")), By(("created_at", "id"))),
        near=("order_id", "group_id"),
        fill=_CHANGING,
        # A provider may have taken another currency than was due: kept as it was.
        apart=("captured",),
    ),
    Kind(
        Refund,
        "refunds",
        indexes=(By(("order_id",)), By(("granted_at", "id")), By(("state", "granted_at", "id"))),
        near=("order_id",),
    ),
    Kind(
        AfterSale,
        "after_sales",
        indexes=(
            By(("order_id",)),
            By(("buyer_id", "applied_at", "id")),
            By(("merchant_id", "applied_at", "id")),
            By(("leader_id", "applied_at", "id")),
            By(("applied_at", "id")),
        ),
        near=("order_id",),
    ),
    Kind(
        Invoice,
        "invoices",
        indexes=(
            By(("order_id",)),
            By(("buyer_id", "requested_at", "id")),
            By(("merchant_id", "requested_at", "id")),
            By(("requested_at", "id")),
        ),
        near=("order_id",),
    ),
    Kind(
        Shipment,
        "shipments",
        indexes=(
            By(("order_id",)),
            By(("merchant_id", "created_at", "id")),
            By(("tracking_number",), where="tracking_number <> ''", label="tracking"),
            By(("pickup_point_id",), where="pickup_point_id IS NOT NULL", label="pickup"),
        ),
        near=("order_id",),
    ),
)
_LOGISTICS = (
    Kind(OrderNote, "order_notes", indexes=(By(("order_id", "at", "id")),), near=("order_id",)),
    Kind(Allocation, "allocations", indexes=(By(("campaign_id", "id")),), near=("campaign_id",)),
    Kind(
        GoodsReceipt,
        "goods_receipts",
        indexes=(By(("campaign_id", "id")),),
        near=("campaign_id",),
    ),
    Kind(HandOver, "hand_overs", indexes=(By(("order_id",)),), near=("order_id",)),
    Kind(
        ParcelTrouble,
        "parcel_troubles",
        indexes=(
            By(("parcel_id",)),
            By(("merchant_id", "opened_at", "id")),
            By(("opened_at", "id")),
        ),
        near=("order_id",),
    ),
)
_MONEY = (
    Kind(
        Performance,
        "performances",
        indexes=(By(("leader_id", "month", "id")), By(("due", "month", "id"))),
        near=("leader_id",),
    ),
    Kind(
        Entry,
        "commission_entries",
        indexes=(
            By(("leader_id", "created_at", "id")),
            By(("leader_id", "id"), where="statement_id IS NULL", label="unstated"),
            By(("order_id",)),
            By(("statement_id", "id"), where="statement_id IS NOT NULL", label="statement"),
        ),
        near=("order_id",),
    ),
    Kind(Statement, "statements", indexes=(By(("period", "id")),), near=("leader_id",)),
    Kind(
        Dispute,
        "disputes",
        indexes=(By(("leader_id", "opened_at", "id")), By(("opened_at", "id"))),
        near=("leader_id",),
    ),
    Kind(
        Withdrawal,
        "withdrawals",
        indexes=(By(("leader_id", "requested_at", "id")), By(("requested_at", "id"))),
    ),
    Kind(
        MerchantPayout,
        "merchant_payouts",
        indexes=(By(("merchant_id", "requested_at", "id")), By(("requested_at", "id"))),
    ),
    Kind(Balance, "balances"),
    Kind(
        Journal,
        "journals",
        indexes=(By(("subject",)), By(("at", "id"))),
        children=(Child("lines", JournalLine, "journal_lines", (By(("account",)),)),),
    ),
    Kind(
        ClosedPeriod,
        "closed_periods",
        indexes=(By(("ends_at",), where="reopened_at IS NULL", label="closed"),),
    ),
    Kind(BilledFee, "billed_fees", indexes=(By(("provider", "at", "id")),)),
    Kind(
        Reconciliation,
        "reconciliations",
        indexes=(By(("provider", "at", "id")), By(("at", "id"))),
    ),
)
_LOGS = (
    Kind(
        Notice,
        "notices",
        indexes=(
            By(("user_id", "at", "id")),
            By(("user_id", "id"), where="read_at IS NULL", label="unread"),
        ),
    ),
    Kind(LoggedEvent, "events", indexes=(By(("subject", "id")),)),
    Kind(
        Task,
        "tasks",
        indexes=(
            By(("due_at", "id"), where="state = 'pending'", label="due"),
            By(("due_at", "id"), where="state = 'parked'", label="parked"),
        ),
    ),
    Kind(JobRun, "job_runs"),
    Kind(AuditRow, "audit", indexes=(By(("subject", "at")), By(("at", "id")))),
    Kind(AuditSeal, "audit_seals"),
)

PARTS: dict[str, tuple[Kind, ...]] = {
    "catalogue": _CATALOGUE,
    "people": _PEOPLE,
    "campaigns": (*_CAMPAIGNS, *_COUNTS),
    "coupons": _COUPONS,
    "points": POINTS,
    "orders": _ORDERS,
    "voices": VOICES,
    "logistics": _LOGISTICS,
    "money": _MONEY,
    "reports": REPORTS,
    "discovery": DISCOVERY,
    "segments": SEGMENTS,
    "sharing": SHARING,
    "logs": _LOGS,
}
"""Kinds by what they are about, in the order of writing: reference data, then the lock order,
then logs and the outbox."""

KINDS: tuple[Kind, ...] = tuple(kind for part in PARTS.values() for kind in part)
"""All kinds, in the order of writing."""
