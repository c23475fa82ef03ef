"""A shop whose merchant is paid: orders vest by hand, finance previews, asks, agrees and pays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

from attrs import evolve

from groupbuy.adapters.memory.payouts import MemoryPayouts
from groupbuy.application import merchants, payouts
from groupbuy.application.write_path import Caller
from groupbuy.domain.kernel import DomainError, Money
from groupbuy.domain.ledger import Balance
from groupbuy.domain.membership import Merchant, Role
from groupbuy.domain.merchants import MerchantPayout, MerchantStatement, StatementLine
from tests.support.earnings import FINANCE, TENANT, Earnings

MERCHANT = "mrc_1"
STAFF = Caller(TENANT, "usr_staff", frozenset({Role.MERCHANT}), merchant_id=MERCHANT)
CARD = ("bank_card", "6222 0212 3456 7890", "东门果行")
LATER = datetime(2026, 11, 3, 4, tzinfo=UTC)


class Trade:
    """One merchant on some storage, with money that vests."""

    def __init__(self, shop: Earnings) -> None:
        """Register the merchant and say where it is paid, long ago."""
        self.shop, self.desk, self.clock = shop, shop.desk, shop.clock
        self.provider = MemoryPayouts(shop.clock)
        shop.put(Merchant, Merchant(MERCHANT, "东门果行", self.clock.at))
        self.change_account()
        self.clock.at += timedelta(hours=48)
        self.leader = shop.leader()

    def change_account(self, who: Caller = STAFF) -> merchants.MerchantAccount:
        """Say where the merchant is paid."""
        return self.desk.run(who, lambda work: merchants.change_payout_account(work, *CARD))

    def sell(self, net: int) -> Any:
        """Let an order vest; a tenth of it is the leader's."""
        return self.shop.vest(self.shop.confirm(self.shop.order(self.leader.leader_id, {1: net})))

    def due(self, minor: int | None = None, who: Caller = FINANCE) -> merchants.Due:
        """Preview a payout."""
        amount = None if minor is None else Money(minor)
        return self.desk.read(who, lambda work: merchants.due(work, MERCHANT, amount))

    def request(
        self, minor: int | None = None, digest: str = "", who: Caller = FINANCE
    ) -> MerchantPayout:
        """Ask for a payout, as previewed a moment ago if nothing else is said."""
        planned = self.due(minor)
        cmd = merchants.RequestPayout(
            MERCHANT, planned.amount, digest or planned.digest, "for October"
        )
        return self.desk.run(who, lambda work: merchants.request_payout(work, cmd))

    def approve(self, payout: MerchantPayout, who: Caller) -> MerchantPayout:
        """Agree to a payout."""
        return self.desk.run(who, lambda work: merchants.approve_payout(work, payout.id, "ok"))

    def send(self, payout: MerchantPayout) -> datetime | None:
        """Do what the worker does."""
        return payouts.send_payout(self.desk, self.provider, TENANT, payout.id)

    def reload(self, payout: MerchantPayout) -> MerchantPayout:
        """Return a payout as it is stored."""
        return self.desk.read(FINANCE, lambda work: merchants.show_payout(work, payout.id))

    def payable(self) -> int:
        """Return what the balance row says."""
        account = f"merchant:{MERCHANT}:payable"
        found = self.desk.read(FINANCE, lambda work: work.of(Balance).find([account]))
        return found[account].amount if found else 0

    def statement(self, period: str, who: Caller = FINANCE) -> MerchantStatement:
        """Return the merchant's statement."""
        books: Any = self.shop.database
        return merchants.statement(self.desk, books, who, MERCHANT, period)

    def lines(self, period: str, who: Caller = FINANCE) -> list[StatementLine]:
        """Return its lines."""
        books: Any = self.shop.database
        return list(merchants.every_line(self.desk, books, who, MERCHANT, period))


def person(name: str) -> Caller:
    """Return somebody else of finance."""
    return evolve(FINANCE, user_id=name)


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run jobs in threads that start together; return each result or refusal."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return job()
        except DomainError as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))
