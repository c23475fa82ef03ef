"""接龙: who takes part and with how much, as a text that is pasted into a chat."""

from collections.abc import Sequence

from attrs import frozen

LONGEST = 500
"""Lines of one text; of the others only the sum is told."""


@frozen
class RollEntry:
    """One paid order that is still worth something."""

    name: str
    """Masked."""
    goods: tuple[tuple[str, int], ...]
    """(what, units), without what was given back."""


def write_roll(
    title: str, entries: Sequence[RollEntry], state: str, link: str, *, english: bool = False
) -> str:
    """Write a roll: a number for each order in the order of payment, nobody invented.

    What is sold is named only where there is more than one thing to take.
    """
    several = len({what for entry in entries for what, _ in entry.goods}) > 1
    head = f"【Joining in】{title}" if english else f"【接龙】{title}"
    lines = [
        f"{number}. {entry.name} {_goods(entry, several=several)}"
        for number, entry in enumerate(entries[:LONGEST], 1)
    ]
    rest = len(entries) - LONGEST
    if rest > 0:
        lines.append(f"… and {rest} more" if english else f"……还有 {rest} 单")
    if not lines:
        lines.append("Nobody yet" if english else "还没有人参团")
    return "\n".join([head, *([state] if state else []), *lines, link])


def _goods(entry: RollEntry, *, several: bool) -> str:
    if not several:
        return f"×{sum(units for _, units in entry.goods)}"
    return "、".join(f"{what} ×{units}" for what, units in entry.goods)
