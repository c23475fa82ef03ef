"""Expecting a refusal, without needing any test framework."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def refused(error: type[Exception]) -> Iterator[None]:
    """Fail unless the block raises this error."""
    try:
        yield
    except error:
        return
    raise AssertionError(f"{error.__name__} was not raised")


def flipped(body: bytes) -> Iterator[bytes]:
    """Yield copies of a body, each with one bit of one byte changed, spread over all of it."""
    for place in range(0, len(body), max(1, len(body) // 20)):
        yield body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
