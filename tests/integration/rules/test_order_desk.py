"""The order desk: addresses before review, remarks, filters, rules that approve."""

import pytest
from attrs import evolve

from groupbuy.application import fulfilment, logistics
from groupbuy.application.orders import merchant_orders, own_contact, reveal_contact
from groupbuy.application.ports import AuditRow, LoggedEvent, Query
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.kernel import Forbidden, IllegalMove, Invalid, Money, NotFound, Refused
from groupbuy.domain.membership import ApprovalRule, Merchant, Role
from groupbuy.domain.ordering import Contact, OrderFilter, OrderNote, OrderState
from tests.support.stories import PRICE

ELSEWHERE = Contact(name="李", phone="13800008888", address="和平路 2 号", region="北京")


@pytest.fixture
def buyer(shop):
    return shop.user(roles=frozenset({Role.SHOPPER}))


def bought(shop, buyer, quorum=1, **more):
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, quorum), **more)
    joined = shop.join(campaign, shop.caller(buyer.id, Role.SHOPPER))
    shop.pay(joined)
    shop.work_off()
    return joined


def rules(shop, *wanted):
    shop.do(shop.merchant_caller(), logistics.set_approval_rules, wanted)


def approved_by(shop, joined):
    events = shop.all(LoggedEvent, subject=joined.order.id, name="order.approved")
    return [event.data.get("rule", "") for event in events]


# --- addresses ---------------------------------------------------------------------------------


@pytest.mark.parametrize("quorum", [1, 2])
def test_a_buyer_sends_a_paid_order_elsewhere_until_it_is_reviewed(shop, buyer, quorum):
    joined = bought(shop, buyer, quorum)
    who = shop.caller(buyer.id, Role.SHOPPER)
    before = shop.order(joined)
    sealed = evolve(before.contact, region="北京", phone_tail="8888")
    after = shop.do(who, logistics.readdress_own, before.id, sealed)
    assert (after.state, after.contact.region) == (before.state, "北京")
    assert shop.order(joined).contact.phone_tail == "8888"
    if quorum == 1:
        shop.do(shop.merchant_caller(), fulfilment.approve_order, before.id)
        with pytest.raises(IllegalMove):
            shop.do(who, logistics.readdress_own, before.id, sealed)


def test_nobody_sends_somebody_elses_order_elsewhere(shop, buyer):
    joined = bought(shop, buyer)
    with pytest.raises(NotFound):
        shop.do(shop.shopper(), logistics.readdress_own, joined.order.id, ELSEWHERE)
    stranger = shop.caller("usr_y", Role.MERCHANT, merchant_id="mch_other")
    with pytest.raises(NotFound):
        shop.do(stranger, logistics.readdress, joined.order.id, ELSEWHERE, "why not")


def test_a_merchant_sends_it_elsewhere_at_the_buyers_wish_and_the_audit_keeps_why(shop, buyer):
    joined, staff = bought(shop, buyer), shop.merchant_caller()
    with pytest.raises(Invalid):
        shop.do(staff, logistics.readdress, joined.order.id, ELSEWHERE, " ")
    shop.do(staff, logistics.readdress, joined.order.id, ELSEWHERE, "the buyer called")
    assert shop.order(joined).contact.phone_tail == "8888"
    assert "和平路" not in shop.order(joined).contact.region
    seen = shop.do(staff, reveal_contact, joined.order.id)
    assert (seen.contact.name, seen.contact.address) == ("李", "和平路 2 号")
    mine = shop.desk.read(
        shop.caller(buyer.id, Role.SHOPPER), lambda w: own_contact(w, joined.order.id)
    )
    assert mine.contact.phone == "13800008888"
    (row,) = shop.all(AuditRow, action="order.readdress")
    assert (row.subject, row.reason) == (joined.order.id, "the buyer called")


def test_while_a_correction_is_open_it_is_corrected_and_nothing_else(shop, buyer):
    joined, staff = bought(shop, buyer), shop.merchant_caller()
    shop.do(staff, fulfilment.ask_correction, joined.order.id, "which flat?")
    with pytest.raises(Refused, match="no_correction_is_open"):
        shop.do(staff, logistics.readdress, joined.order.id, ELSEWHERE, "the buyer called")


