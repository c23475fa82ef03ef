"""Identity and chance from the operating system's generator."""

import base64
import secrets
import threading
from datetime import UTC, datetime, timedelta

from attrs import define, field

from groupbuy.adapters.system.chance import CHANCE
from groupbuy.application.ports.system import Clock
from groupbuy.domain.kernel import Id, make_id

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_ORDER_BITS = 14
_CHANCE_BITS = 48
_TOKEN_BYTES = 32


@define(eq=False)
class RandomIds:
    """The `Ids` port. Ids of one process sort in the order in which they were made.

    62 bits tell the ids of a millisecond apart: 14 count them, 48 are drawn by chance. A clock
    that goes back, or more ids than that, borrow from the next millisecond.
    """

    _clock: Clock
    _lock: threading.Lock = field(factory=threading.Lock, init=False)
    _millis: int = field(default=0, init=False)
    _count: int = field(default=0, init=False)

    def new(self, kind: str, cell: int = 0) -> Id:
        """Return a fresh id of that kind (three letters), living in that cell."""
        now = (self._clock.now() - _EPOCH) // _MILLISECOND
        with self._lock:
            if now > self._millis:
                self._millis, self._count = now, 0
            elif self._count + 1 < 1 << _ORDER_BITS:
                self._count += 1
            else:
                self._millis, self._count = self._millis + 1, 0
            millis, count = self._millis, self._count
        chance = int.from_bytes(CHANCE.draw(_CHANCE_BITS // 8))
        return make_id(kind, millis=millis, cell=cell, entropy=count << _CHANCE_BITS | chance)

    def token(self) -> str:
        """Return 256 unguessable bits as URL-safe text."""
        return base64.urlsafe_b64encode(CHANCE.draw(_TOKEN_BYTES)).rstrip(b"=").decode()

    def digits(self, count: int) -> str:
        """Return `count` unguessable decimal digits."""
        return "".join(secrets.choice("0123456789") for _ in range(count))
