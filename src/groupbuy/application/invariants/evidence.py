"""What the invariants are asked of: everything of one tenant, and what others know about it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from groupbuy.application.audit_chain import AuditSeal
from groupbuy.application.ports import AuditRow, LoggedEvent, Query, Task
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import AfterSale
from groupbuy.domain.campaigns import Campaign, CountLink, Group, Seat
from groupbuy.domain.catalogue import Stock, StockMove
from groupbuy.domain.commission import Entry, Statement, Withdrawal
from groupbuy.domain.invariants import Books, Movement
from groupbuy.domain.ledger import Balance, Journal
from groupbuy.domain.logistics import Shipment
from groupbuy.domain.marketing import Coupon, CouponTemplate
from groupbuy.domain.merchants import MerchantPayout
from groupbuy.domain.ordering import Order
from groupbuy.domain.payments import Payment, Refund
from groupbuy.domain.points import PointLot, PointMove

KINDS: dict[str, type] = {
    "campaigns": Campaign,
    "groups": Group,
    "seats": Seat,
    "orders": Order,
    "payments": Payment,
    "refunds": Refund,
    "shipments": Shipment,
    "stock": Stock,
    "entries": Entry,
    "withdrawals": Withdrawal,
    "merchant_payouts": MerchantPayout,
    "journals": Journal,
    "balances": Balance,
    "cases": AfterSale,
    "statements": Statement,
    "coupons": Coupon,
    "coupon_templates": CouponTemplate,
    "points": PointLot,
    "point_moves": PointMove,
}
"""What the books are made of, by the name they have there."""


@frozen
class Told:
    """One answer that a caller heard to a command with an idempotency key."""

    scope: str
    key: str
    input_hash: str
    answer: str
    """The body, or `error:` and the code of a refusal that is kept with no key."""
    made: str = ""
    """Id of the order it says was made; empty for a refusal."""


@frozen
class Evidence:
    """Everything of one tenant between two commits, and what is known about it outside."""

    books: Books
    now: datetime
    at_rest: bool = False
    """Nothing is left to do, and nobody outside is in trouble."""
    truth: Sequence[Movement] | None = None
    """The providers' own books; None if they were not asked."""
    tasks: Sequence[Task] = ()
    events: Sequence[LoggedEvent] = ()
    """In the order in which they were committed."""
    audit: Sequence[AuditRow] = ()
    seals: Sequence[AuditSeal] = ()
    told: Sequence[Told] = ()
    counts: Sequence[CountLink] = ()
    """The public counts of all groups. At rest everything told has been counted."""


def read_evidence(work: Work) -> Evidence:
    """Read everything of one tenant; a picture of one instant only while nobody writes.

    Needs memory for all of it: meant for a replica, or for a shop at night.
    """
    found: dict[str, Any] = {
        name: tuple(every(work.of(kind), Query())) for name, kind in KINDS.items()
    }
    received = Counter[str]()
    for move in every(work.of(StockMove), Query()):
        received[move.sku_id] += move.units
    rules = work.kit.policy.withdrawals
    return Evidence(
        books=Books(**found, received=received, two_approvers_above=rules.two_approvers_above),
        now=work.now(),
        tasks=tuple(every(work.of(Task), Query())),
        events=tuple(every(work.of(LoggedEvent), Query())),
        audit=tuple(every(work.of(AuditRow), Query())),
        seals=tuple(every(work.of(AuditSeal), Query())),
        counts=tuple(every(work.of(CountLink), Query())),
    )
