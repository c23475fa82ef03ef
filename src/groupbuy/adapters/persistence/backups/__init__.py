"""Copies of the whole database that can be put back, and the proof that nothing is missing.

A backup is a folder: the copy, made by the engine's own means (`VACUUM INTO`, `pg_dump`), and a
manifest that says what the copy held at the instant it was made, tenant by tenant. The files of
pictures are copied after it, so that those its rows name are among them.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from attrs import evolve

from groupbuy.adapters.persistence.backups import pictures, postgres, sqlite
from groupbuy.adapters.persistence.backups.folder import (
    PARTIAL,
    Backup,
    latest,
    pruned,
    reserved,
    whole,
)
from groupbuy.adapters.persistence.backups.manifest import Manifest
from groupbuy.adapters.persistence.engine import engine_url
from groupbuy.application.ports import PictureStore
from groupbuy.domain.kernel import Refused

__all__ = ["Backup", "Manifest", "back_up", "checked", "latest", "pruned", "restore"]


def back_up(
    url: str,
    folder: Path,
    now: datetime,
    *,
    tools: str = "",
    store: PictureStore | None = None,
) -> Backup:
    """Copy database and pictures into a new folder below `folder`, while everybody works on.

    Without a `store` the database alone is copied. On PostgreSQL `url` names a role that reads all
    tables whatever row-level security says, and `tools` the folder of `pg_dump` unless it is on the
    path. Raises Unavailable, Refused.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = reserved(folder, now)
    target = partial.with_name(partial.name.removesuffix(PARTIAL))
    made, named = _engine(url).copy(url, partial, tools)
    if store is not None:
        files = pictures.copied(store, made.tenants, partial, _readable(folder), named)
        made = evolve(made, pictures=files)
    backup = Backup(target, made.sealed(partial, now))
    backup.manifest.write(partial)
    partial.rename(target)
    return backup


def restore(
    backup: Backup,
    url: str,
    *,
    tools: str = "",
    store: PictureStore | None = None,
    after: Callable[[], None] = lambda: None,
) -> list[str]:
    """Put a backup into an empty database as its owner; return what then differs, line by line.

    Its pictures go into `store`, if there is one. `after` is called between putting back and
    comparing. Raises Unavailable, and Refused if the database is not empty or the backup is of
    another engine.
    """
    engine = _engine(url)
    engine.put_back(backup, url, tools)
    if store is not None:
        pictures.put_back(backup, store)
    after()
    held = engine.held(url)
    lost = [] if store is None else pictures.absent(store, backup.manifest.tenants, held.named)
    return [*backup.manifest.differences(held.facts), *lost]


def checked(path: Path, *, files: bool = True) -> Backup:
    """Return the backup in a folder, once its bytes are what they were; its pictures' if `files`.

    Raises Refused.
    """
    backup = whole(path)
    if files:
        pictures.check(backup)
    return backup


def _readable(folder: Path) -> Backup | None:
    """Return the newest backup, unless it is one that cannot be read."""
    with suppress(Refused):
        return latest(folder)
    return None


def _engine(url: str) -> "type[sqlite.Sqlite | postgres.Postgres]":
    return sqlite.Sqlite if engine_url(url).get_backend_name() == "sqlite" else postgres.Postgres
