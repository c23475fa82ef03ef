"""Settling the month, paying it out, and what is refunded when it is already settled."""

from functools import partial

from groupbuy.application import commission, merchants
from groupbuy.application.aftersale import UnitsBack, refund_order, refund_units
from groupbuy.application.merchants import RequestPayout
from groupbuy.application.reconciliation import Ask
from groupbuy.application.write_path import Work
from groupbuy.domain.commission import WithdrawalState, payout_number
from groupbuy.domain.ordering import Order
from groupbuy.entrypoints.demo.month.calendar import PERIOD
from groupbuy.entrypoints.demo.month.cast import Person
from groupbuy.entrypoints.demo.month.plan import LATER, Fate
from groupbuy.entrypoints.demo.month.play import Play, Run, Ticket
from groupbuy.entrypoints.reconciling import neighbours, reconcile_with_provider


def preview(play: Play) -> None:
    """Note what the settlement would do on the last evening of the month."""
    caller = play.cast.finance[0].caller
    planned = commission.preview(play.stage.app.desk, caller, PERIOD)
    play.planned_fen = planned.total("settled").minor


def is_settled(play: Play, period: str) -> bool:
    """Tell whether the worker has settled a month for everybody."""
    shown = commission.preview(play.stage.app.desk, play.cast.finance[0].caller, period)
    return all(portion.statement_id for portion in shown.portions)


def book_fees(play: Play) -> None:
    """Let finance compare the last days with the provider's bill, and book its fees."""
    app, caller = play.stage.app, play.cast.finance[0].caller
    ask = Ask(
        app.kit.policy.provider,
        book_fees=True,
        reason="the provider kept them",
        neighbours=neighbours(app, caller.tenant),
    )
    reconcile_with_provider(app, caller, ask)


def withdraw(play: Play, leader: Person) -> None:
    """Ask for everything; finance agrees, two people to a large amount; wallets are confirmed."""
    available = leader.visitor.get("/leader/commission")["available"]
    if available["amount"] < play.stage.app.kit.policy.withdrawals.minimum:
        return
    asked = leader.visitor.post("/leader/withdrawals", {"amount": available})
    for approver in play.cast.finance[: asked["approvals_needed"]]:
        said = {"reason": "月度提现"}
        approver.visitor.post(f"/ops/withdrawals/{asked['id']}/approve", said)
    play.stage.quiet()
    sent = leader.visitor.get("/leader/withdrawals")["items"][0]
    if sent["state"] == WithdrawalState.AWAITING_USER.value:
        play.stage.sandbox.control(f"/confirm-transfer/{payout_number(sent['id'])}")
        play.stage.quiet()


def pay_merchant(play: Play, merchant: Person) -> None:
    """Preview what a merchant may be paid, ask for exactly that, and let two others agree."""
    asking, *approving = play.cast.finance
    due = play.stage.app.desk.read(asking.caller, partial(merchants.due, merchant_id=merchant.id))
    if due.free.minor < play.stage.app.kit.policy.withdrawals.minimum:
        return
    wish = RequestPayout(merchant.id, due.amount, due.digest, "月度结算")
    payout = play.act(asking.caller, merchants.request_payout, wish)
    above = play.stage.app.kit.policy.withdrawals.two_approvers_above
    for approver in approving[: 1 + (due.amount.minor > above)]:
        play.act(approver.caller, merchants.approve_payout, payout.id, "月度结算")
    play.stage.quiet()


def refund_later(play: Play, turn: int, turns: int) -> None:
    """Refund a part of what turns out bad after the settlement: every so many-th order."""
    found = list(play.tickets(*LATER))
    for run, ticket in found[turn::turns]:
        order = play.look(partial(_order, order_id=ticket.order_id))
        play.taken_later[order.id] = order
        _refund(play, run, ticket)
    play.stage.quiet()


def _order(work: Work, order_id: str) -> Order:
    return work.of(Order).get(order_id)


def _refund(play: Play, run: Run, ticket: Ticket) -> None:
    merchant, why = run.merchant.caller, "迟发现的质量问题"
    if ticket.wish.fate is Fate.LATER_WHOLE:
        play.act(merchant, refund_order, ticket.order_id, why)
    else:
        play.act(merchant, refund_units, UnitsBack(ticket.order_id, 1, 1), why)
