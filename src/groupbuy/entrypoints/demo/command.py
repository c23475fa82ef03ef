"""`groupbuy demo`: one command, no arguments; `--month` for a longer story."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.shell import Shell, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.entrypoints.demo.show import Evening


@click.command()
@click.option("--serve", is_flag=True, help="Leave the shop open until Ctrl-C, to look around.")
@click.option(
    "--database",
    default="",
    metavar="URL",
    help="Play on this database instead of SQLite; it must hold nobody yet.",
)
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep database, journal and logs in this folder.",
)
@click.option("--month", is_flag=True, help="Thirty days with settlement and reconciliation.")
@click.option(
    "--orders",
    type=click.IntRange(120, 20_000),
    default=5_000,
    show_default=True,
    help="Of a month: how many are paid.",
)
@click.option(
    "--seed", type=int, default=20_260_901, show_default=True, help="Of a month: another story."
)
@shared
@pass_shell
def demo(
    shell: Shell,
    *,
    serve: bool,
    database: str,
    keep: Path | None,
    month: bool,
    orders: int,
    seed: int,
) -> None:
    """Play a whole neighbourhood in seconds, and prove that every fen adds up.

    200 shoppers, three leaders and a merchant, through the real web API, worker and provider
    sandbox. With --month thirty days of 20 leaders and 5,000 orders, with refunds after the
    settlement, in minutes. Nothing outside this machine is called. Ends with 7 if anything does
    not add up.
    """
    from groupbuy.entrypoints.demo.show import (  # noqa: PLC0415  help must not wait for a server
        Evening,
        perform,
    )

    evening = Evening(serve=serve, database=database, keep=keep)
    findings = _month(shell, evening, orders, seed) if month else perform(shell, evening).findings
    if findings:
        shell.leave(Exit.FINDINGS)


def _month(shell: Shell, evening: "Evening", orders: int, seed: int) -> tuple[str, ...]:
    from groupbuy.entrypoints.demo.month.show import Month, perform_month  # noqa: PLC0415

    if evening.serve:
        raise click.UsageError(shell.out.words("--month 不留店面", "--month leaves no shop open"))
    return perform_month(shell, evening, Month(orders, seed)).findings
