"""The sandbox as a program: its port, its own thread, and what a kill does not take away."""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest

from groupbuy.adapters import payments_sandbox
from groupbuy.application.ports.payment import PaymentOutcome
from groupbuy.domain.kernel import Invalid
from groupbuy.entrypoints.sandbox import run
from groupbuy.testing.payment_gateway import DUE, NUMBER, announcement
from tests.integration.ports.rig import SECRET, MovingClock, listening

PROGRAM = """
import sys
from datetime import datetime
from groupbuy.entrypoints.sandbox import run

class Fixed:
    def now(self):
        return datetime.fromisoformat("2026-11-01T04:00:00+00:00")

run("127.0.0.1", 0, sys.argv[1], sys.argv[2], Fixed())
"""


@contextmanager
def program(journal):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(journal), SECRET], stdout=subprocess.PIPE, text=True
    )
    try:
        yield process, json.loads(process.stdout.readline())["sandbox"]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_killed_sandbox_remembers_what_was_paid_and_tells_it_afterwards(tmp_path):
    clock = MovingClock()
    with listening() as ear:
        ear.status = 503
        with program(tmp_path / "journal.db") as (process, url):
            payments = payments_sandbox.build(settings(url, ear), clock)
            payments.prepay(announcement(clock))
            httpx.post(f"{url}/_control/pay/{NUMBER}", trust_env=False).raise_for_status()
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert payments.query(NUMBER).outcome is PaymentOutcome.PENDING
            payments.close_connections()
        with program(tmp_path / "journal.db") as (_, url):
            payments = payments_sandbox.build(settings(url, ear), clock)
            assert payments.query(NUMBER).amount == DUE
            journal = httpx.get(f"{url}/_control/journal", trust_env=False).json()
            assert journal["totals"]["payment"] == {"CNY": DUE.minor}
            assert set(journal["callbacks"]) <= {"waiting"}
            payments.close_connections()


def test_the_program_sends_callbacks_by_itself(tmp_path):
    with listening() as ear, program(tmp_path / "journal.db") as (_, url):
        payments = payments_sandbox.build(settings(url, ear), MovingClock())
        payments.prepay(announcement(MovingClock()))
        httpx.post(f"{url}/_control/pay/{NUMBER}", trust_env=False).raise_for_status()
        assert ear.first.wait(60)
        assert payments.read_callback(*ear.heard[0]).amount == DUE
        payments.close_connections()


def test_an_interrupted_program_ends_by_itself(tmp_path):
    with program(tmp_path / "journal.db") as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) in {0, -signal.SIGTERM}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "shop.example"])
def test_it_never_listens_to_other_machines(host, tmp_path):
    with pytest.raises(Invalid):
        run(host, 0, str(tmp_path / "journal.db"), SECRET, MovingClock())


def settings(url, ear):
    return {"base_url": url, "secret": SECRET, "notify_url": ear.url}
