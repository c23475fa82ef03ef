"""From facts to figures: one small function for each table."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from groupbuy.application import auditing, invariants, ledger_reports
from groupbuy.domain.commission import CommissionRole, Entry, Purse, Statement
from groupbuy.domain.kernel import Money
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import RefundCause
from groupbuy.entrypoints.demo.month.calendar import DAYS, FIRST_DAY, NEXT, PERIOD, day_of
from groupbuy.entrypoints.demo.month.cast import Person
from groupbuy.entrypoints.demo.month.facts import Facts, Shop, local_day, ours, theirs
from groupbuy.entrypoints.demo.month.figures import (
    AccountRow,
    BillRow,
    Counts,
    DayRow,
    Later,
    LeaderRow,
    MerchantRow,
    NextRow,
    Outcome,
    Proofs,
)
from groupbuy.entrypoints.demo.month.goods import MERCHANTS
from groupbuy.entrypoints.demo.month.play import Play
from groupbuy.entrypoints.demo.month.recount import before_later, bonus_of, taken_back

AFTER = "after"
"""The row of everything behind the month's last day."""


def outcome_of(play: Play, facts: Facts) -> Outcome:
    """Put all figures together; what does not add up is found by `judging`."""
    shop = facts.shop
    return Outcome(
        seed=play.plan.seed,
        orders=play.plan.orders,
        counts=_counts(play, shop),
        days=tuple(_days(shop)),
        settlement=tuple(_leader_row(shop, each) for each in play.cast.leaders),
        next_statements=tuple(_next_rows(play, shop)),
        later=_later(play, shop),
        merchants=tuple(
            _merchant_row(facts, number, each) for number, each in enumerate(play.cast.merchants)
        ),
        bill=tuple(_bill(facts)),
        provider_difference_fen=sum(x.amount.minor for x in facts.bill) - facts.clearing_fen,
        trial_balance=tuple(
            AccountRow(row.account, row.accounts, row.debit, row.credit)
            for row in ledger_reports.trial_balance(facts.books)
        ),
        proofs=_proofs(play, facts),
    )


def is_bonus(entry: Entry) -> bool:
    """Tell whether a line is the ladder's."""
    return entry.role is CommissionRole.LADDER


def _counts(play: Play, shop: Shop) -> Counts:
    groups = shop.groups.values()
    formed = sum(group.formed_at is not None for group in groups)
    orders, causes = shop.orders, Counter(refund.cause for refund in shop.refunds)
    placed = [order for order in orders if order.placed_at is not None]
    late = causes[RefundCause.LATE_PAYMENT]
    return Counts(
        campaigns=len(play.runs),
        formed=formed,
        failed=len(groups) - formed,
        paid=len(placed),
        unpaid=len(orders) - len(placed) - late,
        late_payments=late,
        left=causes[RefundCause.LEFT],
        completed=sum(order.state is OrderState.COMPLETED for order in orders),
        refunded_in_full=sum(order.refunded == order.payable for order in placed),
        refunds_after_settlement=len(play.taken_later),
    )


def _days(shop: Shop) -> Iterator[DayRow]:
    """Yield a row for each day of the month, and one for all that came after."""
    groups, placed = shop.groups.values(), {o.id for o in shop.orders if o.placed_at is not None}
    formed = Counter(_row_of(g.formed_at) for g in groups if g.formed_at is not None)
    failed = Counter(_row_of(g.ends_at) for g in groups if g.formed_at is None)
    paid = [(_row_of(p.paid_at), p.captured) for p in shop.payments if p.order_id in placed]
    back = [(_row_of(r.finished_at), r.amount) for r in shop.refunds if not r.open]
    orders, sales = _added(paid)
    refunds, refunded = _added(back)
    names = [day_of(number).isoformat() for number in range(1, DAYS + 1)]
    for key in (*names, AFTER):
        yield DayRow(
            key, formed[key], failed[key], orders[key], sales[key], refunds[key], refunded[key]
        )


def _row_of(at: datetime | None) -> str:
    """Return the row a moment belongs to; none if it has not come."""
    if at is None:
        return ""
    day = local_day(at)
    return day.isoformat() if FIRST_DAY <= day <= day_of(DAYS) else AFTER


