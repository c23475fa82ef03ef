"""`groupbuy backup` and `groupbuy restore`: a copy of everything, and its way back."""

from pathlib import Path

import click

from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.progress import bar
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, shared

_BACKUP = (
    Column("path", "备份", "backup"),
    Column("engine", "数据库", "database"),
    Column("revision", "版本", "revision"),
    Column("tables", "表", "tables", right=True),
    Column("rows", "行", "rows", right=True),
    Column("bytes", "字节", "bytes", right=True),
    Column("sha256", "校验和", "checksum"),
    Column("removed", "已删除的旧备份", "removed"),
)
_RESTORE = (
    Column("path", "备份", "backup"),
    Column("made_at", "备份时间", "made at"),
    Column("revision", "版本", "revision"),
    Column("rows", "行", "rows", right=True),
    Column("differences", "差异", "differences", right=True),
)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", required=False, type=_FOLDER)
@click.option("--keep", type=click.IntRange(1), help="How many stay; default: backup.keep.")
@changing
@shared
@pass_shell
def backup(shell: Shell, folder: Path | None, keep: int | None) -> None:
    """Copy the whole database into a new folder below FOLDER, while the shop goes on.

    All shops of the installation are in it, at one instant, and a manifest with what was counted
    then. FOLDER is backup.folder of the settings unless given. Master keys are not in it: keep
    them elsewhere, without them nobody can read names and addresses. Ends with 7 if debits and
    credits of the copy differ.
    """
    from groupbuy.entrypoints import bootstrap

    wanted = folder or (
        Path(shell.settings.backup.folder) if shell.settings.backup.folder else None
    )
    if wanted is None:
        said = shell.out.words(
            "请给出文件夹，或设置 backup.folder", "name a folder, or backup.folder"
        )
        raise click.UsageError(said)
    shell.noting_dry_run()
    if shell.dry_run:
        shell.out.note(f"将备份到 {wanted}", f"would copy into {wanted}")
        return
    with bar(shell, shell.out.words("备份", "copying")):
        made = bootstrap.back_up(shell.settings, wanted)
    removed = bootstrap.prune(wanted, keep or shell.settings.backup.keep)
    manifest = made.manifest
    record = {
        "path": str(made.path),
        "engine": manifest.engine,
        "revision": manifest.facts.revision,
        "tables": len({name.rpartition("/")[2] for name in manifest.facts.rows}),
        "rows": sum(manifest.facts.rows.values()),
        "bytes": manifest.bytes,
        "sha256": manifest.sha256,
        "removed": ", ".join(removed),
    }
    shell.out.record("backup/1", _BACKUP, record)
    for key in manifest.unbalanced:
        shell.out.note(f"借贷不相等：{key}", f"debits and credits differ: {key}")
    if manifest.unbalanced:
        shell.leave(Exit.FINDINGS)


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@changing
@shared
@pass_shell
def restore(shell: Shell, path: Path) -> None:
    """Put the backup PATH into the empty database of the settings, and count it again.

    The bytes are checked before anything is written; afterwards rows of every table and debits
    and credits of every shop are compared with the manifest. A dry run only checks the backup.
    Ends with 7 if anything differs. Then run `reconcile run`: the provider may know of payments
    that came after the backup.
    """
    from groupbuy.entrypoints import bootstrap

    shell.noting_dry_run()
    with bar(shell, shell.out.words("恢复", "putting back")):
        if shell.dry_run:
            manifest, differences = bootstrap.checked_backup(path).manifest, list[str]()
        else:
            manifest, differences = bootstrap.restore(shell.settings, path)
    record = {
        "path": str(path),
        "made_at": manifest.made_at,
        "revision": manifest.facts.revision,
        "rows": sum(manifest.facts.rows.values()),
        "differences": len(differences),
    }
    shell.out.record("restore/1", _RESTORE, record)
    for each in differences:
        shell.out.note(each, each)
    if differences:
        shell.leave(Exit.FINDINGS)
