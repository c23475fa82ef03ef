"""After-sale cases from the wish to the money: the same on every database."""

import threading

import pytest

from groupbuy.application import aftersale
from groupbuy.domain.aftersale import AfterSale, CaseState, Kind, Reason, ReturnParcel
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.commission import Entry
from groupbuy.domain.kernel import DomainError, IllegalMove, Invalid, NotFound, Refused
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import RefundCause
from groupbuy.domain.pictures import Picture, Purpose
from tests.support.stories import sent


@pytest.fixture
def bought(shop):
    """Three units for 100.00 each less a fen somewhere, of a formed group with a leader."""
    leader = shop.leader(commission_bp=777)
    variant = shop.variant(price=3333)
    campaign = shop.campaign(
        variant, leader=leader, share_bp=9_999, quorum=Quorum(Measure.BUYERS, 1)
    )
    buyer = shop.user(roles=frozenset({Role.SHOPPER}))
    joined = shop.join(campaign, shop.caller(buyer.id, Role.SHOPPER), units=3)
    shop.pay(joined)
    shop.rest()
    return joined


def ask(shop, joined, units=1, kind=Kind.REFUND_ONLY, reason=Reason.DAMAGED):
    buyer = shop.caller(joined.order.buyer_id, Role.SHOPPER)
    wish = aftersale.Application(joined.order.id, 1, units, kind, reason, "破了", ("pic/1",))
    return shop.do(buyer, aftersale.apply_for, wish)


def state(shop, case):
    return shop.get(AfterSale, case.id).state


def test_an_approved_case_is_refunded_and_takes_its_commission_back(shop, bought):
    sent(shop, bought)
    case = ask(shop, bought)
    with pytest.raises(Refused):
        ask(shop, bought)
    shop.do(shop.merchant_caller(), aftersale.approve_case, case.id, "抱歉")
    assert state(shop, case) is CaseState.REFUNDING
    shop.rest()
    assert state(shop, case) is CaseState.DONE
    (back,) = shop.given_back(bought)
    assert back == bought.order.payable.minor // 3
    left = bought.order.payable.minor - back
    assert sum(entry.amount.minor for entry in shop.all(Entry)) == left * 777 // 10_000


def test_refunds_unit_by_unit_add_up_to_the_whole(shop, bought):
    sent(shop, bought)
    total, given = bought.order.payable.minor, list[int]()
    for _ in range(3):
        case = ask(shop, bought)
        shop.do(shop.merchant_caller(), aftersale.approve_case, case.id)
        shop.work_off()
        given += shop.given_back(bought)
        shop.pass_time(seconds=59 if len(given) == 1 else 61)
        given += shop.given_back(bought)
    # The second waited for its minute, so did the third, counted from when the second really went.
    one, two = total // 3, total * 2 // 3
    assert given == [one, one, one, two, two, total]
    shop.rest()
    assert shop.order(bought).state is OrderState.CLOSED


def test_silence_approves(shop, bought):
    case = ask(shop, bought, reason=Reason.CHANGED_MIND)
    shop.pass_time(hours=23)
    assert state(shop, case) is CaseState.APPLIED
    shop.pass_time(hours=1)
    shop.rest()
    assert (state(shop, case), shop.get(AfterSale, case.id).decided_by) == (
        CaseState.DONE,
        "silence",
    )


def test_goods_that_come_back_are_paid_when_they_are_there(shop, bought):
    sent(shop, bought)
    buyer = shop.caller(bought.order.buyer_id, Role.SHOPPER)
    case = ask(shop, bought, kind=Kind.RETURN_AND_REFUND)
    shop.do(shop.merchant_caller(), aftersale.approve_case, case.id)
    shop.rest()
    assert shop.given_back(bought) == [0]
    shop.do(buyer, aftersale.ship_back, case.id, ReturnParcel("sf", "SF9"))
    shop.do(shop.merchant_caller(), aftersale.receive_back, case.id)
    shop.rest()
    assert (state(shop, case), shop.given_back(bought)) == (CaseState.RETURN_RECEIVED, [0])
    shop.do(shop.merchant_caller(), aftersale.inspect_return, aftersale.Counted(case.id, 1))
    shop.rest()
    assert state(shop, case) is CaseState.DONE


