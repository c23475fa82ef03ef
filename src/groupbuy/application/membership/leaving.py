"""Who may be forgotten: nobody to whom, or from whom, money or goods are still to come."""

from collections.abc import Sequence

from groupbuy.application.ports import Query
from groupbuy.application.write_path import Work
from groupbuy.domain.aftersale import OPEN, AfterSale
from groupbuy.domain.campaigns import Campaign, CampaignState
from groupbuy.domain.commission import (
    ENDED,
    Dispute,
    DisputeState,
    Entry,
    EntryState,
    Withdrawal,
    WithdrawalState,
)
from groupbuy.domain.invoicing import WAITING, Invoice
from groupbuy.domain.kernel import Refused
from groupbuy.domain.ledger import Balance
from groupbuy.domain.membership import User
from groupbuy.domain.ordering import Order, OrderState
from groupbuy.domain.payments import Payment, PaymentState, Refund, RefundState

_OVER = frozenset({OrderState.COMPLETED, OrderState.EXPIRED, OrderState.CLOSED})
_UNPAID = (PaymentState.CREATED, PaymentState.PENDING)
_GOING_BACK = tuple(state for state in RefundState if state is not RefundState.SUCCEEDED)
_EARNING = (EntryState.PENDING, EntryState.VESTED, EntryState.STATED)
_RUNNING = (CampaignState.SCHEDULED, CampaignState.OPEN)
_PART = 500
_Thing = Payment | Refund | AfterSale | Campaign | Entry | Dispute | Withdrawal | Invoice


def check_nothing_is_open(work: Work, user: User, orders: Sequence[Order]) -> None:
    """Look at all of a person's orders and, for a leader, at their earnings.

    Raises Refused (nothing_is_open), about the first thing in the way.
    """
    for order in orders:
        if order.state not in _OVER:
            _refuse(order.id)
    ids = [order.id for order in orders]
    for start in range(0, len(ids), _PART):
        of = Query().among("order_id", ids[start : start + _PART]).page(1)
        _none(work, Payment, of.among("state", _UNPAID))
        _none(work, Refund, of.among("state", _GOING_BACK))
        _none(work, AfterSale, of.among("state", tuple(OPEN)))
    _none(work, Invoice, Query().where(buyer_id=user.id).among("state", WAITING).page(1))
    if user.leader_id is not None:
        _check_earnings(work, user.leader_id)


def _check_earnings(work: Work, leader_id: str) -> None:
    of = Query().where(leader_id=leader_id).page(1)
    _none(work, Campaign, of.among("state", _RUNNING))
    _none(work, Entry, of.among("state", _EARNING))
    _none(work, Dispute, of.where(state=DisputeState.OPENED))
    _none(work, Withdrawal, of.among("state", [s for s in WithdrawalState if s not in ENDED]))
    account = f"leader:{leader_id}:available"
    balance = work.of(Balance).find([account]).get(account)
    if balance is not None and balance.amount != 0:
        _refuse(account)


def _none(work: Work, kind: type[_Thing], of: Query) -> None:
    found = work.of(kind).select(of)
    if found:
        _refuse(found[0].id)


def _refuse(about: str) -> None:
    raise Refused(rule="nothing_is_open", about=about)
