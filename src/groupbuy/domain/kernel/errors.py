"""What can go wrong, in a shopkeeper's words. HTTP statuses and exit codes live in entrypoints."""

import re
from typing import ClassVar

from attrs import field, frozen

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _in_words(kind: str) -> str:
    """Spell a kind in one way: storage says `PickupPoint` where use cases say `pickup_point`.

    Nobody shall learn from the spelling who could not find it.
    """
    return _HUMP.sub("_", kind).lower()


class DomainError(Exception):
    """Base of every error raised on purpose. `code` is stable; the attributes are the facts."""

    code: ClassVar[str] = "domain_error"

    @property
    def facts(self) -> dict[str, object]:
        """The facts by name, in the order they were declared."""
        return {a.name: getattr(self, a.name) for a in getattr(type(self), "__attrs_attrs__", ())}

    def __str__(self) -> str:
        """Show the code and the facts in one line."""
        return " ".join([self.code, *(f"{name}={value}" for name, value in self.facts.items())])


@frozen
class NotFound(DomainError):
    """The named thing does not exist, or not for this tenant."""

    code: ClassVar[str] = "not_found"
    kind: str = field(converter=_in_words)
    key: str


@frozen
class Refused(DomainError):
    """A business rule said no; nothing changed. `rule` is the stable name of the rule."""

    code: ClassVar[str] = "refused"
    rule: str
    about: str = ""


@frozen
class Invalid(DomainError):
    """A value makes no sense. `field` is a dotted path into the input."""

    code: ClassVar[str] = "invalid"
    field: str
    reason: str


@frozen
class Conflict(DomainError):
    """Somebody else changed the same thing first; read again and retry."""

    code: ClassVar[str] = "conflict"
    kind: str = field(converter=_in_words)
    key: str


@frozen
class Busy(DomainError):
    """Somebody else has the same thing in hand right now; look again when they are done."""

    code: ClassVar[str] = "busy"
    kind: str = field(converter=_in_words)
    key: str
    by: str


@frozen
class EditedMeanwhile(DomainError):
    """Somebody saved a newer version than the one that was edited; `version` is theirs."""

    code: ClassVar[str] = "edited_meanwhile"
    kind: str = field(converter=_in_words)
    key: str
    version: int


@frozen
class KeyReused(DomainError):
    """The same idempotency key came with a different body."""

    code: ClassVar[str] = "idempotency_key_reused"
    key: str


@frozen
class Unauthenticated(DomainError):
    """Nobody is logged in, or the session has ended."""

    code: ClassVar[str] = "unauthenticated"


@frozen
class Forbidden(DomainError):
    """The caller is known and may not do this."""

    code: ClassVar[str] = "forbidden"
    needs: str


@frozen
class TooMany(DomainError):
    """A limit on how often or how much was reached; try again later."""

    code: ClassVar[str] = "too_many_requests"
    retry_after_seconds: int


@frozen
class Unavailable(DomainError):
    """Something outside did not answer; the same call may be repeated."""

    code: ClassVar[str] = "unavailable"
    what: str
