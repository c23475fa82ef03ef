"""What the provider moved to a merchant, against what was asked of it."""

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.domain.invariants import Movement
from groupbuy.domain.invariants.rest import providers_moved_what_we_asked
from tests.support.checks import books_of
from tests.support.earnings import SECOND, Earnings
from tests.support.merchants import Trade


def test_a_payout_to_a_merchant_moves_by_its_number_its_whole_amount_once():
    trade = Trade(Earnings(MemoryDatabase()))
    trade.sell(40_000)
    payout = trade.approve(trade.request(), SECOND)
    books = trade.desk.read(trade.shop.system, books_of)
    right = Movement("memory", "payout", payout.number, -payout.amount.minor)
    less = Movement("memory", "payout", payout.number, -1)
    other = Movement("memory", "payout", payout.number + "1", -payout.amount.minor)

    def wrong(*moves):
        return [each.about for each in providers_moved_what_we_asked(moves, books)]

    assert wrong(right) == []
    assert wrong(less) == [payout.number]
    assert wrong(other) == [other.number]
    assert wrong(right, right) == [payout.number]
