"""The closing table, drawn for a person."""

import sys

from rich.console import Console
from rich.table import Table

from groupbuy.domain.kernel import Money
from groupbuy.domain.ordering import TEXTS, Label
from groupbuy.entrypoints.cli.output import money_text
from groupbuy.entrypoints.demo.report import Outcome, lines

_OUTCOMES = {"formed": "成团", "failed": "未成团，全额退款"}
_MODES = {"pool": "拼单", "team": "拼团", "relay": "接龙"}
_WIDTH = 110


def draw(outcome: Outcome) -> None:
    """Write campaigns, orders and sums on stdout, in Chinese."""
    terminal = sys.stdout.isatty()
    console = Console(file=sys.stdout, highlight=False, width=None if terminal else _WIDTH)
    console.print()
    console.print(_campaigns(outcome))
    console.print(_orders(outcome))
    for line in lines(outcome):
        console.print(line)


def _campaigns(outcome: Outcome) -> Table:
    table = Table(title="五场团购", title_justify="left")
    table.add_column("团购", overflow="fold")
    table.add_column("方式")
    for heading in ("成团人数", "实际参团"):
        table.add_column(heading, justify="right")
    table.add_column("结果")
    for heading in ("收款", "退款"):
        table.add_column(heading, justify="right")
    for each in outcome.campaigns:
        table.add_row(
            each.name,
            _MODES.get(each.mode, each.mode),
            str(each.quorum or "–"),
            str(each.joined),
            _OUTCOMES.get(each.outcome, each.outcome),
            money_text(Money(each.captured_fen)),
            money_text(Money(each.refunded_fen)),
        )
    return table


def _orders(outcome: Outcome) -> Table:
    table = Table(title="订单", title_justify="left")
    table.add_column("状态")
    table.add_column("笔数", justify="right")
    for label, count in sorted(outcome.orders.items()):
        table.add_row(TEXTS[Label(label)][0], str(count))
    return table
