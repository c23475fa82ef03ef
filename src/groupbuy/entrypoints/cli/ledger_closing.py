"""`groupbuy ledger close|closings|reopen`: nothing more is booked into a period that is over."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.cli.output import Column, money_text
from groupbuy.entrypoints.cli.shell import (
    Shell,
    changing,
    confirmed,
    pass_shell,
    reasoned,
    reasoned_later,
    shared,
)

if TYPE_CHECKING:
    from groupbuy.application.bookkeeping import ClosingPreview
    from groupbuy.domain.ledger import ClosedPeriod

_CLOSED = (
    Column("period", "期间", "period"),
    Column("ends_at", "截止", "ends at"),
    Column("closed_at", "关账时间", "closed at"),
    Column("closed_by", "关账人", "closed by"),
    Column("journals", "凭证数", "journals", right=True),
    Column("digest", "摘要", "digest"),
    Column("reopened_at", "重新打开", "opened again"),
)


@click.command()
@click.argument("period")
@click.option("--preview", "key", default="", metavar="cls_…@DIGEST", help="Close what it showed.")
@reasoned_later
@confirmed
@changing
@shared
@pass_shell
def close(shell: Shell, period: str, key: str) -> None:
    """Preview closing a period, or close exactly what a preview has shown.

    Nothing dated before its end is booked any more; what is learned later belongs to the open
    period. Everything before the period is closed with it.
    """
    from groupbuy.application import bookkeeping

    shelf = shell.app.database
    found = bookkeeping.preview_closing(shell.app.desk, shelf, shell.caller, period)
    if not key or shell.dry_run:
        shell.out.show("ledger.close/1", _previewed(found), lambda: _preview_lines(shell, found))
    if not key:
        return
    named, digest = bookkeeping.closing_key(key)
    if named != period:
        raise click.UsageError(
            shell.out.words("预览是另一期的", "the preview is of another period")
        )
    shell.noting_dry_run()
    if shell.dry_run:
        return
    shell.confirm_text(
        period, f"关账 {period} 之后不能再记入", f"nothing is booked into {period} any more"
    )
    done = bookkeeping.close_period(
        shell.app.desk, shelf, shell.caller, period, digest, shell.reason
    )
    shell.out.record("ledger.closed/1", _CLOSED, _closed(done))


@click.command()
@shared
@pass_shell
def closings(shell: Shell) -> None:
    """List the periods that were ever closed, the oldest first."""
    from groupbuy.application import bookkeeping

    found = shell.read(bookkeeping.closings)
    shell.out.table("ledger.closings/1", _CLOSED, [_closed(each) for each in found])


@click.command()
@click.argument("period")
@reasoned
@confirmed
@changing
@shared
@pass_shell
def reopen(shell: Shell, period: str) -> None:
    """Open the period that was closed last again."""
    from groupbuy.application import bookkeeping

    shell.confirm_text(period, f"重新打开 {period}", f"{period} can be booked into again")
    done = shell.run(lambda work: bookkeeping.reopen_period(work, period, shell.reason))
    shell.out.record("ledger.reopened/1", _CLOSED, _closed(done))


def _previewed(found: "ClosingPreview") -> dict[str, object]:
    return {
        "preview": found.key,
        "period": found.period,
        "ends_at": found.ends_at,
        "ready": found.ready,
        "closed_at": None if found.closed is None else found.closed.closed_at,
        "journals": found.books.journals,
        "accounts": found.books.accounts,
        "debits": {currency: both[0] for currency, both in found.books.totals.items()},
        "credits": {currency: both[1] for currency, both in found.books.totals.items()},
        "objections": list(found.objections),
    }


def _preview_lines(shell: Shell, found: "ClosingPreview") -> Iterable[str]:
    from groupbuy.entrypoints.http.rule_texts import RULES

    words, books = shell.out.words, found.books
    yield words(
        f"关账预览  {found.name}   {books.journals} 张凭证 · {books.accounts} 个账户",
        f"Closing preview  {found.name}   {books.journals} journals · {books.accounts} accounts",
    )
    for currency, (debit, credit) in sorted(books.totals.items()):
        both = [money_text(Money(minor, currency)) for minor in (debit, credit)]
        yield words("  借方 {} · 贷方 {}".format(*both), "  debits {} · credits {}".format(*both))
    for rule in found.objections:
        text = RULES.get(rule)
        yield f"    {rule}  " + ("" if text is None else words(text.zh, text.en))
    if not found.objections:
        yield words("没有写入任何内容。执行：", "Nothing written. Apply with:")
        yield f'  groupbuy ledger close {found.period} --preview {found.key} --reason "…"'


def _closed(period: "ClosedPeriod") -> dict[str, object]:
    return {
        "period": period.id,
        "ends_at": period.ends_at,
        "closed_at": period.closed_at,
        "closed_by": period.closed_by,
        "journals": period.journals,
        "digest": period.digest,
        "reopened_at": period.reopened_at,
    }
