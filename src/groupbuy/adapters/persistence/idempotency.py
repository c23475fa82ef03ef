"""Idempotency keys: claimed by inserting them, answered by updating them.

Keys that a lock guards anyway are looked up, and inserted once, with their answers.

A key lives in the cell of the first id in its scope, so that a scope which starts with the group
keeps the keys of its joins beside it; a scope without an id lives in cell 0.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, DateTime, MetaData, Table, Text

from groupbuy.adapters.persistence.codecs import Plain
from groupbuy.adapters.persistence.dialects import Dialect, PostgresDialect
from groupbuy.adapters.persistence.session import Session, Statement
from groupbuy.application.ports.persistence import Answer, KeyClaim
from groupbuy.domain.kernel import Conflict, KeyReused, cell_of

TABLE = "idempotency"
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
_KEY = "tenant_id, cell, scope, key"


def idempotency_table(metadata: MetaData) -> Table:
    """Describe the table of keys. `ok` is NULL until the command has answered."""
    return Table(
        TABLE,
        metadata,
        Column("tenant_id", _TEXT, primary_key=True),
        Column("cell", BigInteger, primary_key=True, autoincrement=False),
        Column("scope", _TEXT, primary_key=True),
        Column("key", _TEXT, primary_key=True),
        Column("input_hash", _TEXT, nullable=False),
        Column("ok", Boolean),
        Column("body", _TEXT),
        Column("answered_at", Text().with_variant(DateTime(timezone=True), "postgresql")),
        info={"append_only": False, "removable": True, "tenant": True},
    )


class Keys:
    """The statements about keys on one engine."""

    def __init__(self, dialect: Dialect) -> None:
        """Write the texts."""
        self.dialect = dialect
        if isinstance(dialect, PostgresDialect):
            texts = dialect.unnest([Plain.INTEGER, Plain.TEXT, Plain.TEXT, Plain.TEXT])
            self._insert = (
                f"INSERT INTO {TABLE} ({_KEY}, input_hash) SELECT %s::text, v.* FROM {texts} AS v "
                "ON CONFLICT DO NOTHING RETURNING scope, key"
            )
            named = dialect.unnest([Plain.INTEGER, Plain.TEXT, Plain.TEXT])
            # LIMIT keeps the planner from reading the whole table to find a handful of keys.
            self._select = (
                "SELECT i.scope, i.key, i.input_hash, i.ok, i.body "
                f"FROM {named} AS v (cell, scope, key) CROSS JOIN LATERAL ("
                f"SELECT * FROM {TABLE} WHERE tenant_id = %s::text AND cell = v.cell "
                "AND scope = v.scope AND key = v.key LIMIT 1) AS i"
            )
            given = dialect.unnest([Plain.INTEGER, *[Plain.TEXT] * 3, Plain.FLAG, Plain.TEXT])
            self._keep = (
                f"INSERT INTO {TABLE} ({_KEY}, input_hash, ok, body, answered_at) "
                f"SELECT %s::text, v.*, %s::timestamptz FROM {given} AS v"
            )
            answers = dialect.unnest([Plain.INTEGER, *[Plain.TEXT] * 2, Plain.FLAG, Plain.TEXT])
            self._answer = (
                f"UPDATE {TABLE} AS i SET ok = v.ok, body = v.body, answered_at = %s::timestamptz "
                f"FROM {answers} AS v (cell, scope, key, ok, body) WHERE i.tenant_id = %s::text "
                "AND i.cell = v.cell AND i.scope = v.scope AND i.key = v.key "
                # A plan made while the table was empty would read all keys of the tenant else.
                "AND i.cell = ANY(%s::bigint[]) AND i.scope = ANY(%s::text[]) "
                "AND i.key = ANY(%s::text[])"
            )
        else:
            self._insert = f"INSERT INTO {TABLE} ({_KEY}, input_hash) VALUES (?, ?, ?, ?, ?)"
            self._keep = (
                f"INSERT INTO {TABLE} "
                "(tenant_id, answered_at, cell, scope, key, input_hash, ok, body) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            )
            # CROSS keeps SQLite from reading the table first and the list for each of its rows.
            self._select = (
                "SELECT i.scope, i.key, i.input_hash, i.ok, i.body FROM json_each(?) AS v "
                f"CROSS JOIN {TABLE} AS i ON i.tenant_id = ? "
                "AND i.cell = json_extract(v.value, '$[0]') "
                "AND i.scope = json_extract(v.value, '$[1]') "
                "AND i.key = json_extract(v.value, '$[2]')"
            )
            self._answer = (
                f"UPDATE {TABLE} SET ok = ?, body = ?, answered_at = ? "
                "WHERE tenant_id = ? AND cell = ? AND scope = ? AND key = ?"
            )

    def claim(
        self, session: Session, tenant: str, claims: Sequence[KeyClaim]
    ) -> dict[KeyClaim, Answer]:
        """Insert keys; return the answers of those that existed. Raises KeyReused, Conflict."""
        wanted = _sorted(claims)
        made = self._inserted(session, tenant, wanted)
        rest = [claim for claim in wanted if (claim.scope, claim.key) not in made]
        if not rest:
            return {}
        stored = self._stored(session, tenant, rest)
        return {claim: _replay(claim, stored.get((claim.scope, claim.key))) for claim in rest}

    def recall(
        self, session: Session, tenant: str, claims: Sequence[KeyClaim]
    ) -> dict[KeyClaim, Answer]:
        """Return the answers of keys that exist. Raises KeyReused, Conflict."""
        wanted = _sorted(claims)
        stored = self._stored(session, tenant, wanted)
        return {
            claim: _replay(claim, stored[claim.scope, claim.key])
            for claim in wanted
            if (claim.scope, claim.key) in stored
        }

    def keep(
        self,
        session: Session,
        tenant: str,
        answers: Mapping[KeyClaim, Answer],
        now: datetime,
    ) -> None:
        """Insert keys together with what their commands answered. Raises Conflict."""
        named = [
            (cell_of(c.scope), c.scope, c.key, c.input_hash, a.ok, a.body)
            for c, a in answers.items()
        ]
        at = self.dialect.scalar(Plain.INSTANT, now)
        if isinstance(self.dialect, PostgresDialect):
            cells, scopes, keys, hashes, oks, bodies = zip(*named, strict=True)
            many = self.dialect.many
            texts = [many(Plain.TEXT, column) for column in (scopes, keys, hashes)]
            more = (many(Plain.FLAG, oks), many(Plain.TEXT, bodies))
            values = (tenant, at, many(Plain.INTEGER, cells), *texts, *more)
            session.append(self._keep, values, TABLE)
            return
        session.change_each(self._keep, [(tenant, at, *values) for values in named], TABLE)

    def answer(
        self,
        session: Session,
        tenant: str,
        answers: Mapping[KeyClaim, Answer],
        now: datetime,
    ) -> None:
        """Store what commands answered."""
        named = [(cell_of(c.scope), c.scope, c.key, a.ok, a.body) for c, a in answers.items()]
        at = self.dialect.scalar(Plain.INSTANT, now)
        if isinstance(self.dialect, PostgresDialect):
            cells, scopes, keys, oks, bodies = zip(*named, strict=True)
            many = self.dialect.many
            arrays = (many(Plain.INTEGER, cells), many(Plain.TEXT, scopes), many(Plain.TEXT, keys))
            more = (many(Plain.FLAG, oks), many(Plain.TEXT, bodies))
            session.change(self._answer, (at, *arrays, *more, tenant, *arrays), TABLE)
            return
        rows = [(ok, body, at, tenant, cell, scope, key) for cell, scope, key, ok, body in named]
        session.change_each(self._answer, rows, TABLE)

    def _inserted(
        self, session: Session, tenant: str, claims: Sequence[KeyClaim]
    ) -> set[tuple[str, str]]:
        named = [(cell_of(c.scope), c.scope, c.key, c.input_hash) for c in claims]
        if isinstance(self.dialect, PostgresDialect):
            rows = session.rows(self._insert, (tenant, *self._arrays(named)), TABLE)
            return {(scope, key) for scope, key in rows}
        # The only writer may look first.
        known = self._stored(session, tenant, claims)
        missing = [(tenant, *values) for values in named if values[1:3] not in known]
        if missing:
            session.change_each(self._insert, missing, TABLE)
        return {(row[2], row[3]) for row in missing}

    def _stored(
        self, session: Session, tenant: str, claims: Sequence[KeyClaim]
    ) -> dict[tuple[str, str], tuple[str, bool | None, str]]:
        rows = session.rows(*self._selecting(tenant, claims), TABLE)
        return {(scope, key): (hashed, ok, body) for scope, key, hashed, ok, body in rows}

    def recalling(self, tenant: str, claims: Sequence[KeyClaim]) -> Statement:
        """Return the statement that `recall` sends."""
        return self._selecting(tenant, _sorted(claims))

    def _selecting(self, tenant: str, claims: Sequence[KeyClaim]) -> Statement:
        named = [(cell_of(c.scope), c.scope, c.key) for c in claims]
        if isinstance(self.dialect, PostgresDialect):
            return self._select, (*self._arrays(named), tenant)
        return self._select, (json.dumps(named), tenant)

    def _arrays(self, rows: Sequence[tuple[int | str, ...]]) -> list[str]:
        cells, *texts = zip(*rows, strict=True)
        many = self.dialect.many
        return [many(Plain.INTEGER, cells), *(many(Plain.TEXT, column) for column in texts)]


def _sorted(claims: Sequence[KeyClaim]) -> list[KeyClaim]:
    """Return the keys, each once. Raises KeyReused where one stands for two inputs."""
    by_name = {(claim.scope, claim.key): claim for claim in claims}
    for claim in claims:
        if by_name[claim.scope, claim.key] != claim:
            raise KeyReused(key=claim.key)
    return [by_name[name] for name in sorted(by_name)]


def _replay(claim: KeyClaim, stored: tuple[str, bool | None, str] | None) -> Answer:
    if stored is None:
        raise Conflict(kind="idempotency_key", key=claim.key)
    hashed, ok, body = stored
    if hashed != claim.input_hash:
        raise KeyReused(key=claim.key)
    if ok is None:
        raise Conflict(kind="idempotency_key", key=claim.key)
    return Answer(ok=bool(ok), body=body)
