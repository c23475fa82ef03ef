"""Making a database big, and reading how PostgreSQL would answer a statement there."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import count
from typing import Any

from attrs import frozen
from psycopg import Connection
from sqlalchemy import Column, Dialect, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql

from groupbuy.adapters.persistence.schema import schema_of
from tests.support.hot import Sent

Link = Connection[tuple[Any, ...]]
Node = dict[str, Any]

_POSTGRES: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
WITHOUT = (("seqscan", "hashjoin", "mergejoin"), ("seqscan", "hashjoin", "mergejoin", "sort"))
"""What PostgreSQL rightly prefers for a few pages and cannot afford for millions of rows.

With the first priced out of reach they stand in a plan only where no index could do instead. What
finds few rows may sort them; what finds many has to read them in order, so both are tried.
"""
STEADY = frozenset({"tenants", "brands", "categories", "merchants", "pickup_points"})
"""Tables that stay small however much is sold; every other one grows."""
UNIVERSES = 600
"""Copies of the whole shop: other merchants, leaders, campaigns, buyers."""
TWINS = 150
"""Copies of what was bought alone: the same campaigns, leaders and buyers have more of it."""
TWINNED = (
    *("orders", "order_lines", "seats", "payments", "refunds", "commission_entries"),
    *("events", "tasks", "idempotency", "journals", "journal_lines"),
)
BOUGHT = "ord|pay|rfd|shp|cme|jrn|evt|aud"
COUNTED = frozenset({"key", "token", "phone_fingerprint", "tracking_number"})
MOST = 10
"""Rows of one table that are copied; of what is settled month by month, all."""
FEW = 200
"""Most rows a statement may sort, unless it listed them itself or wants a page of so many."""


@frozen
class Fault:
    """Why a plan costs more the more there is."""

    what: str
    table: str = ""


def grow(connection: Link) -> None:
    """Copy what is there, with other ids, until PostgreSQL has to choose its plans with care."""
    for table in schema_of().tables.values():
        if table.name in STEADY:
            continue
        some = "" if table.name == "commission_entries" else f"LIMIT {MOST}"
        connection.execute(
            f"CREATE TEMP TABLE first ON COMMIT DROP AS SELECT * FROM {table.name} {some}"
        )
        _copy(connection, table, "[a-z]{3}", range(1, UNIVERSES + 1))
        if table.name in TWINNED:
            # One buyer's seats in one group are few, whatever else there is.
            kinds = f"{BOUGHT}|usr" if table.name == "seats" else BOUGHT
            _copy(connection, table, kinds, range(UNIVERSES + 1, UNIVERSES + TWINS + 1))
        connection.commit()


def _copy(connection: Link, table: Table, kinds: str, numbers: range) -> None:
    """Insert copies; letters of the random part of every id of these kinds count them."""
    columns = [f'"{column.name}"' for column in table.columns]
    values = [_value(column, kinds) for column in table.columns]
    connection.execute(
        f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM first AS t, generate_series({numbers[0]}, {numbers[-1]}) AS n "
        "ON CONFLICT DO NOTHING"
    )


def _value(column: "Column[Any]", kinds: str) -> str:
    name, table = f't."{column.name}"', column.table.name
    kind = column.type.compile(_POSTGRES)
    if kind.startswith("TIMESTAMP"):
        # Tasks are not due yet: nobody wants to work off the copies.
        later = "+ interval '1 day' +" if table == "tasks" else "-"
        return f"{name} {later} n * interval '7 minutes'"
    if not kind.startswith("TEXT") or column.name in {"tenant_id", "data"}:
        return name
    if column.name in COUNTED or (table == "login_sessions" and column.name == "id"):
        return f"CASE {name} WHEN '' THEN '' ELSE {name} || n END"
    pattern = f"(({kinds})_[0-9A-Z]{{14}})[0-9A-Z]{{6}}([0-9A-Z]{{6}})"
    return f"regexp_replace({name}, '{pattern}', '\\1' || lpad(n::text, 6, '0') || '\\3', 'g')"


def faults_of(connection: Link, sent: Sent) -> list[Fault]:
    """Return what in the best plan of a recorded statement grows with the tables.

    It is planned without its values, as our connections do, and as for tables that never fit into
    a few pages.
    """
    found = [list(_walk(_plan(connection, sent, off), _most(sent))) for off in WITHOUT]
    return min(found, key=len)


def _plan(connection: Link, sent: Sent, methods: Sequence[str]) -> Node:
    with connection.transaction(force_rollback=True):
        for method in methods:
            connection.execute(f"SET LOCAL enable_{method} = off")
        numbers = count(1)
        text = re.sub("%s", lambda _: f"${next(numbers)}", sent.text)
        found = connection.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {text}").fetchone()
    said = found[0] if found else "[]"
    plan: Node = (said if isinstance(said, list) else json.loads(said))[0]["Plan"]
    return plan


def _most(sent: Sent) -> int:
    """Return how many rows may be sorted: no more than the page that is asked for."""
    asked = sent.values[-1] if sent.text.endswith("LIMIT %s::bigint") else FEW
    return max(int(asked), FEW)


def _walk(node: Node, most: int) -> Iterator[Fault]:
    yield from _scanned(node)
    yield from _sorted(node, most)
    for part in node.get("Plans", ()):
        yield from _walk(part, most)


def _scanned(node: Node) -> Iterator[Fault]:
    kind, table = node["Node Type"], node.get("Relation Name", "")
    if kind == "Seq Scan" and table not in STEADY:
        yield Fault("reads the whole table", table)
    if kind in {"Index Scan", "Index Only Scan", "Bitmap Index Scan"}:
        index = _indexes()[node["Index Name"]]
        if index.table.name in STEADY:
            return
        # What is compared with another column of the index only shortens the walk through it.
        named = set(
            re.findall(r"\(*\"?(\w+)\"?(?:, \w+\))? (?:=|<|>|<=|>=) ", node.get("Index Cond", ""))
        )
        _, first, *_ = [column.name for column in index.columns if column.name != "cell"]
        if "tenant_id" not in named:
            yield Fault("reads the index of all tenants", index.table.name)
        elif first not in named and index.name not in NARROW:
            yield Fault("reads the index of the whole tenant", index.table.name)


@cache
def _indexes() -> dict[str, Any]:
    tables = schema_of().tables.values()
    found: list[Any] = [t.primary_key for t in tables]
    found += [c for t in tables for c in t.constraints if isinstance(c, UniqueConstraint)]
    found += [index for t in tables for index in t.indexes]
    return {each.name: each for each in found}


NARROW = frozenset({"ix_commission_entries_unstated"})
"""Indexes that hold only what is still to be done, so that reading all of one is bounded."""


def _sorted(node: Node, most: int) -> Iterator[Fault]:
    if node["Node Type"] != "Sort":
        return
    (below,) = node["Plans"]
    if below["Plan Rows"] > most and not _listed(below):
        yield Fault(f"sorts {below['Plan Rows']} rows by {', '.join(node['Sort Key'])}")


def _listed(node: Node) -> bool:
    """Tell whether a scan looks up rows that the statement itself listed, one by one."""
    condition = node.get("Index Cond", "")
    if re.search(r"\b(?:id|parent_id|order_id) = ANY", condition):
        return True
    return any(_listed(part) for part in node.get("Plans", ()))