# --- remarks -----------------------------------------------------------------------------------


def test_remarks_are_for_colleagues_and_sealed_under_the_buyers_key(shop, buyer):
    joined, staff = bought(shop, buyer), shop.merchant_caller()
    shop.do(staff, logistics.add_remark, joined.order.id, " call first ")
    shop.clock.forward(minutes=1)
    shop.do(staff, logistics.add_remark, joined.order.id, "rings twice")
    (first, second) = shop.desk.read(staff, lambda w: logistics.remarks(w, joined.order.id))
    assert [first.text, second.text] == ["call first", "rings twice"]
    stored = shop.all(OrderNote, order_id=joined.order.id)
    assert all(f"|{buyer.id}|" in note.text for note in stored)
    for nobody in (shop.shopper(), shop.caller(buyer.id, Role.SHOPPER)):
        with pytest.raises(Forbidden):
            shop.desk.read(nobody, lambda w: logistics.remarks(w, joined.order.id))
    for wrong in ("", "  ", "x" * 501):
        with pytest.raises(Invalid):
            shop.do(staff, logistics.add_remark, joined.order.id, wrong)


def test_nobody_remarks_on_a_checkout(shop):
    joined = shop.join(shop.campaign())
    with pytest.raises(NotFound):
        shop.do(shop.merchant_caller(), logistics.add_remark, joined.order.id, "pays late")


# --- filters -----------------------------------------------------------------------------------


def test_everybody_has_filters_of_their_own(shop, buyer):
    joined, staff = bought(shop, buyer), shop.merchant_caller()
    other = bought(shop, buyer)
    shop.do(staff, fulfilment.approve_order, other.order.id)
    waiting = OrderFilter("待审核", states=(OrderState.CONFIRMED,), days=7)
    shop.do(staff, logistics.put_filter, waiting)

    def found(name, by=staff):
        def ask(work):
            query = logistics.narrowed(work, Query().sorted("-created_at"), name)
            return [view.id for view in merchant_orders(work, query)]

        return shop.desk.read(by, ask)

    assert found("待审核") == [joined.order.id]
    colleague = evolve(staff, user_id="usr_colleague")
    with pytest.raises(NotFound):
        found("待审核", colleague)
    mine = OrderFilter("一个团", campaign_id=other.order.campaign_id)
    shop.do(staff, logistics.put_filter, mine)
    assert found("一个团") == [other.order.id]
    shop.do(staff, logistics.put_filter, evolve(waiting, states=(OrderState.APPROVED,)))
    assert found("待审核") == [other.order.id]
    assert shop.desk.read(staff, logistics.my_filters) == (
        mine,
        evolve(waiting, states=(OrderState.APPROVED,)),
    )
    shop.do(staff, logistics.remove_filter, "一个团")
    with pytest.raises(NotFound):
        shop.do(staff, logistics.remove_filter, "一个团")
    assert [each.name for each in shop.desk.read(staff, logistics.my_filters)] == ["待审核"]


def test_a_filter_of_the_last_days_forgets_what_is_older(shop, buyer):
    bought(shop, buyer)
    staff = shop.merchant_caller()
    shop.do(staff, logistics.put_filter, OrderFilter("近两天", days=2))

    def found():
        return shop.desk.read(
            staff, lambda w: merchant_orders(w, logistics.narrowed(w, Query(), "近两天"))
        )

    assert len(found()) == 1
    shop.clock.forward(days=2, seconds=1)
    assert found() == []


def test_filters_are_bounded_and_named(shop, buyer):
    bought(shop, buyer)
    staff = shop.merchant_caller()
    with pytest.raises(Invalid):
        OrderFilter(" ")
    for number in range(20):
        shop.do(staff, logistics.put_filter, OrderFilter(str(number), days=1))
    with pytest.raises(Invalid):
        shop.do(staff, logistics.put_filter, OrderFilter("one more", days=1))
    shop.do(staff, logistics.put_filter, OrderFilter("7", days=2))


# --- rules that approve ------------------------------------------------------------------------


