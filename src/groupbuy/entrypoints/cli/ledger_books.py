"""`groupbuy ledger accounts|account|replay`: the chart, one account's lines, and the past."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.cli.moments import MOMENT, instant_of
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.application.bookkeeping import AccountStatement, Replay
    from groupbuy.application.ports.bookkeeping import Span

_CHART = (
    Column("account", "科目", "account"),
    Column("name", "名称", "name"),
    Column("kind", "类别", "kind"),
    Column("normal", "余额方向", "normal side"),
    Column("meaning", "含义", "meaning"),
)
_LINE = (
    Column("at", "时间", "at"),
    Column("moment", "事由", "moment"),
    Column("subject", "对象", "subject"),
    Column("others", "对方科目", "other side"),
    Column("debit", "借方", "debit", right=True),
    Column("credit", "贷方", "credit", right=True),
    Column("balance", "余额", "balance", right=True),
    Column("journal", "凭证", "journal"),
)
_ROW = (
    Column("account", "科目", "account"),
    Column("kind", "类别", "kind"),
    Column("accounts", "非零账户", "not zero", right=True),
    Column("debit", "借方", "debit", right=True),
    Column("credit", "贷方", "credit", right=True),
    Column("balance", "余额", "balance", right=True),
)
_STATE = (
    Column("thing", "种类", "thing"),
    Column("state", "状态", "state"),
    Column("count", "数量", "count", right=True),
)
_EACH = (Column("id", "编号", "id"), Column("state", "状态", "state"))
_BALANCE = (Column("account", "账户", "account"), Column("balance", "余额", "balance", right=True))
_KINDS = {"asset": "资产", "liability": "负债", "income": "收入", "expense": "费用"}
_SIDES = {"debit": "借", "credit": "贷"}
_FROM = click.option("--from", "since", type=MOMENT, help="From this moment or day on.")
_TO = click.option("--to", "until", type=MOMENT, help="Before this moment or day.")


def spanned(shell: Shell, since: datetime | date | None, until: datetime | date | None) -> "Span":
    """Return the span that was asked for; a day means its first moment in the shop's zone."""
    from groupbuy.application.ports.bookkeeping import EVER, Span

    zone = shell.settings.policy.zone
    return Span(
        EVER.since if since is None else instant_of(since, zone),
        EVER.before if until is None else instant_of(until, zone),
    )


@click.command()
@shared
@pass_shell
def accounts(shell: Shell) -> None:
    """Show the chart of accounts, with names, meanings and the normal side."""
    from groupbuy.domain.ledger import CHART

    words = shell.out.words
    items = [
        {
            "account": row.pattern,
            "name": words(row.zh, row.en),
            "kind": row.kind if shell.out.json else words(_KINDS[row.kind], row.kind),
            "normal": row.normal if shell.out.json else words(_SIDES[row.normal], row.normal),
            "meaning": words(row.meaning_zh, row.meaning_en),
        }
        for row in CHART
    ]
    shell.out.table("ledger.accounts/1", _CHART, items)


@click.command()
@click.argument("name", metavar="ACCOUNT")
@_FROM
@_TO
@shared
@pass_shell
def account(
    shell: Shell, name: str, since: datetime | date | None, until: datetime | date | None
) -> None:
    """Show every line of one account between its opening and its closing balance.

    Debits are positive. However many lines there are, they are written as they are read.
    """
    from groupbuy.application.bookkeeping import statement_of

    span = spanned(shell, since, until)
    with statement_of(shell.app.database, shell.caller, name, span) as found:
        head = {
            "account": name,
            "from": None if since is None else span.since,
            "to": None if until is None else span.before,
            "opening": _monies(found.opening),
            "closing": _monies(found.closing),
        }
        lines = _lines(found) if shell.out.json else _framed(shell, found)
        shell.out.stream("ledger.account/1", _LINE, lines, **head)


@click.command()
@click.option("--as-of", "as_of", type=MOMENT, required=True, help="This instant; a day's start.")
@click.option("--each", is_flag=True, help="Also each account, campaign and group by itself.")
@shared
@pass_shell
def replay(shell: Shell, as_of: datetime | date, each: bool) -> None:
    """Show balances and states as they were at a moment of the past, that moment included."""
    from groupbuy.application.bookkeeping import replaying

    at = instant_of(as_of, shell.settings.policy.zone)
    with replaying(shell.app.database, shell.caller, at) as past:
        rows, states = _rows(past), past.states()
        counted = [
            {"thing": thing, "state": state, "count": count}
            for thing, found in states.items()
            for state, count in found.items()
        ]
        more = _all_of(past) if each else {}
    if shell.out.json:
        shell.out.document("ledger.replay/1", {"as_of": at, "rows": rows, "states": states, **more})
        return
    shell.out.table("ledger.replay/1", _ROW, rows)
    shell.out.table("ledger.replay/1", _STATE, counted)
    for name, items in more.items():
        shell.out.table("ledger.replay/1", _BALANCE if name == "accounts" else _EACH, items)


def _rows(past: "Replay") -> list[dict[str, object]]:
    return [
        {
            "account": row.account,
            "kind": row.kind,
            "accounts": row.accounts,
            "debit": Money(row.debit, row.currency),
            "credit": Money(row.credit, row.currency),
            "balance": Money(row.debit - row.credit, row.currency),
        }
        for row in past.rows()
    ]


def _all_of(past: "Replay") -> dict[str, list[dict[str, object]]]:
    return {
        "accounts": [
            {"account": each.account, "balance": Money(each.balance, each.currency)}
            for each in past.accounts()
        ],
        "campaigns": [{"id": key, "state": state} for key, state in past.things("campaign")],
        "groups": [{"id": key, "state": state} for key, state in past.things("group")],
    }


def _monies(balances: Mapping[str, int]) -> list[Money]:
    return [Money(minor, currency) for currency, minor in sorted(balances.items())]


def _lines(found: "AccountStatement") -> Iterator[dict[str, object]]:
    for line in found.lines:
        currency = line.currency
        yield {
            "at": line.at,
            "moment": line.moment,
            "subject": line.subject,
            "others": list(line.others),
            "debit": Money(line.amount, currency) if line.amount > 0 else None,
            "credit": Money(-line.amount, currency) if line.amount < 0 else None,
            "balance": Money(line.balance, currency),
            "journal": line.journal_id,
            "reverses": line.reverses,
        }


def _framed(shell: Shell, found: "AccountStatement") -> Iterator[dict[str, object]]:
    """Put the balances around the lines, for people; nothing at all was nought of our currency."""
    nothing = [Money(0, shell.settings.policy.currency)]
    for balance in _monies(found.opening) or nothing:
        yield {"moment": shell.out.words("期初余额", "opening balance"), "balance": balance}
    yield from _lines(found)
    for balance in _monies(found.closing) or nothing:
        yield {"moment": shell.out.words("期末余额", "closing balance"), "balance": balance}
