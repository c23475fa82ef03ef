"""Time, identity, chance and secrets, so that no rule reads the machine it runs on."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Protocol

from groupbuy.domain.kernel import Id


class Clock(Protocol):
    """Tells the time, always in UTC."""

    def now(self) -> datetime:
        """Return the current instant, timezone-aware."""
        ...


class Workdays(Protocol):
    """Tells on which days people work, holidays and make-up days included."""

    def works_on(self, day: date) -> bool:
        """Tell whether people work that day; Monday to Friday in a year nobody knows yet."""
        ...

    def knows(self, year: int) -> bool:
        """Tell whether the calendar of a year is known."""
        ...


class Ids(Protocol):
    """Makes new identity and unguessable values."""

    def new(self, kind: str, cell: int = 0) -> Id:
        """Return a fresh id of that kind (three letters), living in that cell."""
        ...

    def token(self) -> str:
        """Return 256 unguessable bits as URL-safe text."""
        ...

    def digits(self, count: int) -> str:
        """Return `count` unguessable decimal digits."""
        ...


class Backoff(Protocol):
    """Waits a little before a conflicting command is tried again."""

    def wait(self, attempt: int) -> None:
        """Wait before the attempt of that number (1 is the first retry)."""
        ...


class Vault(Protocol):
    """Encrypts personal data, each person under a data key of their own.

    Sealed text is opaque and safe to store and copy between rows of the same person.
    Destroying a person's data key (`User.data_key`) erases everything sealed under it.
    """

    def new_data_key(self) -> str:
        """Make a data key for one person, itself encrypted (wrapped); store it with them."""
        ...

    def rewrap(self, data_key: str) -> str:
        """Return the same data key under the newest master key; unchanged if it is already.

        Raises NotFound if no master key opens it.
        """
        ...

    def seal(self, data_key: str, bound_to: str, text: str) -> str:
        """Encrypt. `bound_to` (tenant|user|field) must be given again to open it."""
        ...

    def open(self, data_key: str, bound_to: str, sealed: str) -> str:
        """Decrypt. Raises NotFound if the key is gone or `bound_to` differs."""
        ...

    def fingerprint(self, field: str, text: str) -> str:
        """Return a keyed hash, to find a phone number without storing it readable."""
        ...


class Passwords(Protocol):
    """Keeps passwords as slow hashes; never more than a few at once."""

    def hash(self, password: str) -> str:
        """Return a salted hash that names its own parameters."""
        ...

    def verify(self, hashed: str, password: str) -> bool:
        """Tell whether they match. An empty `hashed` costs the same time and never matches."""
        ...


def unmoved() -> None:
    """Do nothing about lost signals: for whoever looks by itself anyway."""


class Signals(Protocol):
    """Tells every process that something changed, and admits when it may not have.

    A publisher that dies between its commit and its signal tells nobody: whatever is remembered
    on the strength of signals needs a longest age besides.
    """

    @property
    def listening(self) -> bool:
        """Tell whether the signals of all processes arrive at this moment.

        It takes some seconds to notice that they do not. While they do not, what was remembered
        must not be used; before they do again `lost` is called if one may have been missed.
        """
        ...

    def publish(self, tenant: str, subjects: Sequence[str]) -> None:
        """Say, after the commit, which ids changed."""
        ...

    def listen(
        self, heard: Callable[[str, tuple[str, ...]], None], lost: Callable[[], None] = unmoved
    ) -> Callable[[], None]:
        """Call `heard(tenant, subjects)` in a background thread; return how to stop.

        `lost` is called there whenever signals may have been missed, on each new connection too:
        forget everything that signals would have ended. Both must be quick, for one thread
        serves all who listen. Once stopped, neither is called again.
        """
        ...
