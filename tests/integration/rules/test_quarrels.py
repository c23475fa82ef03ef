"""Quarrels about after-sale cases, and who may see and do what: the same on every database."""

import pytest

from groupbuy.application import aftersale
from groupbuy.application.ports import AuditRow, ParcelState, Query
from groupbuy.domain.aftersale import CaseState, Kind, Reason
from groupbuy.domain.kernel import Forbidden, IllegalMove, Invalid, NotFound, Refused
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import OrderState
from tests.support.cases import (
    PRICE,
    act,
    agreed,
    ask,
    at_once,
    buyer_of,
    move_parcel,
    now_is,
    operator,
    replaced,
    send_back,
    sent_order,
)
from tests.support.checks import check_shop


@pytest.fixture
def bought(shop):
    return sent_order(shop)


# --- quarrels -------------------------------------------------------------------------------------


def refused(shop, joined):
    """A parcel that came back empty, as the merchant says."""
    case = agreed(shop, joined, Kind.RETURN_AND_REFUND)
    act(shop, aftersale.receive_back, case.id)
    act(shop, aftersale.refuse_case, case.id, "空箱子")
    return case


def escalated(shop, joined):
    case = refused(shop, joined)
    shop.do(buyer_of(shop, joined), aftersale.escalate_case, case.id, "寄了三斤")
    return case


def test_an_operator_decides_for_the_buyer_of_an_empty_box(shop, bought):
    case = escalated(shop, bought)
    with pytest.raises(Invalid):
        act(shop, aftersale.rule_case, case.id, "", who=operator(shop), for_buyer=True)
    with pytest.raises(Forbidden):
        act(shop, aftersale.rule_case, case.id, "x", for_buyer=False)
    act(shop, aftersale.rule_case, case.id, "称重对得上", who=operator(shop), for_buyer=True)
    shop.rest()
    assert (now_is(shop, case).state, shop.given_back(bought)) == (CaseState.DONE, [PRICE])
    (row,) = shop.all(AuditRow, action="after_sale.rule")
    assert (row.actor, row.reason, row.facts) == (
        "usr_op",
        "称重对得上",
        {"decided_for": "buyer"},
    )


def test_an_operator_decides_for_the_merchant_and_that_is_the_last_word(shop, bought):
    case = escalated(shop, bought)
    act(shop, aftersale.rule_case, case.id, "箱子是空的", who=operator(shop), for_buyer=False)
    with pytest.raises(Refused) as refusal:
        shop.do(buyer_of(shop, bought), aftersale.escalate_case, case.id, "again")
    assert refusal.value.rule == "no_operator_has_decided"
    with pytest.raises(Refused) as refusal:
        ask(shop, bought, Kind.REFUND_ONLY)
    assert refusal.value.rule == "an_operator_has_the_last_word"
    ask(shop, bought, Kind.REFUND_ONLY, reason=Reason.MISSING)
    assert shop.given_back(bought) == [0]


def test_an_operator_who_says_nothing_decides_for_the_buyer(shop, bought):
    case = escalated(shop, bought)
    shop.pass_time(days=6, hours=23)
    assert now_is(shop, case).state is CaseState.ESCALATED
    shop.pass_time(hours=1)
    shop.rest()
    assert (now_is(shop, case).state, shop.given_back(bought)) == (CaseState.DONE, [PRICE])
    assert now_is(shop, case).ruled_by == "silence"


@pytest.mark.parametrize("who", ["buyer", "staff"])
def test_nobody_decides_about_a_case_of_their_own(shop, bought, who):
    case, roles = escalated(shop, bought), (Role.OPERATOR, Role.MERCHANT)
    mine = {
        "buyer": shop.caller(bought.order.buyer_id, Role.OPERATOR),
        "staff": shop.caller("usr_s", *roles, merchant_id=bought.order.merchant_id),
    }[who]
    with pytest.raises(Refused) as refusal:
        act(shop, aftersale.rule_case, case.id, "mine", who=mine, for_buyer=who == "buyer")
    assert refusal.value.rule == "an_outsider_decides"


