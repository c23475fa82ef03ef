"""What a run ends with: one small number that scripts can branch on."""

from enum import IntEnum

from groupbuy.domain.commission import ChangedSincePreview
from groupbuy.domain.kernel import (
    Busy,
    Conflict,
    DomainError,
    EditedMeanwhile,
    Forbidden,
    IllegalMove,
    Invalid,
    KeyReused,
    NotFound,
    Refused,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from groupbuy.domain.ledger import Unbalanced


class Exit(IntEnum):
    """How a run of the command line ended."""

    OK = 0
    """Done, or nothing to do."""
    FAILURE = 1
    """A rule said no, or something went wrong; stderr says what."""
    USAGE = 2
    """The command line or a value in it makes no sense."""
    NOT_FOUND = 3
    """What was named does not exist."""
    PERMISSION = 4
    """Whoever asks may not do this."""
    CONFLICT = 5
    """The thing has changed since, or is no longer in a state for this."""
    PARTIAL = 6
    """Some of it is done; running it again is safe."""
    FINDINGS = 7
    """A check found something."""
    UNAVAILABLE = 8
    """Something outside did not answer; the same run may be repeated."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C; what was done stays done."""


EXIT_CODES: dict[type[DomainError], Exit] = {
    NotFound: Exit.NOT_FOUND,
    Refused: Exit.FAILURE,
    Invalid: Exit.USAGE,
    Conflict: Exit.CONFLICT,
    Busy: Exit.CONFLICT,
    EditedMeanwhile: Exit.CONFLICT,
    ChangedSincePreview: Exit.CONFLICT,
    IllegalMove: Exit.CONFLICT,
    KeyReused: Exit.CONFLICT,
    Unauthenticated: Exit.PERMISSION,
    Forbidden: Exit.PERMISSION,
    TooMany: Exit.UNAVAILABLE,
    Unavailable: Exit.UNAVAILABLE,
    Unbalanced: Exit.FAILURE,
}
"""Exit code by error; an error not named here ends like the nearest class above it."""


def exit_code(error: DomainError) -> Exit:
    """Return how a run that met this error ends."""
    if getattr(error, "rule", "") == "preview_is_current":
        return Exit.CONFLICT
    for kind in type(error).__mro__:
        if kind in EXIT_CODES:
            return EXIT_CODES[kind]
    return Exit.FAILURE
