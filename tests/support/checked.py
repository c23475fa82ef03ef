"""A shop that looks after every move whether everything is still as it must be."""

from datetime import datetime
from itertools import count
from typing import Any

from groupbuy.application import payments
from groupbuy.application.ports import PaymentReport
from groupbuy.domain.kernel import Money, make_id
from groupbuy.domain.payments import Payment
from tests.support.checks import capture_anyway, check_shop
from tests.support.shop import Shop

ENGINES = ("memory", "sqlite", "postgresql")


class CheckedShop(Shop):
    """Checks every invariant after every move."""

    _attempts = count(900)

    def join(self, *args: Any, **more: Any) -> Any:
        made = super().join(*args, **more)
        check_shop(self)
        return made

    def hear(self, report: PaymentReport) -> Any:
        settled = super().hear(report)
        check_shop(self)
        return settled

    def work_off(self, rounds: int = 200) -> None:
        for _ in range(rounds):
            handled = self.relay.tick(self.tenant)
            check_shop(self)
            if not handled:
                return
        raise AssertionError("the outbox never runs dry")

    def do(self, caller: Any, use_case: Any, *args: Any, **more: Any) -> Any:
        """Run one use case of anybody."""
        result = self.desk.run(caller, lambda work: use_case(work, *args, **more))
        check_shop(self)
        return result

    def rest(self) -> None:
        """Do everything that is due; nothing may be left open."""
        self.work_off()
        check_shop(self, at_rest=True)

    def announce(self, joined: Any) -> PaymentReport:
        """Tell the provider of a payment, as the shopper's request does."""
        payment_id = joined.payment.id
        request = self.desk.read(self.system(), lambda w: payments.prepay_request(w, payment_id))
        reported: PaymentReport = self.gateway.prepay(request)
        return reported

    def captured_anyway(self, joined: Any, *, at: datetime, amount: Money | None = None) -> Any:
        """The provider took money it should not have taken, and tells us."""
        return self.hear(capture_anyway(self.gateway, joined.payment.number, at=at, amount=amount))

    def second_payment(self, joined: Any) -> Any:
        """Another attempt to pay the same order, open beside the first."""
        first = joined.payment
        return self.store(
            Payment(
                id=make_id("pay", millis=1, cell=0, entropy=next(self._attempts)),
                order_id=first.order_id,
                group_id=first.group_id,
                buyer_id=first.buyer_id,
                provider=first.provider,
                due=first.due,
                created_at=first.created_at,
                expires_at=first.expires_at,
            )
        )

    def given_back(self, *joined: Any) -> list[int]:
        """Return what really went back to each, by the provider's own count."""
        return [self.gateway.refunded(each.payment.number) for each in joined]
