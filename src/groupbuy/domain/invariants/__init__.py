"""What must always be true of groups, orders and money: functions that return what is not.

They recompute everything from the plain things and believe no counter. Tests call them after
every move, the simulator after every commit, an operator whenever there is a doubt.
"""

from collections.abc import Iterable
from itertools import chain

from groupbuy.domain.invariants.books import Books, Check, Finding, Movement
from groupbuy.domain.invariants.money import (
    accounts_are_explained,
    balances_are_their_accounts,
    captured_is_what_was_due,
    commission_follows_what_is_kept,
    corrections_undo_their_original,
    journals_balance,
    one_number_per_refund,
    refunds_of_orders_add_up,
    refunds_stay_within_captures,
)
from groupbuy.domain.invariants.rest import (
    clearing_is_the_truth,
    lost_groups_paid_everything_back,
    money_is_earned_or_given_back,
    orders_and_groups_agree,
    providers_gave_back_at_most,
)
from groupbuy.domain.invariants.scarce import (
    buyers_stay_within_limits,
    count_of,
    goods_follow_their_orders,
    groups_count_their_seats,
    seats_follow_their_orders,
)

__all__ = ["ALWAYS", "AT_REST", "Books", "Check", "Finding", "Movement", "check", "count_of"]

ALWAYS: tuple[Check, ...] = (
    journals_balance,
    corrections_undo_their_original,
    refunds_stay_within_captures,
    accounts_are_explained,
    one_number_per_refund,
    captured_is_what_was_due,
    refunds_of_orders_add_up,
    groups_count_their_seats,
    seats_follow_their_orders,
    goods_follow_their_orders,
    buyers_stay_within_limits,
    balances_are_their_accounts,
    commission_follows_what_is_kept,
)
"""True after every commit."""
AT_REST: tuple[Check, ...] = (
    orders_and_groups_agree,
    lost_groups_paid_everything_back,
    money_is_earned_or_given_back,
)
"""True once nothing is left to do and nobody outside is in trouble."""


def check(
    books: Books, *, at_rest: bool = False, movements: Iterable[Movement] | None = None
) -> list[Finding]:
    """Return everything that is not as it must be; `movements` are the providers' own books."""
    checks = ALWAYS + AT_REST if at_rest else ALWAYS
    found = list(chain.from_iterable(one(books) for one in checks))
    if movements is not None:
        truth = list(movements)
        found += providers_gave_back_at_most(truth, books)
        found += clearing_is_the_truth(truth, books) if at_rest else ()
    return found