def _added(moves: Iterable[tuple[str, Money | None]]) -> tuple[Counter[str], Counter[str]]:
    """Count what moved by row, and add it up."""
    many, amounts = Counter[str](), Counter[str]()
    for row, money in moves:
        if money is not None:
            many[row] += 1
            amounts[row] += money.minor
    return many, amounts


def _leader_row(shop: Shop, leader: Person) -> LeaderRow:
    statement = shop.statement(leader.id, PERIOD)
    lines = [line for line in shop.lines(statement) if line.posted_to is not Purse.AVAILABLE]
    mine = [line for line in lines if line.role is CommissionRole.LEADER]
    withdrawn = (w for w in shop.withdrawals if w.leader_id == leader.id)
    return LeaderRow(
        name=leader.name,
        orders=len({line.order_id for line in lines if line.order_id}),
        sales_fen=sum(line.base.minor for line in mine),
        **_header(statement),
        bonus_fen=sum(line.amount.minor for line in lines if is_bonus(line)),
        adjusted_fen=statement.adjusted.minor if statement else 0,
        withdrawn_fen=sum(w.amount.minor for w in withdrawn if w.state.value == "paid"),
    )


def _header(statement: Statement | None) -> dict[str, int]:
    if statement is None:
        return {"carried_fen": 0, "accrued_fen": 0, "reversals_fen": 0, "payable_fen": 0}
    return {
        "carried_fen": statement.carried.minor,
        "accrued_fen": statement.accrued.minor,
        "reversals_fen": statement.reversals.minor,
        "payable_fen": statement.payable.minor,
    }


def _next_rows(play: Play, shop: Shop) -> Iterator[NextRow]:
    for leader in play.cast.leaders:
        statement = shop.statement(leader.id, NEXT)
        if statement is not None and statement.deducted:
            yield NextRow(leader.name, deducted_fen=statement.deducted.minor, **_header(statement))


def _later(play: Play, shop: Shop) -> Later:
    then = before_later(play, shop.orders)
    bonus = bonus_of(play, then, PERIOD) - bonus_of(play, shop.orders, PERIOD)
    now = {order.id: order for order in shop.orders}
    refunded = sum(
        (now[key].refunded - before.refunded).minor for key, before in play.taken_later.items()
    )
    return Later(
        refunds=len(play.taken_later),
        refunded_fen=refunded,
        taken_back_fen=taken_back(play, shop.orders) + bonus,
        deducted_fen=sum(s.deducted.minor for s in shop.statements if s.period == NEXT),
    )


def _merchant_row(facts: Facts, number: int, merchant: Person) -> MerchantRow:
    month, after = facts.merchants[merchant.id]
    return MerchantRow(
        name=MERCHANTS[number].name,
        sales_fen=(month.sales + after.sales).minor,
        refunds_fen=(month.refunds + after.refunds).minor,
        commission_fen=(month.commission + after.commission).minor,
        fees_fen=(month.fees + after.fees).minor,
        paid_out_fen=(month.payouts + after.payouts).minor,
        owed_fen=after.closing.minor,
    )


def _bill(facts: Facts) -> Iterator[BillRow]:
    mine, told = ours(facts.shop), theirs(facts.bill)
    for kind, numbers in mine.items():
        yield BillRow(
            kind=kind.value,
            ours=len(numbers),
            ours_fen=sum(numbers.values()),
            theirs=len(told[kind]),
            theirs_fen=sum(told[kind].values()),
        )


def _proofs(play: Play, facts: Facts) -> Proofs:
    app, caller = play.stage.app, play.stage.caller
    audit = auditing.verify(app.desk, caller)
    broken = invariants.verify_all(app.desk, caller)

    return Proofs(
        journals=facts.shop.journals,
        ledger_findings=len(ledger_reports.verify(facts.books)),
        invariants=len(invariants.INVARIANTS),
        invariant_findings=len(broken),
        statement_lines=sum(each.lines for each in facts.verified),
        statement_differences=sum(len(each.differences) for each in facts.verified),
        bill_lines_matched=facts.reconciled.matched,
        bill_differences=facts.reconciled.differences,
        audit_seals=audit.seals,
        audit_rows=audit.rows,
        audit_findings=len(audit.findings),
    )
