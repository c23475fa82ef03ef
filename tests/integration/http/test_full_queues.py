"""Queues of joins and of callbacks: full ones say when to come back, a stop leaves none behind."""

import asyncio
import itertools
import sqlite3
from collections import Counter
from contextlib import asynccontextmanager, closing

import pytest
from httpx import ASGITransport, AsyncClient

from groupbuy.adapters.memory.payments import MemoryPayments
from groupbuy.application.payments import prepay_request
from groupbuy.application.policy import Policy
from groupbuy.application.ports import Query
from groupbuy.application.write_path import Caller
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.ordering import Order, OrderState
from groupbuy.domain.payments import Payment, PaymentState
from groupbuy.entrypoints.bootstrap import build
from groupbuy.entrypoints.http import create_api
from groupbuy.entrypoints.settings import load
from tests.support.shop import HandClock, Shop
from tests.support.web import HOST, TENANT, living
from tests.support.web import Shop as Web

ASKED, ROOM = 12, 1
"""Requests at once, and how many may wait while the storage is busy."""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "shop.db"


@pytest.fixture
def app(file):
    database, mailbox = {"url": f"sqlite:///{file}", "threads": 4}, {"in_total": ROOM}
    app = build(load(overrides={"database": database, "mailbox": mailbox}))
    app.outside.gateways["sandbox"] = MemoryPayments(app.kit.clock)
    yield app
    app.close()


@pytest.fixture
def story(app):
    now = HandClock(app.kit.clock.now())
    return Shop(app.desk.begin, clock=now, policy=Policy(provider="sandbox"), tenant=TENANT)


@pytest.fixture
def callbacks(app, story):
    """Twelve orders that were paid for, and what the provider has to say about them."""
    campaign = story.campaign(quorum=Quorum(Measure.BUYERS, 50))
    gateway = app.gateways["sandbox"]
    for _ in range(ASKED):
        joined = story.join(campaign)
        request = app.desk.read(
            Caller.system(TENANT), lambda work, key=joined.payment.id: prepay_request(work, key)
        )
        gateway.prepay(request)
        gateway.pay(joined.payment.number)
    return [(body, headers) for headers, body in gateway.callbacks.sent[-ASKED:]]


def everything(app, kind):
    return app.desk.read(Caller.system(TENANT), lambda work: work.of(kind).select(Query()))


@asynccontextmanager
async def served(app):
    """Serve in this event loop; the end of the block is the end of the server."""
    api = create_api(app)
    async with AsyncClient(transport=ASGITransport(api), base_url=f"http://{HOST}") as client:
        async with living(api):
            yield client


async def told(client, callback):
    body, headers = callback
    path = f"/api/v1/callbacks/payments/sandbox/{TENANT}"
    return await client.post(path, content=body, headers={**headers, "Host": HOST})


def busy(file):
    """Keep everybody else from writing, as a slow disk does."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return closing(other)


async def turned_away(requests):
    """Return answers once only those are missing that have room to wait."""
    asked = [asyncio.create_task(each) for each in requests]
    refused = itertools.islice(asyncio.as_completed(asked), ASKED - ROOM - 1)
    for each in refused:
        await each
    return asked


def are_turned_away(answers):
    for answer in answers:
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.json()["code"] == "too_many_requests"
        assert answer.json()["retryable"] is True


def test_a_callback_that_finds_no_room_is_asked_for_again_and_then_taken(app, file, callbacks):
    async def run():
        async with served(app) as client:
            with busy(file):
                asked = await turned_away(told(client, each) for each in callbacks)
                are_turned_away(each.result() for each in asked if each.done())
            answers = await asyncio.gather(*asked)
            assert set(Counter(each.status_code for each in answers)) == {204, 429}
            for each, answer in zip(callbacks, answers, strict=True):
                if answer.status_code == 429:
                    again = await told(client, each)
                    assert again.status_code == 204

    asyncio.run(run())
    assert {each.state for each in everything(app, Payment)} == {PaymentState.CAPTURED}
    assert {each.state for each in everything(app, Order)} == {OrderState.PLACED}


def test_a_join_that_finds_no_room_leaves_nothing_and_may_come_again(app, file, story):
    campaign = story.campaign(quorum=Quorum(Measure.BUYERS, 50))
    web = Web(app, None, None)
    buyers = [web.someone() for _ in range(ASKED)]
    sku = campaign.offers[0].sku_id
    body = {
        "items": [{"sku_id": sku, "units": 1}],
        "contact": {"name": "王小明", "phone": "13800001111", "address": "幸福路 1 号"},
    }

    async def join(client, buyer):
        path = f"/api/v1/shop/campaigns/{campaign.id}/joins"
        headers = {**buyer.headers, "Host": HOST, "Idempotency-Key": buyer.user.id}
        return await client.post(path, json=body, headers=headers)

    async def run():
        async with served(app) as client:
            with busy(file):
                asked = await turned_away(join(client, each) for each in buyers)
                are_turned_away(each.result() for each in asked if each.done())
            answers = await asyncio.gather(*asked)
            taken = sum(each.status_code == 201 for each in answers)
            assert len(everything(app, Order)) == taken <= ROOM + 1
            for buyer, answer in zip(buyers, answers, strict=True):
                if answer.status_code == 429:
                    again = await join(client, buyer)
                    assert again.status_code == 201, again.text

    asyncio.run(run())
    assert len(everything(app, Order)) == ASKED


def test_what_was_accepted_before_a_stop_is_answered_and_durable(app, file, callbacks):
    async def run():
        async with served(app) as client:
            lock = busy(file).thing
            asked = await turned_away(told(client, each) for each in callbacks)
            open_ones = [each for each in asked if not each.done()]
            asyncio.get_running_loop().call_later(0.2, lock.close)
        return [(await each).status_code for each in open_ones]

    answers = asyncio.run(run())
    assert set(answers) == {204}
    captured = [p for p in everything(app, Payment) if p.state is PaymentState.CAPTURED]
    assert len(captured) == len(answers) > 0
