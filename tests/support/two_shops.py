"""Two tenants with one of everything in each, and a second owner in the first, for access tests."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from attrs import define, evolve, field, frozen

from groupbuy.application.commission import open_dispute
from groupbuy.application.membership import Enrol, PutMerchant, enrol, put_merchant, session_id_of
from groupbuy.application.payments import settle_payments
from groupbuy.application.ports import PaymentOutcome, PaymentReport, Query
from groupbuy.application.ports.tenancy import Tenant
from groupbuy.application.steps.commissioning import available
from groupbuy.application.write_path import Caller, Work
from groupbuy.domain.catalogue import Brand
from groupbuy.domain.commission import (
    CommissionRole,
    Entry,
    EntryState,
    Purse,
    Statement,
    StatementState,
    Withdrawal,
)
from groupbuy.domain.kernel import Money
from groupbuy.domain.ledger import Balance
from groupbuy.domain.membership import LoginSession, Notice, Role, User
from groupbuy.domain.merchants import MerchantPayout
from groupbuy.domain.payments import Payment, Refund
from groupbuy.domain.pictures import Picture, Purpose
from tests.support.rooms import a_trouble
from tests.support.shop_bodies import (
    ADDRESS,
    CARD,
    MONDAYS,
    START,
    campaign_of,
    join_of,
    point_of,
    product_of,
)
from tests.support.voices import words_of
from tests.support.wallets import coupons_had
from tests.support.web import HOST, PASSWORD, TENANT, Person, Shop, served

OTHER, OTHER_HOST = "other", "other.test"
PERIOD = "2026-09"
PEOPLE = ("shopper", "leader", "merchant", "finance", "operator", "admin")
SHARED = frozenset({"name", "form", "provider", "settlement", "tenant", "period", "report"})
"""Names that are no secret of any tenant."""
_NOBODY_LISTENS = {"provider": {"base_url": "http://127.0.0.1:1"}}


@frozen
class Place:
    """One of everything, under one tenant, by what it is."""

    tenant: str
    ids: Mapping[str, str]
    personal: Mapping[str, Mapping[str, str]]
    """What belongs to one person alone, by person: address, session, notice, phone."""
    people: Mapping[str, Person]

    def thing(self, kind: str, person: str = "shopper") -> str:
        """Return the id of a thing; personal things are those of a person."""
        return self.ids.get(kind) or self.personal[person][kind]

    @property
    def every(self) -> frozenset[str]:
        """All ids that belong here and nowhere else."""
        own = {value for kind, value in self.ids.items() if kind not in SHARED}
        return frozenset(own.union(*(each.values() for each in self.personal.values())))


@frozen
class Builder:
    """Fills one tenant through the use cases and the web itself."""

    shop: Shop
    tenant: str
    host: str
    first_phone: int
    clock: Path
    _given: list[int] = field(factory=list)

    def person(self, *roles: Role, merchant_id: str | None = None) -> Person:
        """Enrol somebody, with an open session."""
        self._given.append(1)
        phone, app = str(self.first_phone + len(self._given)), self.shop.app
        wanted = Enrol(phone, app.passwords.hash(PASSWORD), "何秀兰", "1", frozenset(roles))
        token = app.kit.ids.token()

        def make(work: Work) -> User:
            user = evolve(enrol(work, wanted), merchant_id=merchant_id)
            work.of(User).save(user)
            return user

        user = app.desk.run(Caller.system(self.tenant), make)
        self.session(user.id, token)
        return Person(user, token)

    def session(self, user_id: str, token: str) -> str:
        """Open a session; return its id."""
        now = self.shop.app.kit.clock.now()
        session = LoginSession(session_id_of(token), user_id, now, now, now + timedelta(days=30))
        self.add(session)
        return session.id

    def add(self, thing: Any) -> None:
        """Store one thing."""
        caller = Caller.system(self.tenant)
        self.shop.app.desk.run(caller, lambda work: work.of(type(thing)).add(thing))

    def send(self, method: str, path: str, by: Person, body: object = None) -> Any:
        """Send a request that must succeed; return its answer."""
        headers = {**by.headers, "Host": self.host}
        headers["Idempotency-Key"] = self.shop.app.kit.ids.token()
        answer = self.shop.client.request(method, f"/api/v1{path}", json=body, headers=headers)
        assert answer.is_success, (method, path, answer.text)
        return answer.json() if answer.content else None

    def forward(self, **delta: float) -> None:
        """Let time pass, and the worker do what has become due."""
        now = self.shop.app.kit.clock.now() + timedelta(**delta)
        self.clock.write_text(now.isoformat())
        for _ in range(50):
            if not self.shop.app.relay.tick(self.tenant):
                return

    def build(self, number: int, operator: Person) -> tuple[dict[str, str], dict[str, Person]]:
        """Make a merchant, a leader and a buyer, and everything they have."""
        app, caller = self.shop.app, Caller.system(self.tenant)
        merchant = app.desk.run(caller, lambda work: put_merchant(work, PutMerchant("东门果行")))
        staff = self.person(Role.MERCHANT, merchant_id=merchant.id)
        leader, buyer = self.person(), self.person()
        self.send("PUT", "/merchant/payout-account", staff, CARD)
        ids = {
            "merchant": merchant.id,
            "user": buyer.user.id,
            "leader": self._lead(leader, operator),
        }
        ids |= self._goods(number, staff, operator)
        ids["point"] = self.send("POST", "/ops/pickup-points", operator, point_of(ids))["id"]
        ids |= self._sale(ids, staff, buyer)
        ids |= words_of(self, ids, buyer)
        ids |= coupons_had(self, ids, staff, buyer)
        ids |= self._books(ids, leader)
        return ids, {"shopper": buyer, "leader": leader, "merchant": staff}

    def _lead(self, leader: Person, operator: Person) -> str:
        said = {"name": "何秀兰", "communities": ["东门"], "contact": "weixin"}
        made = self.send("POST", "/leader/application", leader, said)
        self.send("POST", f"/ops/leaders/{made['id']}/approve", operator, {})
        self.send("PUT", "/leader/payout-account", leader, CARD)
        return str(made["id"])

    def _goods(self, number: int, staff: Person, operator: Person) -> dict[str, str]:
        category = self.send("POST", "/ops/categories", operator, {"name": f"水果{number}"})
        product = self.send("POST", "/merchant/products", staff, product_of(category["id"], number))
        self.send("POST", f"/merchant/products/{product['id']}/list", staff)
        brand = Brand(self.shop.app.kit.ids.new("brd"), f"果园{number}")
        self.add(brand)
        ids = {"category": category["id"], "product": product["id"], "brand": brand.id}
        return {**ids, "variant": product["variants"][0]["id"]}

    def _sale(self, ids: Mapping[str, str], staff: Person, buyer: Person) -> dict[str, str]:
        """Run three campaigns: one formed (orders ready and refunded), one that sells, a draft."""
        made, selling, draft = (
            self.send("POST", "/merchant/campaigns", staff, campaign_of(ids)) for _ in range(3)
        )
        for each in (made, selling):
            self.send("POST", f"/merchant/campaigns/{each['id']}/schedule", staff)
        again = f"/merchant/campaigns/{made['id']}/series"
        self.forward(hours=2)
        unpaid = self._joined(ids, selling["id"], buyer)
        orders = [self._bought(ids, made["id"], buyer) for _ in range(2)]
        self.send("POST", f"/merchant/campaigns/{made['id']}/close", staff, {"reason": "enough"})
        self.forward(minutes=1)
        first, second = orders
        self.send("POST", f"/merchant/orders/{first}/approve", staff)
        bag = self.send("POST", f"/merchant/orders/{first}/ready-for-pickup", staff)
        self.send("POST", f"/merchant/orders/{second}/refunds", staff, {"reason": "spoiled"})
        self.forward(minutes=1)
        found = self._found(Refund, second)
        picture = self._evidence(first, ids["merchant"], buyer)
        trouble = self._trouble(ids["merchant"], first, str(bag["id"]))
        wish = {"kind": "personal", "title": "王芳"}
        invoice = self.send("POST", f"/shop/orders/{first}/invoice", buyer, wish)
        asked = {"line_no": 1, "kind": "refund_only", "reason": "damaged", "text": "碰伤了"}
        case = self.send("POST", f"/shop/orders/{first}/after-sales", buyer, asked)
        self.send("POST", f"/shop/after-sales/{case['id']}/cancel", buyer)
        return {
            "order": first,
            "parcel": str(bag["id"]),
            "campaign": made["id"],
            "selling": selling["id"],
            "draft": draft["id"],
            "series": self.send("POST", again, staff, {"rhythm": MONDAYS})["id"],
            "unpaid": unpaid,
            "group": "grp_" + made["id"].partition("_")[2],
            "refund": found.id,
            "invoice": invoice["id"],
            "case": case["id"],
            "picture": picture,
            "trouble": trouble,
        }

    def _evidence(self, order_id: str, merchant_id: str, buyer: Person) -> str:
        kit, purpose = self.shop.app.kit, Purpose.AFTER_SALE
        about = (buyer.user.id, kit.clock.now(), (), merchant_id, order_id)
        taken = Picture(kit.ids.new("pic"), purpose, *about)
        self.add(taken)
        return taken.id

    def _trouble(self, merchant_id: str, order_id: str, parcel_id: str) -> str:
        made = a_trouble(self.shop.app.kit.ids.new("ptr"), merchant_id, order_id, parcel_id)
        self.add(made)
        return made.id

    def _joined(self, ids: Mapping[str, str], campaign_id: str, buyer: Person) -> str:
        path = f"/shop/campaigns/{campaign_id}/joins"
        return str(self.send("POST", path, buyer, join_of(ids))["order_id"])

    def _bought(self, ids: Mapping[str, str], campaign_id: str, buyer: Person) -> str:
        order_id = self._joined(ids, campaign_id, buyer)
        payment = self._found(Payment, order_id)
        report = PaymentReport(
            number=payment.number,
            outcome=PaymentOutcome.CAPTURED,
            amount=payment.due,
            provider_ref="paid",
            paid_at=self.shop.app.kit.clock.now(),
        )
        caller = Caller.system(self.tenant)
        self.shop.app.desk.run(caller, lambda work: settle_payments(work, [report]))
        self.forward(minutes=1)
        return order_id

    def _found(self, kind: type, order_id: str) -> Any:
        query = Query().where(order_id=order_id).page(1)
        caller = Caller.system(self.tenant)
        return self.shop.app.desk.read(caller, lambda work: work.of(kind).select(query)[0])

    def _books(self, ids: Mapping[str, str], leader: Person) -> dict[str, str]:
        """Put a settled month and a request for its payment into the leader's books."""
        new, now = self.shop.app.kit.ids.new, self.shop.app.kit.clock.now()
        zero, owed = Money(0), Money(5_000)
        statement = Statement(
            id=new("stm"),
            leader_id=ids["leader"],
            period=PERIOD,
            accrued=owed,
            reversals=zero,
            deducted=zero,
            adjusted=zero,
            settled=owed,
            carried=zero,
            payable=owed,
            lines=0,
            digest="0" * 64,
            created_at=now,
            settled_at=now,
            state=StatementState.SETTLED,
        )
        line = Entry(
            id=new("cme"),
            order_id=ids["order"],
            line_no=1,
            leader_id=ids["leader"],
            role=CommissionRole.LEADER,
            base=Money(50_000),
            bp=1_000,
            amount=owed,
            created_at=now,
            purse=Purse.AVAILABLE,
            state=EntryState.PAID,
            vested_at=now,
            statement_id=statement.id,
        )
        withdrawal = Withdrawal(
            id=new("wdr"),
            leader_id=ids["leader"],
            requested_by=leader.user.id,
            amount=owed,
            channel="bank_card",
            account_sealed="",
            name_sealed="",
            owner_id=leader.user.id,
            requested_at=now,
        )
        for thing in (statement, line, withdrawal, Balance(available(ids["leader"]), 9_000)):
            self.add(thing)
        waiting = self._waiting(ids["merchant"], statement.id, line.id)
        return waiting | {"statement": statement.id, "line": line.id, "withdrawal": withdrawal.id}

    def _waiting(self, merchant_id: str, statement: str, line: str) -> dict[str, str]:
        """Let a doubt about a line, and a payout, wait for finance."""
        app, system = self.shop.app, Caller.system(self.tenant)
        doubt = app.desk.run(system, lambda w: open_dispute(w, statement, line, "eight percent"))
        payout = MerchantPayout(
            id=app.kit.ids.new("mpo"),
            merchant_id=merchant_id,
            requested_by="usr_0",
            amount=Money(100),
            channel="bank_card",
            account_sealed="",
            name_sealed="",
            requested_at=app.kit.clock.now(),
        )
        self.add(payout)
        return {"dispute": doubt.id, "payout": payout.id}

    def belongings(self, person: Person) -> dict[str, str]:
        """Give a person an address, a second session and a message; return them."""
        address = self.send("POST", "/me/addresses", person, ADDRESS)["id"]
        who = person.user.id
        notice = Notice(f"told/{who}", who, "order.shipped", "ord_x", START, {})
        self.add(notice)
        session = self.session(person.user.id, f"second-{person.token}")
        phone = str(self.phone_of(person))
        return {"address": address, "session": session, "notice": notice.id, "phone": phone}

    def phone_of(self, person: Person) -> str:
        """Return a person's readable number."""
        vault, user = self.shop.app.kit.vault, person.user
        bound = f"{self.tenant}|{user.id}|phone"
        return vault.open(user.data_key, bound, user.phone_sealed)


