"""Whatever is done twice counts once: the same on every database."""

import pytest
from attrs import evolve

from groupbuy.application import aftersale, checkout, forming, refunds
from groupbuy.application.ports import KeyClaim, RefundOutcome, Task
from groupbuy.application.relay import claim, finish
from groupbuy.domain.campaigns import Capacity, Group, GroupState, Measure, Quorum, Seat
from groupbuy.domain.kernel import KeyReused, Money
from groupbuy.domain.ledger import Journal
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Contact, OrderState
from groupbuy.domain.payments import RefundState
from tests.support.checks import check_shop
from tests.support.shop import ShopRefusal
from tests.support.stories import PRICE, only_refund, states


def test_a_repeated_join_with_the_same_key_gets_the_same_answer(shop):
    campaign = shop.campaign()
    who = shop.shopper()
    first = shop.join(campaign, who, key="k")
    assert shop.join(campaign, who, key="k") == first.order.id
    assert len(shop.all(Seat)) == 1


def test_the_same_key_with_another_body_is_refused_and_changes_nothing(shop):
    campaign = shop.campaign()
    who = shop.shopper()

    def join(body):
        wanted = checkout.Join(
            caller=who,
            claim=KeyClaim("joins", "k", body),
            campaign_id=campaign.id,
            items=((campaign.offers[0].sku_id, 1),),
            contact=Contact("王", "138", "幸福路 1 号"),
        )
        return checkout.join_many(shop.desk, [wanted], lambda j: j.order.id, str)[0]

    (answer, replay) = join("a")
    assert (answer.ok, replay) == (True, False)
    assert isinstance(join("b"), KeyReused)
    assert join("a") == (answer, True)
    assert len(shop.all(Seat)) == 1


def test_a_refusal_is_an_answer_and_is_repeated_too(shop):
    campaign = shop.campaign(capacity=Capacity(Measure.BUYERS, 3))
    joined = [shop.join(campaign) for _ in range(3)]
    who = shop.shopper()
    for _ in range(2):
        with pytest.raises(ShopRefusal, match="seats_left"):
            shop.join(campaign, who, key="k")
    buyer = shop.caller(joined[0].order.buyer_id, Role.SHOPPER)
    shop.do(buyer, aftersale.cancel_checkout, joined[0].order.id)
    shop.work_off()
    with pytest.raises(ShopRefusal, match="seats_left"):
        shop.join(campaign, who, key="k")
    shop.join(campaign, who, key="another")


def test_every_step_of_the_worker_may_be_repeated(shop):
    campaign = shop.campaign()
    paid = shop.join_and_pay(campaign, 2)
    shop.pass_time(days=3)
    group_id = shop.group(campaign).id
    for _ in range(2):
        shop.do(shop.system(), forming.end_group, group_id)
        for step in (forming.confirm_orders, forming.refund_orders):
            shop.do(shop.system(), step, [each.order.id for each in paid])
    shop.rest()
    assert shop.given_back(*paid) == [PRICE, PRICE]
    assert shop.get(Group, group_id).state is GroupState.FAILED


def test_two_relays_that_take_turns_do_everything_once(shop):
    campaign = shop.campaign()
    paid = shop.join_and_pay(campaign, 2)
    shop.clock.forward(days=3)
    relays = [shop.relay, shop.a_relay()]
    for number in range(40):
        relays[number % 2].tick("main", limit=1)
    shop.rest()
    assert shop.given_back(*paid) == [PRICE, PRICE]


@pytest.mark.parametrize("formed", [True, False])
def test_a_large_group_is_worked_off_in_batches(shop, formed, monkeypatch):
    monkeypatch.setattr(forming, "BATCH", 2)
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, 5 if formed else 6))
    joined = shop.join_and_pay(campaign, 5)
    if not formed:
        shop.clock.forward(days=3)
    shop.rest()
    wanted = OrderState.CONFIRMED if formed else OrderState.CLOSED
    assert states(shop, joined) == [wanted] * 5
    assert shop.given_back(*joined) == [0 if formed else PRICE] * 5


def test_a_refund_reported_three_times_is_booked_once(shop):
    campaign = shop.campaign()
    (paid,) = shop.join_and_pay(campaign)
    shop.pass_time(days=3)
    report = shop.gateway.query_refund(only_refund(shop, paid).number)
    for _ in range(3):
        assert shop.do(shop.system(), refunds.settle_refund, report).open is False
    shop.rest()
    assert sum(j.moment == "refund_succeeded" for j in shop.all(Journal)) == 1


def test_a_refund_of_another_amount_than_asked_for_waits_for_a_person(shop):
    campaign = shop.campaign()
    (paid,) = shop.join_and_pay(campaign)
    shop.gateway.settles_at_once = False
    shop.pass_time(days=3)
    number = only_refund(shop, paid).number
    wrong = evolve(
        shop.gateway.query_refund(number), outcome=RefundOutcome.SUCCEEDED, amount=Money(1)
    )
    for _ in range(2):
        after = shop.do(shop.system(), refunds.settle_refund, wrong)
        assert after.state is RefundState.NEEDS_OPERATOR
    assert shop.balances()[f"refund_due:{after.id}"] == -PRICE


class Stalled:
    """A provider whose answer to one refund takes longer than the lease of the task."""

    def __init__(self, shop):
        self.shop, self.late = shop, False

    def __getattr__(self, name):
        return getattr(self.shop.gateway, name)

    def refund(self, request):
        answer = self.shop.gateway.refund(request)
        if not self.late:
            self.late = True
            self.shop.clock.forward(seconds=61)
            self.shop.work_off()
        return answer


def test_a_worker_that_slept_past_its_lease_writes_nothing_any_more(shop):
    campaign = shop.campaign()
    (paid,) = shop.join_and_pay(campaign)
    shop.clock.forward(days=3)
    plain = shop.a_relay()
    outside = evolve(plain.outside, gateways={"memory": Stalled(shop)})
    sleeper = evolve(plain, outside=outside, desk=evolve(shop.desk))
    while sleeper.tick(shop.tenant):
        check_shop(shop)
    task = shop.get(Task, f"refund/{only_refund(shop, paid).id}")
    assert (task.state, task.attempts) == ("done", 0)
    shop.rest()
    assert shop.given_back(paid) == [PRICE]
    assert shop.trouble == []


def test_a_claim_that_was_lost_cannot_be_finished(shop):
    shop.desk.run(shop.system(), lambda w: w.later("notify", "ord_1", shop.clock.at))
    (mine,) = shop.desk.run(shop.system(), lambda w: claim(w, 10))
    shop.clock.forward(seconds=61)
    (theirs,) = shop.desk.run(shop.system(), lambda w: claim(w, 10))
    assert mine.token != theirs.token
    assert shop.desk.run(shop.system(), lambda w: finish(w, mine)) is False
    assert shop.get(Task, mine.id).state == "pending"
    assert shop.desk.run(shop.system(), lambda w: finish(w, theirs)) is True
    assert shop.desk.run(shop.system(), lambda w: finish(w, theirs)) is False


def test_the_deaths_of_workers_are_no_failed_tries_of_what_they_had_claimed(shop):
    shop.desk.run(shop.system(), lambda w: w.later("track", "shp_nobody_knows", shop.clock.at))
    for _ in range(2 * shop.policy.max_attempts):
        shop.desk.run(shop.system(), lambda w: claim(w, 10))
        shop.clock.forward(seconds=61)
    shop.relay.tick(shop.tenant)
    task = shop.get(Task, "track/shp_nobody_knows")
    assert (task.state, task.attempts) == ("pending", 1)
