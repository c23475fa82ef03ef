"""A group with very many payers: workers share it, and together keep the provider's pace."""

from collections import Counter
from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.application import forming
from groupbuy.application.ports import Task
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.kernel import TooMany
from groupbuy.domain.ordering import OrderState
from groupbuy.domain.payments import RefundState
from tests.support.stories import PRICE, states


@pytest.fixture
def small_steps(monkeypatch):
    """Sizes at which nine payers are a large group."""
    for name, size in (("SHARE", 2), ("PAGE", 4), ("BATCH", 2)):
        monkeypatch.setattr(forming, name, size)


def failing(shop, payers):
    campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, payers + 1))
    paid = shop.join_and_pay(campaign, payers)
    shop.clock.forward(days=3)
    return paid


def paced(shop, per_second):
    """Let the provider take only so many refunds a second."""
    shop.kit = evolve(shop.kit, policy=evolve(shop.policy, refunds_per_second=per_second))
    shop.desk = evolve(shop.desk, kit=shop.kit)
    shop.relay = shop.a_relay()


def sent(shop):
    return [m.number for m in shop.gateway.movements if m.kind == "refund"]


def spoiled(shop, monkeypatch, error, bad):
    """Let the provider's door answer some refunds with an error."""
    refund, asked = shop.gateway.refund, []

    def answer(_, request):
        asked.append(request.number)
        if request.payment_number in bad:
            raise error
        return refund(request)

    monkeypatch.setattr(type(shop.gateway), "refund", answer)
    return asked


@pytest.mark.parametrize("formed", [True, False])
def test_ranges_of_a_large_group_are_tasks_of_their_own(shop, small_steps, formed):
    payers = 9
    if formed:
        campaign = shop.campaign(quorum=Quorum(Measure.BUYERS, payers))
        paid = shop.join_and_pay(campaign, payers)
    else:
        paid = failing(shop, payers)
    shop.rest()
    topic = "confirm_range" if formed else "refund_range"
    ranges = shop.all(Task, topic=topic)
    keys = sorted(each.order.id for each in paid)
    assert {(t.id.rpartition("/")[2], t.state) for t in ranges} == {
        ("first", "done"),
        (keys[3], "done"),
    }
    wanted = OrderState.CONFIRMED if formed else OrderState.CLOSED
    assert states(shop, paid) == [wanted] * payers
    assert shop.given_back(*paid) == [0 if formed else PRICE] * payers


def test_several_workers_work_on_one_group_and_each_payer_is_refunded_once(shop, small_steps):
    paid = failing(shop, 9)
    relays, worked = [shop.a_relay() for _ in range(3)], Counter()
    for number in range(120):
        worked[number % 3] += relays[number % 3].tick(shop.tenant, limit=1)
    assert min(worked.values()) > 10
    shop.rest()
    assert shop.given_back(*paid) == [PRICE] * 9
    assert len(sent(shop)) == 9


def test_a_large_group_is_read_in_pages_and_never_at_once(shop, small_steps, monkeypatch):
    read, placed = [], forming.placed

    def noting(*args, **bounds):
        found = placed(*args, **bounds)
        read.append(len(found))
        return found

    monkeypatch.setattr(forming, "placed", noting)
    failing(shop, 13)
    shop.rest()
    assert max(read) == forming.PAGE
    assert sum(read) >= 2 * 13


def test_workers_together_send_no_more_refunds_a_second_than_the_provider_takes(shop):
    paced(shop, 2)
    paid = failing(shop, 7)
    counts = list[int]()
    for _ in range(5):
        for relay in (shop.a_relay(), shop.a_relay()):
            while relay.tick(shop.tenant):
                pass
        counts.append(len(sent(shop)))
        shop.clock.forward(seconds=1)
    assert counts == [2, 3, 5, 7, 7]
    shop.rest()
    assert shop.given_back(*paid) == [PRICE] * 7


def test_refunds_that_wait_for_their_turn_keep_their_order_and_count_as_untried(shop):
    paced(shop, 2)
    failing(shop, 7)
    shop.work_off()
    waiting = sorted(shop.all(Task, topic="refund", state="pending"), key=lambda t: t.due_at)
    assert [t.attempts for t in waiting] == [0] * 5
    assert [t.last_error for t in waiting] == [""] * 5
    gaps = [t.due_at - shop.clock.at for t in waiting]
    assert gaps == [timedelta(seconds=1 + n / 2) for n in range(5)]
    for _ in range(6):
        shop.pass_time(seconds=1)
    assert sent(shop)[2:] == ["R" + t.subject.partition("_")[2] for t in waiting]


def test_after_a_long_sleep_refunds_still_keep_the_pace(shop):
    paced(shop, 2)
    paid = failing(shop, 7)
    shop.work_off()
    shop.clock.forward(hours=1)
    counts = list[int]()
    for _ in range(4):
        shop.work_off()
        counts.append(len(sent(shop)))
        shop.clock.forward(seconds=1)
    assert counts == [4, 5, 7, 7]
    assert shop.given_back(*paid) == [PRICE] * 7


def test_a_provider_that_wants_to_be_left_alone_is_and_nothing_counts_as_failed(shop, monkeypatch):
    paid = failing(shop, 3)
    busy = {each.payment.number for each in paid}
    asked = spoiled(shop, monkeypatch, TooMany(retry_after_seconds=7), busy)
    shop.work_off()
    assert len(asked) == 1
    assert shop.trouble == []
    for task in shop.all(Task, topic="refund"):
        assert (task.state, task.attempts) == ("pending", 0)
        assert task.due_at >= shop.clock.at + timedelta(seconds=7)
    busy.clear()
    shop.pass_time(seconds=6)
    assert len(asked) == 1
    shop.pass_time(seconds=2)
    shop.pass_time(seconds=1)
    shop.rest()
    assert shop.given_back(*paid) == [PRICE] * 3


def test_one_refund_that_cannot_be_sent_keeps_no_other_from_being_sent(shop, monkeypatch):
    paid = failing(shop, 4)
    bad = {paid[1].payment.number}
    spoiled(shop, monkeypatch, KeyError("wire"), bad)
    shop.work_off()
    assert shop.given_back(*paid) == [PRICE, 0, PRICE, PRICE]
    assert {type(error) for _, error in shop.trouble} == {KeyError}
    (stuck,) = shop.refunds(paid[1])
    assert stuck.state is RefundState.SUBMITTED
    bad.clear()
    shop.trouble.clear()
    shop.pass_time(minutes=1)
    shop.rest()
    assert shop.given_back(*paid) == [PRICE] * 4
