"""Pictures to share, drawn once and kept for a while in each process."""

import hashlib
import threading
from collections import OrderedDict

from attrs import define, field
from litestar.params import SkipValidation

from groupbuy.application.ports.share_card import DrawnCard
from groupbuy.application.sharing import Draft
from groupbuy.domain.kernel import NotFound, Unavailable
from groupbuy.domain.pictures import STILL, file_key
from groupbuy.entrypoints.bootstrap import App

KEPT = 200
"""Pictures kept in a process, some 100 kB each; the one that was asked for least lately goes."""
AT_ONCE = 2
"""Drawing is work for the processor: so many at a time, whoever else waits."""
FILES = {"card.jpg": False, "card.en.jpg": True}
"""Names of files, and whether they are in English."""


@define(eq=False)
class CardShelf:
    """Draws what is asked for and keeps it, by everything that is on it."""

    _app: App
    _kept: OrderedDict[str, DrawnCard] = field(factory=OrderedDict, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)
    _seats: threading.Semaphore = field(factory=lambda: threading.Semaphore(AT_ONCE), init=False)

    def drawn(self, tenant: str, draft: Draft) -> DrawnCard:
        """Return a picture, without that of the goods if it cannot be had. Raises Unavailable."""
        key = digest_of(tenant, draft)
        if (known := self._known(key)) is not None:
            return known
        with self._seats:
            if (known := self._known(key)) is not None:
                return known
            made = self._app.cards.draw(draft.card(picture_of(self._app, tenant, draft)))
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def _known(self, key: str) -> DrawnCard | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)


Cards = SkipValidation[CardShelf]
"""The type to ask for: ours from the start, so the framework need not look into it."""


def digest_of(tenant: str, draft: Draft) -> str:
    """Return what a picture is known by: the same digest, the same picture."""
    words = draft.words
    said = (tenant, words.title, words.price, *words.facts, draft.link, draft.picture_id, words.alt)
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:32]


def picture_of(app: App, tenant: str, draft: Draft) -> bytes:
    """Return the picture of the goods; nothing where there is none or it cannot be read."""
    if not draft.picture_id:
        return b""
    key = file_key(tenant, draft.picture_id, STILL, private=False)
    try:
        return app.pictures.store.get(key)
    except (NotFound, Unavailable):
        return b""
