"""Whatever does not add up, each as one sentence."""

from collections import Counter
from collections.abc import Iterator

from attrs import evolve

from groupbuy.application import ledger_reports
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.reconciliation import Difference
from groupbuy.entrypoints.demo.month.calendar import NEXT, PERIOD
from groupbuy.entrypoints.demo.month.facts import Facts, ours, theirs
from groupbuy.entrypoints.demo.month.figures import Outcome, total
from groupbuy.entrypoints.demo.month.plan import LADDER_OF
from groupbuy.entrypoints.demo.month.play import Play
from groupbuy.entrypoints.demo.month.recount import bonus_in_all, commission_of
from groupbuy.entrypoints.demo.month.telling import is_bonus

_MOST_TOLD = 20
"""Findings of one kind that are told one by one."""
_RESTS = frozenset({OrderState.COMPLETED, OrderState.CLOSED, OrderState.EXPIRED})


def judged(play: Play, facts: Facts, outcome: Outcome) -> Outcome:
    """Return the outcome with everything in it that does not add up."""
    return evolve(outcome, findings=tuple(_findings(play, facts, outcome)))


def _findings(play: Play, facts: Facts, outcome: Outcome) -> Iterator[str]:
    for check in (
        _orders,
        _campaigns,
        _commission,
        _settlement,
        _later,
        _payouts,
        _bill,
        _reconciled,
    ):
        told = list(check(play, facts, outcome))
        yield from told[:_MOST_TOLD]
        if len(told) > _MOST_TOLD:
            yield f"and {len(told) - _MOST_TOLD} more of that kind"
    yield from _books(facts)
    yield from _proofs(outcome)


def _orders(play: Play, facts: Facts, outcome: Outcome) -> Iterator[str]:
    """As many orders are paid as were asked for, and each has come to its end."""
    if outcome.counts.paid != play.plan.orders:
        yield f"orders: {outcome.counts.paid} are paid, should be {play.plan.orders}"
    if total(outcome.days, "orders") != outcome.counts.paid:
        yield "orders: the days do not add up to the month"
    for order in facts.shop.orders:
        if order.state not in _RESTS:
            yield f"{order.id}: is still {order.state.value}"
    for refund in facts.shop.refunds:
        if refund.open:
            yield f"{refund.id}: has not gone back"


def _campaigns(play: Play, facts: Facts, _outcome: Outcome) -> Iterator[str]:
    """Each campaign came out as planned, and took the money it should."""
    captured = Counter[str]()
    campaign_of = {order.id: order.campaign_id for order in facts.shop.orders}
    for payment in facts.shop.payments:
        if payment.captured is not None:
            captured[campaign_of[payment.order_id]] += payment.captured.minor
    for run in play.runs:
        formed = facts.shop.groups[run.id].formed_at is not None
        if formed is not run.plan.forms:
            yield f"{run.plan.title}: formed is {formed}, should be {run.plan.forms}"
        if captured[run.id] != run.plan.captured_fen:
            yield f"{run.plan.title}: took {captured[run.id]}, should be {run.plan.captured_fen}"


def _commission(play: Play, facts: Facts, _outcome: Outcome) -> Iterator[str]:
    """Both statements together are what the orders as they are now deserve, leader by leader."""
    wanted = commission_of(play, facts.shop.orders)
    ladder = bonus_in_all(play, facts.shop.orders)
    for number, leader in enumerate(play.cast.leaders):
        lines = [
            line
            for period in (PERIOD, NEXT)
            for line in facts.shop.lines(facts.shop.statement(leader.id, period))
        ]
        found = sum(line.amount.minor for line in lines if not is_bonus(line))
        bonus = sum(line.amount.minor for line in lines if is_bonus(line))
        if found != wanted.get(leader.id, 0):
            yield f"{leader.name}: stated {found}, orders say {wanted.get(leader.id, 0)}"
        if bonus != (ladder if number == LADDER_OF else 0):
            yield f"{leader.name}: bonus {bonus}, sales say {ladder}"


