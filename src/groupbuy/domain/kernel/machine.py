"""State machines as data: a table of edges, checked when the module is imported."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

from attrs import field, frozen

from groupbuy.domain.kernel.errors import DomainError, Refused

S = TypeVar("S", bound=StrEnum)  # state
M = TypeVar("M", bound=StrEnum)  # move
F = TypeVar("F")  # the facts a guard may look at


@frozen
class Event:
    """Something that happened: `name` to whom (`subject`), when, and with what facts.

    `data` holds only text, whole numbers, booleans and lists of them, so that an event can be
    stored and replayed by anybody.
    """

    name: str
    subject: str
    at: datetime
    data: Mapping[str, object] = field(factory=dict)


@frozen
class IllegalMove(DomainError):
    """The table of that machine has no such edge."""

    code: ClassVar[str] = "illegal_move"
    machine: str
    state: str
    move: str


@frozen
class Edge(Generic[S, M, F]):
    """One row: in `source`, `move` leads to `target` if every guard holds, and says `event`."""

    source: S
    move: M
    target: S
    event: str
    guards: tuple[Callable[[F], bool], ...] = ()


@frozen
class Machine(Generic[S, M, F]):
    """The whole life of one kind of thing, as a table."""

    name: str
    initial: S
    final: frozenset[S]
    edges: tuple[Edge[S, M, F], ...]
    _index: dict[tuple[S, M], Edge[S, M, F]] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Refuse a table that is ambiguous, unreachable or stuck."""
        index = {(e.source, e.move): e for e in self.edges}
        if len(index) != len(self.edges):
            raise ValueError(f"{self.name}: two edges share a source and a move")
        states = set(type(self.initial))
        if lost := states - set(self._reachable()):
            raise ValueError(f"{self.name}: unreachable: {sorted(lost)}")
        if stuck := states - self.final - {e.source for e in self.edges}:
            raise ValueError(f"{self.name}: no way out of: {sorted(stuck)}")
        object.__setattr__(self, "_index", index)

    def fire(self, state: S, move: M, facts: F) -> Edge[S, M, F]:
        """Return the edge taken. Raises IllegalMove or Refused; nothing has changed then."""
        edge = self._index.get((state, move))
        if edge is None:
            raise IllegalMove(machine=self.name, state=state.value, move=move.value)
        for guard in edge.guards:
            if not guard(facts):
                raise Refused(rule=guard.__name__, about=self.name)
        return edge

    def allows(self, state: S, move: M) -> bool:
        """Tell whether the table has that edge at all, guards apart."""
        return (state, move) in self._index

    def mermaid(self) -> str:
        """Draw the table, for docs that a test keeps equal to the code."""
        rows = [f"    [*] --> {self.initial.value}"]
        rows += [f"    {e.source.value} --> {e.target.value}: {_label(e)}" for e in self.edges]
        rows += [f"    {s.value} --> [*]" for s in sorted(self.final)]
        return "\n".join(["stateDiagram-v2", *rows, ""])

    def _reachable(self) -> Iterator[S]:
        todo, seen = [self.initial], set[S]()
        while todo:
            here = todo.pop()
            if here in seen:
                continue
            seen.add(here)
            yield here
            todo += [e.target for e in self.edges if e.source is here]


def _label(edge: Edge[S, M, F]) -> str:
    guards = " and ".join(guard.__name__ for guard in edge.guards)
    return f"{edge.move.value} [{guards}]" if guards else str(edge.move.value)
