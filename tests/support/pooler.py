"""A pooler in transaction mode, as strict as one can be about what a connection remembers.

It speaks the wire protocol of PostgreSQL (version 3, chapter "Frontend/Backend Protocol" of its
manual) as far as a pooler must: who connects is greeted without a server, the first message of a
transaction takes the server connection that has rested longest, and the answer `ready, idle` gives
it back. So two transactions of one client hardly ever meet the same connection.
"""

import os
import select
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import psycopg
from attrs import define, field

_PLAIN, _ENCRYPTED = 196_608, {80_877_103, 80_877_104}
_KNOWN = {"user", "database", "client_encoding", "application_name"}
"""What PgBouncer takes from whoever connects, besides what it is told to ignore."""
_TOLD = ("server_version", "client_encoding", "standard_conforming_strings", "integer_datetimes")
_ENDS_A_REQUEST = (b"Q", b"S")
"""Query and Sync: the server answers each with one `ready`."""


@define
class Server:
    """One connection to PostgreSQL, whose bytes are passed on as they are."""

    own: "psycopg.Connection[Any]"
    wire: socket.socket

    @classmethod
    def at(cls, url: str) -> Self:
        """Connect, with the driver seeing to passwords."""
        own = psycopg.connect(url, autocommit=True)
        wire = socket.socket(fileno=os.dup(own.pgconn.socket))
        wire.setblocking(True)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(own, wire)

    def left_behind(self) -> list[tuple[str, str]]:
        """Return what transactions left on the connection that others will meet."""
        return self.own.execute(
            "SELECT 'setting', name FROM pg_settings WHERE source = 'session' "
            "UNION ALL SELECT 'prepared', name FROM pg_prepared_statements "
            "UNION ALL SELECT 'cursor', name FROM pg_cursors WHERE is_holdable "
            "UNION ALL SELECT 'listens', * FROM pg_listening_channels() "
            "UNION ALL SELECT 'lock', objid::text FROM pg_locks "
            "WHERE locktype = 'advisory' AND pid = pg_backend_pid() "
            "UNION ALL SELECT 'table', relname FROM pg_class "
            "WHERE relnamespace = pg_my_temp_schema()"
        ).fetchall()


@define(eq=False)
class Pooler:
    """Listens on 127.0.0.1 for whoever connects."""

    servers: list[Server]
    door: socket.socket
    handed_out: int = 0
    """How many transactions got a server."""
    _free: deque[Server] = field(factory=deque)
    _changed: threading.Condition = field(factory=threading.Condition)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.door.getsockname()[1])

    def serve(self) -> None:
        """Greet everybody until the door is closed."""
        self._free.extend(self.servers)
        with suppress(OSError):
            while True:
                client, _ = self.door.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._client, args=(client,), daemon=True).start()

    def _client(self, client: socket.socket) -> None:
        with client, suppress(ConnectionError):
            if not self._greeted(client):
                return
            while (said := _message(client))[:1] != b"X":
                self._transaction(client, said)

    def _greeted(self, client: socket.socket) -> bool:
        while True:
            (length, code) = struct.unpack("!ii", _exactly(client, 8))
            rest = _exactly(client, length - 8)
            if code not in _ENCRYPTED:
                break
            client.sendall(b"N")
        if code != _PLAIN:
            return False
        words = rest.split(b"\0")
        unknown = {name.decode() for name in words[::2] if name} - _KNOWN
        if unknown:
            client.sendall(_refusal(f"unsupported startup parameter: {min(unknown)}"))
            return False
        own = self.servers[0].own.info
        told = [_framed(b"S", _texts(name, own.parameter_status(name) or "")) for name in _TOLD]
        key = _framed(b"K", struct.pack("!ii", 1, 1))
        client.sendall(
            _framed(b"R", struct.pack("!i", 0)) + b"".join(told) + key + _framed(b"Z", b"I")
        )
        return True

    def _transaction(self, client: socket.socket, said: bytes) -> None:
        server = self._take()
        try:
            _passed_on(client, server.wire, said)
        except ConnectionError:
            _rolled_back(server.wire)
            raise
        finally:
            self._give_back(server)

    def _take(self) -> Server:
        with self._changed:
            while not self._free:
                self._changed.wait()
            self.handed_out += 1
            return self._free.popleft()

    def _give_back(self, server: Server) -> None:
        with self._changed:
            self._free.append(server)
            self._changed.notify()


@contextmanager
def pooling(url: str, servers: int) -> Iterator[tuple[Pooler, str]]:
    """Run a pooler with so many server connections; yield it and the URL that leads through it."""
    door = socket.create_server(("127.0.0.1", 0))
    pooler = Pooler([Server.at(url) for _ in range(servers)], door)
    threading.Thread(target=pooler.serve, daemon=True).start()
    where = urlsplit(url)
    through = where._replace(netloc=f"{where.username}:anything@127.0.0.1:{pooler.port}")
    try:
        yield pooler, urlunsplit(through)
    finally:
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        for server in pooler.servers:
            server.wire.close()
            server.own.close()


def _passed_on(client: socket.socket, server: socket.socket, said: bytes) -> None:
    """Pass messages on, both ways, until the server has answered everything and is idle."""
    unanswered = 0
    while True:
        if said:
            if said[:1] == b"X":
                raise ConnectionError("left in the middle of a transaction")
            unanswered += said[:1] in _ENDS_A_REQUEST
            server.sendall(said)
        ready, _, _ = select.select([client, server], [], [])
        if server in ready:
            answer = _message(server)
            client.sendall(answer)
            unanswered -= answer[:1] == b"Z"
            if answer[:1] == b"Z" and not unanswered and answer[5:6] == b"I":
                return
        said = _message(client) if client in ready and server not in ready else b""


def _rolled_back(server: socket.socket) -> None:
    server.sendall(_framed(b"S", b"") + _framed(b"Q", _texts("ROLLBACK")))
    ready = 0
    while ready < 2:
        ready += _message(server)[:1] == b"Z"


def _message(wire: socket.socket) -> bytes:
    head = _exactly(wire, 5)
    return head + _exactly(wire, int.from_bytes(head[1:], "big") - 4)


def _exactly(wire: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count:
        more = wire.recv(count - len(got))
        if not more:
            raise ConnectionError("hung up")
        got += more
    return got


def _framed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _texts(*words: str) -> bytes:
    return b"".join(word.encode() + b"\0" for word in words)


def _refusal(words: str) -> bytes:
    return _framed(b"E", _texts("SFATAL", "C08P01", f"M{words}") + b"\0")
