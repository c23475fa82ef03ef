"""`groupbuy ledger`: are the books right, what do they add up to, and what do they say."""

from typing import TYPE_CHECKING

import click
from attrs import asdict

from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.ledger_books import account, accounts, replay
from groupbuy.entrypoints.cli.ledger_closing import close, closings, reopen
from groupbuy.entrypoints.cli.ledger_export import export
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.settlement import finding_item, finding_line
from groupbuy.entrypoints.cli.shell import Shell, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.application.ledger_reports import Finding, TrialRow
    from groupbuy.application.ports.reporting import LedgerPicture

_ROW = (
    Column("account", "科目", "account"),
    Column("kind", "类别", "kind"),
    Column("accounts", "账户数", "accounts", right=True),
    Column("debit", "借方", "debit", right=True),
    Column("credit", "贷方", "credit", right=True),
    Column("balance", "余额", "balance", right=True),
)


@click.group()
def ledger() -> None:
    """Verify, read, export and close the books."""


for _command in (account, accounts, close, closings, export, reopen, replay):
    ledger.add_command(_command)


@ledger.command()
@click.option("--bill", is_flag=True, help="Also compare with the provider's own bill.")
@click.option("--everything", is_flag=True, help="Also read all rows and check all invariants.")
@shared
@pass_shell
def verify(shell: Shell, bill: bool, everything: bool) -> None:
    """Run every check on the books; ends with 7 if anything is found."""
    from groupbuy.application import invariants, ledger_reports

    books = ledger_reports.books(shell.app.database, shell.caller)
    found = ledger_reports.verify(books)
    if bill:
        found += _compare(shell, books)
    totals = {row.currency: 0 for row in books.accounts}
    for row in books.accounts:
        totals[row.currency] += row.debit
    data = {
        "ok": not found,
        "accounts": len(books.accounts),
        "debits": totals,
        "findings": [finding_item(finding) for finding in found],
    }
    wrong = invariants.verify_all(shell.app.desk, shell.caller) if everything else []
    if everything:
        data |= {"ok": not found and not wrong, "invariants": [asdict(each) for each in wrong]}
    lines = [f"{each.invariant}\t{each.about}\t{each.detail}" for each in wrong]
    shell.out.show("ledger.verify/1", data, lambda: [*map(finding_line, found), *lines])
    if found or wrong:
        shell.leave(Exit.FINDINGS)
    shell.out.note(
        f"{len(books.accounts)} 个账户，账目正确",
        f"{len(books.accounts)} accounts, books are right",
    )


@ledger.command("trial-balance")
@shared
@pass_shell
def trial_balance(shell: Shell) -> None:
    """Sum up every kind of account; ends with 7 if debits and credits differ."""
    from groupbuy.application import ledger_reports

    rows = ledger_reports.trial_balance(ledger_reports.books(shell.app.database, shell.caller))
    off: dict[str, int] = {}
    for row in rows:
        off[row.currency] = off.get(row.currency, 0) + row.balance
    shell.out.table("ledger.trial-balance/1", _ROW, [_row(row) for row in rows], differences=off)
    if any(off.values()):
        shell.leave(Exit.FINDINGS)
    shell.out.note("借贷相等", "debits equal credits")


def _compare(shell: Shell, books: "LedgerPicture") -> "list[Finding]":
    from groupbuy.application import ledger_reports

    provider = shell.settings.policy.provider
    source = shell.app.bills.get(provider)
    if source is None:
        raise click.UsageError(shell.out.words("这个渠道没有账单", f"{provider} gives no bill"))
    return ledger_reports.compare_with_bill(books, provider, source.bill())


def _row(row: "TrialRow") -> dict[str, object]:
    from groupbuy.domain.kernel import Money

    return {
        "account": row.account,
        "kind": row.kind,
        "accounts": row.accounts,
        "debit": Money(row.debit, row.currency),
        "credit": Money(row.credit, row.currency),
        "balance": Money(row.balance, row.currency),
    }
