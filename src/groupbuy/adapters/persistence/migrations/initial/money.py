"""Tables of the first revision: money."""

from groupbuy.adapters.persistence.migrations.tools import (
    flag,
    index,
    instant,
    integer,
    table,
    text,
)


def create() -> None:
    """Create the tables of this part (money)."""
    _performances()
    _commission_entries()
    _statements()
    _disputes()
    _withdrawals()
    _merchant_payouts()
    _balances()
    _journals()
    _journal_lines()
    _closed_periods()
    _billed_fees()
    _reconciliations()


def _performances() -> None:
    table(
        "performances",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("leader_id"),
        text("month"),
        text("sales"),
        flag("due"),
        text("bonus_ids"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_performances_tenant_id_cell_leader_id_month_id",
        "performances",
        ["tenant_id", "cell", "leader_id", "month", "id"],
    )
    index(
        "ix_performances_tenant_id_due_month_id",
        "performances",
        ["tenant_id", "due", "month", "id"],
    )


def _commission_entries() -> None:
    table(
        "commission_entries",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("order_id"),
        integer("line_no"),
        text("leader_id"),
        text("role"),
        integer("base"),
        integer("bp"),
        integer("amount"),
        instant("created_at"),
        text("campaign_id"),
        text("purse"),
        text("state"),
        instant("vested_at", null=True),
        text("statement_id", null=True),
        text("reverses", null=True),
        text("posted_to"),
        text("because_of"),
        text("adjusts", null=True),
        text("why"),
        integer("asked_bp", null=True),
        integer("version"),
        text("currency"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_commission_entries_statement",
        "commission_entries",
        ["tenant_id", "statement_id", "id"],
        where="statement_id IS NOT NULL",
    )
    index(
        "ix_commission_entries_tenant_id_cell_order_id",
        "commission_entries",
        ["tenant_id", "cell", "order_id"],
    )
    index(
        "ix_commission_entries_tenant_id_leader_id_created_at_id",
        "commission_entries",
        ["tenant_id", "leader_id", "created_at", "id"],
    )
    index(
        "ix_commission_entries_unstated",
        "commission_entries",
        ["tenant_id", "leader_id", "id"],
        where="statement_id IS NULL",
    )


def _statements() -> None:
    table(
        "statements",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("leader_id"),
        text("period"),
        integer("accrued"),
        integer("reversals"),
        integer("deducted"),
        integer("adjusted"),
        integer("settled"),
        integer("carried"),
        integer("payable"),
        integer("lines"),
        text("digest"),
        instant("created_at"),
        instant("settled_at", null=True),
        text("state"),
        integer("reopened"),
        text("frozen_because"),
        integer("version"),
        text("currency"),
        key=("tenant_id", "cell", "id"),
        unique={
            "uq_statements_tenant_id_cell_leader_id_period": (
                "tenant_id",
                "cell",
                "leader_id",
                "period",
            )
        },
    )
    index("ix_statements_tenant_id_period_id", "statements", ["tenant_id", "period", "id"])


def _disputes() -> None:
    table(
        "disputes",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("statement_id"),
        text("entry_id"),
        text("order_id"),
        text("leader_id"),
        text("opened_by"),
        instant("opened_at"),
        text("open_line"),
        text("text"),
        text("answer"),
        text("answered_by"),
        instant("answered_at", null=True),
        text("adjustment_id", null=True),
        text("state"),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_disputes_tenant_id_cell_leader_id_opened_at_id",
        "disputes",
        ["tenant_id", "cell", "leader_id", "opened_at", "id"],
    )
    index("ix_disputes_tenant_id_opened_at_id", "disputes", ["tenant_id", "opened_at", "id"])
    index(
        "uq_disputes_open_line",
        "disputes",
        ["tenant_id", "cell", "open_line"],
        unique=True,
        where="open_line <> ''",
    )


def _withdrawals() -> None:
    table(
        "withdrawals",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("leader_id"),
        text("requested_by"),
        integer("amount"),
        text("channel"),
        text("account_sealed"),
        text("name_sealed"),
        text("owner_id"),
        instant("requested_at"),
        text("approvals"),
        integer("tax"),
        text("hold_reason"),
        text("last_word"),
        text("provider_ref"),
        instant("submitted_at", null=True),
        instant("finished_at", null=True),
        text("state"),
        integer("version"),
        text("currency"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_withdrawals_tenant_id_leader_id_requested_at_id",
        "withdrawals",
        ["tenant_id", "leader_id", "requested_at", "id"],
    )
    index(
        "ix_withdrawals_tenant_id_requested_at_id",
        "withdrawals",
        ["tenant_id", "requested_at", "id"],
    )


def _merchant_payouts() -> None:
    table(
        "merchant_payouts",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("merchant_id"),
        text("requested_by"),
        integer("amount"),
        text("channel"),
        text("account_sealed"),
        text("name_sealed"),
        instant("requested_at"),
        text("approvals"),
        text("hold_reason"),
        text("last_word"),
        text("provider_ref"),
        instant("submitted_at", null=True),
        instant("finished_at", null=True),
        text("state"),
        integer("version"),
        text("currency"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_merchant_payouts_tenant_id_merchant_id_requested_at_id",
        "merchant_payouts",
        ["tenant_id", "merchant_id", "requested_at", "id"],
    )
    index(
        "ix_merchant_payouts_tenant_id_requested_at_id",
        "merchant_payouts",
        ["tenant_id", "requested_at", "id"],
    )


def _balances() -> None:
    table(
        "balances",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        integer("amount"),
        integer("version"),
        text("frozen_by"),
        key=("tenant_id", "cell", "id"),
    )


def _journals() -> None:
    table(
        "journals",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        instant("at"),
        text("moment"),
        text("subject"),
        text("currency"),
        text("reverses", null=True),
        key=("tenant_id", "cell", "id"),
    )
    index("ix_journals_tenant_id_at_id", "journals", ["tenant_id", "at", "id"])
    index("ix_journals_tenant_id_subject", "journals", ["tenant_id", "subject"])


def _journal_lines() -> None:
    table(
        "journal_lines",
        text("tenant_id"),
        integer("cell"),
        text("parent_id"),
        integer("position"),
        text("account"),
        integer("amount"),
        key=("tenant_id", "cell", "parent_id", "position"),
    )
    index("ix_journal_lines_tenant_id_account", "journal_lines", ["tenant_id", "account"])


def _closed_periods() -> None:
    table(
        "closed_periods",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        instant("ends_at"),
        instant("closed_at"),
        text("closed_by"),
        integer("journals"),
        text("digest"),
        instant("reopened_at", null=True),
        integer("version"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_closed_periods_closed",
        "closed_periods",
        ["tenant_id", "ends_at"],
        where="reopened_at IS NULL",
    )


def _billed_fees() -> None:
    table(
        "billed_fees",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("provider"),
        text("number"),
        integer("amount"),
        instant("at"),
        instant("booked_at"),
        text("currency"),
        key=("tenant_id", "cell", "id"),
    )
    index(
        "ix_billed_fees_tenant_id_provider_at_id",
        "billed_fees",
        ["tenant_id", "provider", "at", "id"],
    )


def _reconciliations() -> None:
    table(
        "reconciliations",
        text("tenant_id"),
        integer("cell"),
        text("id"),
        text("provider"),
        text("first"),
        text("last"),
        instant("at"),
        text("by"),
        text("source"),
        integer("lines"),
        integer("matched"),
        text("counts"),
        integer("fees_booked"),
        text("digest"),
        text("failed"),
        text("findings"),
        key=("tenant_id", "cell", "id"),
    )
    index("ix_reconciliations_tenant_id_at_id", "reconciliations", ["tenant_id", "at", "id"])
    index(
        "ix_reconciliations_tenant_id_provider_at_id",
        "reconciliations",
        ["tenant_id", "provider", "at", "id"],
    )
