"""What the books say about one merchant, read by the database from journals and their lines."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from groupbuy.adapters.persistence.codecs import Plain
from groupbuy.adapters.persistence.dialects import Dialect
from groupbuy.adapters.persistence.reports.snapshots import Opening, snapshot
from groupbuy.adapters.persistence.session import translated
from groupbuy.domain.merchants import Booking, MerchantSums, Owed, owed_accounts

_JOURNAL = "j.tenant_id = {of}.tenant_id AND j.cell = {of}.cell AND j.id = {of}.parent_id"
_OWED = f"""
SELECT l.account,
       SUM(CASE WHEN j.at < :since THEN -l.amount ELSE 0 END), SUM(-l.amount)
FROM journal_lines l JOIN journals j ON {_JOURNAL.format(of="l")}
WHERE l.tenant_id = :tenant AND l.account IN (:pending, :payable, :in_transit)
  AND j.at < :until
GROUP BY l.account
"""
_TOUCHED = f"""
SELECT j.id, j.at, j.moment, j.subject, COALESCE(r.order_id, d.order_id) AS order_id,
       SUM(CASE WHEN l.account IN (:pending, :payable, :in_transit) THEN -l.amount ELSE 0 END)
         AS merchant,
       SUM(CASE WHEN l.account LIKE 'leader:%' THEN -l.amount ELSE 0 END) AS leaders,
       SUM(CASE WHEN l.account LIKE 'platform:%' THEN -l.amount ELSE 0 END) AS platform
FROM (SELECT DISTINCT tenant_id, cell, parent_id FROM journal_lines
      WHERE tenant_id = :tenant AND account IN (:pending, :payable, :in_transit)) m
JOIN journals j ON {_JOURNAL.format(of="m")}
JOIN journal_lines l ON {_JOURNAL.format(of="l")}
LEFT JOIN refunds r ON r.tenant_id = j.tenant_id AND r.cell = j.cell AND r.id = j.subject
LEFT JOIN disputes d ON d.tenant_id = j.tenant_id AND d.cell = j.cell AND d.id = j.subject
WHERE j.at >= :since AND j.at < :until
GROUP BY j.id, j.at, j.moment, j.subject, r.order_id, d.order_id
HAVING SUM(CASE WHEN l.account IN (:pending, :payable, :in_transit) THEN l.amount ELSE 0 END) <> 0
"""
_MOMENTS = f"""
SELECT moment, SUM(merchant), SUM(leaders), SUM(platform), COUNT(*)
FROM ({_TOUCHED}) t GROUP BY moment ORDER BY moment
"""
_BOOKINGS = f"""
SELECT id, at, moment, subject, order_id, merchant, leaders, platform FROM ({_TOUCHED}) t
WHERE (at, id) > (:at, :id) ORDER BY at, id LIMIT :limit
"""


@frozen
class MerchantBooks:
    """Reads them on one engine."""

    engine: Engine
    dialect: Dialect
    opening: Opening
    """Begins a transaction for a tenant, only reading."""

    def sums(self, tenant: str, merchant_id: str, since: datetime, until: datetime) -> MerchantSums:
        """Return what is owed at both ends, and what was booked between. Raises Unavailable."""
        values = {"since": since, "until": until}
        owed, moments = self._ask(tenant, merchant_id, values, (_OWED, _MOMENTS))
        names = {account: name for name, account in owed_accounts(merchant_id).items()}
        return MerchantSums(
            opening=Owed(**{names[account]: int(before) for account, before, _ in owed}),
            closing=Owed(**{names[account]: int(after) for account, _, after in owed}),
            moments=tuple(
                Booking("", None, moment, "", "", int(m), int(c), int(f))
                for moment, m, c, f, _ in moments
            ),
            lines=sum(int(count) for *_, count in moments),
        )

    def bookings(
        self,
        tenant: str,
        merchant_id: str,
        span: tuple[datetime, datetime],
        limit: int,
        after: tuple[datetime, str],
    ) -> list[Booking]:
        """Return journals that changed what is owed, by (at, id). Raises Unavailable."""
        values = {
            "since": span[0],
            "until": span[1],
            "at": after[0],
            "id": after[1],
            "limit": limit,
        }
        (rows,) = self._ask(tenant, merchant_id, values, (_BOOKINGS,))
        read = self.dialect.reader(Plain.INSTANT) or (lambda at: at)
        return [
            Booking(key, read(at), moment, subject, _order(subject, order), int(m), int(c), int(f))
            for key, at, moment, subject, order, m, c, f in rows
        ]

    def _ask(
        self, tenant: str, merchant_id: str, values: Mapping[str, Any], texts: Sequence[str]
    ) -> list[list[tuple[Any, ...]]]:
        named = {**values, **owed_accounts(merchant_id), "tenant": tenant}
        sent = {name: self._wire(value) for name, value in named.items()}
        try:
            with self.engine.connect() as plain:
                connection = snapshot(plain, tenant, self.opening)
                answers = [connection.execute(text(said), sent) for said in texts]
                return [[tuple(row) for row in answer] for answer in answers]
        except SQLAlchemyError as error:
            raise translated(error, "ledger") from error

    def _wire(self, value: Any) -> Any:
        """Return an instant as this engine compares it."""
        if isinstance(value, datetime) and self.dialect.name == "sqlite":
            return self.dialect.scalar(Plain.INSTANT, value)
        return value


def _order(subject: str, behind: str | None) -> str:
    return behind or (subject if subject.startswith("ord_") else "")
