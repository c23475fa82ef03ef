"""What every notifier promises, as tests for whoever writes one.

Inherit `NotifierContract` in a pytest module and give it the fixtures `notifier` and `told`, a
callable that returns `(tenant, key)` of everything delivered so far, in order.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from groupbuy.application.ports.notifier import Message, Notifier

Told = Callable[[], list[tuple[str, str]]]


def message(key: str) -> Message:
    """Return something to tell."""
    at = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
    return Message(key=key, user_id="usr_1", kind="group.failed", subject="grp_1", at=at)


class NotifierContract:
    """The promises. Needs the fixtures `notifier` and `told`."""

    def test_every_message_is_delivered_in_order(self, notifier: Notifier, told: Told) -> None:
        """A batch is delivered whole."""
        notifier.send("tnt_1", [message("a"), message("b")])
        assert told() == [("tnt_1", "a"), ("tnt_1", "b")]

    def test_a_key_is_delivered_once(self, notifier: Notifier, told: Told) -> None:
        """Neither a second call nor a second copy in one call delivers it again."""
        notifier.send("tnt_1", [message("a"), message("a")])
        notifier.send("tnt_1", [message("a"), message("b")])
        assert told() == [("tnt_1", "a"), ("tnt_1", "b")]

    def test_tenants_do_not_share_keys(self, notifier: Notifier, told: Told) -> None:
        """The same key for another tenant is another message."""
        notifier.send("tnt_1", [message("a")])
        notifier.send("tnt_2", [message("a")])
        assert told() == [("tnt_1", "a"), ("tnt_2", "a")]

    def test_nothing_to_say_says_nothing(self, notifier: Notifier, told: Told) -> None:
        """An empty batch is fine."""
        notifier.send("tnt_1", [])
        assert told() == []
