"""The log: one line an event, with the request it belongs to; never bodies or personal data."""

import atexit
import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import structlog
from attrs import define, field
from structlog.types import Processor

_PASS_ON_SECONDS = 0.1
_MUCH = 64 * 1024
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure(*, json: bool, level: str = "info", stream: TextIO | None = None) -> None:
    """Log to stderr (or `stream`), as JSON or for a terminal; libraries' warnings too."""
    to = stream or sys.stderr
    renderer: Processor = structlog.dev.ConsoleRenderer(colors=to.isatty())
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if json:
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
        before.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*before, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(to),
        cache_logger_on_first_use=False,
    )
    _adopt(to, before, renderer, level)


@contextmanager
def into_a_file(path: Path, level: str) -> Iterator[None]:
    """Log into a file for as long as the block lasts, then as before."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, at = root.handlers, root.level
    with path.open("w", encoding="utf-8") as file:
        configure(json=False, level=level, stream=file)
        try:
            yield
        finally:
            root.handlers = handlers
            root.setLevel(at)
            structlog.configure(**before)


@define(eq=False)
class Gathered:
    """A stream that passes on what was written a few times a second, or once it is much.

    A busy server writes thousands of lines a second; a system call for each would cost it more
    than making them. Whoever kills the process outright loses the lines of the last moment.
    """

    _to: TextIO
    _lines: list[str] = field(factory=list, init=False)
    _size: int = field(default=0, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def __attrs_post_init__(self) -> None:
        """Pass on by itself, and at the end of the process."""
        threading.Thread(target=self._follow, name="log", daemon=True).start()
        atexit.register(self.pass_on)

    def write(self, text: str) -> int:
        """Keep some text."""
        with self._lock:
            self._lines.append(text)
            self._size += len(text)
            much = self._size >= _MUCH
        if much:
            self.pass_on()
        return len(text)

    def flush(self) -> None:
        """Nothing yet: that is the point."""

    def isatty(self) -> bool:
        """Tell what the stream behind it is."""
        return self._to.isatty()

    def pass_on(self) -> None:
        """Write everything kept so far."""
        with self._lock:
            text, self._lines, self._size = "".join(self._lines), [], 0
            if text:
                self._to.write(text)
                self._to.flush()

    def _follow(self) -> None:
        pause = threading.Event()
        while not pause.wait(_PASS_ON_SECONDS):
            self.pass_on()


def frames_of(error: BaseException) -> list[str]:
    """Return where an error came from, for the log; its message may hold somebody's data."""
    steps = traceback.extract_tb(error.__traceback__)[-12:]
    return [f"{Path(step.filename).name}:{step.lineno} {step.name}" for step in steps]


def _adopt(to: TextIO, before: list[Processor], renderer: Processor, level: str) -> None:
    """Give lines of other libraries the same shape. Their chatter below a warning is left out."""
    handler = logging.StreamHandler(to)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=before,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(_LEVELS[level], logging.WARNING))
