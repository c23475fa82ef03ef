"""Waiting a little, each time a little longer, never in step with others."""

import secrets
import threading

from attrs import frozen


@frozen
class JitterBackoff:
    """The `Backoff` port: full jitter below a bound that doubles.

    Chance spreads those who met once, so that they do not meet again at the same moment.
    """

    first_millis: int = 4
    """The bound of the first wait."""
    most_millis: int = 250

    def wait(self, attempt: int) -> None:
        """Wait before the attempt of that number (1 is the first retry)."""
        bound = min(self.most_millis, self.first_millis << min(attempt - 1, 16))
        # An event nobody sets: sleeping without reading the wall clock.
        threading.Event().wait(secrets.randbelow(bound * 1000) / 1_000_000)
