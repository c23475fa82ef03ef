"""A shop that looks after every move whether everything is still as it must be."""

from itertools import count

from groupbuy.application import payments
from groupbuy.domain.kernel import make_id
from groupbuy.domain.payments import Payment
from tests.support.checks import capture_anyway, check_shop
from tests.support.shop import Shop

ENGINES = ("memory", "sqlite", "postgresql")


class CheckedShop(Shop):
    """Checks every invariant after every move."""

    _attempts = count(900)

    def join(self, *args, **more):
        made = super().join(*args, **more)
        check_shop(self)
        return made

    def hear(self, report):
        settled = super().hear(report)
        check_shop(self)
        return settled

    def work_off(self, rounds=200):
        for _ in range(rounds):
            handled = self.relay.tick(self.tenant)
            check_shop(self)
            if not handled:
                return
        raise AssertionError("the outbox never runs dry")

    def do(self, caller, use_case, *args, **more):
        """Run one use case of anybody."""
        result = self.desk.run(caller, lambda work: use_case(work, *args, **more))
        check_shop(self)
        return result

    def rest(self):
        """Do everything that is due; nothing may be left open."""
        self.work_off()
        check_shop(self, at_rest=True)
        return self

    def announce(self, joined):
        """Tell the provider of a payment, as the shopper's request does."""
        request = self.desk.read(
            self.system(), lambda w: payments.prepay_request(w, joined.payment.id)
        )
        return self.gateway.prepay(request)

    def captured_anyway(self, joined, *, at, amount=None):
        """The provider took money it should not have taken, and tells us."""
        return self.hear(capture_anyway(self.gateway, joined.payment.number, at=at, amount=amount))

    def second_payment(self, joined):
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

    def given_back(self, *joined):
        """Return what really went back to each, by the provider's own count."""
        return [self.gateway.refunded(each.payment.number) for each in joined]
