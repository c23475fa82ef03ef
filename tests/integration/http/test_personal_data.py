"""What people tell us about themselves is nowhere in the database to be read."""

import json
import sqlite3
from contextlib import closing

import pytest

from groupbuy.application.payments import settle_payments
from groupbuy.application.ports import PaymentOutcome, PaymentReport, Query
from groupbuy.application.write_path import Caller
from groupbuy.domain.kernel import NotFound
from groupbuy.domain.membership import User
from groupbuy.domain.payments import Payment
from groupbuy.entrypoints.http.visit import KEY_HEADER
from tests.support.shop_bodies import join_of
from tests.support.two_shops import Builder, two_shops
from tests.support.web import HOST, TENANT

PHONE, PASSWORD = "13712349876", "lv-Cha.2026-bird"
NAME, NEW_NAME, STREET = "金丝雀小姐", "夜莺先生", "藏宝路 77 号"
NOTE, WISH, ACCOUNT, LEGAL = "门铃坏了请敲窗", "请补充七单元几室", "6222029988776655", "金丝雀兰芳"
TOLD, SAID_BACK, AMONG_US = "隔壁老王总插队", "已经提醒过老王", "老王是常客先别急"
CANARIES = (
    PHONE, PASSWORD, NAME, NEW_NAME, STREET, NOTE, WISH, ACCOUNT, LEGAL, TOLD, SAID_BACK, AMONG_US,
)  # fmt: skip
CONTACT = {"name": NAME, "phone": PHONE, "address": STREET, "region": "上海"}


class Bird:
    """One person and everything they tell the shop."""

    def __init__(self, world, builder):
        self.world, self.builder = world, builder
        said = {"phone": PHONE, "password": PASSWORD, "name": NAME, "terms": "1"}
        self.token = ""
        assert self.send("POST", "/auth/accounts", said)["name"] == NAME
        login = self.send("POST", "/auth/sessions", {"phone": PHONE, "password": PASSWORD})
        assert login["user"]["name"] == NAME
        self.token, self.id = login["token"], login["user"]["id"]

    def ask(self, method, path, body=None, key="", by=None):
        headers = {"Host": HOST, KEY_HEADER: key or self.world.shop.app.kit.ids.token()}
        if by is not None:
            headers |= by.headers
        elif self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return self.world.shop.client.request(method, f"/api/v1{path}", json=body, headers=headers)

    def send(self, *said, **more):
        answer = self.ask(*said, **more)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def buy(self):
        """Join with a note, pay, and be asked to mend the address."""
        own, staff = self.world.own, self.world.own.people["merchant"]
        path = f"/shop/campaigns/{own.ids['selling']}"
        body = {**join_of(own.ids), "contact": CONTACT, "note": NOTE}
        order_id = self.send("POST", f"{path}/joins", body)["order_id"]
        self.pay(order_id)
        close = f"/merchant/campaigns/{own.ids['selling']}/close"
        self.send("POST", close, {"reason": "enough"}, by=staff)
        self.builder.forward(minutes=1)
        ask = f"/merchant/orders/{order_id}/ask-correction"
        self.send("POST", ask, {"note": WISH}, by=staff)
        self.builder.forward(minutes=1)
        return order_id

    def pay(self, order_id):
        desk, system = self.world.shop.app.desk, Caller.system(TENANT)
        query = Query().where(order_id=order_id)
        (payment,) = desk.read(system, lambda work: work.of(Payment).select(query))
        report = PaymentReport(
            payment.number, PaymentOutcome.CAPTURED, payment.due, "p1", desk.kit.clock.now()
        )
        desk.run(system, lambda work: settle_payments(work, [report]))
        self.builder.forward(minutes=1)

    def lead(self):
        said = {"name": "东门团长", "communities": ["东门苑"], "contact": PHONE}
        made = self.send("POST", "/leader/application", said)
        judge = f"/ops/leaders/{made['id']}/approve"
        self.send("POST", judge, {}, by=self.world.own.people["operator"])
        card = {"channel": "bank_card", "account": ACCOUNT, "name": LEGAL}
        self.send("PUT", "/leader/payout-account", card)

    def complain(self):
        """Tell the shop something, and be answered; operators keep a note beside it."""
        operator = self.world.own.people["operator"]
        made = self.send("POST", "/shop/feedback", {"kind": "suggestion", "text": TOLD})
        desk = f"/ops/feedback/{made['id']}"
        self.send("POST", f"{desk}/notes", {"text": AMONG_US}, by=operator)
        self.send("POST", f"{desk}/answer", {"text": SAID_BACK}, by=operator)
        return made["id"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def both(folder):
    with two_shops(f"sqlite:///{folder / 'shop.db'}", folder) as opened:
        (folder / "then").write_text((folder / "now").read_text())
        yield opened


@pytest.fixture
def world(both, folder):
    both.restore()
    (folder / "now").write_text((folder / "then").read_text())
    return both


@pytest.fixture
def bird(world, folder):
    return Bird(world, Builder(world.shop, TENANT, HOST, 0, folder / "now"))


def dumped(folder):
    """Return the bytes of the database's files, and every value of every table as text."""
    files = b"".join(path.read_bytes() for path in sorted(folder.glob("shop.db*")))
    with closing(sqlite3.connect(folder / "shop.db")) as base:
        names = base.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        ).fetchall()
        rows = "\n".join(
            repr(row) for (name,) in names for row in base.execute(f"SELECT * FROM {name}")
        )
    return files, rows


