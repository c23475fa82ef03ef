"""What came of the story: the document, whether it adds up, and a table for a person."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import asdict, evolve, frozen

from groupbuy.application import ledger_reports
from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.commission import WithdrawalState
from groupbuy.domain.kernel import Money
from groupbuy.domain.ledger import Journal
from groupbuy.domain.payments import RefundCause, RefundState
from groupbuy.entrypoints.cli.output import money_text
from groupbuy.entrypoints.demo.plans import PLANS, Plan
from groupbuy.entrypoints.demo.story import Run, Story

_FORMED = frozenset({"formed", "ended"})
_DECIDED = frozenset({*_FORMED, "failed"})


@frozen
class CampaignResult:
    """What came of one campaign. `joined` counts people who paid in time."""

    name: str
    mode: str
    quorum: int
    joined: int
    outcome: str
    captured_fen: int
    refunded_fen: int


@frozen
class CommissionResult:
    """What the leaders earned after reversals, were credited, and have received."""

    accrued_fen: int
    settled_fen: int
    withdrawn_fen: int


@frozen
class LedgerResult:
    """How the books stand; the difference is theirs minus ours, of money at the provider."""

    journals: int
    balanced: bool
    provider_difference_fen: int


@frozen
class LateResult:
    """Payments that came after the end."""

    payments: int
    captured_fen: int
    refunded_fen: int


@frozen
class Outcome:
    """The whole document."""

    campaigns: tuple[CampaignResult, ...]
    orders: Mapping[str, int]
    """How many orders stand at each label."""
    commission: CommissionResult
    ledger: LedgerResult
    late: LateResult
    books: tuple[str, ...] = ()
    """What `ledger verify` and the provider's journal found wrong."""
    findings: tuple[str, ...] = ()
    """Everything that does not add up; empty is good."""

    def document(self) -> dict[str, Any]:
        """Return it as the one JSON document."""
        said = asdict(self)
        del said["books"]
        said["late_payment"] = said.pop("late")
        return said


def gather_outcome(story: Story) -> Outcome:
    """Ask shop and provider what happened. Raises Surprise if they do not answer."""
    operator = story.cast.operator
    orders = {
        run.id: operator.every(f"/merchant/orders/?campaign_id={run.id}") for run in story.runs
    }
    journal = story.stage.sandbox.control("/journal")
    outcome = Outcome(
        campaigns=tuple(_campaign(story, run, orders[run.id]) for run in story.runs),
        orders=Counter(order["label"] for each in orders.values() for order in each),
        commission=_commission(story),
        ledger=_ledger(story, journal),
        late=_late(story, orders.values()),
        books=(*_books(story, journal), *_strange_payments(orders.values(), journal)),
    )
    return judged(outcome, PLANS)


def judged(outcome: Outcome, plans: Sequence[Plan]) -> Outcome:
    """Return the outcome with everything in it that does not add up."""
    found = [
        *outcome.books,
        *_campaign_findings(outcome, plans),
        *_commission_findings(outcome.commission),
        *_ledger_findings(outcome),
        *_order_findings(outcome, plans),
    ]
    return evolve(outcome, findings=tuple(found))


def _campaign_findings(outcome: Outcome, plans: Sequence[Plan]) -> Iterator[str]:
    for plan, found in zip(plans, outcome.campaigns, strict=True):
        for name in ("joined", "outcome", "captured_fen", "refunded_fen"):
            told, wanted = getattr(found, name), getattr(plan, name)
            if told != wanted:
                yield f"{plan.name}: {name} is {told}, should be {wanted}"
    late, wanted_late = outcome.late, sum(plan.late for plan in plans)
    if late.payments != wanted_late or late.captured_fen != late.refunded_fen:
        yield f"late payments: {late.payments} of {wanted_late}, {late.refunded_fen} went back"


def _commission_findings(found: CommissionResult) -> Iterator[str]:
    if not 0 < found.accrued_fen == found.settled_fen == found.withdrawn_fen:
        yield (
            f"commission: {found.accrued_fen} earned, {found.settled_fen} settled,"
            f" {found.withdrawn_fen} withdrawn"
        )


def _ledger_findings(outcome: Outcome) -> Iterator[str]:
    if not outcome.ledger.journals or not outcome.ledger.balanced:
        yield "ledger: the books do not balance"
    if outcome.ledger.provider_difference_fen:
        yield f"ledger: the provider has {outcome.ledger.provider_difference_fen} fen more"


def _order_findings(outcome: Outcome, plans: Sequence[Plan]) -> Iterator[str]:
    wanted = Counter[str]()
    for plan in plans:
        good = plan.joined - plan.spoiled if plan.outcome == "formed" else 0
        wanted["completed"] += good - plan.lowered
        wanted["partly_refunded"] += plan.lowered
        wanted["refunded"] += plan.joined + plan.late - good
    wanted = +wanted
    if dict(outcome.orders) != dict(wanted):
        yield f"orders: {dict(outcome.orders)}, should be {dict(wanted)}"


def _campaign(story: Story, run: Run, orders: Iterable[Any]) -> CampaignResult:
    shown = story.cast.operator.get(f"/shop/campaigns/{run.id}")
    outcome = _decided(_state(story, group_id) for group_id in run.teams or [run.group_id])
    orders = list(orders)
    in_time = {order["buyer_id"] for order in orders if order["placed_at"]}
    return CampaignResult(
        name=shown["title"],
        mode=shown["mode"],
        quorum=shown["quorum"]["target"] if shown["quorum"] else 0,
        joined=len(in_time),
        outcome=outcome,
        captured_fen=sum(map(_captured, orders)),
        refunded_fen=sum(map(_refunded, orders)),
    )


