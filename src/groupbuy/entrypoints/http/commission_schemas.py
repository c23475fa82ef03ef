"""Commission, settlement, withdrawal and the books, as they cross the boundary."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from groupbuy.application.commission import Earnings, Portion, Preview, Run, StatementPage
from groupbuy.application.ledger_reports import Finding, TrialRow
from groupbuy.application.withdrawals import ChangePayoutAccount, PayoutAccount
from groupbuy.domain.commission import (
    DIGEST_SHOWN,
    CommissionRole,
    DisputeState,
    Entry,
    EntryState,
    Purse,
    RateRule,
    Statement,
    StatementState,
    Withdrawal,
    WithdrawalRules,
    WithdrawalState,
    approvers_needed,
)
from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.http.amounts import END, Amount, amount

Why = Annotated[str, Meta(min_length=1, max_length=500, description="Kept in the audit")]


class PayoutAccountIn(msgspec.Struct, forbid_unknown_fields=True):
    """Where the caller wants to be paid."""

    channel: Annotated[str, Meta(pattern="^(bank_card|wechat_wallet)" + END)]
    account: Annotated[str, Meta(min_length=6, max_length=64, description="Card or openid")]
    name: Annotated[str, Meta(min_length=1, max_length=64, description="Account holder")]

    def command(self) -> ChangePayoutAccount:
        """Return it as a command."""
        return ChangePayoutAccount(self.channel, self.account, self.name)


class WithdrawalIn(msgspec.Struct, forbid_unknown_fields=True):
    """How much to take out."""

    amount: Amount


class WhyIn(msgspec.Struct, forbid_unknown_fields=True):
    """Why."""

    reason: Why


class RunIn(msgspec.Struct, forbid_unknown_fields=True):
    """What was previewed, and why it is run."""

    digest: Annotated[str, Meta(pattern="^[0-9a-f]{12,64}" + END, description="From the preview")]
    reason: Why


class EarningsOut(msgspec.Struct, frozen=True):
    """What a leader will get, has earned, and may withdraw."""

    pending: Amount
    """Of orders whose after-sale window is still open."""
    vested: Amount
    """Earned; joins the next monthly statement."""
    available: Amount
    """May be withdrawn; below zero after a refund of money already withdrawn."""


class EntryOut(msgspec.Struct, frozen=True):
    """What one role earned on one order line."""

    id: str
    order_id: str
    line_no: int
    role: CommissionRole
    state: EntryState
    purse: Purse
    base: Amount
    rate_bp: int
    rule: RateRule
    """Whose word the rate is."""
    source: str
    """Id of what bears the rate; for a ladder's bonus, leader and month; empty for the shop."""
    asked_bp: int
    """What that rule said; more than `rate_bp` where the ceiling of all rates cut it."""
    ceiling_cut: Amount
    """What the ceiling took."""
    amount: Amount
    created_at: datetime
    vested_at: datetime | None
    statement_id: str | None
    reverses: str | None
    adjusts: str | None
    """The entry that an answered dispute brought to another rate."""
    because_of: str
    """The refund of a reversal, the dispute of an adjustment; empty for the order's own."""


class LineOut(EntryOut, frozen=True):
    """A line of a statement, with what stands behind it."""

    journal_id: str
    """The journal that booked it."""
    dispute_id: str
    """The newest dispute about it; empty if there is none."""
    dispute_state: DisputeState | None


class StatementOut(msgspec.Struct, frozen=True):
    """One month of one leader."""

    id: str
    period: str
    state: StatementState
    accrued: Amount
    reversals: Amount
    deducted: Amount
    """Reversals already taken from what was available; listed only."""
    adjusted: Amount
    settled: Amount
    """accrued + reversals + adjusted."""
    carried: Amount
    """Available just before; below zero where a refund was claimed back."""
    payable: Amount
    """carried + settled: available just after."""
    frozen_because: str
    """Why nothing may be withdrawn for now; empty if it may."""
    reopened: int
    lines: int
    created_at: datetime
    settled_at: datetime | None


class StatementPageOut(msgspec.Struct, frozen=True):
    """A statement with its lines."""

    statement: StatementOut
    settled_by: str
    """The journal that settled it; empty where no money moved."""
    lines: list[LineOut]


class PayoutAccountOut(msgspec.Struct, frozen=True):
    """Where the caller is paid; never the whole account."""

    channel: str
    tail: str
    changed_at: datetime | None


class WithdrawalOut(msgspec.Struct, frozen=True):
    """A withdrawal and how far it got."""

    id: str
    leader_id: str
    state: WithdrawalState
    amount: Amount
    tax: Amount
    channel: str
    approvals: int
    approvals_needed: int
    hold_reason: str
    last_word: str
    requested_at: datetime
    finished_at: datetime | None


class PortionOut(msgspec.Struct, frozen=True):
    """One leader in a settlement."""

    leader_id: str
    name: str
    accrued: Amount
    reversals: Amount
    deducted: Amount
    adjusted: Amount
    settled: Amount
    lines: int
    statement_id: str
    """Empty until it is done."""
    attention: list[str]
    waits_for: str
    """The period of a reversed statement that has to be settled first; empty if there is none."""


class PreviewOut(msgspec.Struct, frozen=True):
    """What a settlement would do, and has done."""

    id: str
    digest: str
    cut: datetime
    accrued: Amount
    reversals: Amount
    deducted: Amount
    adjusted: Amount
    settled: Amount
    leaders: list[PortionOut]


class RunOut(msgspec.Struct, frozen=True):
    """What a settlement has done."""

    id: str
    statements: list[StatementOut]
    skipped: int


