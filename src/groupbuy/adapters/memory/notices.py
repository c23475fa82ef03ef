"""Messages kept in memory, for tests and demos to look at."""

from attrs import define, field

from groupbuy.application.ports.notifier import Message
from groupbuy.domain.kernel import Unavailable


@define(eq=False)
class MemoryNotifier:
    """Notifier that only remembers; each key is told once to each tenant's people."""

    down: bool = False
    """While true, sending raises Unavailable and tells nobody."""
    sent: list[tuple[str, Message]] = field(init=False, factory=list)
    """Tenant and message, in the order they were told."""
    _told: set[tuple[str, str]] = field(init=False, factory=set)

    def send(self, tenant: str, messages: list[Message]) -> None:
        """Remember the messages not told yet. Raises Unavailable while it is down."""
        if self.down:
            raise Unavailable(what="notifier")
        for message in messages:
            if (tenant, message.key) not in self._told:
                self._told.add((tenant, message.key))
                self.sent.append((tenant, message))
