"""Sold before it was bought: receipts, sharing out what is too little, and every sheet of it."""

import threading

import pytest

from groupbuy.application import campaigns, fulfilment, logistics
from groupbuy.application.logistics import Receive, Sharing, SheetKind
from groupbuy.application.ports import AuditRow
from groupbuy.application.steps.offering import OfferSpec
from groupbuy.domain.campaigns import Measure, Quorum, StockPolicy
from groupbuy.domain.catalogue import Stock, StockMove
from groupbuy.domain.kernel import DomainError, Forbidden, Invalid, Money, NotFound, Refused
from groupbuy.domain.logistics import Allocation
from groupbuy.domain.membership import PickupPoint, Role
from groupbuy.domain.ordering import CloseReason, OrderState
from tests.support.stories import PRICE


@pytest.fixture
def presale(shop):
    """A closed presale: three buyers paid one after the other for 3, 2 and 1 watches."""
    variant = shop.variant(stock=0)
    point = shop.store(PickupPoint(id=shop.ids.new("pup"), name="楼下", region="上海", address="1"))
    offer = OfferSpec(variant.id, share_bp=8000, stock_policy=StockPolicy.PRESALE)
    campaign = shop.campaign(
        variant,
        offers=(offer,),
        quorum=Quorum(Measure.BUYERS, 1),
        pickup_point_ids=(point.id,),
    )
    joined = []
    for units in (3, 2, 1):
        who = shop.user(roles=frozenset({Role.SHOPPER}))
        at = {"pickup_point_id": point.id} if units == 2 else {}
        made = shop.join(campaign, shop.caller(who.id, Role.SHOPPER), units=units, **at)
        shop.pay(made)
        shop.clock.forward(minutes=1)
        joined.append(made)
    close(shop, campaign)
    return campaign, joined


def close(shop, campaign):
    shop.do(shop.merchant_caller(), campaigns.close_campaign, campaign.id, "enough")
    shop.rest()


def receive(shop, campaign, units):
    cmd = Receive(campaign.id, campaign.offers[0].sku_id, units, "slip 1")
    return shop.do(shop.merchant_caller(), logistics.receive_goods, cmd)


def preview(shop, campaign, supply=None):
    sku = campaign.offers[0].sku_id
    return shop.desk.read(
        shop.merchant_caller(), lambda w: logistics.preview_sharing(w, campaign.id, sku, supply)
    )


def share(shop, campaign, supply=None, digest=None):
    seen = preview(shop, campaign, supply)
    wanted = Sharing(campaign.id, seen.sku_id, seen.supply, ())
    by = shop.merchant_caller()
    return shop.do(by, logistics.share_out, wanted, digest or seen.digest, "the farm had less")


def sheet(shop, campaign, kind, by=None):
    by = by or shop.merchant_caller()
    return shop.desk.read(by, lambda w: logistics.sheet_of(w, campaign.id, kind))


def rows(shop, campaign, kind):
    return [row for section in sheet(shop, campaign, kind).sections for row in section.rows]


def test_goods_that_come_in_are_counted_and_the_journal_names_the_campaign(shop, presale):
    campaign, _ = presale
    receive(shop, campaign, 4)
    receive(shop, campaign, 1)
    sku = campaign.offers[0].sku_id
    assert shop.get(Stock, sku).available == 5
    reasons = {move.reason for move in shop.all(StockMove, sku_id=sku) if move.units > 0}
    assert reasons == {f"received for {campaign.id}"}
    (row,) = rows(shop, campaign, SheetKind.SUPPLIER)
    assert row[-4:] == (6, 5, 5, 1)  # ordered, received, in hand, to buy


def test_goods_sold_from_stock_are_not_received_for_a_campaign(shop):
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 1))
    with pytest.raises(Refused, match="goods_are_sold_before_they_come"):
        receive(shop, campaign, 1)
    (row,) = rows(shop, campaign, SheetKind.SUPPLIER)
    assert row[-4:] == (0, 0, 1000, 0)


