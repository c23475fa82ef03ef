"""Commission for leaders; settlements, withdrawals and the books for finance."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from groupbuy.application import commission, ledger_reports, withdrawals
from groupbuy.application.withdrawals import Decision, RequestWithdrawal
from groupbuy.domain.commission import EntryState, Withdrawal, WithdrawalState
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.http.auth import only
from groupbuy.entrypoints.http.commission_schemas import (
    EarningsOut,
    EntryOut,
    PayoutAccountIn,
    PayoutAccountOut,
    PreviewOut,
    RunIn,
    RunOut,
    StatementOut,
    StatementPageOut,
    TrialBalanceOut,
    VerifyOut,
    WhyIn,
    WithdrawalIn,
    WithdrawalOut,
    earnings_out,
    entry_out,
    payout_account_out,
    preview_out,
    run_out,
    statement_out,
    statement_page_out,
    trial_balance_out,
    verify_out,
    withdrawal_out,
)
from groupbuy.entrypoints.http.paging import Listing, Page
from groupbuy.entrypoints.http.problems import malformed
from groupbuy.entrypoints.http.statements import asked_for, file_of
from groupbuy.entrypoints.http.visit import Visit

LEADER = only(Role.LEADER)
LEADER_MONEY = only(Role.LEADER, key=True)
FINANCE = only(Role.FINANCE)
FINANCE_MONEY = only(Role.FINANCE, key=True)
EntryStateText = Annotated[EntryState | None, QueryParameter(name="state")]
StateText = Annotated[WithdrawalState | None, QueryParameter(name="state")]


class LeaderCommission(Controller):
    """What the calling leader earns, and how it reaches them."""

    path = "/leader"
    tags = ("commission",)

    @get("/commission", opt=LEADER, sync_to_thread=True)
    def earnings(self, visit: NamedDependency[Visit]) -> Response[EarningsOut]:
        """Show what is pending, vested and available."""
        return Response(earnings_out(visit.read(commission.my_earnings)))

    @get("/commission/entries", opt=LEADER, sync_to_thread=True)
    def entries(
        self,
        visit: NamedDependency[Visit],
        page: NamedDependency[Page],
        within: EntryStateText = None,
    ) -> Response[Listing[EntryOut]]:
        """List what was earned order line by order line, newest first."""
        found = visit.read(lambda work: commission.my_entries(work, page.fetch, page.after, within))
        return page.answer(found, entry_out, lambda each: each.created_at)

    @get("/statements", opt=LEADER, sync_to_thread=True)
    def statements(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[StatementOut]]:
        """List monthly statements, newest first."""
        found = visit.read(lambda work: commission.my_statements(work, page.fetch, page.after))
        return page.answer(found, statement_out, lambda each: each.period)

    @get("/statements/{statement_id:str}", opt=LEADER, sync_to_thread=True)
    def statement(
        self, statement_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[StatementPageOut]:
        """Show a statement with every line, its order, journal and dispute.

        With `.csv`, `.xlsx` or `.pdf` behind the id it is a file to keep.
        """
        key, form = asked_for(statement_id)
        found = visit.read(lambda work: commission.my_statement(work, key))
        return file_of(visit, found, form) if form else Response(statement_page_out(found))

    @get("/payout-account", opt=LEADER, sync_to_thread=True)
    def payout_account(self, visit: NamedDependency[Visit]) -> Response[PayoutAccountOut]:
        """Show where the leader is paid, but only the end of the account."""
        return Response(payout_account_out(visit.read(withdrawals.my_payout_account)))

    @put("/payout-account", opt=LEADER, sync_to_thread=True)
    def change_payout_account(
        self, data: JSONBody[PayoutAccountIn], visit: NamedDependency[Visit]
    ) -> Response[PayoutAccountOut]:
        """Say where to be paid; withdrawals cool down after a change."""
        cmd = data.command()
        return visit.once(
            lambda work: withdrawals.change_payout_account(work, cmd), payout_account_out
        )

    @get("/withdrawals", opt=LEADER, sync_to_thread=True)
    def withdrawals(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page]
    ) -> Response[Listing[WithdrawalOut]]:
        """List the leader's withdrawals, newest first."""
        found = visit.read(lambda work: withdrawals.my_withdrawals(work, page.fetch, page.after))
        return page.answer(found, _out(visit), lambda each: each.requested_at)

    @post("/withdrawals", opt=LEADER_MONEY, sync_to_thread=True)
    def withdraw(
        self, data: JSONBody[WithdrawalIn], visit: NamedDependency[Visit]
    ) -> Response[WithdrawalOut]:
        """Ask for money; the balance is taken at once, finance approves."""
        cmd = RequestWithdrawal(data.amount.money())
        return visit.once(lambda work: withdrawals.request_withdrawal(work, cmd), _out(visit), 201)

    @post("/withdrawals/{withdrawal_id:str}/cancel", opt=LEADER_MONEY, sync_to_thread=True)
    def cancel(
        self, withdrawal_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[WithdrawalOut]:
        """Give a withdrawal up before it is approved; the balance gets it back."""
        cmd = Decision(withdrawal_id)
        return visit.once(lambda work: withdrawals.cancel_withdrawal(work, cmd), _out(visit))


class SettlementDesk(Controller):
    """Monthly settlements, for finance. A settlement is called `stl_YYYY-MM`."""

    path = "/ops/settlements"
    tags = ("settlement",)

    @get("/{settlement_id:str}", opt=FINANCE, sync_to_thread=True)
    def preview(
        self, settlement_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[PreviewOut]:
        """Show what a month's settlement would do and has done; writes nothing."""
        period, desk = _period(settlement_id), visit.app.desk
        return Response(preview_out(commission.preview(desk, visit.caller, period)))

    @post("/{settlement_id:str}/run", opt=FINANCE_MONEY, status_code=200, sync_to_thread=True)
    def run(
        self, settlement_id: FromPath[str], data: JSONBody[RunIn], visit: NamedDependency[Visit]
    ) -> Response[RunOut]:
        """Do exactly what was previewed, or nothing if it changed; repeats skip what is done."""
        period, desk = _period(settlement_id), visit.app.desk
        return visit.once_in_steps(
            lambda: commission.run(desk, visit.caller, period, data.digest, data.reason), run_out
        )

    @get("/{settlement_id:str}/leaders/{leader_id:str}", opt=FINANCE, sync_to_thread=True)
    def statement(
        self, settlement_id: FromPath[str], leader_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[StatementPageOut]:
        """Show one leader's statement with every line, its order, journal and dispute.

        With `.csv`, `.xlsx` or `.pdf` behind the leader's id it is a file to keep.
        """
        period, (key, form) = _period(settlement_id), asked_for(leader_id)
        found = visit.read(lambda work: commission.show(work, key, period))
        return file_of(visit, found, form) if form else Response(statement_page_out(found))


class WithdrawalDesk(Controller):
    """Withdrawals, for finance."""

    path = "/ops/withdrawals"
    tags = ("withdrawals",)

    @get("/", opt=FINANCE, sync_to_thread=True)
    def list_withdrawals(
        self, visit: NamedDependency[Visit], page: NamedDependency[Page], within: StateText = None
    ) -> Response[Listing[WithdrawalOut]]:
        """List everybody's withdrawals, newest first."""
        states = () if within is None else (within,)
        found = visit.read(
            lambda work: withdrawals.list_withdrawals(work, states, page.fetch, page.after)
        )
        return page.answer(found, _out(visit), lambda each: each.requested_at)

    @post("/{withdrawal_id:str}/approve", opt=FINANCE_MONEY, status_code=200, sync_to_thread=True)
    def approve(
        self, withdrawal_id: FromPath[str], data: JSONBody[WhyIn], visit: NamedDependency[Visit]
    ) -> Response[WithdrawalOut]:
        """Approve; large ones need a second person. The last approval sends the money."""
        cmd = Decision(withdrawal_id, data.reason)
        return visit.once(lambda work: withdrawals.approve_withdrawal(work, cmd), _out(visit))

    @post("/{withdrawal_id:str}/hold", opt=FINANCE_MONEY, status_code=200, sync_to_thread=True)
    def hold(
        self, withdrawal_id: FromPath[str], data: JSONBody[WhyIn], visit: NamedDependency[Visit]
    ) -> Response[WithdrawalOut]:
        """Stop it for a question; approvals given before are asked for again."""
        cmd = Decision(withdrawal_id, data.reason)
        return visit.once(lambda work: withdrawals.hold_withdrawal(work, cmd), _out(visit))

    @post("/{withdrawal_id:str}/resume", opt=FINANCE_MONEY, status_code=200, sync_to_thread=True)
    def resume(
        self, withdrawal_id: FromPath[str], data: JSONBody[WhyIn], visit: NamedDependency[Visit]
    ) -> Response[WithdrawalOut]:
        """Let it wait for approval again."""
        cmd = Decision(withdrawal_id, data.reason)
        return visit.once(lambda work: withdrawals.resume_withdrawal(work, cmd), _out(visit))

    @post("/{withdrawal_id:str}/cancel", opt=FINANCE_MONEY, status_code=200, sync_to_thread=True)
    def cancel(
        self, withdrawal_id: FromPath[str], data: JSONBody[WhyIn], visit: NamedDependency[Visit]
    ) -> Response[WithdrawalOut]:
        """Refuse it before it is approved; the balance gets the money back."""
        cmd = Decision(withdrawal_id, data.reason)
        return visit.once(lambda work: withdrawals.cancel_withdrawal(work, cmd), _out(visit))


class LedgerDesk(Controller):
    """The books, for finance."""

    path = "/ops/ledger"
    tags = ("ledger",)

    @get("/verify", opt=FINANCE, sync_to_thread=True)
    def verify(self, visit: NamedDependency[Visit]) -> Response[VerifyOut]:
        """Check that the books are right; anything found is listed."""
        books = ledger_reports.books(visit.app.database, visit.caller)
        return Response(verify_out(ledger_reports.verify(books)))

    @get("/trial-balance", opt=FINANCE, sync_to_thread=True)
    def trial_balance(self, visit: NamedDependency[Visit]) -> Response[TrialBalanceOut]:
        """Sum up every kind of account."""
        books = ledger_reports.books(visit.app.database, visit.caller)
        return Response(trial_balance_out(ledger_reports.trial_balance(books)))


def _out(visit: Visit) -> Callable[[Withdrawal], WithdrawalOut]:
    return partial(withdrawal_out, rules=visit.app.kit.policy.withdrawals)


def _period(settlement_id: str) -> str:
    """Return the month of `stl_YYYY-MM`; which months there are the use case knows."""
    if not settlement_id.startswith("stl_"):
        raise malformed("settlement_id", "pattern")
    return settlement_id.removeprefix("stl_")
