"""What leaders and finance see of statements and of what was earned."""

from typing import Any

from attrs import frozen

from groupbuy.application.commission.linking import StatementPage, page_of
from groupbuy.application.ports import Query
from groupbuy.application.steps.commissioning import available, calling_leader
from groupbuy.application.steps.reading import every, pages
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.commission import Entry, EntryState, Purse, Statement, StatementState
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.ledger import Balance
from groupbuy.domain.membership import Leader, Role

PAGE = 50


@frozen
class Earnings:
    """What a leader has, by account, in minor units."""

    pending: int
    vested: int
    available: int
    currency: str
    frozen: bool = False
    """Nothing may be withdrawn for now."""


def show(work: Work, leader_id: str, period: str) -> StatementPage:
    """Return one leader's statement of a month with all its lines, linked. Raises NotFound."""
    work.caller.require(Role.FINANCE)
    query = Query().where(leader_id=leader_id, period=period).page(1)
    found = work.of(Statement).select(query)
    if not found:
        raise NotFound(kind="statement", key=f"{leader_id}/{period}")
    leader = work.of(Leader).find([leader_id]).get(leader_id)
    return page_of(work, found[0], leader.name if leader else "")


def page(work: Work, statement_id: str) -> StatementPage:
    """Return any statement, every line linked. Raises NotFound."""
    work.caller.require(Role.FINANCE)
    found = work.of(Statement).get(statement_id)
    leader = work.of(Leader).find([found.leader_id]).get(found.leader_id)
    return page_of(work, found, leader.name if leader else "")


def statements_of(desk: Desk, caller: Caller, period: str, leader_id: str = "") -> list[Statement]:
    """Return the statements of a period that are settled, of one leader or all.

    Raises Forbidden, NotFound if there is none at all.
    """
    caller.require(Role.FINANCE)
    query = Query().where(period=period)
    query = query.where(leader_id=leader_id) if leader_id else query
    made = [each for some in pages(desk, caller, Statement, query) for each in some]
    settled = [each for each in made if each.state is StatementState.SETTLED]
    if not settled:
        raise NotFound(kind="statement", key=f"{period}/{leader_id}".rstrip("/"))
    return settled


def list_statements(
    work: Work, limit: int = PAGE, after: tuple[Any, str] | None = None
) -> list[Statement]:
    """Return everybody's statements, the newest period first."""
    work.caller.require(Role.FINANCE)
    return work.of(Statement).select(Query().sorted("-period").page(limit, after))


def my_statement(work: Work, statement_id: str) -> StatementPage:
    """Return one of the calling leader's statements, every line linked. Raises NotFound."""
    leader = calling_leader(work)
    found = work.of(Statement).find([statement_id]).get(statement_id)
    if found is None or found.leader_id != leader.id:
        raise NotFound(kind="statement", key=statement_id)
    return page_of(work, found, leader.name)


def my_statements(
    work: Work, limit: int = PAGE, after: tuple[Any, str] | None = None
) -> list[Statement]:
    """Return the calling leader's statements, the newest month first."""
    query = Query().where(leader_id=calling_leader(work).id).sorted("-period").page(limit, after)
    return work.of(Statement).select(query)


def my_entries(
    work: Work,
    limit: int = PAGE,
    after: tuple[Any, str] | None = None,
    state: EntryState | None = None,
) -> list[Entry]:
    """Return what the calling leader earned, the newest first."""
    query = Query().where(leader_id=calling_leader(work).id)
    query = query if state is None else query.where(state=state)
    return work.of(Entry).select(query.sorted("-created_at").page(limit, after))


def of_order(work: Work, order_id: str) -> list[Entry]:
    """Return everything somebody earned on an order, the oldest first. Raises Forbidden."""
    work.caller.require(Role.OPERATOR, Role.FINANCE)
    return list(every(work.of(Entry), Query().where(order_id=order_id)))


def my_earnings(work: Work) -> Earnings:
    """Return what the calling leader will get, has earned, and may withdraw."""
    leader = calling_leader(work)
    sums = {Purse.PENDING: 0, Purse.VESTED: 0}
    # Settled entries are in the balance row; only unsettled ones have to be added up.
    for purse in sums:
        query = Query().where(leader_id=leader.id, purse=purse, statement_id=None)
        sums[purse] = sum(entry.amount.minor for entry in every(work.of(Entry), query))
    account = available(leader.id)
    balance = work.of(Balance).find([account]).get(account, Balance(account))
    return Earnings(
        sums[Purse.PENDING],
        sums[Purse.VESTED],
        balance.amount,
        work.kit.policy.currency,
        frozen=bool(balance.frozen_by),
    )
