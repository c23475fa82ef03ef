"""Refunds that need a person: seen by finance, sent again with the same number."""

from datetime import UTC, datetime

import pytest

from groupbuy.application.ports import Query, Task
from groupbuy.application.write_path import Caller
from groupbuy.domain.kernel import Money
from groupbuy.domain.membership import Role
from groupbuy.domain.payments import Refund, RefundCause, RefundState

AT = datetime(2026, 11, 2, 4, tzinfo=UTC)
DESK = "/api/v1/ops/refunds"


@pytest.fixture
def stuck(shop):
    """A refund the provider has refused for good."""
    ids = shop.app.kit.ids
    refund = Refund(
        id=ids.new("rfd"),
        payment_id=ids.new("pay"),
        order_id=ids.new("ord"),
        cause=RefundCause.GROUP_FAILED,
        effect_key=ids.new("grp"),
        amount=Money(79920),
        granted_at=AT,
        state=RefundState.NEEDS_OPERATOR,
        attempts=1,
        last_word="ABNORMAL",
    )
    shop.app.desk.run(Caller.system("main"), lambda work: work.of(Refund).add(refund))
    return refund


def test_finance_sees_what_needs_a_person_with_the_provider_s_own_words(shop, stuck):
    seen = shop.client.get(DESK, headers=shop.someone(Role.FINANCE).headers)
    (item,) = seen.json()["items"]
    assert (item["id"], item["number"], item["last_word"]) == (stuck.id, stuck.number, "ABNORMAL")


def test_a_retry_keeps_the_number_and_is_staged_once_per_key(shop, stuck):
    headers = {**shop.someone(Role.FINANCE).headers, "Idempotency-Key": "again"}
    path = f"{DESK}/{stuck.id}/retry"
    first = shop.client.post(path, json={"reason": "card mended"}, headers=headers)
    again = shop.client.post(path, json={"reason": "card mended"}, headers=headers)
    assert (first.status_code, first.json()["state"]) == (200, "retryable")
    assert first.json()["number"] == stuck.number
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    system = Caller.system("main")
    staged = Query().where(topic="refund", subject=stuck.id)
    tasks = shop.app.desk.read(system, lambda work: work.of(Task).select(staged))
    assert [(task.state, task.subject) for task in tasks] == [("pending", stuck.id)]


def test_only_those_who_watch_over_money_get_in(shop, stuck):
    for role in (Role.SHOPPER, Role.LEADER, Role.MERCHANT, Role.ADMIN):
        answer = shop.client.get(DESK, headers=shop.someone(role).headers)
        assert answer.status_code == 403, role


def test_a_retry_needs_a_key_and_a_refund_that_waits(shop, stuck):
    finance = shop.someone(Role.FINANCE).headers
    path = f"{DESK}/{stuck.id}/retry"
    assert shop.client.post(path, json={"reason": "x"}, headers=finance).status_code == 400
    first = {**finance, "Idempotency-Key": "1"}
    assert shop.client.post(path, json={"reason": "x"}, headers=first).status_code == 200
    second = {**finance, "Idempotency-Key": "2"}
    twice = shop.client.post(path, json={"reason": "x"}, headers=second)
    assert (twice.status_code, twice.json()["code"]) == (409, "illegal_move")
