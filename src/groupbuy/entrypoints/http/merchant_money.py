"""What the caller's merchant is owed, was paid, and where it is paid."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from groupbuy.application import merchants
from groupbuy.application.merchants import MerchantAccount
from groupbuy.domain.kernel import Money
from groupbuy.domain.membership import Role
from groupbuy.domain.merchants import MerchantPayout, MerchantStatement, StatementLine
from groupbuy.domain.payouts import PayoutState
from groupbuy.entrypoints.http.amounts import END, MOST, Amount, amount
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.commission_schemas import PayoutAccountIn, PayoutAccountOut
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.visit import Visit

MERCHANT = only(Role.MERCHANT)
MERCHANT_MONEY = only(Role.MERCHANT, key=True)
AmountText = Annotated[
    int | None, QueryParameter(name="amount", ge=1, le=MOST, description="Minor units")
]


class PayoutIn(msgspec.Struct, forbid_unknown_fields=True):
    """A payout as it was shown to be due."""

    amount: Amount
    digest: Annotated[str, Meta(pattern="^[0-9a-f]{12,64}" + END, description="From what is due")]


class MerchantStatementOut(msgspec.Struct, frozen=True):
    """What is owed for a period; opening and the six changes add up to closing.

    Each change has its sign: above zero is owed to the merchant.
    """

    period: str
    since: datetime
    until: datetime
    opening: Amount
    sales: Amount
    refunds: Amount
    commission: Amount
    fees: Amount
    payouts: Amount
    other: Amount
    closing: Amount
    pending: Amount
    """Of it in the after-sale window."""
    payable: Amount
    in_transit: Amount
    lines: int


class StatementLineOut(msgspec.Struct, frozen=True):
    """What one journal changed."""

    journal_id: str
    at: datetime | None
    moment: str
    order_id: str | None
    subject: str
    """The order, refund, dispute or payout it is about."""
    sales: Amount
    refunds: Amount
    commission: Amount
    fees: Amount
    payouts: Amount
    other: Amount
    total: Amount


class MerchantPayoutOut(msgspec.Struct, frozen=True):
    """A payout and how far it got."""

    id: str
    state: PayoutState
    amount: Amount
    channel: str
    last_word: str
    requested_at: datetime
    finished_at: datetime | None


class PayoutDueOut(msgspec.Struct, frozen=True):
    """What may be paid out now, and the fingerprint to ask for it with."""

    payable: Amount
    """Vested and not paid out; below zero after a late refund."""
    held: Amount
    """Kept back for open after-sale cases."""
    free: Amount
    """What a payout may take at most."""
    amount: Amount
    """What the digest is of: what was asked about, else all that is free."""
    digest: str
    """Once any other payout of the merchant is asked for, it is refused."""
    account_set: bool


class MerchantMoney(Controller):
    """/merchant: statements, payouts and the payout account of the caller's merchant."""

    path = "/merchant"
    tags = ("merchant",)

    @get("/statements/{period:str}", opt=MERCHANT, sync_to_thread=True)
    def statement(
        self, period: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[MerchantStatementOut]:
        """Show what the merchant is owed for a period, e.g. 2026-10; it may still be running."""
        app = visit.app
        found = merchants.my_statement(app.desk, app.database, visit.caller, period)
        return Response(statement_out(found))

    @get("/statements/{period:str}/lines", opt=MERCHANT, sync_to_thread=True)
    def lines(
        self, period: FromPath[str], visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[StatementLineOut]]:
        """List every line of a statement with its order and journal, oldest first."""
        app, caller = visit.app, visit.caller
        found = merchants.my_lines(app.desk, app.database, caller, period, page.fetch, page.after)
        return page.answer(found, line_out, lambda each: each.booking.at)

    @get("/payouts", opt=MERCHANT, sync_to_thread=True)
    def payouts(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[MerchantPayoutOut]]:
        """List the merchant's payouts, newest first."""
        found = visit.read(lambda work: merchants.my_payouts(work, page.fetch, page.after))
        return page.answer(found, payout_out, lambda each: each.requested_at)

    @get("/payouts/due", opt=MERCHANT, sync_to_thread=True)
    def payout_due(
        self, visit: NamedDependency[Visit], minor: AmountText = None
    ) -> Response[PayoutDueOut]:
        """Show what the merchant may be paid now, and the digest to ask for it with."""
        currency = visit.app.kit.policy.currency
        wanted = None if minor is None else Money(minor, currency)
        return Response(due_out(visit.read(lambda work: merchants.my_due(work, wanted))))

    @post("/payouts", opt=MERCHANT_MONEY, sync_to_thread=True)
    def request_payout(
        self, data: JSONBody[PayoutIn], visit: NamedDependency[Visit]
    ) -> Response[MerchantPayoutOut]:
        """Ask for a payout; the balance is taken at once, finance approves."""
        said = (data.amount.money(), data.digest)
        return visit.once(lambda w: merchants.request_my_payout(w, *said), payout_out, 201)

    @post("/payouts/{payout_id:str}/cancel", opt=MERCHANT_MONEY, sync_to_thread=True)
    def cancel_payout(
        self, payout_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[MerchantPayoutOut]:
        """Give a payout up before it is approved; its money is payable again."""
        return visit.once(lambda w: merchants.cancel_my_payout(w, payout_id), payout_out)

    @get("/payout-account", opt=MERCHANT, sync_to_thread=True)
    def payout_account(self, visit: NamedDependency[Visit]) -> Response[PayoutAccountOut]:
        """Show where the merchant is paid, but only the end of the account."""
        return Response(account_out(visit.read(merchants.my_payout_account)))

    @put("/payout-account", opt=MERCHANT, sync_to_thread=True)
    def change_payout_account(
        self, data: JSONBody[PayoutAccountIn], visit: NamedDependency[Visit]
    ) -> Response[PayoutAccountOut]:
        """Say where the merchant is paid; payouts cool down after a change."""
        said = (data.channel, data.account, data.name)
        return visit.once(lambda work: merchants.change_payout_account(work, *said), account_out)


def statement_out(found: MerchantStatement) -> MerchantStatementOut:
    """Render a statement."""
    return MerchantStatementOut(
        period=found.period,
        since=found.since,
        until=found.until,
        opening=amount(found.opening),
        sales=amount(found.sales),
        refunds=amount(found.refunds),
        commission=amount(found.commission),
        fees=amount(found.fees),
        payouts=amount(found.payouts),
        other=amount(found.other),
        closing=amount(found.closing),
        pending=amount(found.waits["pending"]),
        payable=amount(found.waits["payable"]),
        in_transit=amount(found.waits["in_transit"]),
        lines=found.lines,
    )


def line_out(line: StatementLine) -> StatementLineOut:
    """Render a line."""
    booking = line.booking
    return StatementLineOut(
        journal_id=booking.id,
        at=booking.at,
        moment=booking.moment,
        order_id=booking.order_id or None,
        subject=booking.subject,
        sales=amount(line.sales),
        refunds=amount(line.refunds),
        commission=amount(line.commission),
        fees=amount(line.fees),
        payouts=amount(line.payouts),
        other=amount(line.other),
        total=amount(line.total),
    )


def due_out(found: merchants.Due) -> PayoutDueOut:
    """Render what may be paid out."""
    return PayoutDueOut(
        amount(found.payable),
        amount(found.held),
        amount(found.free),
        amount(found.amount),
        found.digest,
        found.account_set,
    )


def payout_out(payout: MerchantPayout) -> MerchantPayoutOut:
    """Render a payout, without its account."""
    return MerchantPayoutOut(
        id=payout.id,
        state=payout.state,
        amount=amount(payout.amount),
        channel=payout.channel,
        last_word=payout.last_word,
        requested_at=payout.requested_at,
        finished_at=payout.finished_at,
    )


def account_out(account: MerchantAccount) -> PayoutAccountOut:
    """Render where the merchant is paid."""
    return PayoutAccountOut(account.channel, account.tail, account.changed_at)
