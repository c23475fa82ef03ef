"""What tests do with statements: look, verify, doubt, reverse."""

from datetime import UTC, datetime
from typing import Any

from attrs import evolve

from groupbuy.application import commission
from groupbuy.application.ledger_reports import verify
from groupbuy.application.write_path import Caller, Work
from groupbuy.domain.commission import Dispute, Statement
from groupbuy.domain.ordering import Order
from tests.support.earnings import FINANCE, Earnings

NOVEMBER = datetime(2026, 11, 3, 4, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 3, 4, tzinfo=UTC)


def statement_of(
    shop: Earnings, leader: Caller, period: str = "2026-10"
) -> commission.StatementPage:
    """Return a leader's statement as finance sees it."""
    leader_id = leader.leader_id or ""
    return shop.desk.read(FINANCE, lambda w: commission.show(w, leader_id, period))


def differences(shop: Earnings, period: str = "2026-10") -> tuple[commission.Difference, ...]:
    """Return what verifying a period finds."""
    return commission.verify_period(shop.desk, FINANCE, period).differences


def checks(shop: Earnings, period: str = "2026-10") -> set[str]:
    """Return the names of the checks that find something."""
    return {each.check for each in differences(shop, period)}


def everything_is_right(shop: Earnings, *periods: str) -> None:
    """Fail if the books or a statement of these periods are wrong."""
    assert verify(shop.books()) == []
    for period in periods or ("2026-10",):
        assert differences(shop, period) == ()


def change(shop: Earnings, kind: type, thing: Any, **changes: Any) -> None:
    """Write to storage what no use case would."""

    def alter(work: Work) -> None:
        stored: Any = work.of(kind).lock([thing.id])[thing.id]
        work.of(kind).save(evolve(stored, **changes))

    shop.desk.run(shop.system, alter)


def settled_order(shop: Earnings, net: int = 10_000) -> tuple[Caller, Order]:
    """Return a leader whose October is settled, and the order in it."""
    leader = shop.leader()
    order = shop.earn(leader, net)
    shop.clock.at = NOVEMBER
    shop.settle()
    return leader, order


def dispute(
    shop: Earnings,
    leader: Caller,
    line: int = 0,
    text: str = "the rate was eight percent",
    period: str = "2026-10",
) -> Dispute:
    """Let a leader doubt a line."""
    page = statement_of(shop, leader, period)
    entry = page.lines[line]
    view = shop.desk.run(
        leader, lambda w: commission.open_my_dispute(w, page.statement.id, entry.id, text)
    )
    return view.dispute


def adjust(
    shop: Earnings, doubt: Dispute, bp: int, who: Caller = FINANCE
) -> commission.DisputeView:
    """Answer a dispute by another rate."""
    return shop.desk.run(who, lambda w: commission.adjust_line(w, doubt.id, bp, "as agreed"))


def reverse(shop: Earnings, leader: Caller, period: str = "2026-10", digest: str = "") -> Statement:
    """Take a settled statement back, as it was seen or by some digest."""
    statement = statement_of(shop, leader, period).statement
    seen = shop.desk.read(FINANCE, lambda w: commission.preview_reopening(w, statement.id))
    return shop.desk.run(
        FINANCE,
        lambda w: commission.reopen(w, statement.id, digest or seen.digest, "wrong month"),
    )
