"""Handing out the journals of a span, and the totals that prove that none is missing."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC

from attrs import define, field

from groupbuy.application.ports.bookkeeping import EVER, Bookshelf, Span
from groupbuy.application.write_path import Caller
from groupbuy.domain.ledger import Journal
from groupbuy.domain.membership import Role


def journals_of(shelf: Bookshelf, caller: Caller, span: Span = EVER) -> Iterator[Journal]:
    """Yield the journals of a span by instant and id, from one snapshot and in bounded memory.

    Raises Unauthenticated, Forbidden, Unavailable.
    """
    caller.require(Role.FINANCE)
    with shelf.books(caller.tenant) as books:
        yield from books.journals(span)


def as_json(journal: Journal) -> str:
    """Return the one JSON text of a journal: amounts in minor units, debit positive, UTC."""
    said = {
        "id": journal.id,
        "at": journal.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "moment": journal.moment,
        "subject": journal.subject,
        "currency": journal.currency,
        "reverses": journal.reverses,
        "lines": [{"account": line.account, "amount": line.amount} for line in journal.lines],
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


@define
class Tally:
    """Counts and adds up journals as they pass by."""

    journals: int = 0
    lines: int = 0
    debit: dict[str, int] = field(factory=dict)
    """By currency, in minor units."""
    credit: dict[str, int] = field(factory=dict)
    _hash: "hashlib._Hash" = field(factory=hashlib.sha256, repr=False)

    def add(self, journal: Journal) -> None:
        """Count one more."""
        self.journals += 1
        self.lines += len(journal.lines)
        for line in journal.lines:
            side = self.debit if line.amount > 0 else self.credit
            side[journal.currency] = side.get(journal.currency, 0) + abs(line.amount)
        self._hash.update(as_json(journal).encode() + b"\n")

    @property
    def checksum(self) -> str:
        """SHA-256 of the journals as lines of JSON, whatever format they are handed out in."""
        return self._hash.hexdigest()
