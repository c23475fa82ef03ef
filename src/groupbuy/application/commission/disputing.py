"""Disputes about single lines: opened by the leader or an operator, answered once by finance."""

from typing import Any

from attrs import evolve, frozen

from groupbuy.application.commission.reopening import check_reason, statement_of
from groupbuy.application.ports import Query
from groupbuy.application.steps.commissioning import calling_leader, lock_entries
from groupbuy.application.steps.performing import lock_performances, move_sales
from groupbuy.application.steps.sealing import (
    DISPUTE_ANSWER,
    DISPUTE_TEXT,
    open_sealed,
    seal,
)
from groupbuy.application.write_path import Work
from groupbuy.domain.commission import (
    Dispute,
    DisputeState,
    Entry,
    Statement,
    StatementState,
    adjust_to,
)
from groupbuy.domain.kernel import NotFound, Refused
from groupbuy.domain.membership import Leader, Role, User
from groupbuy.domain.ordering import Order

PAGE = 50


@frozen
class DisputeView:
    """A dispute in words that can be read."""

    dispute: Dispute
    text: str
    answer: str

    @property
    def id(self) -> str:
        """The id of the dispute."""
        return self.dispute.id


def open_my_dispute(work: Work, statement_id: str, entry_id: str, text: str) -> DisputeView:
    """Doubt a line of one of the calling leader's statements. Raises NotFound, Refused."""
    leader = calling_leader(work)
    statement = statement_of(work, statement_id)
    if statement.leader_id != leader.id:
        raise NotFound(kind="statement", key=statement_id)
    return _open(work, statement, entry_id, text, leader)


def open_dispute(work: Work, statement_id: str, entry_id: str, text: str) -> DisputeView:
    """Doubt a line of anybody's statement, as finance. Raises NotFound, Refused."""
    work.caller.require(Role.FINANCE)
    statement = statement_of(work, statement_id)
    return _open(work, statement, entry_id, text, work.of(Leader).get(statement.leader_id))


def uphold(work: Work, dispute_id: str, reason: str) -> DisputeView:
    """Answer that the line stands. Raises NotFound, Invalid, IllegalMove if it was answered."""
    dispute, owner = _before_finance(work, dispute_id, reason)
    sealed, now = seal(work, owner, DISPUTE_ANSWER, reason), work.now()
    dispute = work.of(Dispute).lock([dispute.id])[dispute.id]
    after, happened = dispute.uphold(work.caller.user_id, sealed, now)
    work.of(Dispute).save(after)
    work.emit(happened)
    work.audit("dispute.uphold", dispute_id, reason, line=dispute.entry_id)
    work.tell(owner.id, "dispute.upheld", dispute_id, statement=dispute.statement_id)
    return _view(work, after, owner)


def adjust_line(work: Work, dispute_id: str, to_bp: int, reason: str) -> DisputeView:
    """Bring the line to another rate by an entry of its own, which the open period takes.

    The merchant bears it, as all commission, and is told. Raises NotFound, Invalid, IllegalMove
    if it was answered, Refused above the cap, where nothing changes, and for a ladder's bonus,
    which follows from the sales of its month.
    """
    dispute, owner = _before_finance(work, dispute_id, reason)
    if not dispute.order_id:
        raise Refused(rule="rate_belongs_to_an_order_line", about=dispute_id)
    order = _locked_order(work, dispute.order_id)
    lock_performances(work, [order])
    entries = lock_entries(work, [order.id])[order.id]
    dispute = work.of(Dispute).lock([dispute_id])[dispute_id]
    sealed, key = seal(work, owner, DISPUTE_ANSWER, reason), work.new_id("cme", near=order.id)
    after, happened = dispute.adjust(work.caller.user_id, sealed, key, work.now())
    made = _adjustment(work, after, order, entries, to_bp)
    move_sales(work, order, entries, made)
    work.put_balance(f"merchant:{order.merchant_id}:payable", -made.amount.minor)
    work.of(Entry).add(made)
    work.of(Dispute).save(after)
    work.emit(happened)
    names = {"merchant": order.merchant_id, "leader": made.leader_id}
    amounts = {"c": made.amount.minor}
    work.book("commission_adjusted", dispute_id, names, amounts, made.amount.currency)
    facts = {"line": made.root, "rate_bp": str(to_bp), "amount": str(made.amount.minor)}
    work.audit("dispute.adjust", dispute_id, reason, **facts)
    work.tell(owner.id, "dispute.adjusted", dispute_id, statement=dispute.statement_id)
    work.tell(f"merchant:{order.merchant_id}", "dispute.adjusted", dispute_id, order=order.id)
    return _view(work, after, owner)


