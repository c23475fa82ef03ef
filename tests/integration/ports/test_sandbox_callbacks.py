"""How the sandbox tells: signed, again and again until accepted, and badly when told to."""

import pytest

from groupbuy.application.ports.carrier import ParcelState
from groupbuy.application.ports.payment import PaymentReport, RefundReport
from groupbuy.domain.kernel import Forbidden
from groupbuy.testing.carrier import PARCEL
from groupbuy.testing.payment_gateway import NUMBER, announcement, giving_back
from tests.integration.ports.rig import running

SCHEDULE = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600]


def pay(sandbox, payments, number=NUMBER):
    payments.prepay(announcement(sandbox, number))
    sandbox.pay(number)


def told(sandbox, payments):
    return [payments.read_callback(*callback).number for callback in sandbox.ear.heard]


def test_a_refused_callback_comes_again_on_the_schedule_with_the_same_event(sandbox, payments):
    pay(sandbox, payments)
    sandbox.ear.status = 500
    assert sandbox.flush() == {"sent": 0, "failed": 1, "left": 1}
    for wait in SCHEDULE[:4]:
        sandbox.pass_time(wait - 1)
        assert sandbox.flush()["failed"] == 0
        sandbox.pass_time(1)
        assert sandbox.flush()["failed"] == 1
    assert len({body for _, body in sandbox.ear.heard}) == 1
    assert len(sandbox.ear.heard) == 5
    assert len({headers["Sandbox-Nonce"] for headers, _ in sandbox.ear.heard}) == 5


@pytest.mark.parametrize("status", [200, 204])
def test_an_accepted_callback_does_not_come_again(sandbox, payments, status):
    pay(sandbox, payments)
    sandbox.ear.status = status
    assert sandbox.flush() == {"sent": 1, "failed": 0, "left": 0}
    sandbox.pass_time(86_400)
    assert sandbox.flush()["sent"] == 0


@pytest.mark.parametrize("status", [201, 302, 400, 404, 503])
def test_any_other_answer_means_again(sandbox, payments, status):
    pay(sandbox, payments)
    sandbox.ear.once = [status]
    assert sandbox.flush() == {"sent": 0, "failed": 1, "left": 1}
    sandbox.pass_time(15)
    assert sandbox.flush() == {"sent": 1, "failed": 0, "left": 0}


def test_nobody_is_told_after_the_last_attempt_but_a_query_still_knows(sandbox, payments):
    pay(sandbox, payments)
    sandbox.ear.status = 500
    sandbox.flush()
    for wait in SCHEDULE:
        sandbox.pass_time(wait)
        sandbox.flush()
    assert len(sandbox.ear.heard) == 1 + len(SCHEDULE)
    assert sandbox.journal()["callbacks"] == {"given_up": 1}
    assert payments.query(NUMBER).amount is not None


def test_a_lost_callback_never_comes_but_a_query_knows(sandbox, payments):
    sandbox.faults({"operation": "callback.payment", "kind": "lose", "count": 1})
    pay(sandbox, payments)
    pay(sandbox, payments, "PAY0000000002")
    sandbox.flush()
    sandbox.pass_time(86_400)
    sandbox.flush()
    (only,) = [body for _, body in sandbox.ear.heard]
    assert b"PAY0000000002" in only
    assert sandbox.journal()["callbacks"] == {"done": 1, "lost": 1}
    assert payments.query(NUMBER).amount is not None


def test_a_duplicated_callback_comes_three_times_as_one_event(sandbox, payments):
    sandbox.faults({"operation": "callback.payment", "kind": "duplicate", "count": 1})
    pay(sandbox, payments)
    assert sandbox.flush()["sent"] == 3
    reports = [payments.read_callback(*callback) for callback in sandbox.ear.heard]
    assert len(reports) == 3
    assert len(set(reports)) == 1


def test_a_reordered_push_comes_after_a_later_one(sandbox, parcels):
    parcels.subscribe(*PARCEL)
    sandbox.faults({"operation": "callback.parcel", "kind": "reorder", "count": 1})
    sandbox.move(*PARCEL, ParcelState.IN_TRANSIT)
    assert sandbox.flush()["sent"] == 0
    sandbox.move(*PARCEL, ParcelState.DELIVERED)
    assert sandbox.flush()["sent"] == 2
    pushed = [parcels.read_callback(*callback).state for callback in sandbox.ear.heard]
    assert pushed == [ParcelState.DELIVERED, ParcelState.IN_TRANSIT]


def test_a_reordered_push_with_nothing_after_it_comes_late(sandbox, parcels):
    parcels.subscribe(*PARCEL)
    sandbox.faults({"operation": "callback.parcel", "kind": "reorder", "count": 1})
    sandbox.move(*PARCEL, ParcelState.IN_TRANSIT)
    sandbox.flush()
    sandbox.pass_time(60)
    assert sandbox.flush()["sent"] == 1


def test_a_callback_can_be_a_day_late(sandbox, payments):
    sandbox.faults({"operation": "callback.payment", "kind": "delay", "seconds": 90_000})
    pay(sandbox, payments)
    sandbox.pass_time(89_999)
    assert sandbox.flush() == {"sent": 0, "failed": 0, "left": 1}
    sandbox.pass_time(1)
    assert sandbox.flush()["sent"] == 1
    assert told(sandbox, payments) == [NUMBER]


def test_moves_of_one_thing_are_told_in_order(sandbox, payments):
    pay(sandbox, payments)
    payments.refund(giving_back(1))
    sandbox.flush()
    kinds = [type(payments.read_callback(*callback)) for callback in sandbox.ear.heard]
    assert kinds == [PaymentReport, RefundReport]


def test_a_callback_for_one_door_does_not_open_another(sandbox, payments, payouts, parcels):
    pay(sandbox, payments)
    (callback,) = sandbox.callbacks()
    for adapter in (payouts, parcels):
        with pytest.raises(Forbidden):
            adapter.read_callback(*callback)


def test_a_shop_that_is_down_hears_of_it_later(sandbox, payments):
    from groupbuy.adapters import payments_sandbox

    dead = payments_sandbox.build(
        sandbox.settings(notify_url="http://127.0.0.1:9/hook"), sandbox.clock
    )
    dead.prepay(announcement(sandbox))
    dead.close_connections()
    sandbox.pay(NUMBER)
    assert sandbox.flush() == {"sent": 0, "failed": 1, "left": 1}


def test_without_an_address_the_configured_one_is_used(tmp_path):
    from groupbuy.adapters import payments_sandbox
    from tests.integration.ports.rig import listening

    with (
        listening() as shop,
        running(tmp_path / "journal.db", callback_urls={"payment": shop.url}) as rig,
    ):
        payments = payments_sandbox.build(rig.settings(notify_url=""), rig.clock)
        pay(rig, payments)
        assert rig.flush()["sent"] == 1
        assert payments.read_callback(*shop.heard[0]).number == NUMBER
        payments.close_connections()
