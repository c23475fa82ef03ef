"""The payment gateway contract on every gateway we ship that needs no foreign server."""

import pytest

from groupbuy.adapters import payments_sandbox
from groupbuy.adapters.memory.payments import MemoryPayments
from groupbuy.testing.payment_gateway import BillsContract, PaymentGatewayContract
from tests.integration.ports.rig import MemoryRig, MovingClock


class TestMemoryPayments(PaymentGatewayContract, BillsContract):
    @pytest.fixture
    def gateway(self):
        return MemoryPayments(MovingClock())

    @pytest.fixture
    def provider(self, gateway):
        return MemoryRig(gateway._clock, gateway)

    @pytest.fixture
    def bills(self, gateway):
        return gateway


class TestSandboxPayments(PaymentGatewayContract, BillsContract):
    @pytest.fixture
    def provider(self, sandbox):
        return sandbox

    @pytest.fixture
    def gateway(self, provider):
        gateway = payments_sandbox.build(provider.settings(), provider.clock)
        yield gateway
        gateway.close_connections()

    @pytest.fixture
    def bills(self, gateway):
        return gateway
