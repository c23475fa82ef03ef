from datetime import UTC, datetime

import pytest
from attrs import evolve

from groupbuy.application import commission
from groupbuy.application.ledger_reports import verify
from groupbuy.application.ports import AuditRow, Query, Task
from groupbuy.domain.commission import ChangedSincePreview, EntryState
from groupbuy.domain.kernel import Forbidden, Invalid, Money, NotFound, Refused
from tests.support.earnings import FINANCE, SECOND, TENANT

NOVEMBER = datetime(2026, 11, 3, 4, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 3, 4, tzinfo=UTC)


def findings(shop):
    return verify(shop.books())


def test_a_preview_writes_nothing_and_a_run_does_what_it_said(shop):
    leader = shop.leader()
    shop.earn(leader)
    shop.clock.at = NOVEMBER
    before = shop.accounts()
    planned = shop.preview()
    assert shop.accounts() == before
    assert planned.key == f"stl_2026-10@{planned.digest[:12]}"
    done = commission.run(shop.desk, FINANCE, "2026-10", planned.digest[:12], "October")
    assert [s.settled for s in done.settled] == [planned.total("settled")] == [Money(1_000)]
    assert shop.available(leader) == 1_000
    assert {entry.state for entry in shop.entries(leader)} == {EntryState.PAID}
    assert findings(shop) == []


def test_a_run_is_refused_when_a_refund_came_in_between(shop):
    leader = shop.leader()
    order = shop.earn(leader)
    shop.clock.at = NOVEMBER
    planned = shop.preview()
    shop.refund(order, 1, 1)
    with pytest.raises(ChangedSincePreview) as refusal:
        commission.run(shop.desk, FINANCE, "2026-10", planned.digest, "October")
    assert refusal.value.digest == shop.preview().digest[:12]
    assert shop.available(leader) == 0


def test_a_refund_between_vesting_and_settling_lowers_the_same_statement(shop):
    leader = shop.leader()
    order = shop.earn(leader)
    shop.clock.at = NOVEMBER
    shop.refund(order, 1, 4)
    (statement,) = shop.settle().settled
    assert (statement.accrued, statement.reversals, statement.lines) == (
        Money(1_000),
        Money(-400),
        2,
    )
    assert shop.available(leader) == 600


def test_running_again_with_the_same_digest_skips_what_is_done(shop):
    leader = shop.leader()
    shop.earn(leader)
    shop.clock.at = NOVEMBER
    planned = shop.preview()
    first = commission.run(shop.desk, FINANCE, "2026-10", planned.digest, "October")
    again = commission.run(shop.desk, FINANCE, "2026-10", planned.digest, "October")
    assert (len(first.settled), first.skipped) == (1, 0)
    assert (len(again.settled), again.skipped) == (0, 1)
    assert shop.available(leader) == 1_000


def test_a_run_cut_off_after_one_leader_goes_on_with_the_same_digest(shop):
    leaders = [shop.leader(), shop.leader("周建国")]
    for leader in leaders:
        shop.earn(leader)
    shop.clock.at = NOVEMBER
    planned = shop.preview()
    first = leaders[0].leader_id
    shop.desk.run(FINANCE, lambda w: commission.settle_leader(w, "2026-10", first, "cut off"))
    done = commission.run(shop.desk, FINANCE, "2026-10", planned.digest, "October")
    assert (len(done.settled), done.skipped) == (1, 1)
    assert [shop.available(leader) for leader in leaders] == [1_000, 1_000]


def test_a_month_that_is_not_over_is_previewed_but_not_run(shop):
    shop.earn(shop.leader())
    planned = shop.preview()
    assert planned.total("settled") == Money(1_000)
    with pytest.raises(Refused) as refusal:
        commission.run(shop.desk, FINANCE, "2026-10", planned.digest, "October")
    assert refusal.value.rule == "period_is_over"


def test_a_run_needs_a_reason_and_finance(shop):
    leader = shop.leader()
    digest = shop.preview().digest
    with pytest.raises(Invalid):
        commission.run(shop.desk, FINANCE, "2026-10", digest, " ")
    with pytest.raises(Forbidden):
        commission.run(shop.desk, leader, "2026-10", digest, "mine")


