"""Messages into the in-app inbox of each person."""

from attrs import frozen

from groupbuy.application.ports.notifier import Message
from groupbuy.application.ports.persistence import Begin
from groupbuy.domain.membership import Notice

__all__ = ["InboxNotifier", "build"]


@frozen
class InboxNotifier:
    """Notifier that keeps a `Notice` a message; may be shared by threads."""

    _begin: Begin

    def send(self, tenant: str, messages: list[Message]) -> None:
        """Keep the messages not kept yet. Raises Unavailable, Conflict."""
        if not messages:
            return
        with self._begin(tenant) as tx:
            notices = tx.of(Notice)
            told = notices.find([message.key for message in messages])
            for key, message in {m.key: m for m in messages}.items():
                if key not in told:
                    notices.add(_notice(message))


def build(begin: Begin) -> InboxNotifier:
    """Build over the database of the shop itself."""
    return InboxNotifier(begin)


def _notice(message: Message) -> Notice:
    return Notice(
        id=message.key,
        user_id=message.user_id,
        kind=message.kind,
        subject=message.subject,
        at=message.at,
        facts=dict(message.facts),
    )
