"""`groupbuy demo`: one command, no arguments."""

from pathlib import Path

import click

from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.shell import Shell, pass_shell, shared


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
@shared
@pass_shell
def demo(shell: Shell, *, serve: bool, database: str, keep: Path | None) -> None:
    """Play a month of a whole neighbourhood in seconds, and prove that every fen adds up.

    200 shoppers, three leaders and a merchant, through the real web API, worker and provider
    sandbox. Nothing outside this machine is called. Ends with 7 if anything does not add up.
    """
    from groupbuy.entrypoints.demo.show import (  # noqa: PLC0415  help must not wait for a server
        Evening,
        perform,
    )

    outcome = perform(shell, Evening(serve=serve, database=database, keep=keep))
    if outcome.findings:
        shell.leave(Exit.FINDINGS)
