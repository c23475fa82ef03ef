"""Handing a file to somebody outside: into a folder, by mail."""

from typing import Any, Protocol

from attrs import frozen


@frozen
class Attachment:
    """A file."""

    name: str
    media_type: str
    content: bytes


@frozen
class Letter:
    """A file and whom it is for. `key` is unique per thing sent: a repeat can be recognised."""

    key: str
    to: str
    """The address behind the name of the delivery."""
    subject: str
    text: str
    file: Attachment


class Delivery(Protocol):
    """One way out."""

    def check(self, address: str) -> None:
        """Raise Invalid for an address that nothing can be delivered to."""
        ...

    def deliver(self, tenant: str, letter: Letter) -> None:
        """Hand a letter over; after a crash the same one may come again, under the same key.

        Raises Unavailable when it should be tried again.
        """
        ...


class Printer(Protocol):
    """Makes a file of a report."""

    def __call__(self, report: Any, form: str, language: str) -> Attachment:
        """Return the file in a language. Raises Invalid for a form there is not."""
        ...
