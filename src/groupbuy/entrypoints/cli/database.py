"""`groupbuy db`: the schema of the database, up, down, and whether it fits this version."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from groupbuy.domain.kernel import Refused, Unavailable
from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, confirmed, pass_shell, shared

_REVISION = (
    Column("database", "数据库", "database"),
    Column("revision", "版本", "revision"),
)
_UPGRADE = (*_REVISION, Column("before", "之前", "before"))
_SAID = (Column("said", "已执行", "said"),)
_DIFFERENCE = (Column("difference", "差异", "difference"),)


@click.group()
def db() -> None:
    """Upgrade and check the database."""


@db.command()
@shared
@pass_shell
def current(shell: Shell) -> None:
    """Show the revision the database stands at; none if it was never set up."""
    shell.out.record("db.current/1", _REVISION, _standing(shell))


@db.command()
@shared
@pass_shell
def check(shell: Shell) -> None:
    """Compare the database with what this version needs; exit code 7 if they differ."""
    from groupbuy.entrypoints.bootstrap import schema_findings

    found = ["there is no database"]
    if not _missing(shell):
        with _reached():
            found = schema_findings(shell.settings)
    shell.out.table(
        "db.check/1", _DIFFERENCE, [{"difference": each} for each in found], **_standing(shell)
    )
    if found:
        shell.out.note("先运行 groupbuy db upgrade", "run groupbuy db upgrade first")
        shell.leave(Exit.FINDINGS)
    shell.out.note("数据库与本版本一致", "the database fits this version")


@db.command()
@changing
@shared
@pass_shell
def upgrade(shell: Shell) -> None:
    """Bring the database to the newest schema; nothing happens if it stands there."""
    from groupbuy.entrypoints import bootstrap

    before = _standing(shell)["revision"]
    if not shell.dry_run:
        with _reached():
            bootstrap.upgrade(shell.settings)
    shell.noting_dry_run()
    shell.out.record("db.upgrade/1", _UPGRADE, {**_standing(shell), "before": before})


@db.command()
@confirmed
@changing
@shared
@pass_shell
def downgrade(shell: Shell) -> None:
    """Remove everything of ours from the database, data included.

    Asks for the name of the database to be typed, or given as --confirm.
    """
    from groupbuy.entrypoints import bootstrap

    standing = _standing(shell)
    shell.confirm_text(
        standing["database"].rpartition("/")[2],
        "这会删除数据库中的所有数据",
        "this deletes everything in the database",
    )
    if not shell.dry_run:
        with _reached():
            bootstrap.downgrade(shell.settings)
    shell.noting_dry_run()
    before = standing["revision"]
    shell.out.record("db.downgrade/1", _UPGRADE, {**_standing(shell), "before": before})


@db.command()
@click.option("--run", is_flag=True, help="Say it to the database instead of printing it.")
@shared
@pass_shell
def distribute(shell: Shell, run: bool) -> None:
    """Print the SQL that spreads the tables over the nodes of Citus, or run it there.

    Nothing is said again that was said before. Afterwards set database.distributed.
    """
    from groupbuy.entrypoints import bootstrap

    if not run:
        made = bootstrap.distribution(shell.settings)
        shell.out.show("db.distribute/1", {"sql": made}, made.splitlines)
        return
    try:
        with _reached():
            said = bootstrap.distribute(shell.settings)
    except Refused:
        shell.out.note(
            "此数据库没有 citus 扩展：在协调节点上执行 CREATE EXTENSION citus，或不加 --run",
            "this database has no extension citus: run CREATE EXTENSION citus on the coordinator, "
            "or leave out --run and keep the SQL for later",
        )
        raise
    shell.out.table("db.distribute/1", _SAID, [{"said": each} for each in said])


@db.command()
@click.option("--from", "first", required=True, metavar="YYYY-MM", help="The first month.")
@click.option("--months", type=click.IntRange(1, 120), default=12, show_default=True)
@click.option("--more", is_flag=True, help="Only add months to tables that are partitioned.")
@shared
@pass_shell
def partitions(shell: Shell, first: str, months: int, more: bool) -> None:
    """Print the SQL that partitions what is sold by month; nothing is run."""
    from groupbuy.entrypoints import bootstrap

    made = bootstrap.partitions(shell.settings, first, months, more=more)
    shell.out.show("db.partitions/1", {"sql": made}, made.splitlines)


def _standing(shell: Shell) -> dict[str, str]:
    from groupbuy.entrypoints.bootstrap import schema_revision
    from groupbuy.entrypoints.settings import shown

    revision = ""
    if not _missing(shell):
        with _reached():
            revision = schema_revision(shell.settings)
    return {"database": shown(shell.settings)["database.url"], "revision": revision}


def _missing(shell: Shell) -> bool:
    """Tell whether there is no file yet: looking into it would make one."""
    path = shell.settings.sqlite_path
    return path is not None and not path.exists()


@contextmanager
def _reached() -> Iterator[None]:
    """Turn a database that cannot be reached into an answer. Raises Unavailable."""
    from sqlalchemy.exc import OperationalError

    try:
        yield
    except OperationalError as error:
        raise Unavailable(what="database") from error
