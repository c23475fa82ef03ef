"""The carrier contract in memory and over the wire."""

import pytest

from groupbuy.adapters import carrier_sandbox
from groupbuy.adapters.memory.carriers import MemoryCarrier
from groupbuy.testing.carrier import CarrierContract
from tests.integration.ports.rig import MemoryRig, MovingClock


class TestMemoryCarrier(CarrierContract):
    @pytest.fixture
    def carrier(self):
        return MemoryCarrier(MovingClock())

    @pytest.fixture
    def provider(self, carrier):
        return MemoryRig(carrier._clock, carrier)


class TestSandboxCarrier(CarrierContract):
    @pytest.fixture
    def provider(self, sandbox):
        return sandbox

    @pytest.fixture
    def carrier(self, provider):
        carrier = carrier_sandbox.build(provider.settings(), provider.clock)
        yield carrier
        carrier.close_connections()
