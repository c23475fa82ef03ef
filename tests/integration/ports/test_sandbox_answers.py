"""Answers a provider should never give: none of them is taken for a fact, or as an exception."""

import httpx
import pytest

from groupbuy.adapters.carrier_sandbox import SandboxCarrier
from groupbuy.adapters.payments_sandbox import SandboxPayments, build
from groupbuy.adapters.payouts_sandbox import SandboxPayouts
from groupbuy.application.ports.payment import PaymentOutcome, PayoutOutcome, RefundOutcome
from groupbuy.domain.kernel import Forbidden, Invalid, Unavailable
from groupbuy.entrypoints.sandbox import signing
from groupbuy.testing.payment_gateway import NUMBER, giving_back
from groupbuy.testing.payout import CARD
from tests.integration.ports.rig import MovingClock

PAID = (
    '{"number":"PAY0000000001","state":"SUCCESS","captured":%s,"captured_currency":"CNY",'
    '"paid_at":"2026-11-01T04:00:00Z"}'
)
NONSENSE = [
    (200, b""),
    (200, b"<html>welcome</html>"),
    (200, b"null"),
    (200, b"[]"),
    (200, b"{}"),
    (200, b"\xff\xfe"),
    (200, b"[" * 200_000),
    (200, b'{"number":"PAY0000000001","state":"HAPPY"}'),
    (200, b'{"number":"PAY0000000001","state":"SUCCESS"}'),
    (200, (PAID % "1.5").encode()),
    (200, (PAID % '"79920"').encode()),
    (200, (PAID % ("9" * 5_000)).encode()),
    (200, (PAID % "79920").replace("0001", "0002").encode()),
    (204, b""),
    (302, b""),
    (400, b"oops"),
    (404, b"<html>not here</html>"),
    (404, b'{"code": 5}'),
    (404, b'{"code":"SOMETHING_ELSE"}'),
    (429, b""),
    (500, b'{"code":"ORDER_NOT_EXIST"}'),
    (502, b'{"code":"OVER_REFUND"}'),
]


def talking(kind, status, body):
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=body))
    http = httpx.Client(base_url="http://127.0.0.1:9", transport=transport)
    return kind(http, b"secret", MovingClock(), "")


@pytest.mark.parametrize(("status", "body"), NONSENSE)
def test_nonsense_about_a_payment_is_pending(status, body):
    gateway = talking(SandboxPayments, status, body)
    assert gateway.query(NUMBER).outcome is PaymentOutcome.PENDING
    assert gateway.close(NUMBER).outcome is PaymentOutcome.PENDING


@pytest.mark.parametrize(("status", "body"), NONSENSE)
def test_nonsense_about_a_refund_is_pending(status, body):
    gateway = talking(SandboxPayments, status, body)
    assert gateway.refund(giving_back(1)).outcome is RefundOutcome.PENDING
    assert gateway.query_refund("RFD1").outcome is RefundOutcome.PENDING


@pytest.mark.parametrize(("status", "body"), NONSENSE)
def test_nonsense_about_a_payout_is_pending(status, body):
    payouts = talking(SandboxPayouts, status, body)
    assert payouts.send(CARD).outcome is PayoutOutcome.PENDING
    assert payouts.query(CARD.number).outcome is PayoutOutcome.PENDING


@pytest.mark.parametrize(("status", "body"), NONSENSE)
def test_nonsense_about_a_parcel_or_a_bill_is_unavailable(status, body):
    with pytest.raises(Unavailable):
        talking(SandboxCarrier, status, body).trace("shunfeng", "SF1")
    with pytest.raises(Unavailable):
        talking(SandboxPayments, status, body).bill()


@pytest.mark.parametrize(
    "trouble",
    [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError, httpx.PoolTimeout],
)
def test_trouble_on_the_wire_is_pending(trouble):
    def fail(request):
        raise trouble("by test", request=request)

    http = httpx.Client(base_url="http://127.0.0.1:9", transport=httpx.MockTransport(fail))
    gateway = SandboxPayments(http, b"secret", MovingClock(), "")
    assert gateway.query(NUMBER).outcome is PaymentOutcome.PENDING
    assert gateway.refund(giving_back(1)).outcome is RefundOutcome.PENDING


def test_a_server_that_is_not_there_is_pending():
    gateway = build({"base_url": "http://127.0.0.1:9", "secret": "x"}, MovingClock())
    assert gateway.close(NUMBER).outcome is PaymentOutcome.PENDING
    gateway.close_connections()


@pytest.mark.parametrize("body", [b"", b"{", b"null", b'{"event_id":"e","kind":"x","data":{}}'])
@pytest.mark.parametrize(
    ("kind", "channel"),
    [(SandboxPayments, "payment"), (SandboxPayouts, "payout"), (SandboxCarrier, "carrier")],
)
def test_a_signed_callback_that_makes_no_sense_is_invalid(kind, channel, body):
    adapter = talking(kind, 200, b"")
    head = signing.headers(b"secret", MovingClock().now(), "CALLBACK", channel, body)
    with pytest.raises(Invalid):
        adapter.read_callback(head, body)


@pytest.mark.parametrize("when", ["", "soon", "-5", "1e9", "١٢٣", "9" * 400])
def test_a_callback_with_a_senseless_time_is_refused(when):
    adapter = talking(SandboxPayments, 200, b"")
    made = signing.signature(b"secret", when, "n", "CALLBACK", "payment", b"{}")
    head = {
        "Sandbox-Timestamp": when,
        "Sandbox-Nonce": "n",
        "Sandbox-Signature": made,
    }
    with pytest.raises(Forbidden):
        adapter.read_callback(head, b"{}")