def test_the_worker_settles_the_month_that_is_over_once(shop):
    leader = shop.leader()
    shop.earn(leader)
    assert commission.settle_due(shop.desk, TENANT).settled == ()
    shop.clock.at = datetime(2026, 10, 31, 16, tzinfo=UTC)
    first = commission.settle_due(shop.desk, TENANT)
    assert [statement.period for statement in first.settled] == ["2026-10"]
    assert commission.settle_due(shop.desk, TENANT).settled == ()
    assert shop.available(leader) == 1_000


def test_a_month_the_worker_missed_joins_the_next_statement(shop):
    leader = shop.leader()
    shop.earn(leader)
    shop.clock.at = NOVEMBER
    shop.earn(leader, 5_000)
    shop.clock.at = DECEMBER
    (statement,) = commission.settle_due(shop.desk, TENANT).settled
    assert (statement.period, statement.settled) == ("2026-11", Money(1_500))


def test_what_was_deducted_meanwhile_is_listed_and_not_moved_again(shop):
    leader = shop.leader()
    order = shop.earn(leader)
    shop.clock.at = NOVEMBER
    shop.settle()
    shop.withdraw(leader, 1_000)
    shop.refund(order, 1, 4)
    shop.earn(leader, 5_000)
    shop.clock.at = DECEMBER
    (statement,) = shop.settle("2026-11").settled
    assert (statement.settled, statement.deducted) == (Money(500), Money(-400))
    assert shop.available(leader) == 100
    assert findings(shop) == []


def test_a_statement_shows_its_lines_with_their_orders(shop):
    leader, stranger = shop.leader(), shop.leader("周建国")
    order = shop.earn(leader)
    shop.clock.at = NOVEMBER
    shop.settle()
    (mine,) = shop.desk.read(leader, commission.my_statements)
    page = shop.desk.read(leader, lambda work: commission.my_statement(work, mine.id))
    assert [(line.order_id, line.amount) for line in page.lines] == [(order.id, Money(1_000))]
    seen = shop.desk.read(FINANCE, lambda w: commission.show(w, leader.leader_id, "2026-10"))
    assert seen == page
    with pytest.raises(NotFound):
        shop.desk.read(stranger, lambda work: commission.my_statement(work, mine.id))


def test_every_statement_leaves_one_audit_row_and_one_message(shop):
    leader = shop.leader()
    shop.earn(leader)
    shop.clock.at = NOVEMBER
    (statement,) = shop.settle().settled
    rows = shop.desk.read(
        shop.system, lambda w: w.of(AuditRow).select(Query().where(subject=statement.id))
    )
    assert [(row.action, row.actor, row.reason) for row in rows] == [
        ("settlement.run", FINANCE.user_id, "monthly")
    ]
    told = shop.desk.read(
        shop.system, lambda w: w.of(Task).select(Query().where(subject=statement.id))
    )
    assert [task.data["user"] for task in told] == [leader.user_id]


def test_leaders_who_need_attention_are_named(shop):
    shop.earn(shop.leader(account=False))
    shop.earn(shop.leader("周建国"))
    attention = {portion.name: portion.attention for portion in shop.preview().portions}
    assert attention == {"何秀兰": ("no_payout_account",), "周建国": ()}


def test_another_finance_person_runs_what_the_first_one_previewed(shop):
    shop.earn(shop.leader())
    shop.clock.at = NOVEMBER
    digest = shop.preview().digest
    done = commission.run(shop.desk, evolve(SECOND), "2026-10", digest, "October")
    assert len(done.settled) == 1


@pytest.mark.parametrize("key", ["stl_2026-10", "2026-10@9f3c1d0a77be", ""])
def test_only_a_name_with_a_digest_is_a_key(key):
    with pytest.raises(Invalid):
        commission.parse_key(key)


def test_a_key_is_split_into_month_and_digest():
    assert commission.parse_key("stl_2026-10@9f3c1d0a77be") == ("2026-10", "9f3c1d0a77be")
