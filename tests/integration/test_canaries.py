"""What people tell the shop is nowhere readable but where it must be: canaries through a story."""

import io
import json
import logging
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import text

from groupbuy.application.steps.commissioning import available
from groupbuy.application.write_path import Caller, Work
from groupbuy.domain.ledger import Balance
from groupbuy.domain.membership import Role
from groupbuy.entrypoints.logging import configure
from groupbuy.entrypoints.worker import Worker
from tests.integration.ports.rig import SECRET, running
from tests.support.web import TENANT, served

PHONE, RECEIVER_PHONE = "13912340077", "13612340088"
PASSWORD, WRONG = "Jin-Si-Que.2026", "Jin-Si-Que.wrong"
NAME, RECEIVER, STREET, HOLDER = "阿兰金丝雀", "签收人金丝雀", "金丝雀弄 77 号 302 室", "户名金丝雀"
CARD, CONTACT = "6222021234560077", "weixin-jinsique"
NOTE = "门禁金丝雀 4477"
CANARIES = {
    "phone": PHONE[3:],
    "phone of the receiver": RECEIVER_PHONE[3:],
    "password": PASSWORD,
    "wrong password": WRONG,
    "name": NAME,
    "receiver": RECEIVER,
    "street": "金丝雀弄",
    "card": CARD[4:],
    "card holder": HOLDER,
    "contact": CONTACT,
    "note": NOTE,
}


@pytest.fixture
def logged(capfd):
    """Log everything there is as JSON; return how to read it, with whatever else was said."""
    kept, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    configure(json=True, level="debug", stream=stream)

    def read():
        said = capfd.readouterr()
        return stream.getvalue() + said.out + said.err

    yield read
    structlog.configure(**kept)
    root.handlers = handlers
    root.setLevel(level)


class Story:
    """A shop, a provider, and the time both live in."""

    def __init__(self, shop, rig, clock):
        self.shop, self.rig, self.clock = shop, rig, clock
        self.tokens = []

    def send(self, method, path, who=None, body=None, status=None):
        headers = {"Idempotency-Key": self.shop.app.kit.ids.token()}
        if who:
            headers["Authorization"] = f"Bearer {who}"
        answer = self.shop.client.request(method, f"/api/v1{path}", json=body, headers=headers)
        if status is None:
            assert answer.is_success, (path, answer.text)
        else:
            assert answer.status_code == status, (path, answer.text)
        return answer.json() if answer.content else None

    def forward(self, **delta):
        self.rig.clock.at += timedelta(**delta)
        self.clock.write_text(self.rig.clock.at.isoformat())
        self.work()

    def work(self):
        for _ in range(20):
            handled = self.shop.app.relay.tick(TENANT)
            self.rig.flush()
            self.hear()
            if not handled:
                return

    def hear(self):
        """Hand the provider's callbacks to the shop, at whichever of its doors they belong."""
        while self.rig.ear.heard:
            headers, body = self.rig.ear.heard.pop(0)
            del headers["Host"]
            doors = (
                f"/api/v1/callbacks/{kind}/sandbox/{TENANT}" for kind in ("payments", "payouts")
            )
            taken = [
                self.shop.client.post(door, content=body, headers=headers).is_success
                for door in doors
            ]
            assert any(taken), body

    def login(self):
        told = self.send("POST", "/auth/sessions", body={"phone": PHONE, "password": PASSWORD})
        self.tokens.append(told["token"])
        return told["token"]


def settle_by_hand(app, leader_id, amount):
    """Let a leader have settled commission."""

    def put(work: Work):
        work.of(Balance).add(Balance(available(leader_id), amount))

    app.desk.run(Caller.system(TENANT), put)


