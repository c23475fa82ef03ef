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
    Column("pictures", "图片文件", "picture files", right=True),
    Column("picture_bytes", "图片字节", "picture bytes", right=True),
    Column("linked", "未变的图片", "unchanged pictures", right=True),
    Column("removed", "已删除的旧备份", "removed"),
)
_RESTORE = (
    Column("path", "备份", "backup"),
    Column("made_at", "备份时间", "made at"),
    Column("revision", "版本", "revision"),
    Column("rows", "行", "rows", right=True),
    Column("pictures", "图片文件", "picture files", right=True),
    Column("differences", "差异", "differences", right=True),
)
_PICTURES = click.option(
    "--pictures/--no-pictures",
    default=True,
    show_default=True,
    help="Whether files of pictures go along.",
)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", required=False, type=_FOLDER)
@click.option("--keep", type=click.IntRange(1), help="How many stay; default: backup.keep.")
@_PICTURES
@changing
@shared
@pass_shell
def backup(shell: Shell, folder: Path | None, keep: int | None, pictures: bool) -> None:
    """Copy database and pictures into a new folder below FOLDER, while the shop goes on.

    All shops of the installation are in it, at one instant, and a manifest with what was counted
    then; after it the pictures, of which those in the backup before take no room again. FOLDER is
    backup.folder of the settings unless given. Master keys are not in it: keep them elsewhere,
    without them nobody can read names and addresses. Ends with 7 if debits and credits of the copy
    differ, or a file of a picture is missing.
    """
    from groupbuy.entrypoints.bootstrap import backups

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
        made = backups.back_up(shell.settings, wanted, pictures=pictures)
    removed = backups.prune(wanted, keep or shell.settings.backup.keep)
    manifest, files = made.manifest, made.manifest.pictures
    record = {
        "path": str(made.path),
        "engine": manifest.engine,
        "revision": manifest.facts.revision,
        "tables": len({name.rpartition("/")[2] for name in manifest.facts.rows}),
        "rows": sum(manifest.facts.rows.values()),
        "bytes": manifest.bytes,
        "sha256": manifest.sha256,
        "pictures": files.files if files else None,
        "picture_bytes": files.bytes if files else None,
        "linked": files.linked if files else None,
        "removed": ", ".join(removed),
    }
    shell.out.record("backup/1", _BACKUP, record)
    missing = files.missing if files else ()
    for key in manifest.unbalanced:
        shell.out.note(f"借贷不相等：{key}", f"debits and credits differ: {key}")
    for key in missing:
        shell.out.note(f"图片文件缺失：{key}", f"a picture's file is missing: {key}")
    if manifest.unbalanced or missing:
        shell.leave(Exit.FINDINGS)


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_PICTURES
@changing
@shared
@pass_shell
def restore(shell: Shell, path: Path, pictures: bool) -> None:
    """Put the backup PATH into the empty database of the settings, and count it again.

    Its pictures go into the storage of the settings, over those of the same name; leave them out
    if the storage has survived. The bytes are checked before anything is written; afterwards rows
    of every table, debits and credits of every shop are compared with the manifest, and every
    file that a row names is looked for. A dry run only checks the backup.
    Ends with 7 if anything differs. Then run `reconcile run`: the provider may know of payments
    that came after the backup.
    """
    from groupbuy.entrypoints.bootstrap import backups

    shell.noting_dry_run()
    with bar(shell, shell.out.words("恢复", "putting back")):
        if shell.dry_run:
            found = backups.checked_backup(path, pictures=pictures)
            manifest, differences = found.manifest, list[str]()
        else:
            manifest, differences = backups.restore(shell.settings, path, pictures=pictures)
    record = {
        "path": str(path),
        "made_at": manifest.made_at,
        "revision": manifest.facts.revision,
        "rows": sum(manifest.facts.rows.values()),
        "pictures": manifest.pictures.files if pictures and manifest.pictures else None,
        "differences": len(differences),
    }
    shell.out.record("restore/1", _RESTORE, record)
    for each in differences:
        shell.out.note(each, each)
    if differences:
        shell.leave(Exit.FINDINGS)
