"""The log: one line an event, with the request it belongs to; never bodies or personal data."""

import logging
import sys
import traceback
from pathlib import Path
from typing import TextIO

import structlog
from structlog.types import Processor

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
