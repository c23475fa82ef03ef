"""Sessions a process remembers, and how it looks up the others: all that are asked for at once."""

import threading
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta

from attrs import define, field, frozen

from groupbuy.application.membership import Recognised, recognise
from groupbuy.application.write_path import Caller
from groupbuy.domain.kernel import DomainError
from groupbuy.entrypoints.bootstrap import App
from groupbuy.entrypoints.http.mailbox import Mailbox

REMEMBERED = 50_000
"""Sessions a process keeps in mind at once."""
UNHEARD_SECONDS = 5
"""How long a session is believed while nobody could tell us that it has ended."""
WAITING = 20_000

_Found = tuple[int, bool, Recognised | None]
"""What was read, and how many signals had been heard, and whether any could be, before that."""


@frozen
class _Known:
    found: Recognised
    unheard_until: float
    """While signals do not arrive, on the monotonic clock."""
    until: float


@define(eq=False)
class Sessions:
    """Recognises tokens; remembers callers for a while, and forgets them when told.

    A signal ends what is remembered; where signals do not arrive it is believed for seconds only.
    Start it before asking, close it before the database.
    """

    _app: App
    _known: dict[tuple[str, str], _Known] = field(factory=dict, init=False)
    _by_user: dict[tuple[str, str], set[str]] = field(factory=dict, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)
    _rounds: int = field(default=0, init=False)
    _desk: "Mailbox[tuple[str, str], _Found]" = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Prepare a queue for those nobody remembers."""
        self._desk = Mailbox(self._read, lanes=1, per_group=WAITING, in_total=WAITING)

    def start(self) -> None:
        """Begin looking sessions up."""
        self._desk.start()

    def close(self) -> None:
        """Answer who waits, then stop."""
        self._desk.close()

    async def caller(self, tenant: str, session_id: str) -> Caller | None:
        """Return whose session it is; None if it is unknown, has ended, or its user is blocked.

        Raises TooMany, Unavailable.
        """
        known = self._known.get((tenant, session_id))
        if known is not None and time.monotonic() < self._end_of(known):
            return known.found.caller
        rounds, heard, found = await self._desk.answer(tenant, "", (tenant, session_id))
        if found is None:
            return None
        self._remember(found, rounds, heard=heard)
        return found.caller

    def forget(self, tenant: str, subjects: Iterable[str]) -> None:
        """Forget the sessions of these users."""
        for subject in subjects:
            if subject.startswith("usr_"):
                with self._lock:
                    self._rounds += 1
                    for session_id in self._by_user.pop((tenant, subject), ()):
                        self._known.pop((tenant, session_id), None)

    def forget_all(self) -> None:
        """Forget everybody: something may have been said that we did not hear."""
        with self._lock:
            self._rounds += 1
            self._known.clear()
            self._by_user.clear()

    def _end_of(self, known: _Known) -> float:
        return known.until if self._app.signals.listening else known.unheard_until

    def _read(self, asked: Sequence[tuple[str, str]]) -> Sequence[_Found | DomainError]:
        rounds, heard = self._rounds, self._app.signals.listening
        tenant = asked[0][0]
        found = recognise(self._app.desk, tenant, [session_id for _, session_id in asked])
        return [(rounds, heard, found.get(session_id)) for _, session_id in asked]

    def _remember(self, found: Recognised, rounds: int, *, heard: bool) -> None:
        seconds = self._app.settings.http.session_cache_seconds
        left = (found.until - self._app.kit.clock.now()) / timedelta(seconds=1)
        now, caller = time.monotonic(), found.caller
        with self._lock:
            if not seconds or rounds != self._rounds:  # ended while we were reading it
                return
            if len(self._known) >= REMEMBERED:
                self._known.clear()
                self._by_user.clear()
            until = now + min(seconds, left)
            briefly = min(until, now + UNHEARD_SECONDS)
            known = _Known(found, briefly, until if heard else briefly)
            self._known[caller.tenant, caller.session_id] = known
            user = (caller.tenant, caller.user_id)
            self._by_user.setdefault(user, set()).add(caller.session_id)