def test_a_small_order_is_approved_by_its_rule_which_is_named(shop, buyer):
    shop.merchant()
    rules(shop, ApprovalRule("小额", below=Money(PRICE + 1)))
    joined = bought(shop, buyer)
    assert shop.order(joined).state is OrderState.APPROVED
    assert approved_by(shop, joined) == ["小额"]
    (row,) = shop.all(AuditRow, action="merchant.approval_rules")
    assert row.facts["rules"] == "小额"


def test_an_order_that_costs_as_much_as_the_bound_waits_for_a_person(shop, buyer):
    shop.merchant()
    rules(shop, ApprovalRule("小额", below=Money(PRICE)))
    assert shop.order(bought(shop, buyer)).state is OrderState.CONFIRMED


def test_a_rule_for_one_campaign_leaves_the_others_to_people(shop, buyer):
    shop.merchant()
    first = bought(shop, buyer)
    rules(shop, ApprovalRule("这一团", campaign_ids=(first.order.campaign_id,)))
    assert shop.order(bought(shop, buyer)).state is OrderState.CONFIRMED
    assert shop.order(first).state is OrderState.CONFIRMED  # it was confirmed before


def test_a_known_buyer_needs_no_look_and_a_new_one_does(shop, buyer):
    shop.merchant()
    rules(shop, ApprovalRule("老客", known_buyer=True))
    first = bought(shop, buyer)
    assert shop.order(first).state is OrderState.CONFIRMED
    done = shop.order(first)
    shop.do(shop.merchant_caller(), fulfilment.approve_order, done.id)
    assert approved_by(shop, first) == [""]
    from groupbuy.application.ports import ParcelState
    from groupbuy.application.steps.parcels import Parcel

    shop.do(shop.merchant_caller(), fulfilment.ship_order, Parcel(done.id, "sf", "SF1"))
    shop.work_off()
    shop.carrier.move("sf", "SF1", ParcelState.DELIVERED)
    shop.pass_time(hours=3)
    shop.pass_time(days=8)
    assert shop.order(first).state is OrderState.COMPLETED
    again = bought(shop, buyer)
    assert shop.order(again).state is OrderState.APPROVED
    assert approved_by(shop, again) == ["老客"]
    stranger = shop.user(roles=frozenset({Role.SHOPPER}))
    assert shop.order(bought(shop, stranger)).state is OrderState.CONFIRMED


def test_whoever_is_asked_to_correct_is_not_approved_meanwhile(shop, buyer):
    shop.merchant()
    joined = bought(shop, buyer)
    shop.do(shop.merchant_caller(), fulfilment.ask_correction, joined.order.id, "which flat?")
    rules(shop, ApprovalRule("老客", known_buyer=True))
    shop.do(shop.system(), logistics.approve_known, joined.order.id)
    assert shop.order(joined).state is OrderState.CONFIRMED


def test_rules_name_something_are_few_and_are_the_merchants_own(shop):
    shop.merchant()
    for wrong in ({"name": "x"}, {"name": " ", "known_buyer": True}):
        with pytest.raises(Invalid):
            ApprovalRule(**wrong)
    twice = ApprovalRule("x", known_buyer=True)
    with pytest.raises(Invalid):
        rules(shop, twice, twice)
    with pytest.raises(Invalid):
        rules(shop, *(ApprovalRule(str(n), known_buyer=True) for n in range(21)))
    with pytest.raises(Forbidden):
        shop.do(shop.shopper(), logistics.set_approval_rules, [twice])
    with pytest.raises(Invalid):
        rules(shop, ApprovalRule("美元", below=Money(100, "USD")))
    foreign = ApprovalRule("美元", below=Money(10**9, "USD"))
    assert not foreign.holds("cmp_1", Money(1), known=True)
    rules(shop, twice)
    operator = shop.caller("usr_op", Role.OPERATOR)
    own = shop.merchant_caller().merchant_id
    seen = shop.desk.read(operator, lambda w: logistics.approval_rules(w, own))
    assert seen == shop.get(Merchant, own).approval_rules == (twice,)
    with pytest.raises(NotFound):
        shop.desk.read(operator, lambda w: logistics.approval_rules(w, "mch_nobody"))
