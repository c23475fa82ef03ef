"""Trouble on the way to a pretend provider, ordered by a test."""

from collections import Counter

from attrs import define, field


@define(eq=False)
class Trouble:
    """How many of the next calls of an operation get no answer.

    `before[name]` calls are lost on their way; `after[name]` calls do their work and lose only
    the answer, like an error after a commit. The name is the port's method.
    """

    before: Counter[str] = field(init=False, factory=Counter)
    after: Counter[str] = field(init=False, factory=Counter)

    def strikes(self, kind: Counter[str], operation: str) -> bool:
        """Tell whether this call is struck, and use that up."""
        if kind[operation] <= 0:
            return False
        kind[operation] -= 1
        return True
