"""Signals without threads: whoever listens is called by whoever publishes."""

from collections.abc import Callable, Sequence

from attrs import define, field

from groupbuy.application.ports.system import unmoved

Heard = Callable[[str, tuple[str, ...]], None]


@define(eq=False)
class MemorySignals:
    """The `Signals` port inside one thread, so that a simulation stays deterministic."""

    _listeners: list[Heard] = field(factory=list, init=False)

    @property
    def listening(self) -> bool:
        """Return True: there is nobody else."""
        return True

    def publish(self, tenant: str, subjects: Sequence[str]) -> None:
        """Say, after the commit, which ids changed."""
        if subjects:
            for heard in list(self._listeners):
                heard(tenant, tuple(dict.fromkeys(subjects)))

    def listen(
        self,
        heard: Heard,
        lost: Callable[[], None] = unmoved,  # noqa: ARG002  nothing is ever lost here
    ) -> Callable[[], None]:
        """Call `heard` on every publication from now on; return how to stop."""
        self._listeners.append(heard)

        def stop() -> None:
            if heard in self._listeners:
                self._listeners.remove(heard)

        return stop
