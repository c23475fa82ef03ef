"""Joins as the mailbox carries them out: a batch in, rendered answers out."""

from collections.abc import Sequence

import msgspec

from groupbuy.application.checkout import Join, Joined, Outcome, join_many
from groupbuy.application.write_path import Desk
from groupbuy.domain.kernel import DomainError
from groupbuy.entrypoints.http.order_schemas import joined_out
from groupbuy.entrypoints.http.problems import problem_of
from groupbuy.entrypoints.http.texts import DEFAULT_LANGUAGE


def carry_out(desk: Desk, joins: Sequence[Join]) -> list[Outcome]:
    """Answer a batch of joins of one tenant, each with what is stored under its key."""
    return join_many(desk, joins, joined, refused)


def joined(made: Joined) -> str:
    """Render a join."""
    return msgspec.json.encode(joined_out(made)).decode()


def refused(error: DomainError) -> str:
    """Render a refusal; it is stored for a repeat, so it names no request."""
    return msgspec.json.encode(problem_of(error, DEFAULT_LANGUAGE, "")).decode()
