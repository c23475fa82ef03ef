"""What must always be true of groups, orders and money: functions that return what is not.

They recompute everything from the plain things and believe no counter. Tests call them after
every move, the simulator after every commit, an operator whenever there is a doubt.
"""

from collections.abc import Iterable
from itertools import chain

from groupbuy.domain.invariants.books import Books, Check, Finding, Movement, TruthCheck
from groupbuy.domain.invariants.cases import (
    cases_are_paid_as_granted,
    goods_of_cases_are_counted,
    lines_have_one_open_case,
)
from groupbuy.domain.invariants.leaders import (
    commission_waits_for_the_window,
    payouts_have_their_approvers,
    withdrawals_take_what_is_there,
)
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
from groupbuy.domain.invariants.points import points_add_up, points_follow_their_orders
from groupbuy.domain.invariants.rest import (
    clearing_is_the_truth,
    ladders_have_come_down,
    lost_groups_paid_everything_back,
    money_is_earned_or_given_back,
    orders_and_groups_agree,
    orders_keep_what_was_not_refunded,
    providers_gave_back_at_most,
    providers_moved_what_we_asked,
)
from groupbuy.domain.invariants.scarce import (
    buyers_stay_within_limits,
    count_of,
    coupons_are_spent_once,
    goods_follow_their_orders,
    groups_count_their_seats,
    seats_follow_their_orders,
)
from groupbuy.domain.invariants.shares import shares_are_explained

__all__ = [
    "ALWAYS",
    "AT_REST",
    "Books",
    "Check",
    "Finding",
    "Movement",
    "TruthCheck",
    "accounts_are_explained",
    "balances_are_their_accounts",
    "buyers_stay_within_limits",
    "captured_is_what_was_due",
    "cases_are_paid_as_granted",
    "check",
    "clearing_is_the_truth",
    "commission_follows_what_is_kept",
    "commission_waits_for_the_window",
    "corrections_undo_their_original",
    "count_of",
    "coupons_are_spent_once",
    "goods_follow_their_orders",
    "goods_of_cases_are_counted",
    "groups_count_their_seats",
    "journals_balance",
    "ladders_have_come_down",
    "lines_have_one_open_case",
    "lost_groups_paid_everything_back",
    "money_is_earned_or_given_back",
    "one_number_per_refund",
    "orders_and_groups_agree",
    "orders_keep_what_was_not_refunded",
    "payouts_have_their_approvers",
    "points_add_up",
    "points_follow_their_orders",
    "providers_gave_back_at_most",
    "providers_moved_what_we_asked",
    "refunds_of_orders_add_up",
    "refunds_stay_within_captures",
    "seats_follow_their_orders",
    "shares_are_explained",
    "withdrawals_take_what_is_there",
]

ALWAYS: tuple[Check, ...] = (
    journals_balance,
    corrections_undo_their_original,
    refunds_stay_within_captures,
    accounts_are_explained,
    shares_are_explained,
    one_number_per_refund,
    captured_is_what_was_due,
    refunds_of_orders_add_up,
    cases_are_paid_as_granted,
    lines_have_one_open_case,
    groups_count_their_seats,
    seats_follow_their_orders,
    goods_follow_their_orders,
    goods_of_cases_are_counted,
    coupons_are_spent_once,
    points_add_up,
    buyers_stay_within_limits,
    balances_are_their_accounts,
    withdrawals_take_what_is_there,
    commission_waits_for_the_window,
    commission_follows_what_is_kept,
    payouts_have_their_approvers,
)
"""True after every commit."""
AT_REST: tuple[Check, ...] = (
    orders_and_groups_agree,
    orders_keep_what_was_not_refunded,
    ladders_have_come_down,
    lost_groups_paid_everything_back,
    money_is_earned_or_given_back,
    points_follow_their_orders,
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
        found += providers_moved_what_we_asked(truth, books)
        found += clearing_is_the_truth(truth, books) if at_rest else ()
    return found
