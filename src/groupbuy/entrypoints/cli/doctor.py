"""`groupbuy doctor`: look at the whole installation."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from groupbuy.domain.kernel import DomainError
from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.entrypoints.checkup import Found

_FOUND = (
    Column("check", "检查", "check"),
    Column("health", "结果", "result"),
    Column("message", "说明", "message"),
)


@click.command()
@shared
@pass_shell
def doctor(shell: Shell) -> None:
    """Check settings, disk, provider, database, clock, outbox and books; change nothing.

    Exit code 7 if anything has failed; warnings are right for development.
    """
    from groupbuy.entrypoints.checkup import Health

    found = list(_look(shell))
    items = [
        {"check": f.name, "health": f.health, "message": shell.out.words(f.zh, f.en)} for f in found
    ]
    failed = sum(f.health is Health.FAILURE for f in found)
    shell.out.table("doctor/1", _FOUND, items, failed=failed)
    if failed:
        shell.out.note(f"{failed} 项有问题", f"{failed} failed")
        shell.leave(Exit.FINDINGS)


def _look(shell: Shell) -> "Iterator[Found]":
    from sqlalchemy.exc import SQLAlchemyError

    from groupbuy.entrypoints import checkup
    from groupbuy.entrypoints.bootstrap import clock_of, last_backup, schema_revision

    settings = shell.settings
    yield from checkup.of_settings(settings)
    yield from checkup.of_machine(settings)
    yield checkup.of_backups(settings, clock_of(settings).now(), last_backup)
    path = settings.sqlite_path
    if path is not None and not path.exists():
        # Opening it would make it, and looking must change nothing.
        yield checkup.missing(path.name)
        return
    try:
        revision = schema_revision(settings)
    except SQLAlchemyError as error:
        yield checkup.broken("database", type(error).__name__)
        return
    except DomainError as error:
        yield checkup.broken("database", str(error))
        return
    if not revision:
        yield checkup.missing("schema")
        return
    yield from _look_inside(shell)


def _look_inside(shell: Shell) -> "Iterator[Found]":
    from groupbuy.entrypoints import checkup
    from groupbuy.entrypoints.bootstrap import schema_findings

    try:
        app = shell.app
    except DomainError as error:
        yield checkup.broken("database", str(error))
        return
    yield from checkup.of_shop(app, shell.whose, lambda: schema_findings(shell.settings))
