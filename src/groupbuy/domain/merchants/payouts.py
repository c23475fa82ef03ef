"""A merchant is paid what is payable: the life of any payout, with a number of its own."""

from datetime import datetime
from hashlib import sha256

from attrs import evolve, frozen

from groupbuy.domain.kernel import Event, Money
from groupbuy.domain.payouts import PayoutMove, PayoutState, payout_life

MERCHANT_PAYOUT = payout_life("merchant_payout")
APPROVAL_GIVEN = "merchant_payout.approval_given"
_INITIAL = "M"


def merchant_payout_number(payout_id: str) -> str:
    """Return a payout's number at the provider: one for ever."""
    return _INITIAL + payout_id.partition("_")[2]


def merchant_payout_id_of(number: str) -> str:
    """Return the id behind one of our numbers of merchant payouts."""
    return "mpo_" + number[1:]


def is_merchant_number(number: str) -> bool:
    """Tell whether a number at the provider is that of a merchant payout."""
    return number.startswith(_INITIAL)


@frozen
class MerchantPayout:
    """Vested money of a merchant on its way to the merchant's account."""

    id: str
    merchant_id: str
    requested_by: str
    amount: Money
    channel: str
    account_sealed: str
    """Sealed under the merchant's key, as it was when the payout was asked for."""
    name_sealed: str
    requested_at: datetime
    approvals: tuple[str, ...] = ()
    """Users who approved, in order."""
    hold_reason: str = ""
    last_word: str = ""
    provider_ref: str = ""
    submitted_at: datetime | None = None
    """When the provider was first about to be asked."""
    finished_at: datetime | None = None
    state: PayoutState = PayoutState.REQUESTED
    version: int = 0

    @property
    def number(self) -> str:
        """Our number at the provider."""
        return merchant_payout_number(self.id)

    def move(
        self, move: PayoutMove, now: datetime, **changes: object
    ) -> "tuple[MerchantPayout, list[Event]]":
        """Take one step of the table, with the facts that go with it."""
        edge = MERCHANT_PAYOUT.fire(self.state, move, None)
        after: MerchantPayout = evolve(self, state=edge.target, **changes)  # type: ignore[arg-type]
        return after, [Event(edge.event, self.id, now, {"merchant": self.merchant_id})]

    def agreed(self, approver: str, now: datetime) -> "tuple[MerchantPayout, list[Event]]":
        """Note an approval that is not the last one needed."""
        given = Event(APPROVAL_GIVEN, self.id, now, {"merchant": self.merchant_id})
        return evolve(self, approvals=(*self.approvals, approver)), [given]


def digest_of_due(merchant_id: str, amount: Money, last_payout: str) -> str:
    """Return the fingerprint of one payout that was previewed and not asked for yet.

    Whoever asks for it with this fingerprint is refused once any other payout of the merchant was
    asked for: two people who previewed the same never pay twice.
    """
    facts = (merchant_id, str(amount.minor), amount.currency, last_payout)
    return sha256("|".join(facts).encode()).hexdigest()
