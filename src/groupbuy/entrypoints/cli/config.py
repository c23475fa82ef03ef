"""`groupbuy config`: what is set, and whether that is wise."""

import click

from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, pass_shell, shared

_SETTING = (
    Column("name", "设置", "setting"),
    Column("value", "值", "value"),
    Column("variable", "环境变量", "variable"),
)
_FINDING = (
    Column("name", "设置", "setting"),
    Column("fatal", "致命", "fatal"),
    Column("message", "说明", "message"),
)


@click.group()
def config() -> None:
    """Show and check the settings."""


@config.command()
@shared
@pass_shell
def show(shell: Shell) -> None:
    """Show every setting; secrets and passwords are masked."""
    from groupbuy.entrypoints.settings import shown, variable

    items = [
        {"name": name, "value": value, "variable": variable(name)}
        for name, value in shown(shell.settings).items()
    ]
    shell.out.table("config.show/1", _SETTING, items)


@config.command()
@shared
@pass_shell
def check(shell: Shell) -> None:
    """Check the settings; exit code 7 if something is found.

    A fatal finding is one with which the server refuses to start.
    """
    from groupbuy.entrypoints import findings

    found = findings.check(shell.settings)
    items = [{"name": f.name, "fatal": f.fatal, "message": f.message} for f in found]
    shell.out.table("config.check/1", _FINDING, items)
    fatal = sum(f.fatal for f in found)
    shell.out.note(
        f"{len(found)} 条发现，其中 {fatal} 条致命", f"{len(found)} found, {fatal} of them fatal"
    )
    if found:
        shell.leave(Exit.FINDINGS)