def _state(story: Story, group_id: str) -> str:
    return str(story.cast.operator.get(f"/shop/groups/{group_id}/progress")["state"])


def _decided(states: Iterable[str]) -> str:
    """Return what became of one group or of all teams, in one word if they agree."""
    found = {
        state if state not in _DECIDED else "formed" if state in _FORMED else "failed"
        for state in states
    }
    return ", ".join(sorted(found))


def _captured(order: Any) -> int:
    return sum(each["captured"]["amount"] for each in order["payments"] if each["captured"])


def _refunded(order: Any, cause: RefundCause | None = None) -> int:
    return sum(
        each["amount"]["amount"]
        for each in order["refunds"]
        if each["state"] == RefundState.SUCCEEDED.value
        and (cause is None or each["cause"] == cause.value)
    )


def _late(story: Story, orders: Iterable[Iterable[Any]]) -> LateResult:
    known = {ticket.order_id for run in story.runs for ticket in run.late}
    late = [order for each in orders for order in each if order["id"] in known]
    return LateResult(
        payments=len(late),
        captured_fen=sum(map(_captured, late)),
        refunded_fen=sum(_refunded(order, RefundCause.LATE_PAYMENT) for order in late),
    )


def _commission(story: Story) -> CommissionResult:
    accrued = settled = withdrawn = 0
    for leader in story.cast.leaders:
        visitor = leader.visitor
        entries = visitor.every("/leader/commission/entries")
        accrued += sum(each["amount"]["amount"] for each in entries)
        statements = visitor.every("/leader/statements")
        settled += sum(each["settled"]["amount"] for each in statements)
        withdrawals = visitor.every("/leader/withdrawals")
        withdrawn += sum(
            each["amount"]["amount"]
            for each in withdrawals
            if each["state"] == WithdrawalState.PAID.value
        )
    return CommissionResult(accrued, settled, withdrawn)


def _ledger(story: Story, journal: Any) -> LedgerResult:
    """Compare our books with the provider's own journal."""
    stage = story.stage
    picture = ledger_reports.books(stage.app.database, stage.caller)
    ours = picture.net(f"clearing:{stage.settings.policy.provider}")
    theirs = sum(each["amount"] for each in journal["movements"])
    count = stage.read(_journals)
    return LedgerResult(
        count, not picture.unbalanced and not sum(picture.nets.values()), theirs - ours
    )


def _journals(work: Work) -> int:
    return sum(1 for _ in every(work.of(Journal), Query()))


def _books(story: Story, journal: Any) -> Iterator[str]:
    """Yield what `ledger verify` finds, and what the provider could not tell us."""
    stage = story.stage
    picture = ledger_reports.books(stage.app.database, stage.caller)
    for each in ledger_reports.verify(picture):
        yield f"ledger: {each.check} {each.subject}: {each.found}, should be {each.expected}"
    if undelivered := sum(journal["callbacks"].get(state, 0) for state in ("waiting", "given_up")):
        yield f"provider: {undelivered} callbacks never arrived"


def _strange_payments(orders: Iterable[Iterable[Any]], journal: Any) -> Iterator[str]:
    """Yield every payment of which shop and provider do not know the same."""
    theirs = Counter[str]()
    for each in journal["movements"]:
        if each["payment_number"]:
            theirs[each["payment_number"]] += each["amount"]
    for order in (order for each in orders for order in each):
        known = sum(theirs.pop(payment["number"], 0) for payment in order["payments"])
        ours = _captured(order) - _refunded(order)
        if known != ours:
            yield f"{order['id']}: the provider keeps {known} fen, the shop says {ours}"
    for number in theirs:
        yield f"payment {number}: no order of the story is known for it"


def lines(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Yield the closing sentences under the table: zh-CN, en."""
    earned, late, ledger = outcome.commission, outcome.late, outcome.ledger
    accrued, settled, paid = map(
        _yuan, (earned.accrued_fen, earned.settled_fen, earned.withdrawn_fen)
    )
    yield (
        f"佣金：团长共得 {accrued}，已结算 {settled}，已提现 {paid}",
        f"Commission: {accrued} earned, {settled} settled, {paid} withdrawn",
    )
    captured, refunded = _yuan(late.captured_fen), _yuan(late.refunded_fen)
    yield (
        f"迟到的付款：{late.payments} 笔 {captured}，原路退回 {refunded}",
        f"Late payments: {late.payments} of {captured}, {refunded} went back where it came from",
    )
    apart = _yuan(ledger.provider_difference_fen)
    even = ("相等", "balanced") if ledger.balanced else ("不相等", "NOT balanced")
    yield (
        (f"账本：{ledger.journals} 笔分录，借贷{even[0]}，与支付渠道相差 {apart}"),
        (f"Ledger: {ledger.journals} journals, {even[1]}, {apart} apart from the provider"),
    )
    yield from ((f"✗ {finding}", f"✗ {finding}") for finding in outcome.findings)


def _yuan(fen: int) -> str:
    return money_text(Money(fen))
