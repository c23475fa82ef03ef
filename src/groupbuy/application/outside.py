"""The outside things that effects call, by the name stored with payments and withdrawals."""

from collections.abc import Mapping

from attrs import field, frozen

from groupbuy.application.ports import Carrier, Notifier, PaymentGateway, Payout
from groupbuy.application.ports.delivery import Delivery, Printer


@frozen
class Outside:
    """One adapter per name; a payment names its provider, a withdrawal its channel."""

    gateways: Mapping[str, PaymentGateway]
    payouts: Mapping[str, Payout]
    carriers: Mapping[str, Carrier]
    notifiers: Mapping[str, Notifier]
    deliveries: Mapping[str, Delivery] = field(factory=dict)
    """How reports reach people, by the word in front of an address."""
    printer: Printer | None = None
    """Makes files of reports; None where nothing does."""

    @property
    def payout(self) -> Payout:
        """The one payout provider in use."""
        return next(iter(self.payouts.values()))

    @property
    def carrier(self) -> Carrier:
        """The one tracking service in use."""
        return next(iter(self.carriers.values()))