def test_too_little_goes_to_who_paid_first_and_the_rest_is_refunded_once(shop, presale):
    campaign, (first, second, third) = presale
    receive(shop, campaign, 4)
    done = share(shop, campaign)
    assert [(s.wanted, s.given) for s in done.shares] == [(3, 3), (2, 1), (1, 0)]
    shop.rest()
    assert shop.refunds(first) == []
    assert [refund.amount.minor for refund in shop.refunds(second)] == [PRICE]
    assert [refund.amount.minor for refund in shop.refunds(third)] == [PRICE]
    assert (shop.order(second).state, shop.order(second).lines[0].left) == (
        OrderState.CONFIRMED,
        1,
    )
    gone = shop.order(third)
    assert (gone.state, gone.close_reason) == (OrderState.CLOSED, CloseReason.REFUNDED)
    assert shop.get(Stock, campaign.offers[0].sku_id).available == 0
    for subject in (second, third):
        key = f"{done.id}/{subject.order.id}"
        shop.do(shop.system(), logistics.refund_short, key)
    assert shop.given_back(first, second, third) == [0, PRICE, PRICE]
    shop.rest()
    assert len(shop.all(AuditRow, action="goods.share_out")) == 1


def test_enough_for_everybody_refunds_nobody(shop, presale):
    campaign, joined = presale
    receive(shop, campaign, 7)
    done = share(shop, campaign)
    shop.rest()
    assert sum(each.short for each in done.shares) == 0
    assert shop.given_back(*joined) == [0, 0, 0]
    assert shop.get(Stock, campaign.offers[0].sku_id).available == 1


def test_a_part_of_the_supply_may_be_kept(shop, presale):
    campaign, joined = presale
    receive(shop, campaign, 6)
    assert preview(shop, campaign, 3).short == 3
    with pytest.raises(Refused, match="goods_in_stock"):
        preview(shop, campaign, 7)
    share(shop, campaign, 3)
    shop.rest()
    assert shop.given_back(*joined) == [0, 2 * PRICE, PRICE]
    assert shop.get(Stock, campaign.offers[0].sku_id).available == 3


def test_it_is_shared_out_once_and_only_as_it_was_seen(shop, presale):
    campaign, (first, *_) = presale
    receive(shop, campaign, 4)
    seen = preview(shop, campaign)
    shop.do(shop.merchant_caller(), fulfilment.reject_order, first.order.id, "no longer")
    with pytest.raises(Refused, match="preview_is_current"):
        share(shop, campaign, digest=seen.digest)
    share(shop, campaign)
    with pytest.raises(Refused, match="goods_are_shared_out_once"):
        preview(shop, campaign)
    assert len(shop.all(Allocation)) == 1


def test_two_who_share_out_at_once_do_it_once(shop, presale):
    campaign, joined = presale
    receive(shop, campaign, 4)
    seen, staff = preview(shop, campaign), shop.merchant_caller()
    wanted = Sharing(campaign.id, seen.sku_id, seen.supply, ())
    both, outcomes = threading.Barrier(2), []

    def share_it():
        both.wait()
        try:
            shop.desk.run(staff, lambda w: logistics.share_out(w, wanted, seen.digest, "less"))
            outcomes.append("shared")
        except DomainError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=share_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shop.rest()
    assert sorted(outcomes) == ["refused", "shared"]
    assert shop.given_back(*joined) == [0, PRICE, PRICE]
    assert shop.get(Stock, campaign.offers[0].sku_id).available == 0


def test_who_was_refunded_between_sharing_and_refunding_gets_nothing_twice(shop, presale):
    campaign, (_, second, third) = presale
    receive(shop, campaign, 4)
    seen = preview(shop, campaign)
    wanted = Sharing(campaign.id, seen.sku_id, seen.supply, ())
    staff = shop.merchant_caller()
    shop.do(staff, logistics.share_out, wanted, seen.digest, "less")
    shop.do(staff, fulfilment.reject_order, second.order.id, "no longer")
    shop.rest()
    assert shop.given_back(second, third) == [2 * PRICE, PRICE]


