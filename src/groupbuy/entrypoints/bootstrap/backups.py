"""Copies of the database that the settings lead to, and their way back."""

from datetime import datetime
from pathlib import Path

from groupbuy.adapters import persistence
from groupbuy.entrypoints.bootstrap import clock_of, owner_url
from groupbuy.entrypoints.settings import Settings


def back_up(settings: Settings, folder: Path) -> persistence.backups.Backup:
    """Copy the whole database into a new folder below `folder`. Raises Unavailable, Refused."""
    url = settings.backup.url or owner_url(settings)
    now = clock_of(settings).now()
    return persistence.backups.back_up(url, folder, now, tools=settings.backup.tools)


def prune(folder: Path, keep: int) -> list[str]:
    """Remove all but the newest `keep` backups of a folder; return their names."""
    return persistence.backups.pruned(folder, keep)


def checked_backup(path: Path) -> persistence.backups.Backup:
    """Return the backup in a folder, once its bytes are what they were. Raises Refused."""
    return persistence.backups.checked(path)


def last_backup(folder: Path) -> datetime | None:
    """Return when the newest backup of a folder was made. Raises Refused if it cannot be read."""
    found = persistence.backups.latest(folder)
    return found.made_at if found else None


def restore(settings: Settings, path: Path) -> tuple[persistence.backups.Manifest, list[str]]:
    """Put a backup into the empty database of the settings, as its owner.

    Returns what the backup says of itself and where the database differs from that. The role of
    the programs is handed its rights, unless the schema has to be upgraded first, which does so.
    Raises Refused, Unavailable.
    """
    url, backup = owner_url(settings), checked_backup(path)

    def handed() -> None:
        if not persistence.check(url):
            persistence.grant(url)

    found = persistence.backups.restore(backup, url, tools=settings.backup.tools, after=handed)
    return backup.manifest, found