def test_a_refusal_is_brought_to_an_operator_in_time_or_never(shop, bought):
    case = ask(shop, bought, Kind.REFUND_ONLY)
    act(shop, aftersale.refuse_case, case.id, "没有破")
    with pytest.raises(NotFound):
        shop.do(shop.shopper(), aftersale.escalate_case, case.id, "mine")
    with pytest.raises(Invalid):
        shop.do(buyer_of(shop, bought), aftersale.escalate_case, case.id, " ")
    shop.pass_time(days=3)
    with pytest.raises(Refused) as refusal:
        shop.do(buyer_of(shop, bought), aftersale.escalate_case, case.id, "破了")
    assert refusal.value.rule == "before_the_deadline_of_the_case"


def test_a_refused_wish_waits_while_another_case_of_the_line_is_open(shop, bought):
    first = ask(shop, bought, Kind.REFUND_ONLY)
    act(shop, aftersale.refuse_case, first.id, "没有破")
    ask(shop, bought, Kind.REFUND_ONLY, reason=Reason.MISSING)
    with pytest.raises(Refused) as refusal:
        shop.do(buyer_of(shop, bought), aftersale.escalate_case, first.id, "破了")
    assert refusal.value.rule == "one_open_case_a_line"


def test_there_is_nothing_to_quarrel_about_where_nothing_is_left(shop, bought):
    case = ask(shop, bought, Kind.REFUND_ONLY)
    act(shop, aftersale.refuse_case, case.id, "没有破")
    act(shop, aftersale.refund_order, bought.order.id, "算了")
    with pytest.raises(Refused) as refusal:
        shop.do(buyer_of(shop, bought), aftersale.escalate_case, case.id, "破了")
    assert refusal.value.rule == "units_left_to_refund"
    shop.rest()
    assert shop.given_back(bought) == [3 * PRICE]


def test_a_refusal_and_a_new_wish_about_the_line_are_not_open_at_once(shop, bought):
    case = ask(shop, bought, Kind.REFUND_ONLY)
    act(shop, aftersale.refuse_case, case.id, "没有破")
    wish = aftersale.Application(bought.order.id, 1, 1, Kind.REFUND_ONLY, Reason.MISSING)
    who = buyer_of(shop, bought)
    outcomes = at_once(
        shop,
        (who, lambda w: aftersale.escalate_case(w, case.id, "破了")),
        (who, lambda w: aftersale.apply_for(w, wish)),
    )
    check_shop(shop)
    assert sorted(outcomes) == ["done", "one_open_case_a_line"]


def test_a_merchant_who_approves_what_the_buyer_takes_back_pays_or_does_not(shop, bought):
    case = ask(shop, bought, Kind.REFUND_ONLY)
    outcomes = at_once(
        shop,
        (shop.merchant_caller(), lambda w: aftersale.approve_case(w, case.id)),
        (buyer_of(shop, bought), lambda w: aftersale.cancel_case(w, case.id)),
    )
    shop.rest()
    assert sorted(outcomes) == ["done", "illegal_move"]
    paid = now_is(shop, case).state is CaseState.DONE
    assert shop.given_back(bought) == [PRICE if paid else 0]


def test_an_upheld_wish_still_waits_for_its_goods_and_their_quarrel_is_the_operators(shop, bought):
    case = ask(shop, bought, Kind.EXCHANGE)
    act(shop, aftersale.refuse_case, case.id, "没有破")
    shop.do(buyer_of(shop, bought), aftersale.escalate_case, case.id, "破了")
    act(shop, aftersale.rule_case, case.id, "看照片", who=operator(shop), for_buyer=True)
    assert now_is(shop, case).state is CaseState.APPROVED
    send_back(shop, bought, case)
    act(shop, aftersale.refuse_case, case.id, "空箱子")
    assert now_is(shop, case).state is CaseState.ESCALATED
    act(shop, aftersale.rule_case, case.id, "够了", who=operator(shop), for_buyer=True)
    shop.rest()
    assert (now_is(shop, case).state, shop.given_back(bought)) == (CaseState.DONE, [PRICE])


