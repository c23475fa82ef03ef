"""The month's figures drawn for a person, in their language."""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from groupbuy.entrypoints.cli.output import Output
from groupbuy.entrypoints.demo.month.calendar import NEXT, PERIOD
from groupbuy.entrypoints.demo.month.figures import (
    DayRow,
    MerchantRow,
    NextRow,
    Outcome,
    total,
)
from groupbuy.entrypoints.demo.month.saying import lines, yuan
from groupbuy.entrypoints.demo.month.telling import AFTER

Words = Callable[[str, str], str]
_WIDTH = 120
_WEEK = 7
_KINDS = {
    "payment": ("收款", "payments"),
    "refund": ("退款", "refunds"),
    "payout": ("打款", "payouts"),
    "fee": ("手续费", "fees"),
}
_DAYS = (
    ("周", "week"), ("成团", "formed"), ("未成团", "failed"), ("付款订单", "orders paid"),
    ("销售额", "sales"), ("退款笔数", "refunds"), ("退款额", "refunded"),
)  # fmt: skip
_LEADERS = (
    ("团长", "leader"), ("订单", "orders"), ("净销售额", "net sales"), ("佣金", "commission"),
    ("其中阶梯奖", "of it ladder"), ("冲回", "reversals"), ("应付", "payable"),
    ("已提现", "withdrawn"),
)  # fmt: skip
_NEXT = (
    ("团长", "leader"), ("期初", "carried"), ("已冲回", "deducted"), ("佣金", "commission"),
    ("冲回", "reversals"), ("应付", "payable"),
)  # fmt: skip
_MERCHANTS = (
    ("商家", "merchant"), ("销售", "sales"), ("退款", "refunds"), ("佣金", "commission"),
    ("服务费", "fees"), ("已付", "paid out"), ("仍应付", "still owed"),
)  # fmt: skip
_BILL = (
    ("项目", "kind"), ("账本笔数", "ours"), ("账本金额", "by our books"), ("账单笔数", "theirs"),
    ("账单金额", "by their bill"), ("差额", "difference"),
)  # fmt: skip
_TRIAL = (("科目", "account"), ("户数", "accounts"), ("借方", "debit"), ("贷方", "credit"))


def draw(outcome: Outcome, out: Output) -> None:
    """Write every table and the closing sentences on stdout."""
    terminal = sys.stdout.isatty()
    console = Console(file=sys.stdout, highlight=False, width=None if terminal else _WIDTH)
    for table in _tables(outcome, out.words):
        console.print()
        console.print(table)
    console.print()
    for zh, en in lines(outcome):
        console.print(out.words(zh, en))


def _tables(outcome: Outcome, words: Words) -> Iterator[Table]:
    yield _table(words, ("三十天", "Thirty days"), _DAYS, _weeks(outcome, words))
    title = (f"{PERIOD} 佣金结算", f"Settlement of {PERIOD}")
    yield _table(words, title, _LEADERS, _leaders(outcome, words))
    if outcome.next_statements:
        title = (
            f"{NEXT} 对账单：结算之后的退款",
            f"Statements of {NEXT}: refunds after settlement",
        )
        yield _table(words, title, _NEXT, [[r.name, *_next(r)] for r in outcome.next_statements])
    merchants = [[row.name, *_owed(row)] for row in outcome.merchants]
    yield _table(words, ("商家对账", "Merchants"), _MERCHANTS, merchants)
    title = ("与渠道账单核对", "Reconciliation with the provider's bill")
    yield _table(words, title, _BILL, _bill(outcome, words))
    yield _table(words, ("试算平衡", "Trial balance"), _TRIAL, _trial(outcome, words))


def _weeks(outcome: Outcome, words: Words) -> list[list[str]]:
    days = [row for row in outcome.days if row.day != AFTER]
    rows = [
        _week(f"{some[0].day[5:]} – {some[-1].day[5:]}", some)
        for some in (days[start : start + _WEEK] for start in range(0, len(days), _WEEK))
    ]
    rows.append(_week(words("之后", "later"), [r for r in outcome.days if r.day == AFTER]))
    return [*rows, _week(words("合计", "total"), outcome.days)]


def _week(name: str, days: Sequence[DayRow]) -> list[str]:
    some = tuple(days)
    plain = [str(total(some, field)) for field in ("formed", "failed", "orders")]
    sales, refunded = (yuan(total(some, field)) for field in ("sales_fen", "refunded_fen"))
    return [name, *plain, sales, str(total(some, "refunds")), refunded]


def _leaders(outcome: Outcome, words: Words) -> list[list[str]]:
    fields = ("sales", "accrued", "bonus", "reversals", "payable", "withdrawn")
    rows = [[row.name, str(row.orders), *_fen(row, *fields)] for row in outcome.settlement]
    sums = [yuan(total(outcome.settlement, f"{field}_fen")) for field in fields]
    return [*rows, [words("合计", "total"), "", *sums]]


def _bill(outcome: Outcome, words: Words) -> list[list[str]]:
    return [
        [
            words(*_KINDS[row.kind]),
            str(row.ours),
            yuan(row.ours_fen),
            str(row.theirs),
            yuan(row.theirs_fen),
            yuan(row.difference_fen),
        ]
        for row in outcome.bill
    ]


def _trial(outcome: Outcome, words: Words) -> list[list[str]]:
    rows = [
        [row.account, str(row.accounts), *_fen(row, "debit", "credit")]
        for row in outcome.trial_balance
    ]
    sums = [yuan(total(outcome.trial_balance, f"{side}_fen")) for side in ("debit", "credit")]
    return [*rows, [words("合计", "total"), "", *sums]]


def _next(row: NextRow) -> list[str]:
    return _fen(row, "carried", "deducted", "accrued", "reversals", "payable")


def _owed(row: MerchantRow) -> list[str]:
    return _fen(row, "sales", "refunds", "commission", "fees", "paid_out", "owed")


def _fen(row: Any, *fields: str) -> list[str]:
    return [yuan(getattr(row, f"{field}_fen")) for field in fields]


def _table(
    words: Words,
    title: tuple[str, str],
    headings: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[str]],
) -> Table:
    table = Table(title=words(*title), title_justify="left")
    for place, heading in enumerate(headings):
        table.add_column(words(*heading), justify="right" if place else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table
