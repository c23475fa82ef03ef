"""The books through a whole purchase, with the use cases everybody else runs."""

import pytest

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.application import aftersale, commission, fulfilment, withdrawals
from groupbuy.application.ledger_reports import compare_with_bill, verify
from groupbuy.application.ports import ParcelState
from groupbuy.application.steps.parcels import Parcel
from groupbuy.application.withdrawals import Decision, RequestWithdrawal
from groupbuy.domain.commission import Entry, EntryState, Withdrawal, WithdrawalState
from groupbuy.domain.kernel import Money
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import OrderState
from tests.support.shop import TENANT, Shop

SHARE = 79_920 * 500 // 10_000
"""What 5 % of one watch at 80 % of ¥999.00 are."""


class Books:
    """A shop whose books are checked after every step."""

    def __init__(self):
        self.database = MemoryDatabase()
        self.shop = Shop(self.database.begin)
        self.leader = self.shop.leader()
        self.me = self.shop.leader_caller(self.leader)
        self.finance = self.shop.caller("usr_finance", Role.FINANCE)

    def check(self):
        self.shop.work_off()
        picture = self.database.ledger(TENANT)
        bill = [*self.shop.gateway.movements, *self.shop.payouts.movements]
        assert self.shop.trouble == []
        assert verify(picture) == []
        assert compare_with_bill(picture, "memory", bill) == []
        return picture

    def net(self, account):
        return self.check().net(f"leader:{self.leader.id}:{account}")

    def deliver(self, joined, number):
        shop, seller = self.shop, self.shop.merchant_caller()
        parcel = Parcel(joined.order.id, "sf", number)
        shop.desk.run(seller, lambda w: fulfilment.approve_order(w, joined.order.id))
        shop.desk.run(seller, lambda w: fulfilment.ship_order(w, parcel))
        shop.work_off()
        shop.carrier.move("sf", number, ParcelState.DELIVERED)
        report = shop.carrier.trace("sf", number)
        shop.desk.run(shop.system(), lambda w: fulfilment.hear_carrier(w, report))
        shop.pass_time(days=8)

    def refund(self, joined):
        seller = self.shop.merchant_caller()
        self.shop.desk.run(
            seller, lambda w: aftersale.refund_order(w, joined.order.id, "broken glass")
        )


@pytest.fixture
def books():
    return Books()


def test_commission_follows_its_order_from_payment_to_the_bank(books):
    shop = books.shop
    campaign = shop.campaign(leader=books.leader)
    first, second, third = shop.join_and_pay(campaign, 3)
    assert books.net("pending") == -3 * SHARE
    books.refund(third)
    assert books.net("pending") == -2 * SHARE
    books.deliver(first, "SF1")
    assert shop.order(first).state is OrderState.COMPLETED
    assert (books.net("pending"), books.net("vested")) == (-SHARE, -SHARE)
    shop.clock.at = shop.clock.at.replace(month=12, day=1)
    assert len(commission.settle_due(shop.desk, TENANT).settled) == 1
    assert books.net("available") == -SHARE
    card = withdrawals.ChangePayoutAccount("bank_card", "6222021234567890", "何秀兰")
    shop.desk.run(books.me, lambda w: withdrawals.change_payout_account(w, card))
    shop.pass_time(days=2)
    asked = RequestWithdrawal(Money(3_000))
    made = shop.desk.run(books.me, lambda w: withdrawals.request_withdrawal(w, asked))
    assert books.net("in_transit") == -3_000
    decision = Decision(made.id, "checked")
    shop.desk.run(books.finance, lambda w: withdrawals.approve_withdrawal(w, decision))
    books.check()
    assert shop.get(Withdrawal, made.id).state is WithdrawalState.SUBMITTED
    shop.payouts.settle()
    shop.pass_time(minutes=2)
    assert shop.get(Withdrawal, made.id).state is WithdrawalState.PAID
    books.deliver(second, "SF2")
    assert (books.net("vested"), books.net("available")) == (-SHARE, -(SHARE - 3_000))


def test_a_group_that_fails_earns_nobody_anything(books):
    campaign = books.shop.campaign(leader=books.leader)
    books.shop.join_and_pay(campaign, 2)
    books.check()
    books.shop.pass_time(days=3, minutes=20)
    picture = books.check()
    assert books.shop.all(Entry) == []
    assert {net for account, net in picture.nets.items() if account != "rounding"} == {0}


def test_an_order_refunded_after_vesting_earns_nothing_on_the_next_statement(books):
    shop = books.shop
    campaign = shop.campaign(leader=books.leader)
    first, second, _ = shop.join_and_pay(campaign, 3)
    books.check()
    books.deliver(first, "SF1")
    books.deliver(second, "SF2")
    books.refund(second)
    assert books.net("vested") == -SHARE
    shop.clock.at = shop.clock.at.replace(month=12, day=1)
    (statement,) = commission.settle_due(shop.desk, TENANT).settled
    assert statement.settled == Money(SHARE)
    states = {entry.state for entry in shop.all(Entry, order_id=second.order.id)}
    assert states == {EntryState.REVERSED}
    books.check()


def test_an_order_refunded_after_settlement_is_deducted_at_once(books):
    shop = books.shop
    campaign = shop.campaign(leader=books.leader)
    first, _, _ = shop.join_and_pay(campaign, 3)
    books.check()
    books.deliver(first, "SF1")
    shop.clock.at = shop.clock.at.replace(month=12, day=1)
    commission.settle_due(shop.desk, TENANT)
    books.refund(first)
    assert books.net("available") == 0
    shop.clock.at = shop.clock.at.replace(year=2027, month=1, day=1)
    (statement,) = commission.settle_due(shop.desk, TENANT).settled
    assert (statement.settled, statement.deducted) == (Money(0), Money(-SHARE))
    assert books.net("available") == 0


def test_money_that_came_too_late_is_explained_until_it_is_back(books):
    shop = books.shop
    late = shop.join(shop.campaign(leader=books.leader))
    shop.pass_time(days=3, minutes=20)
    shop.late_word(late, at=shop.clock.at)
    picture = books.database.ledger(TENANT)
    assert picture.net("clearing:memory") == late.payment.due.minor
    assert verify(picture) == []
