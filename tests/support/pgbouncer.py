"""A PgBouncer in transaction mode before a test server, where its program is installed."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.support.postgres import _free_port

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
"""Where it is; None where it is not installed."""
SERVER_CONNECTIONS = 2
"""So few that every transaction is likely to meet a connection that somebody else had."""
_WAIT_SECONDS = 20


@contextmanager
def pooled(url: str) -> Iterator[str]:
    """Run PgBouncer before a database; yield the URL that leads through it."""
    folder = Path(tempfile.mkdtemp(prefix="groupbuy-pooler-"))
    where, port = urlsplit(url), _free_port()
    folder.chmod(0o755)  # it gives up being root before it reads its files again
    (folder / "users.txt").write_text(f'"{where.username}" "{where.password}"\n', encoding="ascii")
    (folder / "pooler.ini").write_text(_settings(where.hostname, where.port, port, folder), "ascii")
    command = [str(PROGRAM), "--quiet", str(folder / "pooler.ini")]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen([*command, *_as_nobody()], stdout=log, stderr=log)
    through = where._replace(netloc=f"{where.username}:{where.password}@127.0.0.1:{port}")
    try:
        _await(urlunsplit(through), running)
        yield urlunsplit(through)
    finally:
        running.terminate()
        running.wait(_WAIT_SECONDS)
        shutil.rmtree(folder)


def _settings(host: str | None, server_port: int | None, port: int, folder: Path) -> str:
    return f"""[databases]
* = host={host} port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder / "users.txt"}
pool_mode = transaction
default_pool_size = {SERVER_CONNECTIONS}
max_client_conn = 100
"""


def _as_nobody() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["--user", pwd.getpwnam("nobody").pw_name]


def _await(url: str, running: "subprocess.Popen[bytes]") -> None:
    """Return once it answers. Raises RuntimeError if it never does."""
    until = time.monotonic() + _WAIT_SECONDS
    while running.poll() is None and time.monotonic() < until:
        with suppress(psycopg.OperationalError):
            psycopg.connect(url).close()
            return
        time.sleep(0.05)
    raise RuntimeError("pgbouncer does not answer")
