"""Copies of database and pictures that the settings lead to, and their way back."""

from datetime import datetime
from pathlib import Path

from groupbuy.adapters import persistence
from groupbuy.entrypoints.bootstrap import clock_of, owner_url, picture_store
from groupbuy.entrypoints.settings import Settings


def back_up(
    settings: Settings, folder: Path, *, pictures: bool = True
) -> persistence.backups.Backup:
    """Copy database and pictures into a new folder below `folder`. Raises Unavailable, Refused."""
    url, clock = settings.backup.url or owner_url(settings), clock_of(settings)
    store = picture_store(settings, clock) if pictures else None
    return persistence.backups.back_up(
        url, folder, clock.now(), tools=settings.backup.tools, store=store
    )


def prune(folder: Path, keep: int) -> list[str]:
    """Remove all but the newest `keep` backups of a folder; return their names."""
    return persistence.backups.pruned(folder, keep)


def checked_backup(path: Path, *, pictures: bool = True) -> persistence.backups.Backup:
    """Return the backup in a folder, once its bytes are what they were. Raises Refused."""
    return persistence.backups.checked(path, files=pictures)


def last_backup(folder: Path) -> datetime | None:
    """Return when the newest backup of a folder was made. Raises Refused if it cannot be read."""
    found = persistence.backups.latest(folder)
    return found.made_at if found else None


def restore(
    settings: Settings, path: Path, *, pictures: bool = True
) -> tuple[persistence.backups.Manifest, list[str]]:
    """Put a backup into the empty database of the settings, as its owner, and its pictures back.

    Returns what the backup says of itself and where the database differs from that. The role of
    the programs is handed its rights, unless the schema has to be upgraded first, which does so.
    Raises Refused, Unavailable.
    """
    url, backup = owner_url(settings), checked_backup(path, pictures=pictures)
    holds = pictures and backup.manifest.pictures is not None
    store = picture_store(settings, clock_of(settings)) if holds else None

    def handed() -> None:
        if not persistence.check(url):
            persistence.grant(url)

    found = persistence.backups.restore(
        backup, url, tools=settings.backup.tools, store=store, after=handed
    )
    return backup.manifest, found