@define(eq=False)
class World:
    """Both tenants, and how to have them as they were."""

    shop: Shop
    own: Place
    """What the people who ask have, in the tenant they ask."""
    neighbour: Place
    """What others have there."""
    foreign: Place
    """What the other tenant has."""
    _file: Path | None = None

    def keep(self) -> None:
        """Remember everything as it is now (SQLite only)."""
        if self._file is not None:
            _copy(self._file, self._file.with_suffix(".kept"))

    def restore(self) -> None:
        """Have everything as it was kept."""
        if self._file is not None:
            _copy(self._file.with_suffix(".kept"), self._file)


@contextmanager
def two_shops(url: str, folder: Path) -> Iterator[World]:
    """Serve both tenants over one database."""
    clock = folder / "now"
    clock.write_text(START.isoformat())
    with served(url, clock_file=str(clock), **_NOBODY_LISTENS) as shop:
        shop.app.database.put_tenant(Tenant(TENANT, "Main", hosts=(HOST,)))
        shop.app.database.put_tenant(Tenant(OTHER, "Other", hosts=(OTHER_HOST,)))
        first = Builder(shop, TENANT, HOST, 13_800_000_000, clock)
        own = _place(first, 1)
        neighbour = _place(first, 2)
        foreign = _place(Builder(shop, OTHER, OTHER_HOST, 13_900_000_000, clock), 3)
        file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None
        world = World(shop, own, neighbour, foreign, file)
        world.keep()
        yield world


def _place(builder: Builder, number: int) -> Place:
    builder.clock.write_text(START.isoformat())
    office = {
        "finance": builder.person(Role.FINANCE),
        "operator": builder.person(Role.OPERATOR),
        "admin": builder.person(Role.ADMIN),
    }
    ids, people = builder.build(number, office["operator"])
    people |= office
    personal = {name: builder.belongings(person) for name, person in people.items()}
    ids |= {
        "name": "supplier",
        "form": "json",
        "provider": "sandbox",
        "settlement": f"stl_{PERIOD}",
        "tenant": builder.tenant,
        "period": PERIOD,
        "report": "daily",
    }
    return Place(builder.tenant, ids, personal, people)


def _copy(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as read, sqlite3.connect(target) as write:
        read.backup(write)