def test_nothing_is_shared_out_while_the_campaign_sells(shop):
    variant = shop.variant(stock=0)
    offer = OfferSpec(variant.id, share_bp=8000, stock_policy=StockPolicy.PRESALE)
    campaign = shop.campaign(variant, offers=(offer,))
    with pytest.raises(Refused, match="campaign_has_ended"):
        preview(shop, campaign)


def test_strangers_receive_share_and_see_nothing(shop, presale):
    campaign, _ = presale
    stranger = shop.caller("usr_y", Role.MERCHANT, merchant_id="mch_other")
    cmd = Receive(campaign.id, campaign.offers[0].sku_id, 1)
    with pytest.raises(NotFound):
        shop.do(stranger, logistics.receive_goods, cmd)
    with pytest.raises(NotFound):
        sheet(shop, campaign, SheetKind.PICK, stranger)
    with pytest.raises(Forbidden):
        sheet(shop, campaign, SheetKind.PICK, shop.shopper())
    for wrong in (0, -1, 1_000_001):
        with pytest.raises(Invalid):
            receive(shop, campaign, wrong)


def test_picking_and_packing_hold_what_is_approved_by_pickup_point(shop, presale):
    campaign, (first, second, third) = presale
    assert rows(shop, campaign, SheetKind.PICK) == []
    for each in (first, second):
        shop.do(shop.merchant_caller(), fulfilment.approve_order, each.order.id)
    pick = sheet(shop, campaign, SheetKind.PICK)
    assert [(s.name, [row[-1] for row in s.rows]) for s in pick.sections] == [
        ("", [3]),
        ("楼下", [2]),
    ]
    packing = sheet(shop, campaign, SheetKind.PACKING)
    assert packing.columns == ("order", "phone_tail", "goods", "units", "packed")
    packed = [row[0] for section in packing.sections for row in section.rows]
    assert packed == [first.order.id, second.order.id]
    assert third.order.id not in str(packing)


def test_names_are_shown_to_who_packs_and_the_look_is_kept(shop, presale):
    campaign, joined = presale
    staff = shop.merchant_caller()
    for each in joined:
        shop.do(staff, fulfilment.approve_order, each.order.id)
    from groupbuy.application.steps.sealing import seal_contact
    from groupbuy.domain.ordering import Contact

    for each in joined:  # joins in these tests bring their contact as it is
        order = shop.order(each)
        who = shop.caller(order.buyer_id)
        plain = Contact("王芳", "13800138000", "东门路 1 号", "上海")
        sealed = seal_contact(shop.kit.vault, who, plain)
        from attrs import evolve

        from groupbuy.domain.ordering import Order

        shop.desk.run(
            shop.system(),
            lambda w, order=order, sealed=sealed: w.of(Order).save(evolve(order, contact=sealed)),
        )
    named = shop.do(staff, logistics.packing_list, campaign.id)
    row = named.sections[0].rows[0]
    assert row[2:5] == ("王芳", "13800138000", "上海 东门路 1 号")
    (look,) = shop.all(AuditRow, action="sheet.reveal")
    assert (look.subject, look.facts["rows"]) == (campaign.id, "3")
    assert "王芳" not in str(sheet(shop, campaign, SheetKind.PACKING))


def test_the_payment_list_adds_up_to_what_buyers_paid(shop, presale):
    campaign, joined = presale
    receive(shop, campaign, 4)
    share(shop, campaign)
    shop.rest()
    paid = [row[-1] for row in rows(shop, campaign, SheetKind.PAYMENT)]
    assert sum(paid[1:], paid[0]) == Money(4 * PRICE)
    given = sum(shop.given_back(*joined))
    assert given == 2 * PRICE
    allocation = rows(shop, campaign, SheetKind.ALLOCATION)
    assert [row[2:] for row in allocation] == [(3, 3, 0), (2, 1, 1), (1, 0, 1)]