def my_disputes(
    work: Work, limit: int = PAGE, after: tuple[Any, str] | None = None
) -> list[DisputeView]:
    """Return the calling leader's disputes, the newest first."""
    leader = calling_leader(work)
    query = Query().where(leader_id=leader.id).sorted("-opened_at").page(limit, after)
    owner = work.of(User).get(leader.user_id)
    return [_view(work, each, owner) for each in work.of(Dispute).select(query)]


def list_disputes(
    work: Work,
    state: DisputeState | None = None,
    limit: int = PAGE,
    after: tuple[Any, str] | None = None,
) -> list[DisputeView]:
    """Return everybody's disputes in a state (None: all), the newest first."""
    work.caller.require(Role.FINANCE)
    query = Query().sorted("-opened_at").page(limit, after)
    found = work.of(Dispute).select(query if state is None else query.where(state=state))
    leaders = work.of(Leader).find({each.leader_id for each in found})
    users = work.of(User).find({leader.user_id for leader in leaders.values()})
    return [_view(work, each, users[leaders[each.leader_id].user_id]) for each in found]


def _open(
    work: Work, statement: Statement, entry_id: str, text: str, leader: Leader
) -> DisputeView:
    check_reason(text)
    if leader.erased:
        raise NotFound(kind="leader", key=leader.id)
    entry = work.of(Entry).find([entry_id]).get(entry_id)
    if entry is None or entry.statement_id != statement.id:
        raise NotFound(kind="statement_line", key=entry_id)
    if statement.state is not StatementState.SETTLED:
        raise Refused(rule="statement_is_settled", about=statement.id)
    # Whoever opens another one at once meets the same row.
    work.of(Statement).lock([statement.id])
    mine = work.of(Dispute).select(Query().where(leader_id=leader.id, open_line=entry_id).page(1))
    if mine:
        raise Refused(rule="one_open_dispute_a_line", about=entry_id)
    owner = work.of(User).get(leader.user_id)
    dispute = Dispute(
        id=work.new_id("dsp", near=leader.id),
        statement_id=statement.id,
        entry_id=entry_id,
        order_id=entry.order_id,
        leader_id=leader.id,
        opened_by=work.caller.user_id,
        opened_at=work.now(),
        open_line=entry_id,
        text=seal(work, owner, DISPUTE_TEXT, text.strip()),
    )
    work.of(Dispute).add(dispute)
    work.emit([dispute.opened()])
    work.audit("dispute.open", dispute.id, statement=statement.id, line=entry_id)
    work.tell("role:finance", "dispute.opened", dispute.id, statement=statement.id)
    return _view(work, dispute, owner)


def _before_finance(work: Work, dispute_id: str, reason: str) -> tuple[Dispute, User]:
    """Return a dispute and its leader's user. Raises Refused for the leader themselves."""
    work.caller.require(Role.FINANCE)
    check_reason(reason)
    dispute = work.of(Dispute).find([dispute_id]).get(dispute_id)
    if dispute is None:
        raise NotFound(kind="dispute", key=dispute_id)
    owner = work.of(User).get(work.of(Leader).get(dispute.leader_id).user_id)
    if owner.id == work.caller.user_id:
        raise Refused(rule="approver_is_somebody_else", about=dispute_id)
    return dispute, owner


def _locked_order(work: Work, order_id: str) -> Order:
    """Lock an order and write it anew: a refund that is on its way has to see the new entry."""
    order = work.of(Order).lock([order_id])[order_id]
    work.of(Order).save(order)
    return order


def _adjustment(
    work: Work, dispute: Dispute, order: Order, entries: list[Entry], to_bp: int
) -> Entry:
    by_id = {entry.id: entry for entry in entries}
    root = by_id[by_id[dispute.entry_id].root]
    base = next(line.base for line in order.lines if line.line_no == root.line_no)
    return adjust_to(
        root,
        [entry for entry in entries if entry.line_no == root.line_no],
        to_bp=to_bp,
        base=base,
        adjustment_id=dispute.adjustment_id or "",
        because_of=dispute.id,
        now=work.now(),
    )


def _view(work: Work, dispute: Dispute, owner: User) -> DisputeView:
    """Open what is sealed; of somebody who was erased nothing can be read."""
    if owner.erased:
        return DisputeView(evolve(dispute, text="", answer=""), "", "")
    text = open_sealed(work, owner, DISPUTE_TEXT, dispute.text)
    return DisputeView(dispute, text, open_sealed(work, owner, DISPUTE_ANSWER, dispute.answer))
