"""Everything the shop and the provider know once the month is over, read once."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial

from attrs import frozen

from groupbuy.application import commission, ledger_reports, merchants
from groupbuy.application.commission import Verified
from groupbuy.application.ports import BillLine, Query
from groupbuy.application.ports.reporting import LedgerPicture
from groupbuy.application.reconciliation import Ask
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.campaigns import Group
from groupbuy.domain.commission import Entry, Statement, Withdrawal
from groupbuy.domain.ledger import Journal
from groupbuy.domain.membership import Leader
from groupbuy.domain.merchants import MerchantPayout, MerchantStatement
from groupbuy.domain.ordering import Order
from groupbuy.domain.payments import Payment, Refund
from groupbuy.domain.reconciliation import BilledFee, Movement, Reconciliation
from groupbuy.entrypoints.demo.clock import ZONE
from groupbuy.entrypoints.demo.month.calendar import FIRST_DAY, NEXT, OVER, PERIOD
from groupbuy.entrypoints.demo.month.cast import Person
from groupbuy.entrypoints.demo.month.play import Play
from groupbuy.entrypoints.reconciling import neighbours, reconcile_with_provider

Numbers = Mapping[str, int]
"""Signed minor units by number at the provider: money in is positive."""


@frozen
class Shop:
    """What the shop has stored."""

    orders: tuple[Order, ...]
    payments: tuple[Payment, ...]
    refunds: tuple[Refund, ...]
    groups: dict[str, Group]
    """By campaign."""
    entries: tuple[Entry, ...]
    statements: tuple[Statement, ...]
    withdrawals: tuple[Withdrawal, ...]
    payouts: tuple[MerchantPayout, ...]
    fees: tuple[BilledFee, ...]
    leaders: dict[str, Leader]
    journals: int

    def statement(self, leader_id: str, period: str) -> Statement | None:
        """Return one leader's statement of a period, if there is one."""
        mine = (s for s in self.statements if (s.leader_id, s.period) == (leader_id, period))
        return next(mine, None)

    def lines(self, statement: Statement | None) -> Iterator[Entry]:
        """Yield the lines of a statement."""
        key = statement.id if statement else ""
        return (entry for entry in self.entries if entry.statement_id == key)


@frozen
class Facts:
    """What the shop has stored, and what its own reports and the provider say about it."""

    shop: Shop
    books: LedgerPicture
    bill: tuple[BillLine, ...]
    """The provider's statement of all time."""
    reconciled: Reconciliation
    """What the shop's own comparison with it found."""
    verified: tuple[Verified, ...]
    """Its statements, each computed anew."""
    merchants: dict[str, tuple[MerchantStatement, MerchantStatement]]
    """Of the month and the next one, by merchant."""
    clearing_fen: int
    """What the books say is at the provider."""


def read_facts(play: Play) -> Facts:
    """Read everything. Raises DomainError where the shop or the provider does not answer."""
    app, caller = play.stage.app, play.stage.caller
    books = ledger_reports.books(app.database, caller)
    finance = play.cast.finance[0].caller
    verify = partial(commission.verify_period, app.desk, finance)
    provider = app.kit.policy.provider
    return Facts(
        shop=play.look(_shop),
        books=books,
        bill=tuple(app.bills[provider].bill()),
        reconciled=_reconciled(play),
        verified=(verify(PERIOD), verify(NEXT)),
        merchants={each.id: _owed(play, each) for each in play.cast.merchants},
        clearing_fen=books.net(f"clearing:{provider}"),
    )


def ours(shop: Shop) -> dict[Movement, Numbers]:
    """Return what the shop says has moved at the provider, by kind and number."""
    paid = {p.number: p.captured.minor for p in shop.payments if p.captured is not None}
    back = {r.number: -r.amount.minor for r in shop.refunds if not r.open}
    out = {w.number: w.tax.minor - w.amount.minor for w in shop.withdrawals if _is_paid(w)}
    out |= {p.number: -p.amount.minor for p in shop.payouts if _is_paid(p)}
    fees = {fee.number: fee.amount.minor for fee in shop.fees}
    return {
        Movement.PAYMENT: paid,
        Movement.REFUND: back,
        Movement.PAYOUT: out,
        Movement.FEE: fees,
    }


def theirs(bill: tuple[BillLine, ...]) -> dict[Movement, Numbers]:
    """Return what the provider says, in the same shape; a number told twice counts twice."""
    found: dict[Movement, dict[str, int]] = {kind: {} for kind in Movement}
    for line in bill:
        numbers = found[Movement(line.kind)]
        numbers[line.number] = numbers.get(line.number, 0) + line.amount.minor
    return dict(found)


def local_day(at: datetime) -> date:
    """Return the day of an instant where the neighbourhood lives."""
    return at.astimezone(ZONE).date()


def _is_paid(payout: Withdrawal | MerchantPayout) -> bool:
    return payout.state.value == "paid"


def _shop(work: Work) -> Shop:
    return Shop(
        orders=tuple(every(work.of(Order), Query())),
        payments=tuple(every(work.of(Payment), Query())),
        refunds=tuple(every(work.of(Refund), Query())),
        groups={group.campaign_id: group for group in every(work.of(Group), Query())},
        entries=tuple(every(work.of(Entry), Query())),
        statements=tuple(every(work.of(Statement), Query())),
        withdrawals=tuple(every(work.of(Withdrawal), Query())),
        payouts=tuple(every(work.of(MerchantPayout), Query())),
        fees=tuple(every(work.of(BilledFee), Query())),
        leaders={leader.id: leader for leader in every(work.of(Leader), Query())},
        journals=sum(1 for _ in every(work.of(Journal), Query())),
    )


def _reconciled(play: Play) -> Reconciliation:
    """Compare all days with the bill, as `groupbuy reconcile run` does."""
    app, caller = play.stage.app, play.cast.finance[0].caller
    ask = Ask(
        app.kit.policy.provider,
        first=FIRST_DAY,
        last=OVER.date() - timedelta(days=1),
        neighbours=neighbours(app, caller.tenant),
    )
    return reconcile_with_provider(app, caller, ask)


def _owed(play: Play, merchant: Person) -> tuple[MerchantStatement, MerchantStatement]:
    app = play.stage.app
    both = (
        merchants.my_statement(app.desk, app.database, merchant.caller, period)
        for period in (PERIOD, NEXT)
    )
    month, after = both
    return month, after
