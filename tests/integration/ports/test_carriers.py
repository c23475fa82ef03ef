"""The carrier contract in memory and over the wire."""

import json
from urllib.parse import parse_qs, urlencode

import httpx
import pytest
from attrs import evolve

from groupbuy.adapters import carrier_kuaidi100, carrier_sandbox
from groupbuy.adapters.carrier_kuaidi100 import wire
from groupbuy.adapters.memory.carriers import MemoryCarrier
from groupbuy.application import fulfilment
from groupbuy.application.ports import ParcelState
from groupbuy.application.steps.parcels import Parcel
from groupbuy.domain.campaigns import Measure, Quorum
from groupbuy.domain.kernel import Forbidden, Invalid, NotFound, Unavailable
from groupbuy.domain.logistics import Shipment, ShipmentState
from groupbuy.domain.ordering import Order
from groupbuy.entrypoints.sandbox.kuaidi100 import ACCOUNT
from groupbuy.testing.carrier import PARCEL, PHONE_TAIL, CarrierContract
from tests.integration.ports.rig import MemoryRig, MovingClock
from tests.support.shop import Shop

SALT = "a salt of these tests"


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


class Kuaidi100Rig:
    """The sandbox's strings, and an ear that answers as the service wants to be answered."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        sandbox.ear.status, sandbox.ear.says = 200, wire.TAKEN

    def settings(self, **more):
        given = {
            "kuaidi100_url": f"{self.sandbox.base_url}/kuaidi100",
            "kuaidi100_customer": ACCOUNT.customer,
            "kuaidi100_key": ACCOUNT.key,
            "kuaidi100_salt": SALT,
            "notify_url": self.sandbox.ear.url,
        }
        return {**given, **more}

    def unsigned(self, headers, body):
        form = parse_qs(body.decode())
        return headers, urlencode({"param": form["param"][0]}).encode()

    def __getattr__(self, name):
        return getattr(self.sandbox, name)


@pytest.fixture
def kuaidi(sandbox):
    return Kuaidi100Rig(sandbox)


@pytest.fixture
def tracking(kuaidi):
    carrier = carrier_kuaidi100.build(kuaidi.settings(), kuaidi.clock)
    yield carrier
    carrier.close_connections()


class TestKuaidi100Carrier(CarrierContract):
    @pytest.fixture
    def provider(self, kuaidi):
        return kuaidi

    @pytest.fixture
    def carrier(self, tracking):
        return tracking


def test_a_push_that_is_taken_is_not_sent_again(tracking, kuaidi):
    tracking.subscribe(*PARCEL, phone_tail=PHONE_TAIL)
    kuaidi.move(*PARCEL, ParcelState.IN_TRANSIT)
    assert len(kuaidi.callbacks()) == 1
    kuaidi.pass_time(24 * 3600)
    assert len(kuaidi.callbacks()) == 1


def test_a_push_that_nobody_takes_in_their_words_comes_again(tracking, kuaidi):
    kuaidi.ear.says = b""
    tracking.subscribe(*PARCEL, phone_tail=PHONE_TAIL)
    kuaidi.move(*PARCEL, ParcelState.IN_TRANSIT)
    kuaidi.callbacks()
    kuaidi.pass_time(60)
    first, second = (tracking.read_callback(*push) for push in kuaidi.callbacks())
    assert first == second


def test_a_carrier_that_asks_for_the_phone_shows_nothing_without_it(tracking, kuaidi):
    with pytest.raises(Invalid):
        tracking.subscribe(*PARCEL)
    kuaidi.move(*PARCEL, ParcelState.IN_TRANSIT)
    with pytest.raises(Invalid):
        tracking.trace(*PARCEL)
    assert tracking.trace(*PARCEL, PHONE_TAIL).state is ParcelState.IN_TRANSIT


@pytest.mark.parametrize("wrong", [{"kuaidi100_key": "x"}, {"kuaidi100_customer": "x"}])
def test_who_is_no_customer_hears_nothing(kuaidi, wrong):
    carrier = carrier_kuaidi100.build(kuaidi.settings(**wrong), kuaidi.clock)
    kuaidi.move(*PARCEL, ParcelState.IN_TRANSIT)
    with pytest.raises(Unavailable):
        carrier.trace(*PARCEL, PHONE_TAIL)
    if "kuaidi100_key" in wrong:
        with pytest.raises(Unavailable):
            carrier.subscribe(*PARCEL, phone_tail=PHONE_TAIL)
    carrier.close_connections()


def account(salt=SALT):
    return wire.Account("C", "K", salt)


def pushed(result, salt=SALT, **more):
    param = json.dumps({"status": "polling", "lastResult": result, **more}, ensure_ascii=False)
    return urlencode({"param": param, "sign": wire.signature(param + salt)}).encode()


def told(state, *steps):
    data = [{"context": "…", "ftime": at, "status": name} for at, name in steps]
    return {"com": "yuantong", "nu": "YT1", "state": state, "data": data}


@pytest.mark.parametrize(
    ("code", "state"),
    [
        *[(code, "labelled") for code in ("101", "102", "", "99", "x")],
        *[(code, "in_transit") for code in ("0", "1", "5", "7", "8", "10", "11", "12")],
        *[(code, "in_transit") for code in ("103", "1001", "1002", "1003", "501")],
        *[(code, "delivered") for code in ("3", "301", "302", "303", "304")],
        *[(code, "exception") for code in ("2", "13", "201", "203", "209")],
        *[(code, "returning") for code in ("6", "14")],
        *[(code, "returned") for code in ("4", "401")],
    ],
)
def test_every_state_of_theirs_has_one_of_ours_and_only_signed_is_delivered(code, state):
    report = wire.read_push(account(), pushed(told(code)))
    assert report.state.value == state
    assert (report.state is ParcelState.DELIVERED) == code.startswith("3")


def test_a_trace_is_told_in_beijing_time_and_kept_in_order():
    result = told("3", ("2026-11-02 09:30:00", "签收"), ("2026-11-01 20:00:00", "揽收"))
    first, last = wire.read_push(account(), pushed(result)).steps
    assert (first.at.isoformat(), first.state.value) == ("2026-11-01T12:00:00+00:00", "in_transit")
    assert (last.at.isoformat(), last.state.value) == ("2026-11-02T01:30:00+00:00", "delivered")


def test_a_parcel_stays_under_the_carrier_it_was_named_with():
    report = wire.read_push(account(), pushed(told("0"), comOld="yunda", comNew="yuantong"))
    assert (report.carrier, report.tracking_number) == ("yunda", "YT1")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"sign=1",
        b"\xff\xfe",
        b"param=%7B%7D&param=%7B%7D&sign=x",
        pushed(told("3"), salt="another salt of somebody"),
    ],
)
def test_what_our_salt_did_not_sign_is_refused(body):
    with pytest.raises(Forbidden):
        wire.read_push(account(), body)


def test_without_a_salt_nothing_is_believed():
    with pytest.raises(Forbidden):
        wire.read_push(account(""), pushed(told("3"), salt=""))


@pytest.mark.parametrize(
    "body",
    [pushed(None), pushed({"com": "x"}), pushed(told("0", ("soon", "在途"))), pushed([1])],
)
def test_a_signed_push_that_makes_no_sense_is_invalid(body):
    with pytest.raises(Invalid):
        wire.read_push(account(), body)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"", Unavailable),
        (b"[]", Unavailable),
        (b'{"result":false,"returnCode":"500"}', NotFound),
        (b'{"result":false,"returnCode":"400"}', Invalid),
        (b'{"result":false,"returnCode":"601"}', Unavailable),
        (b'{"message":"ok","com":"sf","nu":"other","state":"3","data":[]}', Unavailable),
    ],
)
def test_a_query_believes_only_an_answer_about_its_own_parcel(said, error):
    with pytest.raises(error):
        wire.read_trace(wire.Parcel("sf", "SF1"), said)


@pytest.mark.parametrize(
    ("code", "error"),
    [("200", None), ("501", None), ("702", Invalid), ("600", Unavailable), ("500", Unavailable)],
)
def test_a_second_subscription_is_as_good_as_the_first(code, error):
    said = json.dumps({"result": code == "200", "returnCode": code}).encode()
    if error is None:
        wire.read_subscribed(said)
        return
    with pytest.raises(error):
        wire.read_subscribed(said)


def test_the_address_of_pushes_names_the_tenant():
    asked = []

    def note(request):
        asked.append(json.loads(parse_qs(request.content.decode())["param"][0]))
        return httpx.Response(200, json={"result": True, "returnCode": "200"})

    http = httpx.Client(base_url="http://k.example", transport=httpx.MockTransport(note))
    at = "https://shop.example/callbacks/{tenant}"
    carrier = carrier_kuaidi100.Kuaidi100Carrier(http, account(), at)
    carrier.subscribe("yuantong", "YT1234567", "north/..")
    assert asked[0]["parameters"]["callbackurl"] == "https://shop.example/callbacks/north%2F.."
    assert asked[0]["parameters"]["salt"] == SALT
    http.close()


def test_secrets_are_not_shown():
    assert SALT not in repr(evolve(account(), customer="D"))


def test_an_order_is_followed_through_the_service_from_the_slip_to_the_signature(tracking, kuaidi):
    shop = Shop()
    kuaidi.clock.at = shop.clock.at
    joined = shop.join(shop.campaign(quorum=Quorum(Measure.BUYERS, 1)))
    shop.pay(joined)
    shop.work_off()
    order = shop.order(joined)
    contact = evolve(order.contact, phone_tail=PHONE_TAIL)
    shop.desk.run(shop.system(), lambda w: w.of(Order).save(evolve(order, contact=contact)))
    shop.desk.run(shop.merchant_caller(), lambda w: fulfilment.approve_order(w, order.id))
    slip = Parcel(order.id, *PARCEL)
    shop.desk.run(shop.merchant_caller(), lambda w: fulfilment.ship_order(w, slip))
    outside = evolve(shop.relay.outside, carriers={"kuaidi100": tracking})
    shop.relay = evolve(shop.relay, outside=outside)
    shop.work_off()  # announces the parcel with the end of the buyer's phone
    kuaidi.pass_time(3600)
    kuaidi.move(*PARCEL, ParcelState.IN_TRANSIT)
    kuaidi.pass_time(3600)
    kuaidi.move(*PARCEL, ParcelState.DELIVERED)
    pushes = [tracking.read_callback(*push) for push in kuaidi.callbacks()]
    assert [push.state.value for push in pushes] == ["in_transit", "delivered"]
    shop.clock.at = kuaidi.clock.at
    for report in (*reversed(pushes), *pushes):  # out of order, and twice
        shop.desk.run(shop.system(), lambda w, r=report: fulfilment.hear_carrier(w, r))
    (parcel,) = shop.all(Shipment)
    assert parcel.state is ShipmentState.DELIVERED
    assert len(parcel.trace) == 3
    assert shop.order(joined).delivered_at == shop.clock.at
    shop.pass_time(hours=3)
    assert shop.trouble == []
