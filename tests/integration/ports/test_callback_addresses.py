"""One adapter serves every tenant, and tells the provider whom to call back."""

import json

import httpx
import pytest
from attrs import evolve

from groupbuy.adapters.carrier_sandbox import SandboxCarrier
from groupbuy.adapters.payments_sandbox import SandboxPayments
from groupbuy.adapters.payouts_sandbox import SandboxPayouts
from groupbuy.application.ports.payment import PaymentRequest, PayoutRequest
from groupbuy.domain.kernel import Money, Unavailable
from groupbuy.testing.payment_gateway import giving_back
from tests.integration.ports.rig import START, MovingClock

ADDRESS = "https://shop.example/callbacks/{tenant}"


@pytest.fixture
def named():
    """The address in each call, in order; the provider never answers anything useful."""
    return []


@pytest.fixture
def parts(named):
    def note(request):
        named.append(json.loads(request.content)["notify_url"])
        return httpx.Response(503)

    http = httpx.Client(base_url="http://sandbox.example", transport=httpx.MockTransport(note))
    yield http, b"secret", MovingClock(), ADDRESS
    http.close()


def test_payments_and_refunds_come_back_to_their_tenant(parts, named):
    gateway = SandboxPayments(*parts)
    for tenant in ("north", "south"):
        gateway.prepay(PaymentRequest("PAY0001", Money(1), "苹果", START, tenant=tenant))
        gateway.refund(evolve(giving_back(1), tenant=tenant))
    assert [each.rpartition("/")[2] for each in named] == ["north", "north", "south", "south"]


def test_payouts_come_back_to_their_tenant(parts, named):
    request = PayoutRequest("W1", Money(1), "bank_card", "6222", "何秀兰", "佣金", tenant="north")
    SandboxPayouts(*parts).send(request)
    assert named == ["https://shop.example/callbacks/north"]


def test_parcels_come_back_to_their_tenant_even_if_its_name_is_odd(parts, named):
    with pytest.raises(Unavailable):
        SandboxCarrier(*parts).subscribe("sf", "SF1", "a/../b")
    assert named == ["https://shop.example/callbacks/a%2F..%2Fb"]
