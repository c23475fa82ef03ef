"""What leaders and finance see of statements and of what was earned."""

from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.commissioning import available, calling_leader
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.commission import Entry, EntryState, Purse, Statement
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.ledger import Balance
from groupbuy.domain.membership import Role

PAGE = 50


@frozen
class Earnings:
    """What a leader has, by account, in minor units."""

    pending: int
    vested: int
    available: int
    currency: str


@frozen
class StatementPage:
    """A statement with some of its lines."""

    statement: Statement
    lines: tuple[Entry, ...] = field(factory=tuple)


def show(work: Work, leader_id: str, period: str) -> StatementPage:
    """Return one leader's statement of a month with all its lines. Raises NotFound."""
    work.caller.require(Role.FINANCE)
    query = Query().where(leader_id=leader_id, period=period).page(1)
    found = work.of(Statement).select(query)
    if not found:
        raise NotFound(kind="statement", key=f"{leader_id}/{period}")
    return StatementPage(found[0], tuple(_lines(work, found[0])))


def my_statement(work: Work, statement_id: str) -> StatementPage:
    """Return one of the calling leader's statements with all its lines. Raises NotFound."""
    leader = calling_leader(work)
    found = work.of(Statement).find([statement_id]).get(statement_id)
    if found is None or found.leader_id != leader.id:
        raise NotFound(kind="statement", key=statement_id)
    return StatementPage(found, tuple(_lines(work, found)))


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
        sums[Purse.PENDING], sums[Purse.VESTED], balance.amount, work.kit.policy.currency
    )


def _lines(work: Work, statement: Statement) -> Sequence[Entry]:
    return list(every(work.of(Entry), Query().where(statement_id=statement.id)))