def _settlement(play: Play, facts: Facts, outcome: Outcome) -> Iterator[str]:
    """What was previewed was settled, and every statement is the sum of its lines."""
    month = [s for s in facts.shop.statements if s.period == PERIOD]
    bonus = total(outcome.settlement, "bonus_fen")
    settled = sum(statement.settled.minor for statement in month) - bonus
    if not 0 < settled == play.planned_fen:
        yield f"settlement: {settled} settled beside the ladder, {play.planned_fen} previewed"
    for statement in facts.shop.statements:
        lines = list(facts.shop.lines(statement))
        parts = (statement.accrued, statement.reversals, statement.deducted, statement.adjusted)
        header, amount = sum(part.minor for part in parts), sum(x.amount.minor for x in lines)
        if (header, statement.lines) != (amount, len(lines)):
            yield f"{statement.id}: header {header} of {statement.lines}, lines {amount}"
    for verified in facts.verified:
        for each in verified.differences:
            yield f"{each.check} {each.subject}: {each.found}, should be {each.expected}"


def _later(_play: Play, _facts: Facts, outcome: Outcome) -> Iterator[str]:
    """What refunds took back after the settlement stands on the next statements, to the fen."""
    later = outcome.later
    if later.deducted_fen != -later.taken_back_fen or (later.refunds and not later.deducted_fen):
        yield f"next statements: {later.deducted_fen} deducted, {later.taken_back_fen} taken back"
    if later.refunds != outcome.counts.refunds_after_settlement:
        yield "refunds after the settlement: not all were made"


def _payouts(play: Play, facts: Facts, outcome: Outcome) -> Iterator[str]:
    """Who could withdraw has what was payable; merchants' statements add up."""
    least = play.stage.app.kit.policy.withdrawals.minimum
    for row in outcome.settlement:
        wanted = row.payable_fen if row.payable_fen >= least else 0
        if row.withdrawn_fen != wanted:
            yield f"{row.name}: withdrew {row.withdrawn_fen}, should be {wanted}"
    for both in facts.merchants.values():
        for statement in both:
            if not statement.adds_up:
                yield f"{statement.merchant_id}: statement {statement.period} does not add up"


def _bill(_play: Play, facts: Facts, outcome: Outcome) -> Iterator[str]:
    """Shop and provider know the same movements, number by number."""
    mine, told = ours(facts.shop), theirs(facts.bill)
    for kind, numbers in mine.items():
        for number in sorted({*numbers, *told[kind]}):
            here, there = numbers.get(number), told[kind].get(number)
            if here != there:
                yield f"{kind.value} {number}: the provider says {there}, the shop {here}"
    if outcome.provider_difference_fen:
        yield f"the provider keeps {outcome.provider_difference_fen} fen more than the ledger says"


def _reconciled(_play: Play, facts: Facts, _outcome: Outcome) -> Iterator[str]:
    """The shop's own comparison finds nothing either."""
    for each in facts.reconciled.findings:
        if each.difference is not Difference.OPEN:
            yield f"reconciliation: {each.difference.value} {each.kind.value} {each.number}"


def _books(facts: Facts) -> Iterator[str]:
    for each in ledger_reports.verify(facts.books):
        yield f"ledger: {each.check} {each.subject}: {each.found}, should be {each.expected}"


def _proofs(outcome: Outcome) -> Iterator[str]:
    debit, credit = (total(outcome.trial_balance, f"{side}_fen") for side in ("debit", "credit"))
    if debit != credit:
        yield f"trial balance: debits {debit}, credits {credit}"
    proofs = outcome.proofs
    if proofs.invariant_findings:
        yield f"ledger verify --everything: {proofs.invariant_findings} invariants are broken"
    if proofs.audit_findings or not proofs.audit_seals:
        yield f"audit: {proofs.audit_findings} findings in {proofs.audit_seals} seals"
