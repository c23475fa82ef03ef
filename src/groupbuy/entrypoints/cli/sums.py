"""What several payouts come to, for whoever has to type it before they are approved."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from groupbuy.domain.kernel import Money, NotFound
from groupbuy.entrypoints.cli.shell import Shell

if TYPE_CHECKING:
    from groupbuy.application.write_path import Work


class Sum(Protocol):
    """Something with an amount."""

    @property
    def amount(self) -> Money:
        """How much it is."""
        ...


def total_of(shell: Shell, ids: Iterable[str], show: "Callable[[Work, str], Sum]") -> Money | None:
    """Return the sum of those that exist; the others are told of one by one, None if none does."""
    amounts = list[Money]()
    for key in dict.fromkeys(ids):
        with suppress(NotFound):
            amounts.append(shell.read(lambda work, key=key: show(work, key)).amount)  # type: ignore[misc]
    return sum(amounts[1:], start=amounts[0]) if amounts else None