def play(story):
    shop, send = story.shop, story.send
    operator = shop.someone(Role.OPERATOR).token
    merchant = shop.merchant()
    staff = shop.someone(Role.MERCHANT, merchant_id=merchant.id).token
    story.tokens += [operator, staff]
    me = arrive(story)
    send("POST", "/ops/users/search", operator, {"phone": PHONE})
    leader_id = lead(story, me, operator)
    order = buy(story, me, staff, operator)
    receive(story, me, staff, order)
    settle_by_hand(shop.app, leader_id, 90_000)
    story.forward(hours=49)
    finance = shop.someone(Role.FINANCE).token
    wanted = {"amount": {"amount": 10_000, "currency": "CNY"}}
    asked = send("POST", "/leader/withdrawals", me, wanted)
    send("POST", f"/ops/withdrawals/{asked['id']}/approve", finance, {"reason": "all right"})
    story.rig.faults({"operation": "payout", "kind": "error_before", "count": 2})
    for _ in range(3):
        story.forward(minutes=30)


def arrive(story):
    """Register, log in, and keep an address; some of it wrong at first."""
    send = story.send
    account = {"phone": PHONE, "password": PASSWORD, "name": NAME, "terms": "1"}
    send("POST", "/auth/accounts", body={**account, "more": 1}, status=400)
    send("POST", "/auth/accounts", body=account)
    send("POST", "/auth/accounts", body=account, status=409)
    send("POST", "/auth/sessions", body={"phone": PHONE, "password": WRONG}, status=401)
    me = story.login()
    place = {"name": RECEIVER, "phone": RECEIVER_PHONE, "region": "上海", "street": STREET}
    kept = send("POST", "/me/addresses", me, place)
    send("PUT", f"/me/addresses/{kept['id']}", me, place)
    send("POST", "/me/addresses", me, {**place, "phone": f"x{RECEIVER_PHONE}"}, status=422)
    return me


def lead(story, me, operator):
    """Become a leader who can be paid; return the leader."""
    send = story.send
    said = {"name": "何秀兰", "communities": ["东门"], "contact": CONTACT}
    applied = send("POST", "/leader/application", me, said)
    send("POST", f"/ops/leaders/{applied['id']}/approve", operator, {})
    card = {"channel": "bank_card", "account": CARD, "name": HOLDER}
    send("PUT", "/leader/payout-account", me, {**card, "account": f"{CARD}-"}, status=422)
    send("PUT", "/leader/payout-account", me, card)
    send("GET", "/leader/payout-account", me)
    return applied["id"]


def receive(story, me, staff, order):
    """Pay, see the group form, mend the address, be approved."""
    send = story.send
    number = send("POST", f"/shop/orders/{order}/payment", me)["number"]
    story.rig.control("POST", f"pay/{number}", {})
    story.forward(minutes=1)
    send("POST", f"/merchant/campaigns/{story.campaign}/close", staff, {"reason": "enough"})
    story.forward(minutes=1)
    send("POST", f"/merchant/orders/{order}/ask-correction", staff, {"note": "which flat?"})
    send("POST", f"/shop/orders/{order}/contact", me, contact())
    revealed = send("POST", f"/merchant/orders/{order}/reveal-contact", staff)
    assert revealed["name"] == RECEIVER
    send("POST", f"/merchant/orders/{order}/approve", staff)
    story.forward(minutes=1)


def contact():
    return {"name": RECEIVER, "phone": RECEIVER_PHONE, "region": "上海", "address": STREET}


