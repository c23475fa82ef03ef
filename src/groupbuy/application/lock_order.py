"""The one order in which things are locked, and the watch that keeps everybody to it.

Two commands that lock in the same order can wait for each other, but never in a circle. Each
statement locks things of one kind, in the order of their ids.
"""

from collections.abc import Iterable, Sequence

from attrs import define, field

from groupbuy.application.jobs import JobRun
from groupbuy.application.limits import RateWindow
from groupbuy.application.ports.persistence import KeyClaim, Task
from groupbuy.application.report_facts import (
    OrderFact,
    ReportPosition,
    ReportSchedule,
    Rollup,
)
from groupbuy.domain.aftersale import AfterSale
from groupbuy.domain.campaigns import Campaign, CountHead, Group, Seat, Series
from groupbuy.domain.catalogue import Brand, Category, Product, Stock, StockAlert, Variant
from groupbuy.domain.commission import (
    Dispute,
    Entry,
    Ladder,
    Performance,
    Statement,
    Withdrawal,
)
from groupbuy.domain.community import Answer, Follow, Question, Rating, Review
from groupbuy.domain.discovery import Habit, Heat
from groupbuy.domain.feedback import Feedback, FeedbackMessage
from groupbuy.domain.invoicing import Invoice
from groupbuy.domain.ledger import Balance, ClosedPeriod
from groupbuy.domain.logistics import ParcelTrouble, Shipment
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
from groupbuy.domain.ordering import Order, OrderFilters
from groupbuy.domain.payments import Payment, Refund
from groupbuy.domain.pictures import Picture
from groupbuy.domain.points import Invitation, PointLot
from groupbuy.domain.search import SearchEntry
from groupbuy.domain.segments import Push, PushConsent, Segment, SegmentMember

LOCK_ORDER: tuple[type, ...] = (
    Task,
    KeyClaim,
    JobRun,
    RateWindow,
    Picture,
    Brand,
    Category,
    Product,
    Variant,
    StockAlert,
    SearchEntry,
    Merchant,
    User,
    OrderFilters,
    Leader,
    Ladder,
    LoginSession,
    Address,
    PickupPoint,
    CouponTemplate,
    CouponCode,
    Series,
    Campaign,
    Group,
    Stock,
    Coupon,
    Invitation,
    PointLot,
    Seat,
    Order,
    Payment,
    Refund,
    AfterSale,
    Invoice,
    Shipment,
    Question,
    Answer,
    Review,
    Rating,
    Follow,
    Feedback,
    FeedbackMessage,
    ParcelTrouble,
    Performance,
    Entry,
    Statement,
    Dispute,
    Withdrawal,
    MerchantPayout,
    Notice,
    ClosedPeriod,
    Balance,
    ReportPosition,
    CountHead,
    OrderFact,
    Rollup,
    ReportSchedule,
    Habit,
    Heat,
    Segment,
    SegmentMember,
    Push,
    PushConsent,
)
"""Kinds from first to last. Reference data comes before what refers to it, balances come last of
all that decides something; reports only follow."""


@define(eq=False)
class LockWatch:
    """Follows one unit of work. Always on: a wrong order deadlocks only under load."""

    order: Sequence[type] = LOCK_ORDER
    locked: list[type] = field(factory=list, init=False)
    """The kinds locked so far, in order."""
    _keys: dict[type, set[str]] = field(factory=dict, init=False)

    def fresh(self, kind: type, keys: Iterable[str]) -> list[str]:
        """Return the keys of a kind that still have to be locked, sorted and noted as locked.

        Raises RuntimeError if the kind's turn is over or it has no place in the order.
        """
        held = self._keys.setdefault(kind, set())
        wanted = sorted(set(keys) - held)
        if wanted:
            self.enter(kind)
            held.update(wanted)
        return wanted

    def enter(self, kind: type) -> None:
        """Note that things of a kind are about to be locked.

        More of the same kind is let through: should two units meet crosswise there, the engine
        makes one of them a Conflict, which is tried again.
        """
        if kind not in self.order:
            raise RuntimeError(f"{kind.__name__} has no place in LOCK_ORDER")
        if self.locked:
            last = self.locked[-1]
            if self.order.index(kind) < self.order.index(last):
                raise RuntimeError(f"{kind.__name__} locked after {last.__name__}")
        self.locked.append(kind)

    def note(self, kind: type, keys: Iterable[str]) -> None:
        """Note keys that turned out to be locked by a claim."""
        self._keys.setdefault(kind, set()).update(keys)
