"""The picture of the books, drawn by the database in one snapshot."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from groupbuy.adapters.persistence.dialects import Dialect
from groupbuy.adapters.persistence.reports.books import SqlReading
from groupbuy.adapters.persistence.reports.snapshots import Opening, snapshot
from groupbuy.adapters.persistence.session import translated
from groupbuy.application.ports.reporting import AccountSum, ClosedBooks, LedgerPicture
from groupbuy.application.steps.closed_books import compare_closed

_ACCOUNTS = """
SELECT l.account, j.currency,
       SUM(CASE WHEN l.amount > 0 THEN l.amount ELSE 0 END),
       SUM(CASE WHEN l.amount < 0 THEN -l.amount ELSE 0 END)
FROM journal_lines l
JOIN journals j ON j.tenant_id = l.tenant_id AND j.cell = l.cell AND j.id = l.parent_id
WHERE l.tenant_id = :tenant
GROUP BY l.account, j.currency ORDER BY l.account, j.currency
"""
_UNBALANCED = """
SELECT parent_id FROM journal_lines WHERE tenant_id = :tenant
GROUP BY cell, parent_id HAVING SUM(amount) <> 0 ORDER BY parent_id LIMIT 100
"""
_BALANCES = "SELECT id, amount FROM balances WHERE tenant_id = :tenant"
_PLACED = "SELECT id FROM orders WHERE tenant_id = :tenant AND state = 'placed'"
_REFUNDS = "SELECT id, amount FROM refunds WHERE tenant_id = :tenant AND state <> 'succeeded'"
_WITHDRAWALS = """
SELECT leader_id, SUM(amount) FROM withdrawals
WHERE tenant_id = :tenant AND state NOT IN ('paid', 'failed', 'cancelled') GROUP BY leader_id
"""
_MERCHANT_PAYOUTS = """
SELECT merchant_id, SUM(amount) FROM merchant_payouts
WHERE tenant_id = :tenant AND state NOT IN ('paid', 'failed', 'cancelled') GROUP BY merchant_id
"""
_PUT_ASIDE = """
SELECT currency, SUM(amount) FROM (
  SELECT captured_currency AS currency, captured AS amount FROM payments
  WHERE tenant_id = :tenant AND quarantined <> '' AND captured IS NOT NULL
  UNION ALL
  SELECT r.currency, -r.amount FROM refunds r
  JOIN payments p ON p.tenant_id = r.tenant_id AND p.cell = r.cell AND p.id = r.payment_id
  WHERE r.tenant_id = :tenant AND p.quarantined <> '' AND p.captured IS NOT NULL
) moves GROUP BY currency
"""
_EARNED = """
SELECT leader_id, purse, SUM(amount) FROM commission_entries
WHERE tenant_id = :tenant GROUP BY leader_id, purse
"""


def read_ledger(engine: Engine, dialect: Dialect, tenant: str, opening: Opening) -> LedgerPicture:
    """Return the picture of one tenant's books. Raises Unavailable."""
    try:
        with engine.connect() as plain:
            connection = snapshot(plain, tenant, opening)
            closed = compare_closed(SqlReading(connection, dialect, tenant))
            return _draw(lambda statement: _rows(connection, statement, tenant), closed)
    except SQLAlchemyError as error:
        raise translated(error, "ledger") from error


def _rows(connection: Connection, statement: str, tenant: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text(statement), {"tenant": tenant})]


def _draw(
    rows: Callable[[str], list[tuple[Any, ...]]], closed: ClosedBooks | None
) -> LedgerPicture:
    return LedgerPicture(
        # PostgreSQL adds whole numbers up to a Decimal.
        accounts=tuple(AccountSum(a, c, int(d), int(k)) for a, c, d, k in rows(_ACCOUNTS)),
        unbalanced=tuple(key for (key,) in rows(_UNBALANCED)),
        balances=dict(rows(_BALANCES)),
        placed=frozenset(key for (key,) in rows(_PLACED)),
        refunds=dict(rows(_REFUNDS)),
        withdrawals={leader: int(amount) for leader, amount in rows(_WITHDRAWALS)},
        merchant_payouts={key: int(amount) for key, amount in rows(_MERCHANT_PAYOUTS)},
        put_aside={currency: int(amount) for currency, amount in rows(_PUT_ASIDE)},
        earned={(leader, purse): int(amount) for leader, purse, amount in rows(_EARNED)},
        closed=closed,
    )
