"""Progress reaches listeners of every web process, whoever made it."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Semaphore

import httpx
import pytest

import groupbuy
from groupbuy.adapters.persistence import open_database
from groupbuy.application.write_path import Desk
from groupbuy.entrypoints.bootstrap import SystemClock
from tests.support.shop import HandClock, NoWaiting, Shop

SECONDS = 30
SOURCE = Path(groupbuy.__file__).parents[1]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    if request.param == "sqlite":
        return request.getfixturevalue("sqlite_url")
    return request.getfixturevalue("pg_database").app_url


@contextmanager
def a_web_process(url, folder):
    """Run `groupbuy serve` without a worker; yield its address."""
    command = [sys.executable, "-m", "groupbuy.entrypoints", "serve", "--no-worker", "--port", "0"]
    with (
        (folder / "web.log").open("ab") as log,
        subprocess.Popen(
            command,
            env={
                "GROUPBUY_DATABASE_URL": url,
                "PATH": "",
                "HOME": str(folder),
                # The code beside these tests, wherever another copy may be installed.
                "PYTHONPATH": str(SOURCE),
            },
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            yield json.loads(process.stdout.readline())["serve"]
        finally:
            process.terminate()
            process.wait(SECONDS)


def first_payer_seen(address, group_id, listening):
    """Follow a group until somebody has paid; return the sequences seen on the way."""
    path = f"{address}/api/v1/shop/groups/{group_id}/events"
    seen = []
    with httpx.stream("GET", path, timeout=SECONDS) as stream:
        for line in stream.iter_lines():
            if line.startswith("data:"):
                state = json.loads(line[5:])
                seen.append(state["sequence"])
                listening.release()
                if state["joined"] == 1:
                    return seen
    raise AssertionError("the stream ended early")


def test_a_payment_made_elsewhere_reaches_the_listeners_of_every_process(url, tmp_path):
    with ExitStack() as stack:
        addresses = [stack.enter_context(a_web_process(url, tmp_path)) for _ in range(2)]
        database = open_database(url)
        stack.callback(database.close)
        shop = Shop(begin=database.begin, clock=HandClock(SystemClock().now()))
        shop.desk = Desk(database.begin, shop.kit, database.signals, NoWaiting())
        shop.relay = shop.a_relay()
        campaign = shop.campaign()
        group_id = shop.group(campaign).id
        listening = Semaphore(0)
        with ThreadPoolExecutor(2) as listeners:
            told = [
                listeners.submit(first_payer_seen, address, group_id, listening)
                for address in addresses
            ]
            for _ in addresses:
                assert listening.acquire(timeout=SECONDS)
            shop.pay(shop.join(campaign))
            for each in told:
                seen = each.result(SECONDS)
                assert seen == sorted(set(seen))
                assert seen[0] == 0
