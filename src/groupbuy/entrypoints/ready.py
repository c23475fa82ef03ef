"""An application ready to run: its log configured, its database set up."""

import sys
from typing import TextIO, cast

from groupbuy.domain.kernel import Unavailable
from groupbuy.entrypoints import logging
from groupbuy.entrypoints.bootstrap import App, build, schema_revision
from groupbuy.entrypoints.settings import Settings


def configure_log(settings: Settings) -> None:
    """Log to stderr, as the settings say: stdout belongs to data."""
    logging.configure(json=settings.log.format == "json", level=settings.log.level)


def ready_app(settings: Settings) -> App:
    """Build the application over a database that has been set up.

    Raises Invalid for settings that cannot be run with, Unavailable without a schema.
    """
    if settings.log.format == "json":
        # For a program to read, not for somebody who waits for the next line.
        gathered = cast("TextIO", logging.Gathered(sys.stderr))
        logging.configure(json=True, level=settings.log.level, stream=gathered)
    else:
        configure_log(settings)
    app = build(settings)
    if not schema_revision(settings):
        app.close()
        raise Unavailable(what="database schema (groupbuy db upgrade)")
    return app
