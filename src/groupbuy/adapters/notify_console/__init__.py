"""Messages as lines of JSON, on stderr or at the end of a file.

A line holds ids and kinds only, never a name, a phone number or the facts of the message.
"""

import json
import sys
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock

from attrs import define, field

from groupbuy.application.ports.notifier import Message
from groupbuy.domain.kernel import Unavailable

__all__ = ["ConsoleNotifier", "build"]

REMEMBERED = 100_000
"""How many keys are known as told; older ones are forgotten."""


@define(eq=False)
class ConsoleNotifier:
    """Notifier that writes one line per message; may be shared by threads.

    Keys already in the file, or told by this process, are not written again.
    """

    _path: Path | None = None
    """Where to append; stderr when there is none."""
    _told: dict[tuple[str, str], None] = field(init=False, factory=dict[tuple[str, str], None])
    _lock: Lock = field(init=False, factory=Lock)

    def __attrs_post_init__(self) -> None:
        """Remember what an earlier process told."""
        if self._path is not None and self._path.exists():
            with self._path.open("r+", encoding="utf-8", errors="replace") as lines:
                last = deque(lines, REMEMBERED)
                if last and not last[-1].endswith("\n"):  # cut short by a crash
                    lines.write("\n")
            self._remember(_keys(last))

    def send(self, tenant: str, messages: list[Message]) -> None:
        """Write the messages not told yet. Raises Unavailable if they cannot be written."""
        with self._lock:
            new = {m.key: m for m in messages if (tenant, m.key) not in self._told}
            text = "".join(_line(tenant, message) for message in new.values())
            try:
                self._write(text)
            except OSError as error:
                raise Unavailable(what="notification file") from error
            self._remember((tenant, key) for key in new)

    def _write(self, text: str) -> None:
        if self._path is None:
            sys.stderr.write(text)
            return
        with self._path.open("a", encoding="utf-8") as end:
            end.write(text)

    def _remember(self, keys: Iterable[tuple[str, str]]) -> None:
        self._told.update(dict.fromkeys(keys))
        while len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]


def build(settings: Mapping[str, str]) -> ConsoleNotifier:
    """Build from `path`, a file to append to; without it lines go to stderr."""
    path = settings.get("path", "")
    return ConsoleNotifier(Path(path) if path else None)


def _line(tenant: str, message: Message) -> str:
    shown = {
        "tenant": tenant,
        "key": message.key,
        "user": message.user_id,
        "kind": message.kind,
        "subject": message.subject,
        "at": message.at.isoformat(),
    }
    return json.dumps(shown, ensure_ascii=False) + "\n"


def _keys(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for line in lines:
        try:
            told = json.loads(line)
            key = (told["tenant"], told["key"])
        except (ValueError, TypeError, LookupError):  # a line cut short was never told
            continue
        yield key
