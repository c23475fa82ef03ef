"""A chain of seals over the audit: whoever changes a row later breaks it. Pure functions.

A seal covers all rows whose ids lie behind the seal before it, up to its own last id. Its hash
covers the rows and the hash of the seal before, so the newest hash stands for everything.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from attrs import evolve, field, frozen

from groupbuy.application.ports import AuditRow

_MARK = 16
"""Hexadecimal digits that tell a row apart within its seal; the proof is the whole hash."""


@frozen
class AuditSeal:
    """One link of the chain. Append-only; the id is the number, so that a number is given once."""

    id: str
    """Twelve digits, from 1 on without a gap."""
    first: str
    """Id of the first row."""
    last: str
    """Id of the last row: the next seal begins behind it."""
    count: int
    previous: str
    """Hash of the seal before; empty for the first one."""
    hash: str
    """SHA-256 over everything else here and the canonical JSON of every row."""
    sealed_at: datetime
    marks: Mapping[str, str] = field(factory=dict)
    """A short digest of every row by id, to name the one that differs."""


@frozen
class AuditFinding:
    """Where the audit is not as it was sealed."""

    check: str
    """`changed`, `missing`, `inserted` (a row); `broken_link`, `seal_differs`, `head_differs`."""
    subject: str
    """Id of the row, or number of the seal."""
    seal: str
    """Number of the seal concerned."""


def number(count: int) -> str:
    """Return the id of a seal by its place in the chain, from 1 on."""
    return f"{count:012d}"


def canonical(row: AuditRow) -> str:
    """Return the one JSON text of a row: sorted keys, no spaces, the instant in UTC."""
    said = {
        "id": row.id,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "reason": row.reason,
        "channel": row.channel,
        "request_id": row.request_id,
        "facts": dict(row.facts),
    }
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def seal(previous: AuditSeal | None, rows: Sequence[AuditRow], now: datetime) -> AuditSeal:
    """Seal some rows, in the order of their ids, at least one, behind the seal before."""
    unsigned = AuditSeal(
        id=number(1 if previous is None else int(previous.id) + 1),
        first=rows[0].id,
        last=rows[-1].id,
        count=len(rows),
        previous="" if previous is None else previous.hash,
        hash="",
        sealed_at=now,
        marks={row.id: _mark(row) for row in rows},
    )
    return evolve(unsigned, hash=_hash(unsigned, rows))


def check_link(before: AuditSeal | None, here: AuditSeal) -> Iterator[AuditFinding]:
    """Find a seal that does not continue the one before it."""
    wanted = number(1 if before is None else int(before.id) + 1)
    follows = here.previous == ("" if before is None else before.hash)
    if here.id != wanted or not follows:
        yield AuditFinding("broken_link", here.id, here.id)


def check_rows(here: AuditSeal, rows: Sequence[AuditRow]) -> Iterator[AuditFinding]:
    """Compare a seal with the rows that are in its range now, in the order of their ids."""
    found = list(_differences(here, rows))
    yield from found
    if not found and _hash(here, rows) != here.hash:
        yield AuditFinding("seal_differs", here.id, here.id)


def _differences(here: AuditSeal, rows: Sequence[AuditRow]) -> Iterator[AuditFinding]:
    there = {row.id: _mark(row) for row in rows}
    for key in sorted({*there, *here.marks}):
        if key not in here.marks:
            yield AuditFinding("inserted", key, here.id)
        elif key not in there:
            yield AuditFinding("missing", key, here.id)
        elif there[key] != here.marks[key]:
            yield AuditFinding("changed", key, here.id)


def _mark(row: AuditRow) -> str:
    return hashlib.sha256(canonical(row).encode()).hexdigest()[:_MARK]


def _hash(here: AuditSeal, rows: Sequence[AuditRow]) -> str:
    stamp = here.sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
    head = [here.id, here.first, here.last, here.count, here.previous, stamp]
    digest = hashlib.sha256(json.dumps(head).encode())
    for row in rows:
        digest.update(b"\n" + canonical(row).encode())
    return digest.hexdigest()