class FindingOut(msgspec.Struct, frozen=True):
    """One thing in the books that should not be so, in minor units."""

    check: str
    subject: str
    expected: int
    found: int


class VerifyOut(msgspec.Struct, frozen=True):
    """Whether the books are right."""

    ok: bool
    findings: list[FindingOut]


class TrialRowOut(msgspec.Struct, frozen=True):
    """One row of the trial balance."""

    account: str
    kind: str
    accounts: int
    debit: Amount
    credit: Amount
    balance: Amount


class TrialBalanceOut(msgspec.Struct, frozen=True):
    """The trial balance, in the order of the chart of accounts."""

    rows: list[TrialRowOut]


def earnings_out(found: Earnings) -> EarningsOut:
    """Render what a leader has."""
    sums = (found.pending, found.vested, found.available)
    return EarningsOut(*(Amount(minor, found.currency) for minor in sums))


def entry_out(entry: Entry) -> EntryOut:
    """Render an entry."""
    return EntryOut(**_entry(entry))


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "order_id": entry.order_id,
        "line_no": entry.line_no,
        "role": entry.role,
        "state": entry.state,
        "purse": entry.purse,
        "base": amount(entry.base),
        "rate_bp": entry.bp,
        "rule": entry.rule,
        "source": entry.source,
        "asked_bp": entry.bp if entry.asked_bp is None else entry.asked_bp,
        "ceiling_cut": amount(entry.cut),
        "amount": amount(entry.amount),
        "created_at": entry.created_at,
        "vested_at": entry.vested_at,
        "statement_id": entry.statement_id,
        "reverses": entry.reverses,
        "adjusts": entry.adjusts,
        "because_of": entry.because_of,
    }


def _line_out(page: StatementPage, entry: Entry) -> LineOut:
    dispute = page.disputes.get(entry.id)
    return LineOut(
        **_entry(entry),
        journal_id=page.journals.get(entry.id, ""),
        dispute_id=dispute.id if dispute else "",
        dispute_state=dispute.state if dispute else None,
    )


def statement_out(statement: Statement) -> StatementOut:
    """Render a statement."""
    return StatementOut(
        id=statement.id,
        period=statement.period,
        state=statement.state,
        accrued=amount(statement.accrued),
        reversals=amount(statement.reversals),
        deducted=amount(statement.deducted),
        adjusted=amount(statement.adjusted),
        settled=amount(statement.settled),
        carried=amount(statement.carried),
        payable=amount(statement.payable),
        frozen_because=statement.frozen_because,
        reopened=statement.reopened,
        lines=statement.lines,
        created_at=statement.created_at,
        settled_at=statement.settled_at,
    )


def statement_page_out(page: StatementPage) -> StatementPageOut:
    """Render a statement with its lines."""
    lines = [_line_out(page, entry) for entry in page.lines]
    return StatementPageOut(statement_out(page.statement), page.settled_by, lines)


def payout_account_out(account: PayoutAccount) -> PayoutAccountOut:
    """Render where somebody is paid."""
    return PayoutAccountOut(account.channel, account.tail, account.changed_at)


def withdrawal_out(withdrawal: Withdrawal, rules: WithdrawalRules) -> WithdrawalOut:
    """Render a withdrawal, without its account; `rules` say how many must approve."""
    return WithdrawalOut(
        id=withdrawal.id,
        leader_id=withdrawal.leader_id,
        state=withdrawal.state,
        amount=amount(withdrawal.amount),
        tax=amount(withdrawal.tax),
        channel=withdrawal.channel,
        approvals=len(withdrawal.approvals),
        approvals_needed=approvers_needed(withdrawal.amount, rules.two_approvers_above),
        hold_reason=withdrawal.hold_reason,
        last_word=withdrawal.last_word,
        requested_at=withdrawal.requested_at,
        finished_at=withdrawal.finished_at,
    )


def preview_out(preview: Preview) -> PreviewOut:
    """Render a preview."""
    return PreviewOut(
        id=preview.name,
        digest=preview.digest[:DIGEST_SHOWN],
        cut=preview.cut,
        accrued=amount(preview.total("accrued")),
        reversals=amount(preview.total("reversals")),
        deducted=amount(preview.total("deducted")),
        adjusted=amount(preview.total("adjusted")),
        settled=amount(preview.total("settled")),
        leaders=[_portion_out(portion) for portion in preview.portions],
    )


def run_out(run: Run) -> RunOut:
    """Render what a settlement has done."""
    return RunOut(f"stl_{run.period}", [statement_out(s) for s in run.settled], run.skipped)


def verify_out(findings: Sequence[Finding]) -> VerifyOut:
    """Render findings."""
    rows = [FindingOut(f.check, f.subject, f.expected, f.found) for f in findings]
    return VerifyOut(not rows, rows)


def trial_balance_out(rows: Sequence[TrialRow]) -> TrialBalanceOut:
    """Render a trial balance."""
    return TrialBalanceOut([_trial_row_out(row) for row in rows])


def _portion_out(portion: Portion) -> PortionOut:
    totals = portion.totals
    return PortionOut(
        leader_id=portion.leader_id,
        name=portion.name,
        accrued=amount(totals.accrued),
        reversals=amount(totals.reversals),
        deducted=amount(totals.deducted),
        adjusted=amount(totals.adjusted),
        settled=amount(totals.settled),
        lines=totals.lines,
        statement_id=portion.statement_id,
        attention=list(portion.attention),
        waits_for=portion.waits_for,
    )


def _trial_row_out(row: TrialRow) -> TrialRowOut:
    debit, credit, balance = (
        amount(Money(minor, row.currency)) for minor in (row.debit, row.credit, row.balance)
    )
    return TrialRowOut(row.account, row.kind, row.accounts, debit, credit, balance)