def test_no_file_and_no_table_of_the_database_holds_anything_personal(bird, folder):
    renamed = [bird.ask("PATCH", "/me", {"name": NEW_NAME}, key="twice") for _ in range(2)]
    assert [answer.json()["name"] for answer in renamed] == [NEW_NAME] * 2
    place = {"name": NAME, "phone": PHONE, "region": "上海", "street": STREET}
    bird.send("POST", "/me/addresses", place)
    bird.buy()
    bird.lead()
    bird.complain()
    files, rows = dumped(folder)
    assert "上海" in rows
    for canary in CANARIES:
        assert canary.encode() not in files, canary
        assert canary not in rows, canary
        assert json.dumps(canary)[1:-1] not in rows, canary


def test_note_and_wish_are_read_by_those_they_concern(bird, world):
    staff = world.own.people["merchant"]
    order_id = bird.buy()
    mine = bird.send("GET", f"/shop/orders/{order_id}")
    assert (mine["note"], mine["correction"]) == (NOTE, WISH)
    theirs = bird.send("GET", f"/merchant/orders/{order_id}", by=staff)
    assert (theirs["note"], theirs["correction"]) == ("", None)
    path = f"/merchant/orders/{order_id}/reveal-contact"
    shown = bird.send("POST", path, by=staff)
    assert (shown["name"], shown["note"]) == (NAME, NOTE)


def test_what_was_told_in_confidence_is_read_by_its_person_and_goes_with_them(bird, world):
    case = bird.complain()
    mine = bird.send("GET", f"/shop/feedback/{case}")
    assert [each["text"] for each in mine["messages"]] == [TOLD, SAID_BACK]
    desk, operator = f"/ops/feedback/{case}", world.own.people["operator"]
    theirs = bird.send("GET", desk, by=operator)["conversation"]
    assert [each["line"]["text"] for each in theirs] == [TOLD, AMONG_US, SAID_BACK]
    assert bird.ask("POST", "/me/erase", {"password": PASSWORD}).status_code == 204
    after = bird.send("GET", desk, by=operator)["conversation"]
    assert [each["line"]["text"] for each in after] == ["", "", ""]


def test_others_see_the_first_letter_of_a_name_only(bird, world):
    found = bird.send("GET", "/ops/users", by=world.own.people["admin"])["items"]
    assert {each["user"]["id"]: each["user"]["name"] for each in found}[bird.id] == NAME[0]


def test_who_wants_to_be_forgotten_proves_who_they_are_and_is(bird, world):
    place = {"name": NAME, "phone": PHONE, "region": "上海", "street": STREET}
    bird.send("POST", "/me/addresses", place)
    wrong = bird.ask("POST", "/me/erase", {"password": "something else"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")
    assert bird.ask("POST", "/me/erase", {"password": PASSWORD}).status_code == 204
    assert bird.ask("GET", "/me").status_code == 401
    login = {"phone": PHONE, "password": PASSWORD}
    assert bird.ask("POST", "/auth/sessions", login).status_code == 401
    desk = world.shop.app.desk
    kept = desk.read(Caller.system(TENANT), lambda work: work.of(User).get(bird.id))
    with pytest.raises(NotFound):
        desk.kit.vault.open(kept.data_key, f"{TENANT}|{bird.id}|phone", kept.phone_sealed)


def test_nobody_is_forgotten_while_an_order_is_open(bird):
    bird.buy()
    refused = bird.ask("POST", "/me/erase", {"password": PASSWORD})
    assert (refused.status_code, refused.json()["facts"]["rule"]) == (409, "nothing_is_open")
    assert bird.send("GET", "/me")["name"] == NAME
