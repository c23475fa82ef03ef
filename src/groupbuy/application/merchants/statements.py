"""Statements of merchants: a period of theirs, read from the ledger and from nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from groupbuy.application.ports.reporting import MerchantLedger
from groupbuy.application.write_path import Caller, Desk
from groupbuy.domain.commission import period_named
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.membership import Merchant, Role
from groupbuy.domain.merchants import MerchantStatement, StatementLine, line_of, statement_of

PAGE = 500
"""How many lines one look at the ledger returns."""


def statement(
    desk: Desk, reader: MerchantLedger, caller: Caller, merchant_id: str, period: str
) -> MerchantStatement:
    """Return what a merchant is owed for a period of local days; it may still be running.

    Raises Forbidden, NotFound for another merchant's, Invalid for what is no period.
    """
    _may_see(desk, caller, merchant_id)
    span = _span(desk, period)
    sums = reader.merchant_sums(caller.tenant, merchant_id, *span)
    return statement_of(merchant_id, period, span, sums, desk.kit.policy.currency)


def every_line(
    desk: Desk, reader: MerchantLedger, caller: Caller, merchant_id: str, period: str
) -> Iterator[StatementLine]:
    """Yield each line of a statement, oldest first, a page in memory at a time."""
    _may_see(desk, caller, merchant_id)
    span, after = _span(desk, period), None
    while True:
        page = _lines(desk, reader, caller.tenant, merchant_id, span, PAGE, after)
        yield from page
        if len(page) < PAGE:
            return
        after = (page[-1].booking.at, page[-1].id)


def my_statement(
    desk: Desk, reader: MerchantLedger, caller: Caller, period: str
) -> MerchantStatement:
    """Return the statement of the caller's own merchant."""
    caller.require(Role.MERCHANT)
    return statement(desk, reader, caller, caller.merchant_id or "", period)


def my_lines(
    desk: Desk,
    reader: MerchantLedger,
    caller: Caller,
    period: str,
    limit: int,
    after: tuple[Any, str] | None = None,
) -> list[StatementLine]:
    """Return some lines of the caller's own statement, oldest first, those behind `after`."""
    caller.require(Role.MERCHANT)
    merchant_id = caller.merchant_id or ""
    _may_see(desk, caller, merchant_id)
    span = _span(desk, period)
    return _lines(desk, reader, caller.tenant, merchant_id, span, limit, after)


def _lines(
    desk: Desk,
    reader: MerchantLedger,
    tenant: str,
    merchant_id: str,
    span: tuple[datetime, datetime],
    limit: int,
    after: tuple[Any, str] | None,
) -> list[StatementLine]:
    found = reader.merchant_bookings(tenant, merchant_id, *span, limit=limit, after=after)
    return [line_of(booking, desk.kit.policy.currency) for booking in found]


def _may_see(desk: Desk, caller: Caller, merchant_id: str) -> None:
    caller.require(Role.MERCHANT, Role.FINANCE)
    foreign = Role.FINANCE not in caller.roles and caller.merchant_id != merchant_id
    known = desk.read(caller, lambda work: work.of(Merchant).find([merchant_id]))
    if foreign or merchant_id not in known:
        raise NotFound(kind="merchant", key=merchant_id)


def _span(desk: Desk, name: str) -> tuple[datetime, datetime]:
    """Return the instants between which a period lies."""
    period, zone = period_named(name), ZoneInfo(desk.kit.policy.zone)
    start = datetime.combine(period.first, time(), zone).astimezone(UTC)
    return start, period.cut(zone)
