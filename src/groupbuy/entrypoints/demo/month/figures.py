"""What is told of the month: plain figures, the same on every machine for the same seed."""

from typing import Any

from attrs import asdict, frozen


@frozen
class DayRow:
    """One day, or the time after the month; amounts are minor units."""

    day: str
    formed: int
    failed: int
    orders: int
    """Paid on that day."""
    sales_fen: int
    refunds: int
    refunded_fen: int


@frozen
class LeaderRow:
    """One leader's statement of the month. Carried + accrued + reversals + adjusted = payable."""

    name: str
    orders: int
    sales_fen: int
    """What is left of the lines they earned on as their leader."""
    carried_fen: int
    accrued_fen: int
    bonus_fen: int
    """Of it, by the ladder."""
    reversals_fen: int
    adjusted_fen: int
    payable_fen: int
    withdrawn_fen: int


@frozen
class NextRow:
    """What one leader's next statement says about refunds after the settlement."""

    name: str
    carried_fen: int
    """What was available just before it; below zero after refunds of what was withdrawn."""
    deducted_fen: int
    """Taken back since the settlement, listed on this statement."""
    accrued_fen: int
    reversals_fen: int
    payable_fen: int


@frozen
class MerchantRow:
    """What one merchant is owed from the first day on."""

    name: str
    sales_fen: int
    refunds_fen: int
    commission_fen: int
    fees_fen: int
    paid_out_fen: int
    owed_fen: int


@frozen
class BillRow:
    """One kind of movement at the provider, as both sides tell it."""

    kind: str
    ours: int
    ours_fen: int
    theirs: int
    theirs_fen: int

    @property
    def difference_fen(self) -> int:
        """What they say more than we."""
        return self.theirs_fen - self.ours_fen


@frozen
class AccountRow:
    """One line of the trial balance."""

    account: str
    accounts: int
    debit_fen: int
    credit_fen: int


@frozen
class Proofs:
    """What the shop's own checks went through, and how much they found wrong."""

    journals: int
    ledger_findings: int
    invariants: int
    """How many were asked of everything stored."""
    invariant_findings: int
    statement_lines: int
    statement_differences: int
    bill_lines_matched: int
    bill_differences: int
    audit_seals: int
    audit_rows: int
    audit_findings: int


@frozen
class Counts:
    """How many orders there were, and what became of them."""

    campaigns: int
    formed: int
    failed: int
    paid: int
    unpaid: int
    late_payments: int
    left: int
    completed: int
    refunded_in_full: int
    refunds_after_settlement: int


@frozen
class Later:
    """The refunds after the settlement, and what they took back from leaders."""

    refunds: int
    refunded_fen: int
    taken_back_fen: int
    """Of commission and of the ladder's bonus."""
    deducted_fen: int
    """What the next statements say; the same below zero."""


@frozen
class Outcome:
    """The whole document."""

    seed: int
    orders: int
    counts: Counts
    days: tuple[DayRow, ...]
    settlement: tuple[LeaderRow, ...]
    next_statements: tuple[NextRow, ...]
    """Of those leaders from whom something was taken back since the settlement."""
    later: Later
    merchants: tuple[MerchantRow, ...]
    bill: tuple[BillRow, ...]
    provider_difference_fen: int
    """The provider's balance by its bill, minus ours by the ledger; fees included."""
    trial_balance: tuple[AccountRow, ...]
    proofs: Proofs
    findings: tuple[str, ...] = ()
    """Everything that does not add up; empty is good."""

    def document(self) -> dict[str, Any]:
        """Return it as the one JSON document."""
        said = asdict(self)
        for row, shown in zip(self.bill, said["bill"], strict=True):
            shown["difference_fen"] = row.difference_fen
        return said


def total(rows: tuple[Any, ...], name: str) -> int:
    """Add up one figure of some rows."""
    return sum(getattr(row, name) for row in rows)