def test_goods_never_sent_back_end_the_case(shop, bought):
    sent(shop, bought)
    case = ask(shop, bought, kind=Kind.RETURN_AND_REFUND)
    shop.do(shop.merchant_caller(), aftersale.approve_case, case.id)
    shop.pass_time(days=7)
    assert (state(shop, case), shop.given_back(bought)) == (CaseState.CANCELLED, [0])


def test_a_case_is_refused_with_a_reason_or_taken_back_and_asked_again(shop, bought):
    refused = ask(shop, bought)
    shop.do(shop.merchant_caller(), aftersale.refuse_case, refused.id, "照片看不清")
    taken = ask(shop, bought)
    with pytest.raises(NotFound):
        shop.do(shop.shopper(), aftersale.cancel_case, taken.id)
    buyer = shop.caller(bought.order.buyer_id, Role.SHOPPER)
    shop.do(buyer, aftersale.cancel_case, taken.id)
    with pytest.raises(IllegalMove):
        shop.do(shop.merchant_caller(), aftersale.approve_case, taken.id)
    shop.pass_time(days=2)
    assert [state(shop, each) for each in (refused, taken)] == [
        CaseState.REFUSED,
        CaseState.CANCELLED,
    ]
    assert shop.given_back(bought) == [0]


def test_a_full_refund_ends_an_open_case(shop, bought):
    case = ask(shop, bought)
    shop.do(shop.merchant_caller(), aftersale.refund_order, bought.order.id, "坏了")
    shop.pass_time(days=2)
    shop.rest()
    assert state(shop, case) is CaseState.CANCELLED
    assert shop.given_back(bought) == [bought.order.payable.minor]


def test_two_who_approve_at_once_grant_one_refund(shop, bought):
    case, staff = ask(shop, bought), shop.merchant_caller()
    both, outcomes = threading.Barrier(2), []

    def approve():
        both.wait()
        try:
            shop.desk.run(staff, lambda w: aftersale.approve_case(w, case.id))
            outcomes.append("granted")
        except DomainError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=approve) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shop.rest()
    assert sorted(outcomes) == ["granted", "illegal_move"]
    (refund,) = [r for r in shop.refunds(bought) if r.cause is RefundCause.AFTER_SALE]
    assert refund.effect_key == case.id


def test_nobody_asks_for_more_than_there_is(shop, bought):
    with pytest.raises(Refused) as refusal:
        ask(shop, bought, kind=Kind.RETURN_AND_REFUND)
    assert refusal.value.rule == "goods_were_sent"
    with pytest.raises(Refused) as refusal:
        ask(shop, bought, units=4)
    assert refusal.value.rule == "units_left_to_refund"


def test_evidence_is_kept_with_its_case_and_is_the_buyers_own(shop, bought):
    order = bought.order
    now, new = shop.clock.now(), shop.ids.new
    mine, strange = (
        Picture(new("pic"), Purpose.AFTER_SALE, who, now, (), order.merchant_id, loose_since=now)
        for who in (order.buyer_id, "usr_somebody")
    )
    shop.store(mine, strange)
    buyer = shop.caller(order.buyer_id, Role.SHOPPER)

    def ask_with(picture):
        wish = (order.id, 1, 1, Kind.REFUND_ONLY, Reason.DAMAGED, "破了", (picture.id,))
        return shop.do(buyer, aftersale.apply_for, aftersale.Application(*wish))

    with pytest.raises(Invalid):
        ask_with(strange)
    case = ask_with(mine)
    kept = shop.get(Picture, mine.id)
    assert (kept.used_by, kept.loose_since) == ((case.id,), None)
