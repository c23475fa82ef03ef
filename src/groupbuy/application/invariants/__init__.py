"""The 26 things that must always be true, as one table. Import from here.

The rules' own checks live in `groupbuy.domain.invariants`; here are those about the outbox, keys,
tenants and the audit, and the table of all.
"""

from collections.abc import Iterable, Iterator

from groupbuy.application.invariants.evidence import KINDS, Evidence, Told, read_evidence
from groupbuy.application.invariants.life import Move, check_moves
from groupbuy.application.invariants.records import nothing_crosses_tenants
from groupbuy.application.invariants.table import INVARIANTS, Invariant, When
from groupbuy.application.write_path import Caller, Desk
from groupbuy.domain.invariants import Finding
from groupbuy.domain.membership import Role

__all__ = [
    "INVARIANTS",
    "KINDS",
    "Evidence",
    "Invariant",
    "Move",
    "Told",
    "When",
    "check_all",
    "check_moves",
    "read_evidence",
    "verify_all",
]


def check_all(evidence: Evidence) -> list[Finding]:
    """Ask every invariant that can be asked of this evidence; an empty list is what must be.

    Where a row names another that is not there, only that is told: all others rely on it.
    """
    lost = list(nothing_crosses_tenants(evidence))
    return lost or list(_found(evidence, INVARIANTS))


def verify_all(desk: Desk, caller: Caller) -> list[Finding]:
    """Read everything of the caller's tenant and check it. Raises Unauthenticated, Forbidden.

    What holds only at rest is left out: a shop that is open is never at rest.
    """
    caller.require(Role.FINANCE)
    return check_all(desk.report(caller, read_evidence))


def _found(evidence: Evidence, invariants: Iterable[Invariant]) -> Iterator[Finding]:
    for invariant in invariants:
        if evidence.at_rest or invariant.when is not When.AT_REST:
            yield from invariant.check(evidence)