def test_a_buyer_gives_a_quarrel_up(shop, bought):
    case = escalated(shop, bought)
    shop.do(buyer_of(shop, bought), aftersale.cancel_case, case.id)
    shop.pass_time(days=9)
    shop.rest()
    assert (now_is(shop, case).state, shop.given_back(bought)) == (CaseState.CANCELLED, [0])


def test_a_replacement_that_is_not_right_is_brought_to_an_operator(shop, bought):
    case = agreed(shop, bought)
    act(shop, aftersale.inspect_return, aftersale.Counted(case.id, 1))
    replaced(shop, case)
    shop.do(buyer_of(shop, bought), aftersale.escalate_case, case.id, "又破了")
    act(shop, aftersale.rule_case, case.id, "退钱", who=operator(shop), for_buyer=True)
    shop.rest()
    assert (now_is(shop, case).state, shop.given_back(bought)) == (CaseState.DONE, [PRICE])


def test_an_order_is_not_completed_while_a_refusal_may_be_brought_to_an_operator(shop, bought):
    move_parcel(shop, "SF1", ParcelState.DELIVERED)
    shop.pass_time(days=6, hours=12)
    case = ask(shop, bought, Kind.REFUND_ONLY)
    act(shop, aftersale.refuse_case, case.id, "没有破")
    shop.pass_time(days=2)
    assert shop.order(bought).state is OrderState.FULFILLING
    shop.do(buyer_of(shop, bought), aftersale.escalate_case, case.id, "破了")
    act(shop, aftersale.rule_case, case.id, "没破", who=operator(shop), for_buyer=False)
    shop.pass_time(hours=1)
    shop.rest()
    assert shop.order(bought).state is OrderState.COMPLETED


# --- who may --------------------------------------------------------------------------------------


def test_a_strange_shop_finds_no_case(shop, bought):
    case = agreed(shop, bought)
    stranger = shop.caller("usr_z", Role.MERCHANT, merchant_id="mch_z")
    for use_case, args in (
        (aftersale.approve_case, (case.id,)),
        (aftersale.refuse_case, (case.id, "no")),
        (aftersale.receive_back, (case.id,)),
        (aftersale.inspect_return, (aftersale.Counted(case.id, 1),)),
        (aftersale.send_replacement, (aftersale.Replacement(case.id, "sf", "SF3"),)),
        (aftersale.refund_instead, (case.id, "no")),
        (aftersale.merchant_case, (case.id,)),
    ):
        with pytest.raises(NotFound):
            shop.do(stranger, use_case, *args)
    assert shop.do(stranger, aftersale.merchant_cases, Query()) == []


def test_texts_are_opened_for_those_they_concern_alone(shop, bought):
    case = escalated(shop, bought)
    act(shop, aftersale.rule_case, case.id, "称重对得上", who=operator(shop), for_buyer=True)
    said = ("破了", "空箱子", "寄了三斤", "称重对得上")
    mine = shop.do(buyer_of(shop, bought), aftersale.my_case, case.id)
    theirs = act(shop, aftersale.merchant_case, case.id)
    office = act(shop, aftersale.merchant_case, case.id, who=operator(shop))
    for view in (mine, theirs, office):
        assert (view.text, view.answer, view.appeal, view.ruling) == said
    (listed,) = act(shop, aftersale.merchant_cases, Query())
    assert (listed.text, listed.answer, listed.appeal, listed.ruling) == ("", "", "", "")
    with pytest.raises(NotFound):
        shop.do(shop.shopper(), aftersale.my_case, case.id)


def test_a_case_that_is_over_is_not_moved_again(shop, bought):
    case = ask(shop, bought, Kind.REFUND_ONLY)
    shop.do(buyer_of(shop, bought), aftersale.cancel_case, case.id)
    for use_case in (aftersale.approve_case, aftersale.receive_back):
        with pytest.raises(IllegalMove):
            act(shop, use_case, case.id)
    with pytest.raises(IllegalMove):
        shop.do(buyer_of(shop, bought), aftersale.accept_replacement, case.id)
