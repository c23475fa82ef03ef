"""A PostgreSQL database dumped by its own tools, and put back."""

import os
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from groupbuy.adapters.persistence.backups.facts import Held, Named, held_by
from groupbuy.adapters.persistence.backups.folder import Backup, settled
from groupbuy.adapters.persistence.backups.manifest import Manifest
from groupbuy.adapters.persistence.engine import libpq_url, open_engine
from groupbuy.adapters.persistence.session import translated
from groupbuy.domain.kernel import Refused, Unavailable

_FILE = "groupbuy.pgdump"
_SNAPSHOT = "SELECT pg_export_snapshot()"
_SEES_ALL = "SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user"
_ONE_INSTANT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_NAMES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
"""Where libpq finds what a URL says: never on a command line, which everybody may read."""


class Postgres:
    """How it is done with a server."""

    @staticmethod
    def copy(url: str, folder: Path, tools: str) -> tuple[Manifest, Named]:
        """Dump the database and count it in one and the same snapshot."""
        made, engine = folder / _FILE, open_engine(url, 1)
        try:
            with engine.connect() as connection, connection.begin():
                connection.exec_driver_sql(_ONE_INSTANT)
                if not connection.execute(text(_SEES_ALL)).scalar():
                    raise Refused(rule="backup_role_sees_every_tenant", about="backup.url")
                snapshot = connection.execute(text(_SNAPSHOT)).scalar_one()
                options = ("--format=custom", f"--snapshot={snapshot}", f"--file={made}")
                _said("pg_dump", tools, url, *options)
                held = held_by(connection)
        except SQLAlchemyError as error:
            raise translated(error, "backup") from error
        finally:
            engine.dispose()
        made.chmod(0o600)
        settled(made)
        return Manifest("postgresql", _FILE, held.facts), held.named

    @staticmethod
    def put_back(backup: Backup, url: str, tools: str) -> None:
        """Put a dump into an empty database, whole or not at all."""
        if backup.manifest.engine != "postgresql":
            raise Refused(rule="backup_is_of_this_engine", about=backup.manifest.engine)
        engine = open_engine(url, 1)
        try:
            with engine.connect() as connection:
                _refuse_tables(connection)
        except SQLAlchemyError as error:
            raise translated(error, "restore") from error
        finally:
            engine.dispose()
        options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
        name = conninfo_to_dict(libpq_url(url))["dbname"]
        _said("pg_restore", tools, url, *options, f"--dbname={name}", str(backup.copy))

    @staticmethod
    def held(url: str) -> Held:
        """Return what a database holds."""
        engine = open_engine(url, 1)
        try:
            with engine.connect() as connection, connection.begin():
                connection.exec_driver_sql(_ONE_INSTANT)
                return held_by(connection)
        except SQLAlchemyError as error:
            raise translated(error, "restore") from error
        finally:
            engine.dispose()


def _refuse_tables(connection: Connection) -> None:
    if inspect(connection).get_table_names():
        name = connection.engine.url.database or ""
        raise Refused(rule="database_is_empty", about=name)


def _said(tool: str, tools: str, url: str, *options: str) -> None:
    """Run one of PostgreSQL's tools. Raises Unavailable with the last line it said."""
    program = shutil.which(tool, path=tools or None)
    if program is None:
        raise Unavailable(what=f"{tool} (install PostgreSQL's client programs, or backup.tools)")
    said = conninfo_to_dict(libpq_url(url))
    known = {name: str(said[key]) for key, name in _NAMES.items() if said.get(key) is not None}
    done = subprocess.run(  # noqa: S603  a program of PostgreSQL, found by name
        [program, *options],
        env={**os.environ, **known, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        why = (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
        raise Unavailable(what=f"{tool}: {why}")
