"""What every step of a withdrawal shares: its lock, its journal, its sealed account."""

from groupbuy.application.steps.commissioning import available
from groupbuy.application.write_path import Work
from groupbuy.domain.commission import Withdrawal
from groupbuy.domain.kernel import Event, NotFound
from groupbuy.domain.ledger import Balance


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


def frozen(work: Work, withdrawal: Withdrawal) -> bool:
    """Tell whether its leader may be paid nothing for now (locks the balance)."""
    account = available(withdrawal.leader_id)
    return bool(work.of(Balance).lock([account], create=Balance)[account].frozen_by)


def return_money(work: Work, withdrawal: Withdrawal) -> None:
    """Give the money of a withdrawal that ended unpaid back to the leader's balance."""
    # Under the lock of the balance, so that journals of an account stand in their true order.
    work.put_balance(available(withdrawal.leader_id), withdrawal.amount.minor)
    book_withdrawal(work, "withdrawal_returned", withdrawal)


def book_withdrawal(work: Work, moment: str, withdrawal: Withdrawal) -> None:
    """Stage the journal of one moment of a withdrawal."""
    work.book(
        moment,
        withdrawal.id,
        {"leader": withdrawal.leader_id, "provider": work.kit.policy.provider},
        {"W": withdrawal.amount.minor, "t": withdrawal.tax.minor},
        withdrawal.amount.currency,
    )