def buy(story, me, staff, operator):
    """Offer something and join; return the order."""
    send, start = story.send, story.rig.clock.at
    category = send("POST", "/ops/categories", operator, {"name": "水果"})["id"]
    price = {"amount": 1_990, "currency": "CNY"}
    product = {
        "code": "P1",
        "name": "水蜜桃",
        "category_id": category,
        "variants": [{"code": "S1", "price": price, "stock": 10}],
    }
    made = send("POST", "/merchant/products", staff, product)
    send("POST", f"/merchant/products/{made['id']}/list", staff)
    sku = made["variants"][0]["id"]
    spec = {
        "title": "水蜜桃团",
        "starts_at": (start + timedelta(minutes=5)).isoformat(),
        "ends_at": (start + timedelta(days=30)).isoformat(),
        "offers": [{"sku_id": sku, "share_bp": 8_000}],
        "quorum": {"target": 1},
    }
    story.campaign = send("POST", "/merchant/campaigns", staff, spec)["id"]
    send("POST", f"/merchant/campaigns/{story.campaign}/schedule", staff)
    story.forward(minutes=6)
    join = {"items": [{"sku_id": sku}], "contact": contact(), "note": NOTE}
    path = f"/shop/campaigns/{story.campaign}/joins"
    send("POST", path, me, {**join, "items": [{"sku_id": sku, "units": 99}]}, status=409)
    return send("POST", path, me, join)["order_id"]


def tables(database):
    """Everything that is stored, as text, by table."""
    with database.engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT name FROM sqlite_master"
                " WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
            )
        ).scalars()
        return {
            name: "\n".join(
                str(tuple(row)) for row in connection.execute(text(f"SELECT * FROM {name}"))
            )
            for name in list(found)
        }


@pytest.fixture
def told(tmp_path, logged):
    """Play the story; return everything logged, everything stored, and all tokens."""
    clock = tmp_path / "now"
    with running(tmp_path / "journal.db") as rig:
        clock.write_text(rig.clock.at.isoformat())
        given = {"base_url": rig.base_url, "secret": SECRET}
        public = {"public_url": rig.ear.url.removesuffix("/hook")}
        with served(
            f"sqlite:///{tmp_path / 'shop.db'}", clock_file=str(clock), provider=given, http=public
        ) as shop:
            story = Story(shop, rig, clock)
            play(story)
            stored = tables(shop.app.database)
    return logged(), stored, story.tokens


def test_no_canary_sings_in_the_logs_or_in_any_table(told):
    logs, stored, tokens = told
    assert logs.count('"event": "request"') > 30
    assert "withdrawal.approve" in stored["audit"]
    assert "prepay" in stored["tasks"]
    assert '"ok"' not in stored["tasks"]
    secrets = CANARIES | {f"token {n}": token for n, token in enumerate(tokens)}
    for what, canary in secrets.items():
        assert canary not in logs, f"{what} is in the log"
        singing = [name for name, rows in stored.items() if canary in rows]
        assert singing == [], f"{what} is in {singing}"


def test_the_payout_that_failed_on_the_way_left_only_the_kind_of_its_error(told):
    _logs, stored, _tokens = told
    assert "payout" in stored["tasks"]
    assert "Traceback" not in stored["tasks"]
    assert "http://" not in stored["tasks"]


def test_a_defect_of_the_worker_is_logged_without_what_it_was_about(tmp_path, logged, monkeypatch):
    with served(f"sqlite:///{tmp_path / 'shop.db'}") as shop:

        def broken(*_args, **_kwargs):
            raise RuntimeError(f"cannot handle {CARD}")

        monkeypatch.setattr(type(shop.app.database), "forget", broken)
        worker = Worker(shop.app)
        assert worker._turn(TENANT) == 0
        worker.stop()
    lines = [json.loads(line) for line in logged().splitlines() if line.startswith("{")]
    (failed,) = (line for line in lines if line["event"] == "worker.failed")
    assert failed["error"] == "RuntimeError"
    assert any("broken" in frame for frame in failed["frames"])
    assert CARD not in json.dumps(lines)


def test_a_defect_of_the_database_is_told_without_the_values(tmp_path):
    with served(f"sqlite:///{tmp_path / 'shop.db'}") as shop:
        with pytest.raises(Exception, match="no such table") as failure:
            with shop.app.database.engine.connect() as connection:
                connection.execute(text("SELECT * FROM nowhere WHERE id = :id"), {"id": CARD})
    assert CARD not in str(failure.value)
