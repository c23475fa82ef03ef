"""Copies of the whole database that can be put back, and the proof that nothing is missing.

A backup is a folder: the copy, made by the engine's own means (`VACUUM INTO`, `pg_dump`), and a
manifest that says what the copy held at the instant it was made, tenant by tenant.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from groupbuy.adapters.persistence.backups import postgres, sqlite
from groupbuy.adapters.persistence.backups.folder import (
    PARTIAL,
    Backup,
    checked,
    latest,
    pruned,
    reserved,
)
from groupbuy.adapters.persistence.backups.manifest import Manifest
from groupbuy.adapters.persistence.engine import engine_url

__all__ = ["Backup", "Manifest", "back_up", "checked", "latest", "pruned", "restore"]


def back_up(url: str, folder: Path, now: datetime, *, tools: str = "") -> Backup:
    """Copy the database into a new folder below `folder`, while everybody works on.

    On PostgreSQL `url` names a role that reads all tables whatever row-level security says, and
    `tools` the folder of `pg_dump` unless it is on the path. Raises Unavailable, Refused.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = reserved(folder, now)
    target = partial.with_name(partial.name.removesuffix(PARTIAL))
    made = _engine(url).copy(url, partial, tools)
    backup = Backup(target, made.sealed(partial, now))
    backup.manifest.write(partial)
    partial.rename(target)
    return backup


def restore(
    backup: Backup, url: str, *, tools: str = "", after: Callable[[], None] = lambda: None
) -> list[str]:
    """Put a backup into an empty database as its owner; return what then differs, line by line.

    `after` is called between putting back and comparing. Raises Unavailable, and Refused if the
    database is not empty or the backup is of another engine.
    """
    engine = _engine(url)
    engine.put_back(backup, url, tools)
    after()
    return backup.manifest.differences(engine.facts(url))


def _engine(url: str) -> "type[sqlite.Sqlite | postgres.Postgres]":
    return sqlite.Sqlite if engine_url(url).get_backend_name() == "sqlite" else postgres.Postgres
