"""The closing table, drawn for a person, in their language."""

import sys

from rich.console import Console
from rich.table import Table

from groupbuy.domain.kernel import Money
from groupbuy.domain.ordering import TEXTS, Label
from groupbuy.entrypoints.cli.output import Output, money_text
from groupbuy.entrypoints.demo.report import Outcome, lines

_OUTCOMES = {
    "formed": ("成团", "formed"),
    "failed": ("未成团，全额退款", "failed, all refunded"),
}
_MODES = {"pool": ("拼单", "pool"), "team": ("拼团", "team"), "relay": ("接龙", "relay")}
_WIDTH = 110


def draw(outcome: Outcome, out: Output) -> None:
    """Write campaigns, orders and sums on stdout."""
    terminal = sys.stdout.isatty()
    console = Console(file=sys.stdout, highlight=False, width=None if terminal else _WIDTH)
    console.print()
    console.print(_campaigns(outcome, out))
    console.print(_orders(outcome, out))
    for zh, en in lines(outcome):
        console.print(out.words(zh, en))


def _campaigns(outcome: Outcome, out: Output) -> Table:
    table = Table(title=out.words("七场团购", "Seven campaigns"), title_justify="left")
    table.add_column(out.words("团购", "campaign"), overflow="fold")
    table.add_column(out.words("方式", "mode"))
    for heading in (("成团人数", "quorum"), ("实际参团", "joined")):
        table.add_column(out.words(*heading), justify="right")
    table.add_column(out.words("结果", "outcome"))
    for heading in (("收款", "captured"), ("退款", "refunded")):
        table.add_column(out.words(*heading), justify="right")
    for each in outcome.campaigns:
        table.add_row(
            each.name,
            out.words(*_MODES.get(each.mode, (each.mode, each.mode))),
            str(each.quorum or "–"),
            str(each.joined),
            out.words(*_OUTCOMES.get(each.outcome, (each.outcome, each.outcome))),
            money_text(Money(each.captured_fen)),
            money_text(Money(each.refunded_fen)),
        )
    return table


def _orders(outcome: Outcome, out: Output) -> Table:
    table = Table(title=out.words("订单", "Orders"), title_justify="left")
    table.add_column(out.words("状态", "label"))
    table.add_column(out.words("笔数", "count"), justify="right")
    for label, count in sorted(outcome.orders.items()):
        table.add_row(out.words(*TEXTS[Label(label)]), str(count))
    return table
