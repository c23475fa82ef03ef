"""The timeline of an order as a stream: who may follow it, what it tells, where it resumes."""

import asyncio

import pytest

from groupbuy.application.write_path import Caller
from groupbuy.domain.kernel import make_id
from groupbuy.domain.membership import Role
from groupbuy.domain.ordering import Order, OrderState
from groupbuy.entrypoints.http import create_api
from tests.support.rooms import an_order
from tests.support.web import TENANT, Stream, living, served

ORDER = make_id("ord", millis=1, cell=0, entropy=1)


@pytest.fixture(params=["sqlite_url", "pg_database"])
def followed(request):
    """A shop with one confirmed order, its buyer and its merchant."""
    found = request.getfixturevalue(request.param)
    with served(getattr(found, "app_url", found)) as shop:
        staff = shop.someone(Role.MERCHANT, merchant_id=shop.merchant().id)
        buyer = shop.someone()
        order = an_order(
            OrderState.CONFIRMED,
            id=ORDER,
            merchant_id=staff.user.merchant_id,
            buyer_id=buyer.user.id,
        )
        shop.app.desk.run(Caller.system(TENANT), lambda work: work.of(Order).add(order))
        yield shop, staff, buyer


def path_of(side):
    return f"/api/v1/{side}/orders/{ORDER}/timeline"


def approve(shop, staff):
    path = f"/api/v1/merchant/orders/{ORDER}/approve"
    assert shop.client.post(path, headers=staff.headers).is_success


def test_a_timeline_streams_what_happens_and_resumes_where_it_was_left(followed):
    shop, staff, buyer = followed
    api = create_api(shop.app)
    path = f"{path_of('shop')}/events"

    async def watch():
        async with living(api), Stream(api, path, buyer.headers) as stream:
            assert stream.status == 200
            before, state = await stream.event()
            assert before == len(state["items"])
            await asyncio.to_thread(approve, shop, staff)
            after, state = await stream.event()
            assert after > before
            assert state["items"][-1]["what"] == "order.approved"
            # whoever comes back knowing all of it hears nothing; who missed the last, the last
            known = {**buyer.headers, "Last-Event-ID": str(after)}
            async with Stream(api, path, known) as back:
                await back.opened()
                assert back.quiet()
            known = {**buyer.headers, "Last-Event-ID": str(before)}
            async with Stream(api, path, known) as late:
                assert await late.event() == (after, state)
            async with Stream(api, f"{path_of('merchant')}/events", staff.headers) as other:
                assert await other.event() == (after, state)
            return state["items"]

    items = asyncio.run(watch())
    polled = shop.client.get(path_of("shop"), headers=buyer.headers).json()["items"]
    assert polled == items


def test_only_those_concerned_follow_a_timeline(followed):
    shop, staff, _ = followed
    stranger = shop.someone(Role.MERCHANT, merchant_id=shop.merchant("西门果行").id)
    for side, who, status in (
        ("shop", shop.someone(), 404),
        ("shop", staff, 404),
        ("merchant", stranger, 404),
        ("leader", staff, 403),
        ("leader", shop.someone(Role.LEADER), 404),
    ):
        answer = shop.client.get(f"{path_of(side)}/events", headers=who.headers)
        assert answer.status_code == status, (side, answer.text)
    assert shop.client.get(f"{path_of('shop')}/events").status_code == 401


def test_an_order_that_is_not_there_has_no_stream(followed):
    shop, _, buyer = followed
    path = path_of("shop").replace(ORDER, make_id("ord", millis=2, cell=0, entropy=2))
    assert shop.client.get(f"{path}/events", headers=buyer.headers).status_code == 404
