"""What every step of a withdrawal shares: its lock, its journal, its sealed account."""

from groupbuy.application.steps.commissioning import available
from groupbuy.application.write_path import Work
from groupbuy.domain.commission import Withdrawal
from groupbuy.domain.kernel import Event, NotFound
from groupbuy.domain.membership import User


def lock_withdrawal(work: Work, withdrawal_id: str) -> Withdrawal:
    """Lock and return a withdrawal. Raises NotFound."""
    found = work.of(Withdrawal).lock([withdrawal_id])
    if withdrawal_id not in found:
        raise NotFound(kind="withdrawal", key=withdrawal_id)
    return found[withdrawal_id]


def put_withdrawal(work: Work, withdrawal: Withdrawal, happened: list[Event]) -> None:
    """Stage the next state of a withdrawal and what happened."""
    work.of(Withdrawal).save(withdrawal)
    work.emit(happened)


def return_money(work: Work, withdrawal: Withdrawal) -> None:
    """Give the money of a withdrawal that ended unpaid back to the leader's balance."""
    book_withdrawal(work, "withdrawal_returned", withdrawal)
    work.put_balance(available(withdrawal.leader_id), withdrawal.amount.minor)


def book_withdrawal(work: Work, moment: str, withdrawal: Withdrawal) -> None:
    """Stage the journal of one moment of a withdrawal."""
    work.book(
        moment,
        withdrawal.id,
        {"leader": withdrawal.leader_id, "provider": work.kit.policy.provider},
        {"W": withdrawal.amount.minor, "t": withdrawal.tax.minor},
        withdrawal.amount.currency,
    )


def seal(work: Work, owner: User, name: str, text: str) -> str:
    """Seal something personal under its owner's key; `name` says what it is."""
    return work.kit.vault.seal(owner.data_key, f"{work.caller.tenant}|{owner.id}|{name}", text)


def open_sealed(work: Work, owner: User, name: str, sealed: str) -> str:
    """Open what `seal` sealed. Raises NotFound if the owner was erased."""
    return work.kit.vault.open(owner.data_key, f"{work.caller.tenant}|{owner.id}|{name}", sealed)
