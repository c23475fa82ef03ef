"""One sandbox server for a module of tests, empty at the start of each."""

import pytest

from groupbuy.adapters import carrier_sandbox, payments_sandbox, payouts_sandbox
from tests.integration.ports.rig import running


@pytest.fixture(scope="module")
def sandbox_server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("sandbox") / "journal.db") as rig:
        yield rig


@pytest.fixture
def sandbox(sandbox_server):
    sandbox_server.clear()
    return sandbox_server


@pytest.fixture
def payments(sandbox):
    adapter = payments_sandbox.build(sandbox.settings(), sandbox.clock)
    yield adapter
    adapter.close_connections()


@pytest.fixture
def payouts(sandbox):
    adapter = payouts_sandbox.build(sandbox.settings(), sandbox.clock)
    yield adapter
    adapter.close_connections()


@pytest.fixture
def parcels(sandbox):
    adapter = carrier_sandbox.build(sandbox.settings(), sandbox.clock)
    yield adapter
    adapter.close_connections()
