"""How much a leader may take out; what any payout must keep to is told in `payouts`."""

from datetime import timedelta

from attrs import frozen

from groupbuy.domain.commission.tax import TaxMethod
from groupbuy.domain.kernel import Money, Refused
from groupbuy.domain.payouts import SECOND_APPROVER_ABOVE


@frozen
class WithdrawalRules:
    """What an operator may set about withdrawals. Amounts are minor units."""

    minimum: int = 100
    """The least somebody may ask for at once."""
    per_withdrawal: int = 2_000_000
    """The most somebody may ask for at once."""
    per_leader_day: int = 5_000_000
    """Requested by one leader within one local day; failed and cancelled ones do not count."""
    per_tenant_day: int = 50_000_000
    """Requested by all leaders together within one local day; a brake."""
    two_approvers_above: int = SECOND_APPROVER_ABOVE.minor
    """Above this a second person has to agree."""
    cooling_hours: int = 48
    """After a change of account, phone or password."""
    doubt_after_hours: int = 24
    """A payout on its way for so long without a certain word is shown to finance."""
    tax: TaxMethod = TaxMethod.NONE
    """How tax is withheld at payout."""

    @property
    def patience(self) -> timedelta:
        """How long a payout may be on its way without a certain word."""
        return timedelta(hours=self.doubt_after_hours)

    @property
    def cooling(self) -> timedelta:
        """How long a changed account rests."""
        return timedelta(hours=self.cooling_hours)


DEFAULT_RULES = WithdrawalRules()


def within_limits(
    amount: Money, *, leader_today: int, tenant_today: int, rules: WithdrawalRules = DEFAULT_RULES
) -> None:
    """Refuse an amount that is too small or beyond a cap. `…_today` are sums asked for before."""
    if amount.minor < rules.minimum:
        raise Refused(rule="withdrawal_reaches_the_minimum")
    if amount.minor > rules.per_withdrawal:
        raise Refused(rule="withdrawal_within_the_cap")
    if leader_today + amount.minor > rules.per_leader_day:
        raise Refused(rule="withdrawals_of_the_day_within_the_cap")
    if tenant_today + amount.minor > rules.per_tenant_day:
        raise Refused(rule="all_withdrawals_of_the_day_within_the_cap")
