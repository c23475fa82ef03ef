"""A SQLite file copied while it is in use, and put back."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from groupbuy.adapters.persistence.backups.facts import Held, Named, held_by
from groupbuy.adapters.persistence.backups.folder import Backup, settled
from groupbuy.adapters.persistence.backups.manifest import Manifest
from groupbuy.adapters.persistence.engine import engine_url, open_engine
from groupbuy.domain.kernel import Refused, Unavailable

_FILE = "groupbuy.db"


class Sqlite:
    """How it is done with a file."""

    @staticmethod
    def copy(url: str, folder: Path, tools: str) -> tuple[Manifest, Named]:  # noqa: ARG004  one signature for both engines
        """Copy the file: one reader, so that writers go on and the copy is of one instant."""
        made = folder / _FILE
        source = _path(url)
        if not source.is_file():
            raise Unavailable(what=f"database {source.name}")
        try:
            with closing(sqlite3.connect(source, isolation_level=None)) as connection:
                connection.execute("VACUUM INTO ?", (str(made),))
            with closing(sqlite3.connect(made)) as connection:
                sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.Error as error:
            raise Unavailable(what=f"copy of {source.name}: {error}") from error
        if sound != "ok":
            raise Refused(rule="backup_is_whole", about=sound)
        held = Sqlite.held(f"sqlite:///{made}")
        made.chmod(0o600)
        settled(made)
        return Manifest("sqlite", _FILE, held.facts), held.named

    @staticmethod
    def put_back(backup: Backup, url: str, tools: str) -> None:  # noqa: ARG004  one signature for both engines
        """Put the copy where the file is expected, whole or not at all."""
        if backup.manifest.engine != "sqlite":
            raise Refused(rule="backup_is_of_this_engine", about=backup.manifest.engine)
        target = _path(url)
        beside = [target.with_name(target.name + end) for end in ("", "-wal", "-shm")]
        if any(each.exists() for each in beside):
            raise Refused(rule="database_is_empty", about=target.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f"{target.name}.part")
        shutil.copyfile(backup.copy, partial)
        partial.chmod(0o600)
        settled(partial)
        partial.rename(target)

    @staticmethod
    def held(url: str) -> Held:
        """Return what a file holds."""
        engine = open_engine(url, 1)
        try:
            with engine.connect() as connection:
                connection.execute(text("BEGIN"))
                found = held_by(connection)
                connection.execute(text("COMMIT"))
                # The file alone holds everything, and nothing lies beside it.
                connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
                return found
        finally:
            engine.dispose()


def _path(url: str) -> Path:
    return Path(engine_url(url).database or "")
