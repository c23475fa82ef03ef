"""Words of the domain as people type them.

They are looked up when a command runs, so that asking for help need not load the domain.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

import click

from groupbuy.entrypoints.code_words import code_of

if TYPE_CHECKING:
    from groupbuy.domain.membership import Role

S = TypeVar("S", bound=StrEnum)


def states_of(kind: type[S], typed: Iterable[str]) -> tuple[S, ...]:
    """Return the states that were typed, as codes or as tables show them.

    Raises a usage error naming those there are.
    """
    return tuple(_one_of(kind, name, "--state") for name in typed)


def role_of(typed: str) -> "Role":
    """Return the role that was typed. Raises a usage error naming those there are."""
    from groupbuy.domain.membership import Role

    return _one_of(Role, typed, "ROLE")


def _one_of(kind: type[S], typed: str, where: str) -> S:
    try:
        return kind(code_of(kind.__name__, typed))
    except ValueError:
        known = ", ".join(kind)
        raise click.BadParameter(f"{typed!r} is none of {known}", param_hint=where) from None
