"""Movements as both sides know them, how they differ, and what a run found."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from attrs import field, frozen

from groupbuy.domain.kernel import Money
from groupbuy.domain.reconciliation.advice import Advice

FINDINGS_KEPT = 1_000
"""How many findings of a run are kept; the counts tell of all."""


class Movement(StrEnum):
    """What kind of money moves at the provider."""

    PAYMENT = "payment"
    REFUND = "refund"
    PAYOUT = "payout"
    FEE = "fee"


class Progress(StrEnum):
    """How far a movement is, by our own books."""

    MOVED = "moved"
    ON_ITS_WAY = "on_its_way"
    ENDED = "ended"
    """It will not move any more, and has not."""


class Difference(StrEnum):
    """How the two sides differ; `open` is none yet: it is still on its way."""

    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    AMOUNT = "amount"
    STATE = "state"
    DUPLICATE = "duplicate"
    OPEN = "open"


class Source(StrEnum):
    """Where a bill came from."""

    PROVIDER = "provider"
    FILE = "file"


@frozen
class Record:
    """One movement as our books know it; money in is positive."""

    kind: Movement
    number: str
    amount: Money
    state: str
    """Our own word for it."""
    progress: Progress
    at: datetime
    """When it moved; when it was granted, if it has not."""
    command: str = ""
    """The command that asks the provider about it again; empty if there is none."""


@frozen
class Finding:
    """One difference: what we say, what they say, and what mends it."""

    difference: Difference
    kind: Movement
    number: str
    day: date
    ours: Money | None
    our_state: str
    theirs: Money | None
    their_state: str
    """`moved`, or empty where the bill says nothing."""
    advice: Advice
    command: str = ""


@frozen
class BilledFee:
    """A fee seen on a bill and booked: the id is the line's, so it is booked once."""

    id: str
    provider: str
    number: str
    amount: Money
    at: datetime
    booked_at: datetime


@frozen
class Reconciliation:
    """What one comparison of a bill with our books came to."""

    id: str
    provider: str
    first: date
    last: date
    at: datetime
    by: str
    source: Source
    lines: int
    """Lines of the bill within the days."""
    matched: int
    counts: Mapping[str, int] = field(factory=dict)
    """How many by difference, `open` among them."""
    fees_booked: int = 0
    digest: str = ""
    """Over every finding, so that two runs can be compared."""
    failed: str = ""
    """Why there was nothing to compare; empty if there was."""
    findings: tuple[Finding, ...] = ()

    @property
    def differences(self) -> int:
        """How many differences there are; what is open is none."""
        return sum(count for name, count in self.counts.items() if name != Difference.OPEN)

    @property
    def clean(self) -> bool:
        """Tell whether both sides agree."""
        return not self.failed and not self.differences


def fee_key(provider: str, number: str) -> str:
    """Return the id of a fee: one for ever per line of a bill."""
    return f"fee:{provider}:{number}"


def digest_of(findings: Iterable[Finding]) -> str:
    """Return a fingerprint of findings, whatever their order."""
    rows = sorted(
        "|".join(map(str, (f.difference, f.kind, f.number, f.day, f.ours, f.our_state, f.theirs)))
        for f in findings
    )
    return sha256("\n".join(rows).encode()).hexdigest()
