"""Lines that are doubted, statements that are frozen and taken back."""

import pytest
from attrs import evolve

from groupbuy.application import commission
from groupbuy.application.ledger_reports import verify
from groupbuy.application.ports import AuditRow, Query
from groupbuy.domain.commission import (
    ChangedSincePreview,
    Dispute,
    DisputeState,
    EntryState,
    Purse,
    StatementState,
)
from groupbuy.domain.kernel import IllegalMove, Invalid, Money, NotFound, Refused
from groupbuy.domain.ledger import Journal
from tests.support.earnings import FINANCE, TENANT
from tests.support.statements import (
    DECEMBER,
    NOVEMBER,
    adjust,
    dispute,
    everything_is_right,
    reverse,
    settled_order,
    statement_of,
)

# --- disputes --------------------------------------------------------------------------------


def test_a_line_that_is_upheld_stays_as_it_is(shop):
    leader, _ = settled_order(shop)
    doubt = dispute(shop, leader)
    after = shop.desk.run(FINANCE, lambda w: commission.uphold(w, doubt.id, "as agreed"))
    assert (after.dispute.state, after.text, after.answer) == (
        DisputeState.UPHELD,
        "the rate was eight percent",
        "as agreed",
    )
    assert len(shop.entries(leader)) == 1
    with pytest.raises(IllegalMove):
        adjust(shop, doubt, 1_200)


def test_an_adjustment_is_an_entry_of_its_own_in_the_open_period(shop):
    leader, _ = settled_order(shop)
    before = statement_of(shop, leader)
    after = adjust(shop, dispute(shop, leader), 1_200).dispute
    assert after.state is DisputeState.ADJUSTED
    assert statement_of(shop, leader).lines == before.lines
    made = shop.entries(leader)[-1]
    assert (made.id, made.bp, made.amount) == (after.adjustment_id, 200, Money(200))
    assert (made.adjusts, made.reverses, made.state) == (
        before.lines[0].id,
        None,
        EntryState.VESTED,
    )
    everything_is_right(shop)
    shop.clock.at = DECEMBER
    (november,) = shop.settle("2026-11").settled
    assert (november.adjusted, november.settled) == (Money(200), Money(200))
    everything_is_right(shop, "2026-10", "2026-11")


def test_an_adjustment_may_lower_a_line_and_goes_with_what_is_refunded(shop):
    leader, order = settled_order(shop)
    adjust(shop, dispute(shop, leader), 300)
    order = shop.refund(order, 1, 5)
    assert sum(entry.amount.minor for entry in shop.entries(leader)) == 150
    assert verify(shop.books()) == []
    shop.refund(order, 1, 5)
    assert sum(entry.amount.minor for entry in shop.entries(leader)) == 0
    assert verify(shop.books()) == []
    shop.clock.at = DECEMBER
    shop.settle("2026-11")
    assert shop.available(leader) == 0
    everything_is_right(shop, "2026-10", "2026-11")


def test_an_answered_line_may_be_doubted_again_and_rates_do_not_pile_up(shop):
    leader, _ = settled_order(shop)
    adjust(shop, dispute(shop, leader), 1_500)
    adjust(shop, dispute(shop, leader), 800)
    assert [entry.bp for entry in shop.entries(leader)] == [1_000, 500, -700]
    assert sum(entry.amount.minor for entry in shop.entries(leader)) == 800


@pytest.mark.parametrize(
    ("bp", "refusal"), [(3_001, Invalid), (-1, Invalid), (1_000, Refused), (2_600, Refused)]
)
def test_no_answer_goes_beyond_the_cap_of_all_roles_together(shop, bp, refusal):
    leader, helper = shop.leader(), shop.leader("周建国")
    shop.kit = evolve(shop.kit, policy=evolve(shop.kit.policy, helper_bp=500))
    shop.desk = evolve(shop.desk, kit=shop.kit)
    order = shop.order(leader.leader_id, helper_id=helper.leader_id)
    shop.vest(shop.confirm(order))
    shop.clock.at = NOVEMBER
    shop.settle()
    doubt = dispute(shop, leader)
    with pytest.raises(refusal):
        adjust(shop, doubt, bp)
    assert {entry.bp for entry in shop.entries(helper)} == {500}
    adjust(shop, doubt, 2_500)
    everything_is_right(shop)


def test_a_line_has_one_open_dispute_and_only_its_own_leader_opens_it(shop):
    leader, _ = settled_order(shop)
    doubt, stranger = dispute(shop, leader), shop.leader("周建国")
    with pytest.raises(Refused) as refusal:
        dispute(shop, leader)
    assert refusal.value.rule == "one_open_dispute_a_line"
    with pytest.raises(NotFound):
        shop.desk.run(
            stranger,
            lambda w: commission.open_my_dispute(w, doubt.statement_id, doubt.entry_id, "mine"),
        )
    with pytest.raises(NotFound):
        shop.desk.run(
            leader, lambda w: commission.open_my_dispute(w, doubt.statement_id, "cme_x", "mine")
        )
    assert shop.desk.read(stranger, commission.my_disputes) == []


def test_what_a_dispute_says_is_sealed_and_its_answer_is_in_the_audit(shop):
    leader, _ = settled_order(shop)
    doubt = dispute(shop, leader, text="my daughter keeps the list")
    adjust(shop, doubt, 1_200)
    stored = shop.desk.read(shop.system, lambda w: w.of(Dispute).get(doubt.id))
    assert "daughter" not in stored.text
    (view,) = shop.desk.read(leader, commission.my_disputes)
    assert (view.text, view.answer) == ("my daughter keeps the list", "as agreed")
    rows = shop.desk.read(
        shop.system, lambda w: w.of(AuditRow).select(Query().where(subject=doubt.id))
    )
    assert [(row.action, row.reason) for row in rows] == [
        ("dispute.open", ""),
        ("dispute.adjust", "as agreed"),
    ]


