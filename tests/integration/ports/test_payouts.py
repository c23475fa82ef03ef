"""The payout contract in memory and over the wire."""

import pytest

from groupbuy.adapters import payouts_sandbox
from groupbuy.adapters.memory.payouts import MemoryPayouts
from groupbuy.testing.payout import PayoutContract
from tests.integration.ports.rig import MemoryRig, MovingClock


class TestMemoryPayouts(PayoutContract):
    @pytest.fixture
    def payout(self):
        return MemoryPayouts(MovingClock())

    @pytest.fixture
    def provider(self, payout):
        return MemoryRig(payout._clock, payout)


class TestSandboxPayouts(PayoutContract):
    @pytest.fixture
    def provider(self, sandbox):
        return sandbox

    @pytest.fixture
    def payout(self, provider):
        payout = payouts_sandbox.build(provider.settings(), provider.clock)
        yield payout
        payout.close_connections()
