"""The courier: takes callbacks from the queue and brings them to the other side.

Each is signed anew at every attempt, and tried on the provider's schedule until it is answered
with 200 or 204.
"""

import logging
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import groupby
from threading import Event, Lock, Thread

import httpx
import msgspec

from groupbuy.application.ports.system import Clock
from groupbuy.entrypoints.sandbox import kuaidi_push, settling, signing
from groupbuy.entrypoints.sandbox.journal import Journal, stamp

log = logging.getLogger(__name__)

MINUTE = 60
HOUR = 3600
RETRY_SECONDS = (
    *(15, 15, 30, 3 * MINUTE, 10 * MINUTE, 20 * MINUTE),
    *(30 * MINUTE, 30 * MINUTE, 30 * MINUTE, HOUR),
    *(3 * HOUR, 3 * HOUR, 3 * HOUR, 6 * HOUR, 6 * HOUR),
)
"""Waits between attempts, on the sandbox's clock; after the last one nobody is told any more."""
LANES = 8
"""How many callbacks are in the air at once."""
BATCH = 500
"""How many callbacks are taken from the queue at once."""
ACCEPTED = frozenset((200, 204))
JSON = "application/json"
POLL_SECONDS = 0.05
"""Real time between two looks at the queue."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What a flush did: accepted, refused or unreachable, and still waiting for their time."""

    sent: int
    failed: int
    left: int


class Courier:
    """Sends what is due, up to eight at once; moves of one thing go one after another."""

    def __init__(self, journal: Journal, secret: bytes, clock: Clock) -> None:
        """Open the connection pool; nothing is sent yet."""
        self._journal = journal
        self._secret = secret
        self._clock = clock
        self._http = httpx.Client(
            timeout=5, limits=httpx.Limits(max_connections=LANES), trust_env=False
        )
        self._pool = ThreadPoolExecutor(LANES, thread_name_prefix="sandbox-callback")
        self._one_at_a_time = Lock()
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Keep sending from a thread of its own."""
        self._thread = Thread(target=self._work, name="sandbox-courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is in the air and stop."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self._pool.shutdown()
        self._http.close()

    def deliver_due(self) -> Counts:
        """Settle and send everything that is due now; return when all of it was tried."""
        sent = failed = 0
        with self._one_at_a_time:
            with self._journal.transaction() as tx:
                settling.settle_due(tx)
            while rows := self._due():
                results = self._try(rows)
                self._note(rows, results)
                sent += sum(results.values())
                failed += len(results) - sum(results.values())
            with self._journal.transaction() as tx:
                left = tx.count("SELECT COUNT(*) FROM callbacks WHERE state = 'waiting'")
        return Counts(sent=sent, failed=failed, left=left)

    def reset(self) -> None:
        """Empty the journal while nothing is in the air."""
        with self._one_at_a_time:
            self._journal.reset()

    def _work(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            try:
                self.deliver_due()
            except sqlite3.Error:  # a busy or full disk: what is queued stays queued
                log.exception("callbacks could not be sent")

    def _due(self) -> list[sqlite3.Row]:
        with self._journal.transaction() as tx:
            return tx.all(
                "SELECT * FROM callbacks AS c WHERE state = 'waiting' AND (due_at <= ?"
                " OR held_back = 1 AND EXISTS (SELECT 1 FROM callbacks AS later"
                " WHERE later.seq > c.seq AND later.kind = c.kind"
                " AND later.held_back = 0 AND later.attempts > 0))"
                " ORDER BY url, subject, seq LIMIT ?",
                *(stamp(tx.now), BATCH),
            )

    def _try(self, rows: Sequence[sqlite3.Row]) -> dict[int, bool]:
        lanes = [list(lane) for _, lane in groupby(rows, key=lambda r: (r["url"], r["subject"]))]
        return dict(result for lane in self._pool.map(self._lane, lanes) for result in lane)

    def _lane(self, rows: Sequence[sqlite3.Row]) -> list[tuple[int, bool]]:
        return [(row["seq"], self._send(row)) for row in rows]

    def _send(self, row: sqlite3.Row) -> bool:
        body, now = bytes(row["body"]), self._clock.now()
        foreign = row["channel"] == kuaidi_push.CHANNEL
        # The channel stands in for the path, which the receiving adapter does not see.
        head = signing.headers(self._secret, now, "CALLBACK", row["channel"], body)
        head = dict(kuaidi_push.HEADERS) if foreign else {"Content-Type": JSON, **head}
        try:
            answer = self._http.post(row["url"], content=body, headers=head)
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
        if foreign:
            return answer.status_code == 200 and kuaidi_push.accepted(answer.content)
        return answer.status_code in ACCEPTED

    def _note(self, rows: Sequence[sqlite3.Row], results: dict[int, bool]) -> None:
        with self._journal.transaction() as tx:
            for row in rows:
                tries = row["attempts"]
                state, due = "done", tx.now
                if not results[row["seq"]]:
                    state = "waiting" if tries < len(RETRY_SECONDS) else "given_up"
                    wait = RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)]
                    due = tx.now + timedelta(seconds=wait)
                tx.run(
                    "UPDATE callbacks SET state = ?, due_at = ?, attempts = ?, held_back = 0"
                    " WHERE seq = ?",
                    *(state, stamp(due), tries + 1, row["seq"]),
                )
