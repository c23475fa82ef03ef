"""Balances: sums of lines, and the few that authorise a movement."""

from collections.abc import Iterable, Mapping

from attrs import evolve, frozen

from groupbuy.domain.kernel import Refused
from groupbuy.domain.ledger.postings import Journal


@frozen
class Balance:
    """What may be moved out of one account now; `id` is the account.

    Kept for `leader:…:available` and `merchant:…:payable` only: other balances are sums of
    journal lines. A reversal may drive it below zero; a request may not.
    """

    id: str
    amount: int = 0
    """Minor units we owe the holder."""
    version: int = 0
    frozen_by: tuple[str, ...] = ()
    """What keeps it frozen, the holder or single statements of theirs: nothing may be taken."""

    def put(self, amount: int) -> "Balance":
        """Add what was settled, or take back what a reversal claims (negative)."""
        return evolve(self, amount=self.amount + amount)

    def take(self, amount: int) -> "Balance":
        """Authorise a movement out. Raises Refused if it is frozen or there is not enough."""
        self.check_free()
        if amount < 1 or amount > self.amount:
            raise Refused(rule="balance_is_enough", about=self.id)
        return evolve(self, amount=self.amount - amount)

    def check_free(self) -> None:
        """Refuse a movement out while it is frozen."""
        if self.frozen_by:
            raise Refused(rule="balance_is_not_frozen", about=self.id)

    def freeze(self, subject: str) -> "Balance":
        """Let nothing be taken out, because of something; once for each."""
        return evolve(self, frozen_by=tuple(sorted({*self.frozen_by, subject})))

    def unfreeze(self, subject: str) -> "Balance":
        """Take one of the causes away; with the last of them the holder may withdraw again."""
        return evolve(self, frozen_by=tuple(each for each in self.frozen_by if each != subject))


def sums(journals: Iterable[Journal]) -> Mapping[str, int]:
    """Return the balance of every account, debit positive."""
    totals: dict[str, int] = {}
    for journal in journals:
        for line in journal.lines:
            totals[line.account] = totals.get(line.account, 0) + line.amount
    return totals
