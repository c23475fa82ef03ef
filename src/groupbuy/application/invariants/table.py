"""The table: number, when it holds, the sentence, and the checks that answer for it."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from attrs import frozen

from groupbuy.application.invariants.effects import effects_happen_once, nothing_is_overdue
from groupbuy.application.invariants.evidence import Evidence
from groupbuy.application.invariants.life import groups_are_decided_once, states_follow_their_tables
from groupbuy.application.invariants.records import (
    answers_are_kept,
    commands_are_audited,
    commits_are_whole,
    nothing_crosses_tenants,
    public_counts_are_true,
)
from groupbuy.domain import invariants as rules
from groupbuy.domain.invariants import Check, Finding, TruthCheck

Look = Callable[[Evidence], Iterable[Finding]]


class When(StrEnum):
    """When an invariant holds."""

    ALWAYS = "always"
    """After every commit."""
    AT_REST = "at_rest"
    """Once nothing is left to do and nobody outside is in trouble."""
    IN_HISTORY = "in_history"
    """Over everything that ever happened; so it holds after every commit too."""


@frozen
class Invariant:
    """One thing that must always be true."""

    number: int
    name: str
    when: When
    says: str
    """What must be, in a sentence."""
    looks: tuple[Look, ...]

    def check(self, evidence: Evidence) -> Iterator[Finding]:
        """Return everything that is not as it must be."""
        for look in self.looks:
            yield from look(evidence)


def _books(check: Check) -> Look:
    """Ask a rule of the books alone."""
    return lambda evidence: check(evidence.books)


def _resting(check: Check) -> Look:
    """Ask a rule of the books once nothing is left to do."""
    return lambda evidence: check(evidence.books) if evidence.at_rest else ()


def _truth(check: TruthCheck) -> Look:
    """Compare the books with the providers', where those were asked."""
    return lambda e: () if e.truth is None else check(e.truth, e.books)


_A, _Q, _H = When.ALWAYS, When.AT_REST, When.IN_HISTORY

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(1, "journals_balance", _A,
        "Every journal sums to zero, in whole minor units.",
        (_books(rules.journals_balance),)),
    Invariant(2, "journals_are_only_added_to", _A,
        "A journal is never changed; a correction undoes exactly its original, once.",
        (_books(rules.corrections_undo_their_original),)),
    Invariant(3, "refunds_stay_within_payments", _A,
        "No payment gives back more than it took in, by our books and by the provider's.",
        (_books(rules.refunds_stay_within_captures), _truth(rules.providers_gave_back_at_most))),
    Invariant(4, "clearing_is_the_truth", _Q,
        "What we believe to lie at a provider lies there, to the fen.",
        (_truth(rules.clearing_is_the_truth),)),
    Invariant(5, "held_money_is_explained", _A,
        "Money held for somebody is there because of something open.",
        (_books(rules.accounts_are_explained), _books(rules.shares_are_explained))),
    Invariant(6, "binding_orders_are_paid", _Q,
        "A binding order belongs to a formed group, costs what its ladder came to, and its money"
        " is here less what was refunded.",
        (_books(rules.orders_and_groups_agree), _books(rules.orders_keep_what_was_not_refunded),
         _books(rules.ladders_have_come_down))),
    Invariant(7, "lost_groups_paid_everything_back", _Q,
        "A group that did not come about has given every payment back, whole, by one refund.",
        (_books(rules.lost_groups_paid_everything_back),)),
    Invariant(8, "late_money_is_used_or_goes_back", _Q,
        "Money that came at a bad moment pays a living order or goes back; none is just kept.",
        (_books(rules.money_is_earned_or_given_back),)),
    Invariant(9, "one_number_per_operation", _A,
        "A cause gives money back by one number, and only numbers of ours ever move money.",
        (_books(rules.one_number_per_refund), _truth(rules.providers_moved_what_we_asked))),
    Invariant(10, "captured_is_what_was_due", _A,
        "Money that differs from what was due never pays an order.",
        (_books(rules.captured_is_what_was_due),)),
    Invariant(11, "partial_refunds_add_up", _A,
        "Units refunded, money refunded and refunds granted tell the same story of every order.",
        (_books(rules.refunds_of_orders_add_up), _books(rules.cases_are_paid_as_granted),
         _books(rules.lines_have_one_open_case))),
    Invariant(12, "seats_are_counted", _A,
        "A group's counters are a plain count of its seats, which never exceed its capacity.",
        (_books(rules.groups_count_their_seats), _books(rules.seats_follow_their_orders),
         public_counts_are_true)),
    Invariant(13, "goods_are_counted", _A,
        "Goods reserved and sold are those of living orders; none is below zero, none vanishes.",
        (_books(rules.goods_follow_their_orders), _books(rules.goods_of_cases_are_counted))),
    Invariant(14, "coupons_and_points_are_spent_once", _A,
        "A coupon pays one living order; lots of points, their journal and the ledger agree.",
        (_books(rules.coupons_are_spent_once), _books(rules.points_add_up))),
    Invariant(15, "buyers_stay_within_limits", _A,
        "No buyer holds more of a group than its campaign allows.",
        (_books(rules.buyers_stay_within_limits),)),
    Invariant(16, "withdrawals_take_what_is_there", _A,
        "A withdrawal takes what is available, and nothing is that inside the refund window.",
        (_books(rules.balances_are_their_accounts), _books(rules.withdrawals_take_what_is_there),
         _books(rules.commission_waits_for_the_window))),
    Invariant(17, "commission_follows_what_is_kept", _A,
        "Commission and points are the formula over what was not refunded, taken back once and"
        " pro rata.",
        (_books(rules.commission_follows_what_is_kept),
         _resting(rules.points_follow_their_orders))),
    Invariant(18, "payouts_have_their_approvers", _A,
        "A payout has as many approvers as it needs, all of them strangers to it.",
        (_books(rules.payouts_have_their_approvers),)),
    Invariant(19, "effects_happen_once", _Q,
        "What is done outside is done once, whatever crashed meanwhile.",
        (effects_happen_once,)),
    Invariant(20, "no_state_goes_backwards", _H,
        "Every change of a state is an edge of its table.",
        (states_follow_their_tables,)),
    Invariant(21, "answers_are_kept", _H,
        "The same key and body get the same answer, and what was acknowledged is there.",
        (answers_are_kept,)),
    Invariant(22, "groups_are_decided_once", _H,
        "A group has one outcome, and nobody joins after it stopped selling.",
        (groups_are_decided_once,)),
    Invariant(23, "nothing_is_overdue", _Q,
        "Nothing that still waits is older than its deadline.",
        (nothing_is_overdue,)),
    Invariant(24, "nothing_crosses_tenants", _A,
        "Whatever a row names lies beside it, in the same tenant.",
        (nothing_crosses_tenants,)),
    Invariant(25, "commands_are_audited", _H,
        "A command that moves money has its audit row, and the chain of the audit holds.",
        (commands_are_audited,)),
    Invariant(26, "commits_are_whole", _A,
        "A crash changes when something happens, never what: events and journals agree.",
        (commits_are_whole,)),
)  # fmt: skip
