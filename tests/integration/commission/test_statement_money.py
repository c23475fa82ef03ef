"""Disputes, freezing and reversals of statements on every storage, with people at once."""

import pytest

from groupbuy.application import commission
from groupbuy.application.ledger_reports import picture_of, verify
from groupbuy.application.ports import Query
from groupbuy.domain.commission import Dispute, DisputeState, Entry, Statement
from groupbuy.domain.kernel import DomainError, Refused
from groupbuy.domain.ledger import Journal
from tests.integration.commission.test_commission_money import at_once, stored
from tests.support.earnings import FINANCE, SECOND, TENANT
from tests.support.statements import (
    DECEMBER,
    adjust,
    dispute,
    everything_is_right,
    reverse,
    settled_order,
    statement_of,
)


def done(answers):
    return [answer for answer in answers if not isinstance(answer, DomainError)]


def test_a_year_of_a_statement_is_verified_line_by_line(shop):
    leader, order = settled_order(shop)
    adjust(shop, dispute(shop, leader), 1_200)
    order = shop.refund(order, 1, 4)
    reverse(shop, leader)
    shop.settle()
    shop.withdraw(leader, 500)
    shop.clock.at = DECEMBER
    (november,) = shop.settle("2026-11").settled
    assert november.adjusted.minor == 200
    assert shop.available(leader) == 600 + 120 - 500
    everything_is_right(shop, "2026-10", "2026-11")
    with shop.database.begin(TENANT, write=False) as tx:
        assert shop.books() == picture_of(tx)
    page = statement_of(shop, leader, "2026-11")
    assert {line.id for line in page.lines} == set(page.journals)


def test_two_operators_who_reverse_at_once_reverse_once(shop):
    leader, _ = settled_order(shop)
    statement = statement_of(shop, leader).statement
    seen = shop.desk.read(FINANCE, lambda w: commission.preview_reopening(w, statement.id))

    def undo(who):
        return shop.desk.run(
            who, lambda w: commission.reopen(w, statement.id, seen.digest, "wrong month")
        )

    answers = at_once(lambda: undo(FINANCE), lambda: undo(SECOND))
    assert len(done(answers)) == 1
    assert shop.available(leader) == 0
    moments = [j.moment for j in stored(shop, Journal) if j.subject == statement.id]
    assert sorted(moments) == ["reverse:settle", "settle"]
    everything_is_right(shop)


def test_two_who_settle_a_reversed_statement_again_settle_it_once(shop):
    leader, _ = settled_order(shop)
    reverse(shop, leader)
    at_once(shop.settle, shop.settle)
    assert shop.available(leader) == 1_000
    assert len(stored(shop, Statement)) == 1
    everything_is_right(shop)


def test_two_answers_at_once_adjust_once(shop):
    leader, _ = settled_order(shop)
    doubt = dispute(shop, leader)
    answers = at_once(
        lambda: adjust(shop, doubt, 1_200, FINANCE), lambda: adjust(shop, doubt, 1_500, SECOND)
    )
    assert len(done(answers)) == 1
    assert len(stored(shop, Entry)) == 2
    (after,) = stored(shop, Dispute)
    assert after.state is DisputeState.ADJUSTED
    everything_is_right(shop)


def test_two_who_doubt_one_line_at_once_open_one_dispute(shop):
    leader, _ = settled_order(shop)
    answers = at_once(*[lambda: dispute(shop, leader)] * 2)
    assert len(done(answers)) == 1
    assert len(stored(shop, Dispute)) == 1


def test_a_refund_at_the_moment_of_an_adjustment_takes_both_back(shop):
    leader, order = settled_order(shop)
    doubt = dispute(shop, leader)
    at_once(lambda: adjust(shop, doubt, 2_000), lambda: shop.refund(order, 1, 5))
    entries = stored(shop, Entry)
    assert sum(entry.amount.minor for entry in entries) == 1_000
    assert verify(shop.books()) == []


def test_a_refund_at_the_moment_of_a_reversal_is_taken_back_once(shop):
    leader, order = settled_order(shop)
    at_once(lambda: reverse(shop, leader), lambda: shop.refund(order, 1, 4))
    assert verify(shop.books()) == []
    if statement_of(shop, leader).statement.waits:
        shop.settle()
    assert shop.available(leader) == 600
    everything_is_right(shop)


@pytest.mark.parametrize("what", ["statement", "leader"])
def test_a_withdrawal_at_the_moment_of_a_freeze_is_before_it_or_refused(shop, what):
    leader, _ = settled_order(shop, 100_000)
    statement = statement_of(shop, leader).statement
    key = statement.id if what == "statement" else leader.leader_id
    freeze = getattr(commission, f"freeze_{what}")
    _, asked = at_once(
        lambda: shop.desk.run(FINANCE, lambda w: freeze(w, key, "a question")),
        lambda: shop.withdraw(leader, 6_000),
    )
    left = 10_000 if isinstance(asked, Refused) else 4_000
    assert shop.available(leader) == left
    with pytest.raises(Refused):
        shop.withdraw(leader, 1_000)
    assert verify(shop.books()) == []


def test_disputes_are_found_again_by_leader_and_by_time(shop):
    leader, _ = settled_order(shop)
    first = dispute(shop, leader)
    shop.desk.run(FINANCE, lambda w: commission.uphold(w, first.id, "as agreed"))
    second = dispute(shop, leader)
    found = shop.desk.read(FINANCE, commission.list_disputes)
    assert [view.id for view in found] == [second.id, first.id]
    assert [view.id for view in shop.desk.read(leader, commission.my_disputes)] == [
        second.id,
        first.id,
    ]
    open_ones = shop.desk.read(
        shop.system, lambda w: w.of(Dispute).select(Query().where(state=DisputeState.OPENED))
    )
    assert [each.id for each in open_ones] == [second.id]
