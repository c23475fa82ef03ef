"""Paying over HTTP: nobody pays twice, and each tenant hears of its own payments."""

import pytest

from groupbuy.adapters.memory.payments import MemoryPayments
from groupbuy.application.payments import prepay_request
from groupbuy.application.ports import Query
from groupbuy.application.write_path import Caller
from groupbuy.domain.ordering import Order, OrderState
from groupbuy.domain.payments import Payment, PaymentState
from tests.support.two_shops import OTHER, two_shops
from tests.support.web import HOST, TENANT


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("paying")
    with two_shops(f"sqlite:///{folder / 'shop.db'}", folder) as opened:
        yield opened


@pytest.fixture
def world(both):
    """Two tenants, an unpaid order in each, and a provider that both share."""
    both.restore()
    gateways = both.shop.app.outside.gateways
    real, gateways["sandbox"] = gateways["sandbox"], MemoryPayments(both.shop.app.kit.clock)
    yield both
    gateways["sandbox"] = real


def provider(world):
    return world.shop.app.gateways["sandbox"]


def ask_to_pay(world, place):
    headers = {**place.people["shopper"].headers, "Host": HOST, "Idempotency-Key": "pay"}
    return world.shop.client.post(
        f"/api/v1/shop/orders/{place.ids['unpaid']}/payment", headers=headers
    )


def payment_of(world, place):
    desk, query = world.shop.app.desk, Query().where(order_id=place.ids["unpaid"])
    (found,) = desk.read(Caller.system(place.tenant), lambda w: w.of(Payment).select(query))
    return found


def order_of(world, place):
    key = place.ids["unpaid"]
    return world.shop.app.desk.read(Caller.system(place.tenant), lambda w: w.of(Order).get(key))


def test_whoever_has_paid_is_not_asked_to_pay_again(world):
    first = ask_to_pay(world, world.own)
    assert (first.status_code, first.json()["state"]) == (200, "pending")
    provider(world).pay(payment_of(world, world.own).number)
    again = ask_to_pay(world, world.own)
    assert (again.status_code, again.json()["state"]) == (200, "captured")
    assert order_of(world, world.own).state is not OrderState.AWAITING_PAYMENT


def test_asking_again_before_paying_gives_the_same_payment(world):
    first = ask_to_pay(world, world.own)
    assert ask_to_pay(world, world.own).json() == first.json()


def test_a_provider_that_is_silent_about_it_does_not_hide_the_payment(world):
    first = ask_to_pay(world, world.own)
    provider(world).trouble.before["query"] = 1
    assert ask_to_pay(world, world.own).json() == first.json()


def test_the_address_of_a_callback_says_whose_payment_it_is(world):
    payment = payment_of(world, world.foreign)
    request = announce_directly(world, payment)
    assert request.tenant == OTHER
    (headers, body) = provider(world).callbacks.sent[-1]
    path = f"/api/v1/callbacks/payments/sandbox/{OTHER}"
    for host in (HOST, "the.same.for.all"):
        answer = world.shop.client.post(path, content=body, headers={**headers, "Host": host})
        assert answer.status_code == 204
    assert payment_of(world, world.foreign).state is PaymentState.CAPTURED


def test_a_callback_cannot_be_sent_to_somebody_else(world):
    announce_directly(world, payment_of(world, world.foreign))
    (headers, body) = provider(world).callbacks.sent[-1]
    for tenant, status in ((TENANT, 404), ("nowhere", 404)):
        path = f"/api/v1/callbacks/payments/sandbox/{tenant}"
        assert world.shop.client.post(path, content=body, headers=headers).status_code == status
    assert payment_of(world, world.foreign).state is not PaymentState.CAPTURED


def announce_directly(world, payment):
    """Announce and pay a payment of the other tenant, as its worker and its buyer do."""
    request = world.shop.app.desk.read(
        Caller.system(OTHER), lambda work: prepay_request(work, payment.id)
    )
    provider(world).prepay(request)
    provider(world).pay(payment.number)
    return request


def test_a_callback_is_durable_once_it_is_answered_and_its_repeat_changes_nothing(world):
    ask_to_pay(world, world.own)
    provider(world).pay(payment_of(world, world.own).number)
    (headers, body) = provider(world).callbacks.sent[-1]
    path, answers = f"/api/v1/callbacks/payments/sandbox/{TENANT}", []
    for _ in range(2):
        answers.append(world.shop.client.post(path, content=body, headers=headers).status_code)
        assert order_of(world, world.own).state is not OrderState.AWAITING_PAYMENT
    assert answers == [204, 204]
    assert payment_of(world, world.own).state is PaymentState.CAPTURED
