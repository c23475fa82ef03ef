"""Looking at the audit, sealing it after the commit, and proving that nobody has touched it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from attrs import frozen

from groupbuy.application.audit_chain import (
    AuditFinding,
    AuditSeal,
    check_link,
    check_rows,
    number,
    seal,
)
from groupbuy.application.ports import AuditRow, Query
from groupbuy.application.ports.reporting import Horizon
from groupbuy.application.steps.reading import pages
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.kernel import Invalid, make_id
from groupbuy.domain.membership import Role

SEALED_AT_ONCE = 500
"""Rows of one seal at most."""
_FEW = 20
"""Seals read at once; each names all its rows."""


@frozen
class AuditQuery:
    """Which audit rows; empty text and None mean any."""

    subject: str = ""
    actor: str = ""
    since: datetime | None = None
    until: datetime | None = None
    """Exclusive."""


@frozen
class Checked:
    """What a verification has gone through."""

    seals: int
    rows: int
    findings: tuple[AuditFinding, ...]


def seal_due(desk: Desk, horizon: Horizon, tenant: str) -> int:
    """Seal every row that is old enough; return how many. Safe to repeat and beside others.

    Each seal is a transaction of its own: two sealers meet at the number, and one comes again.
    Raises Unavailable.
    """
    margin = timedelta(seconds=desk.kit.policy.audit_seal_after_seconds)
    until = desk.kit.clock.now() - horizon.oldest_open() - margin
    caller, sealed = Caller.system(tenant), 0
    while count := desk.run(caller, partial(seal_some, until=until)):
        sealed += count
    return sealed


def seal_some(work: Work, until: datetime) -> int:
    """Make the next seal of rows from before an instant; return of how many rows.

    Ids sort by time and are made before the commit, so a slow transaction may still bring a row
    that belongs in front: nobody who has not committed yet may have begun before `until`.
    """
    work.caller.require(Role.FINANCE)
    before, now = head(work), work.now()
    millis = int(until.timestamp() * 1000)
    query = Query().before("id", make_id("aud", millis=millis, cell=0, entropy=0))
    behind = ("", "") if before is None else (before.last, before.last)
    rows = work.of(AuditRow).select(query.sorted("id").page(SEALED_AT_ONCE, behind))
    if rows:
        work.of(AuditSeal).add(seal(before, rows, now))
    return len(rows)


def head(work: Work) -> AuditSeal | None:
    """Return the newest seal: its hash stands for everything before it. Raises Forbidden."""
    work.caller.require(Role.FINANCE)
    return next(iter(work.of(AuditSeal).select(Query().sorted("-id").page(1))), None)


def head_of(desk: Desk, caller: Caller) -> AuditSeal | None:
    """Return the newest seal, for whoever has no unit of work open. Raises Forbidden."""
    return desk.read(caller, head)


def verify(desk: Desk, caller: Caller, known_head: str = "") -> Checked:
    """Compare every seal with the one before it and with its rows, holding few at a time.

    `known_head` is one exported earlier, `number@hash`: only with it a chain is found that was
    cut off or written anew from some seal on. Raises Forbidden, Invalid.
    """
    caller.require(Role.FINANCE)
    wanted, _, expected = known_head.partition("@")
    if known_head and not (wanted.isdecimal() and expected):
        raise Invalid(field="head", reason="must read number@hash")
    before: AuditSeal | None = None
    found, seals, rows, hash_then = list[AuditFinding](), 0, 0, ""
    for here in _seals(desk, caller):
        there = desk.read(caller, partial(_between, after=before, until=here.last))
        found += [*check_link(before, here), *check_rows(here, there)]
        seals, rows, before = seals + 1, rows + len(there), here
        if known_head and here.id == number(int(wanted)):
            hash_then = here.hash
    if known_head and hash_then != expected:
        found.append(AuditFinding("head_differs", number(int(wanted)), number(int(wanted))))
    return Checked(seals, rows, tuple(found))


def list_rows(desk: Desk, caller: Caller, ask: AuditQuery, limit: int) -> list[AuditRow]:
    """Return the newest rows that fit, at most so many, newest first. Raises Forbidden."""
    caller.require(Role.FINANCE)
    query = Query()
    for name in ("subject", "actor"):
        if wanted := getattr(ask, name):
            query = query.where(**{name: wanted})
    query = query if ask.since is None else query.since("at", ask.since)
    query = query if ask.until is None else query.before("at", ask.until)
    return desk.report(caller, lambda w: w.of(AuditRow).select(query.sorted("-at").page(limit)))


def _seals(desk: Desk, caller: Caller) -> Iterator[AuditSeal]:
    for page in pages(desk, caller, AuditSeal, Query().sorted("id"), _FEW):
        yield from page


def _between(work: Work, after: AuditSeal | None, until: str) -> list[AuditRow]:
    """Return what lies in the range of a seal now, however much was put there."""
    found, place = list[AuditRow](), "" if after is None else after.last
    # The smallest text above the last id: the range includes it.
    query = Query().before("id", until + " ").sorted("id")
    while page := work.of(AuditRow).select(query.page(SEALED_AT_ONCE, (place, place))):
        found += page
        place = page[-1].id
    return found
