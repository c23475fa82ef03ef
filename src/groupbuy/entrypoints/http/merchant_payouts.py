"""Payouts to merchants, for finance: what waits for an approval, and the approval."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from groupbuy.application import merchants
from groupbuy.domain.membership import Role
from groupbuy.domain.merchants import MerchantPayout
from groupbuy.domain.payouts import PayoutState
from groupbuy.entrypoints.http.amounts import Amount, amount
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.commission_schemas import WhyIn
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit

FINANCE = only(Role.FINANCE)
FINANCE_MONEY = only(Role.FINANCE, key=True)
StateText = Annotated[PayoutState | None, QueryParameter(name="state")]


class PayoutOut(msgspec.Struct, frozen=True):
    """A payout to a merchant as finance sees it, never its account."""

    id: str
    merchant_id: str
    state: PayoutState
    amount: Amount
    channel: str
    requested_by: str
    approvals: list[str]
    """Users who approved, in order."""
    hold_reason: str
    last_word: str
    """The provider's, or why it was cancelled."""
    requested_at: datetime
    finished_at: datetime | None


class MerchantPayoutDesk(Controller):
    """/ops/merchant-payouts."""

    path = "/ops/merchant-payouts"
    tags = ("settlement",)

    @get("/", opt=FINANCE, sync_to_thread=True)
    def list_payouts(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page], within: StateText = None
    ) -> Response[Listing[PayoutOut]]:
        """List every merchant's payouts, newest first."""
        states = () if within is None else (within,)
        found = visit.read(
            lambda work: merchants.list_payouts(work, states, "", page.fetch, page.after)
        )
        return page.answer(found, finance_payout_out, lambda each: each.requested_at)

    @post("/{payout_id:str}/approve", opt=FINANCE_MONEY, status_code=200, sync_to_thread=True)
    def approve(
        self, payout_id: FromPath[str], data: JSONBody[WhyIn], visit: NamedDependency[Visit]
    ) -> Response[PayoutOut]:
        """Approve; large ones need a second person. The last approval sends the money."""
        return visit.once(
            lambda work: merchants.approve_payout(work, payout_id, data.reason), finance_payout_out
        )

    @post("/{payout_id:str}/hold", opt=FINANCE_MONEY, status_code=200, sync_to_thread=True)
    def hold(
        self, payout_id: FromPath[str], data: JSONBody[WhyIn], visit: NamedDependency[Visit]
    ) -> Response[PayoutOut]:
        """Stop it for a question; approvals given before are asked for again."""
        return visit.once(
            lambda work: merchants.hold_payout(work, payout_id, data.reason), finance_payout_out
        )

    @post("/{payout_id:str}/resume", opt=FINANCE_MONEY, status_code=200, sync_to_thread=True)
    def resume(
        self, payout_id: FromPath[str], data: JSONBody[WhyIn], visit: NamedDependency[Visit]
    ) -> Response[PayoutOut]:
        """Let it wait for approval again."""
        return visit.once(
            lambda work: merchants.resume_payout(work, payout_id, data.reason), finance_payout_out
        )

    @post("/{payout_id:str}/cancel", opt=FINANCE_MONEY, status_code=200, sync_to_thread=True)
    def cancel(
        self, payout_id: FromPath[str], data: JSONBody[WhyIn], visit: NamedDependency[Visit]
    ) -> Response[PayoutOut]:
        """Refuse it before it is approved; its money is payable again."""
        return visit.once(
            lambda work: merchants.cancel_payout(work, payout_id, data.reason), finance_payout_out
        )


def finance_payout_out(payout: MerchantPayout) -> PayoutOut:
    """Render a payout."""
    return PayoutOut(
        id=payout.id,
        merchant_id=payout.merchant_id,
        state=payout.state,
        amount=amount(payout.amount),
        channel=payout.channel,
        requested_by=payout.requested_by,
        approvals=list(payout.approvals),
        hold_reason=payout.hold_reason,
        last_word=payout.last_word,
        requested_at=payout.requested_at,
        finished_at=payout.finished_at,
    )
