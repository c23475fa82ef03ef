"""Publishing, joining, paying: what happens while campaigns sell."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from groupbuy.application import payments
from groupbuy.application.aftersale import leave_group
from groupbuy.application.checkout import Join, Joined, join_many
from groupbuy.application.ports import KeyClaim, PaymentOutcome
from groupbuy.application.write_path import Work
from groupbuy.domain.kernel import DomainError
from groupbuy.entrypoints.demo.client import Surprise
from groupbuy.entrypoints.demo.month.draw import batched
from groupbuy.entrypoints.demo.month.goods import MERCHANTS
from groupbuy.entrypoints.demo.month.plan import HELPERS, CampaignPlan, Fate, Wish
from groupbuy.entrypoints.demo.month.play import Play, Run, Ticket

TOGETHER = 50
"""How many joins, or announcements, share a transaction."""


def publish(play: Play, plan: CampaignPlan) -> Run:
    """Let a leader draft a campaign, its merchant agree, and the leader publish it."""
    leader = play.cast.leaders[plan.leader]
    merchant = play.cast.merchants[plan.number % len(MERCHANTS)]
    drafted = leader.visitor.post("/leader/campaigns", _contents(play, plan))
    key = drafted["id"]
    seen = merchant.visitor.get(f"/merchant/campaigns/{key}")
    merchant.visitor.post(f"/merchant/campaigns/{key}/approve", {"version": seen["version"]})
    leader.visitor.post(f"/leader/campaigns/{key}/schedule")
    return Run(plan, merchant, leader, key)


def join(play: Play, run: Run, wave: int) -> list[Ticket]:
    """Let everybody of a wave take a seat, and tell the provider what they owe."""
    wishes = [wish for wish in run.plan.wishes if wish.wave == wave]
    made = list[Ticket]()
    for some in batched(wishes, TOGETHER):
        made += _join_together(play, run, some)
    _announce(play, made)
    run.tickets += made
    return made


def pay(play: Play, tickets: Sequence[Ticket]) -> None:
    """Let many buyers pay at the provider, which tells the shop. Raises Surprise."""
    numbers = [ticket.number for ticket in tickets if ticket.wish.fate not in _NOT_NOW]
    if not numbers:
        return
    paid = play.stage.sandbox.control("/pay-many", {"numbers": numbers})
    if paid["refused"]:
        raise Surprise(f"the provider refuses {paid['refused']}")
    play.counts["paid"] += len(numbers)


def pay_after_all(play: Play, tickets: Sequence[Ticket]) -> None:
    """Let buyers pay what the provider had closed: such things happen."""
    provider = play.stage.sandbox
    play.each(lambda t: provider.control(f"/pay/{t.number}", {"force": True}), tickets)
    play.counts["paid"] += sum(ticket.wish.fate is Fate.SLOW for ticket in tickets)


def leave(play: Play, ticket: Ticket) -> None:
    """Let a buyer leave while the group forms."""
    play.act(ticket.buyer.caller, leave_group, ticket.order_id)


_NOT_NOW = frozenset({Fate.FORGOTTEN, Fate.LATE, Fate.SLOW})


def _contents(play: Play, plan: CampaignPlan) -> dict[str, Any]:
    offer: dict[str, Any] = {
        "sku_id": play.cast.variants[plan.good.code],
        "share_bp": plan.share_bp,
        "stock_policy": "presale" if plan.presale else "tracked",
    }
    contents: dict[str, Any] = {
        "title": plan.title,
        "mode": plan.mode,
        "starts_at": plan.starts_at.isoformat(),
        "ends_at": plan.ends_at.isoformat(),
        "offers": [offer],
    }
    if plan.quorum:
        contents["quorum"] = {"measure": "buyers", "target": plan.quorum}
    if plan.point is not None:
        contents |= {"pickup_point_ids": [play.cast.points[plan.point]], "express": False}
    return contents


def _join_together(play: Play, run: Run, wishes: Sequence[Wish]) -> list[Ticket]:
    buyers = [play.cast.buyer(wish.buyer, run.plan.leader) for wish in wishes]
    helper = HELPERS.get(run.plan.leader)
    joins = [
        Join(
            caller=buyer.caller,
            claim=KeyClaim(f"{run.id}/{buyer.caller.user_id}/joins", f"{wish.wave}", "demo"),
            campaign_id=run.id,
            items=((play.cast.variants[run.plan.good.code], wish.units),),
            contact=buyer.contact,
            pickup_point_id=None if run.plan.point is None else play.cast.points[run.plan.point],
            helper_id=play.cast.leaders[helper].id if wish.helped and helper is not None else None,
        )
        for wish, buyer in zip(wishes, buyers, strict=True)
    ]
    answers = join_many(play.stage.app.desk, joins, _rendered, _refused)
    tickets = list[Ticket]()
    for wish, buyer, said in zip(wishes, buyers, answers, strict=True):
        if isinstance(said, DomainError):
            raise said
        answer, _ = said
        if not answer.ok:
            raise Surprise(f"{run.plan.title}: {answer.body}")
        tickets.append(Ticket(wish, buyer, **json.loads(answer.body)))
    return tickets


def _rendered(joined: Joined) -> str:
    payment = joined.payment
    said = {"order_id": joined.order.id, "payment_id": payment.id, "number": payment.number}
    return json.dumps(said)


def _refused(error: DomainError) -> str:
    return f"{error.code} {dict(error.facts)}"


def _announce(play: Play, tickets: Sequence[Ticket]) -> None:
    """Tell the provider what is to be paid, as the page does that shows the code to scan."""
    app = play.stage.app
    for some in batched(sorted(tickets, key=lambda t: t.payment_id), TOGETHER):
        requests = play.look(partial(_requests, tickets=some))
        gateway = app.gateways[app.kit.policy.provider]
        reports = play.stage.crowd.each(gateway.prepay, requests)
        for report in reports:
            if report.outcome is not PaymentOutcome.PENDING or not report.pay_params:
                raise Surprise(f"payment {report.number} cannot be announced")
        params = {report.number: report.pay_params for report in reports}
        app.desk.run(play.stage.caller, partial(_announced, tickets=some, params=params))


def _requests(work: Work, tickets: Sequence[Ticket]) -> list[Any]:
    return [payments.prepay_request(work, ticket.payment_id) for ticket in tickets]


def _announced(work: Work, tickets: Sequence[Ticket], params: dict[str, str]) -> None:
    for ticket in tickets:
        payments.announced(work, ticket.payment_id, params[ticket.number])
