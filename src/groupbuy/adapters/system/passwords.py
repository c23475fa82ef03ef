"""Passwords as Argon2id hashes."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from attrs import define, field

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
AT_ONCE = 2
"""Hashing is dear on purpose; more at once would let a flood of logins starve everybody."""


def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


@define(eq=False)
class ArgonPasswords:
    """The `Passwords` port."""

    _hasher: PasswordHasher = field(factory=_hasher, init=False)
    _slots: threading.BoundedSemaphore = field(
        factory=lambda: threading.BoundedSemaphore(AT_ONCE), init=False
    )
    _nobodys: str = field(default="", init=False)
    """A hash that no password is checked against except in vain."""

    def __attrs_post_init__(self) -> None:
        """Make the hash that stands in for accounts that do not exist."""
        self._nobodys = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """Return a salted hash that names its own parameters."""
        with self._slots:
            return self._hasher.hash(password)

    def verify(self, hashed: str, password: str) -> bool:
        """Tell whether they match. An empty `hashed` costs the same time and never matches."""
        with self._slots:
            try:
                self._hasher.verify(hashed or self._nobodys, password)
            except (VerificationError, InvalidHashError):
                return False
        return bool(hashed)
