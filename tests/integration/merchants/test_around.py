"""What else has to know of merchant payouts: the bill, the keys, the picture, the worker."""

from attrs import evolve

from groupbuy.adapters.system import AesVault
from groupbuy.application import fulfilment, membership, merchants
from groupbuy.application.ledger_reports import picture_of
from groupbuy.application.merchants import RequestPayout
from groupbuy.application.reconciliation.records import look_up
from groupbuy.domain.kernel import Money
from groupbuy.domain.ledger import Balance
from groupbuy.domain.membership import Merchant, Role
from groupbuy.domain.merchants import MerchantPayout
from groupbuy.domain.payouts import PayoutState
from groupbuy.domain.reconciliation import Movement, Progress
from tests.support.earnings import SECOND, TENANT
from tests.support.merchants import MERCHANT, STAFF
from tests.support.stories import collected_shop


def test_the_providers_bill_finds_a_merchant_payout_by_its_number(trade):
    trade.sell(40_000)
    payout = trade.approve(trade.request(), SECOND)
    wanted = (Movement.PAYOUT, payout.number)

    def record():
        return trade.desk.read(
            trade.shop.system, lambda work: look_up(work, "sandbox", [wanted])[wanted]
        )

    assert (record().amount, record().progress) == (Money(-36_000), Progress.ON_ITS_WAY)
    assert record().command.startswith(f"groupbuy merchant payout pay {payout.id} --reason")
    trade.send(payout)
    trade.provider.settle()
    trade.send(payout)
    assert (record().progress, record().command) == (Progress.MOVED, "")


def test_the_database_draws_the_same_picture_as_the_stores(trade):
    trade.sell(100_000)
    trade.request(30_000)
    with trade.shop.database.begin(TENANT, write=False) as tx:
        assert trade.shop.books() == picture_of(tx)


def test_a_new_master_key_wraps_the_keys_of_merchants_too(trade):
    new = {"k1": bytes(32), "k2": bytes([7]) * 32}

    def desk_with(keys, current):
        kit = evolve(trade.desk.kit, vault=AesVault(keys, current))
        return evolve(trade.desk, kit=kit)

    rotated = desk_with(new, "k2")
    read = lambda work: work.of(Merchant).get(MERCHANT).data_key  # noqa: E731
    before = trade.desk.read(STAFF, read)
    done = rotated.run(trade.shop.system, lambda work: membership.rotate_keys(work, "", 100))
    assert (done.wrapped, done.lost) == (2, 0)
    assert trade.desk.read(STAFF, read) != before
    assert desk_with(new, "k2").read(STAFF, merchants.my_payout_account).tail == "7890"
    again = rotated.run(trade.shop.system, lambda work: membership.rotate_keys(work, "", 100))
    assert again.wrapped == 0


def test_the_worker_pays_a_merchant_for_an_order_that_is_done(checked_shop):
    shop = checked_shop
    _, bought, code = collected_shop(shop)
    staff, clerk = shop.merchant_caller(), shop.caller("usr_clerk", Role.FINANCE)
    shop.do(staff, merchants.change_payout_account, "bank_card", "6222021234567890", "果园")
    shop.do(staff, fulfilment.collect, bought.order.id, code)
    merchant_id = bought.order.merchant_id
    assert shop.do(clerk, merchants.due, merchant_id).free == Money(0)
    shop.pass_time(days=8)
    planned = shop.do(clerk, merchants.due, merchant_id)
    assert planned.free == bought.order.payable
    cmd = RequestPayout(merchant_id, planned.amount, planned.digest, "for November")
    payout = shop.do(clerk, merchants.request_payout, cmd)
    for name in ("usr_second", "usr_third"):
        who = shop.caller(name, Role.FINANCE)
        shop.do(who, merchants.approve_payout, payout.id, "checked")
    shop.work_off()
    assert shop.get(MerchantPayout, payout.id).state is PayoutState.SUBMITTED
    shop.payouts.settle()
    shop.pass_time(minutes=1)
    assert shop.get(MerchantPayout, payout.id).state is PayoutState.PAID
    assert [line.amount for line in shop.payouts.movements] == [-bought.order.payable]
    assert shop.get(Balance, f"merchant:{merchant_id}:payable").amount == 0