# --- freezing --------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["statement", "leader"])
def test_nothing_is_withdrawn_while_a_statement_or_its_leader_is_frozen(shop, what):
    leader, _ = settled_order(shop, 100_000)
    statement = statement_of(shop, leader).statement
    key = statement.id if what == "statement" else leader.leader_id
    freeze = getattr(commission, f"freeze_{what}")
    unfreeze = getattr(commission, f"unfreeze_{what}")
    asked = shop.withdraw(leader, 1_000)
    approved = shop.approve(shop.withdraw(leader, 1_000))
    for _ in range(2):
        shop.desk.run(FINANCE, lambda w: freeze(w, key, "a question"))
    for act in (lambda: shop.withdraw(leader, 1_000), lambda: shop.approve(asked)):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.rule == "balance_is_not_frozen"
    assert shop.submit(approved) is None
    assert shop.desk.read(leader, commission.my_earnings).frozen
    shop.desk.run(FINANCE, lambda w: unfreeze(w, key, "answered"))
    assert shop.submit(approved) is not None
    shop.withdraw(leader, 1_000)
    with pytest.raises(Refused):
        shop.desk.run(FINANCE, lambda w: unfreeze(w, key, "answered"))


def test_a_leader_is_free_only_once_nothing_keeps_them_frozen(shop):
    leader, _ = settled_order(shop)
    statement = statement_of(shop, leader).statement
    shop.desk.run(FINANCE, lambda w: commission.freeze_leader(w, leader.leader_id, "a question"))
    shop.desk.run(FINANCE, lambda w: commission.freeze_statement(w, statement.id, "another"))
    shop.desk.run(FINANCE, lambda w: commission.unfreeze_leader(w, leader.leader_id, "answered"))
    with pytest.raises(Refused):
        shop.withdraw(leader, 500)
    assert statement_of(shop, leader).statement.frozen_because == "another"


# --- taking back -----------------------------------------------------------------------------


def test_a_reversed_statement_is_booked_as_an_exact_opposite_and_may_be_settled_again(shop):
    leader, _ = settled_order(shop)
    before, accounts = statement_of(shop, leader).statement, shop.accounts()
    after = reverse(shop, leader)
    assert (after.state, after.reopened) == (StatementState.DRAFT, 1)
    assert shop.available(leader) == 0
    everything_is_right(shop)
    journals = shop.desk.read(
        shop.system, lambda w: w.of(Journal).select(Query().where(subject=before.id))
    )
    settled, opposite = sorted(journals, key=lambda journal: journal.moment == "reverse:settle")
    assert opposite.reverses == settled.id
    (again,) = shop.settle().settled
    assert (again.id, again.digest, again.settled) == (before.id, before.digest, before.settled)
    assert shop.accounts() == accounts
    everything_is_right(shop)


def test_what_was_withdrawn_before_a_reversal_is_a_debt_that_the_next_settlement_nets(shop):
    leader, order = settled_order(shop)
    shop.withdraw(leader, 1_000)
    reverse(shop, leader)
    assert shop.available(leader) == -1_000
    shop.refund(order, 1, 4)
    (again,) = shop.settle().settled
    assert (again.carried, again.settled, again.payable) == (
        Money(-1_000),
        Money(600),
        Money(-400),
    )
    everything_is_right(shop)


@pytest.mark.parametrize("parts", [[10], [4, 6]])
def test_a_reversal_after_refunds_ends_in_the_same_fen(shop, parts):
    leader, order = settled_order(shop)
    order = shop.refund(order, 1, parts[0])
    reverse(shop, leader)
    everything_is_right(shop)
    for units in parts[1:]:
        order = shop.refund(order, 1, units)
    assert verify(shop.books()) == []
    shop.settle()
    shop.clock.at = DECEMBER
    shop.settle("2026-11")
    assert shop.available(leader) == 0
    assert {entry.purse for entry in shop.entries(leader)} == {Purse.AVAILABLE}
    everything_is_right(shop, "2026-10", "2026-11")


def test_a_reversal_that_was_not_seen_as_it_is_does_nothing(shop):
    leader, _ = settled_order(shop)
    statement = statement_of(shop, leader).statement
    seen = shop.desk.read(FINANCE, lambda w: commission.preview_reopening(w, statement.id)).digest
    with pytest.raises(ChangedSincePreview):
        reverse(shop, leader, digest="0" * 12)
    reverse(shop, leader, digest=seen)
    shop.settle()
    with pytest.raises(ChangedSincePreview):
        reverse(shop, leader, digest=seen)
    assert shop.available(leader) == 1_000


def test_the_worker_leaves_a_reversed_statement_and_what_follows_it_to_a_person(shop):
    leader, _ = settled_order(shop)
    reverse(shop, leader)
    shop.earn(leader, 5_000)
    assert commission.settle_due(shop.desk, TENANT).settled == ()
    shop.clock.at = DECEMBER
    assert commission.settle_due(shop.desk, TENANT).settled == ()
    (portion,) = shop.preview("2026-11").portions
    assert (portion.attention, portion.waits_for) == (("reopened",), "2026-10")
    assert shop.settle("2026-11").settled == ()
    shop.settle("2026-10")
    (november,) = shop.settle("2026-11").settled
    assert november.settled == Money(500)
    everything_is_right(shop, "2026-10", "2026-11")
