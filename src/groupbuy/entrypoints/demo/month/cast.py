"""Who takes part in the month: how they sign up, and in whose name use cases are called."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from attrs import frozen

from groupbuy.application import membership
from groupbuy.application.membership import Enrol
from groupbuy.application.steps.sealing import seal_contact
from groupbuy.application.write_path import Caller, Work
from groupbuy.domain.membership import User
from groupbuy.domain.ordering import Contact
from groupbuy.entrypoints.demo.client import Visitor
from groupbuy.entrypoints.demo.month.calendar import PERIOD
from groupbuy.entrypoints.demo.month.draw import batched
from groupbuy.entrypoints.demo.month.goods import MERCHANTS, MerchantPlan
from groupbuy.entrypoints.demo.month.plan import LADDER, LADDER_OF, LEADERS, POINT_BP, POINTS, RATES
from groupbuy.entrypoints.demo.people import (
    PASSWORD,
    contact_of,
    first_admin,
    grant,
    name_of,
    open_merchant,
    phone_of,
    sign_up,
    visitor_of,
)
from groupbuy.entrypoints.demo.stage import Stage

FIRST_SHOPPER = 1_000
"""Number of the first shopper's phone; those below belong to people with a role."""
_LEADERS_FROM, _OFFICE_FROM = 800, 900
_AT_ONCE = 50


@frozen
class Person:
    """Somebody with a role: at the door of the shop, and as the use cases know them."""

    visitor: Visitor
    caller: Caller
    id: str
    """Of the leader or the merchant they are, or of the user."""

    @property
    def name(self) -> str:
        """What they are called."""
        return self.visitor.name


@frozen
class Buyer:
    """Somebody who buys, and where it goes, sealed under their own key."""

    caller: Caller
    contact: Contact


@frozen
class Cast:
    """Everybody of the month."""

    operator: Person
    finance: tuple[Person, Person, Person]
    merchants: tuple[Person, ...]
    leaders: tuple[Person, ...]
    shoppers: tuple[Buyer, ...]
    points: tuple[str, ...]
    """Ids of the pickup points."""
    variants: dict[str, str]
    """Variant ids by their code in the catalogue."""
    as_buyer: tuple[Buyer, ...]
    """The leaders as neighbours who buy like anybody."""

    def buyer(self, number: int, leader: int) -> Buyer:
        """Return a shopper, or for a number below zero a leader as one."""
        return self.shoppers[number] if number >= 0 else self.as_buyer[leader]


def gather(stage: Stage, shoppers: int) -> Cast:
    """Let everybody sign up and get the role they need. Raises Surprise, DomainError."""
    admin = first_admin(stage)
    office = [visitor_of(stage, _OFFICE_FROM + n, name_of(_OFFICE_FROM + n)) for n in range(8)]
    leading = [visitor_of(stage, _LEADERS_FROM + n, name_of(n)) for n in range(LEADERS)]
    ids = sign_up(stage, [*office, *leading])
    operator, *rest = office
    finance, staff = rest[:3], rest[3:]
    grant(admin, ids[operator.phone], "operator")
    for each in finance:
        grant(admin, ids[each.phone], "finance")
    merchants = [
        _open_shop(operator, each, ids[each.phone], plan)
        for each, plan in zip(staff, MERCHANTS, strict=True)
    ]
    leaders = [_lead(operator, each, number) for number, each in enumerate(leading)]
    _set_ladder(operator, leaders[LADDER_OF])
    users = _users(stage, ids.values())
    persons = partial(_persons, stage.caller.tenant, ids, users)
    return Cast(
        operator=persons([operator], [ids[operator.phone]])[0],
        finance=persons(finance, [ids[each.phone] for each in finance]),
        merchants=persons(staff, merchants),
        leaders=persons(leading, leaders),
        shoppers=_neighbours(stage, shoppers),
        points=tuple(_open_point(operator, leaders[number]) for number in POINTS),
        variants=_import(stage, staff, merchants),
        as_buyer=tuple(_buyer(stage, users[ids[e.phone]], e.name, e.phone) for e in leading),
    )


def _persons(
    tenant: str,
    ids: dict[str, str],
    users: dict[str, User],
    visitors: Sequence[Visitor],
    own: Sequence[str],
) -> tuple[Any, ...]:
    found = zip(visitors, own, strict=True)
    return tuple(Person(each, _caller(tenant, users[ids[each.phone]]), key) for each, key in found)


def _caller(tenant: str, user: User) -> Caller:
    """Return somebody as a session would know them."""
    return Caller(
        tenant=tenant,
        user_id=user.id,
        roles=user.roles,
        merchant_id=user.merchant_id,
        leader_id=user.leader_id,
        data_key=user.data_key,
    )


def _users(stage: Stage, ids: Iterable[str]) -> dict[str, User]:
    wanted = list(ids)
    return stage.read(lambda work: work.of(User).find(wanted))


def _neighbours(stage: Stage, count: int) -> tuple[Buyer, ...]:
    """Let the operator's front desk make an account for each, some at a time."""
    hashed = stage.app.passwords.hash(PASSWORD)
    made = list[Buyer]()
    for some in batched(range(count), _AT_ONCE):
        users = stage.app.desk.run(stage.caller, partial(_enrol, hashed=hashed, numbers=some))
        for number, user in zip(some, users, strict=True):
            made.append(_buyer(stage, user, name_of(number), phone_of(FIRST_SHOPPER + number)))
    return tuple(made)


def _enrol(work: Work, hashed: str, numbers: Sequence[int]) -> list[User]:
    return [
        membership.enrol(
            work, Enrol(phone_of(FIRST_SHOPPER + number), hashed, name_of(number), "demo")
        )
        for number in numbers
    ]


def _buyer(stage: Stage, user: User, name: str, phone: str) -> Buyer:
    caller, plain = _caller(stage.caller.tenant, user), contact_of(int(phone[-4:]), name, phone)
    return Buyer(caller, seal_contact(stage.app.kit.vault, caller, Contact(**plain)))


def _open_shop(operator: Visitor, staff: Visitor, user_id: str, plan: MerchantPlan) -> str:
    said = {"name": plan.name, "fee_bp": plan.fee_bp, "auto_approve": plan.auto_approve}
    merchant_id = open_merchant(operator, user_id, said)
    account = {"channel": "bank_card", "account": f"62229999{staff.phone}", "name": plan.name}
    staff.put("/merchant/payout-account", account)
    return merchant_id


def _lead(operator: Visitor, visitor: Visitor, number: int) -> str:
    """Apply, be approved with a rate, and say where to be paid; every fifth has a wallet."""
    said = {"name": visitor.name, "communities": [f"{visitor.name}的邻里群"], "contact": "微信"}
    applied = visitor.post("/leader/application", said)
    rate = {"commission_bp": RATES[number % len(RATES)]}
    operator.post(f"/ops/leaders/{applied['id']}/approve", rate)
    wallet = number % 5 == 4
    account = {
        "channel": "wechat_wallet" if wallet else "bank_card",
        "account": f"demo-openid-{visitor.phone}" if wallet else f"62220000{visitor.phone}",
        "name": visitor.name,
    }
    visitor.put("/leader/payout-account", account)
    return str(applied["id"])


def _set_ladder(operator: Visitor, leader_id: str) -> None:
    steps = [{"sales": {"amount": fen}, "bonus_bp": bp} for fen, bp in LADDER]
    said = {"reason": "demo", "steps": steps, "month": PERIOD}
    operator.put(f"/ops/commission/ladders/{leader_id}", said)


def _open_point(operator: Visitor, leader_id: str) -> str:
    point = {
        "name": "便民自提点",
        "address": "3 幢 底商",
        "region": "浙江省杭州市西湖区",
        "leader_id": leader_id,
        "commission_bp": POINT_BP,
    }
    return str(operator.post("/ops/pickup-points", point)["id"])


def _import(stage: Stage, staff: Sequence[Visitor], merchants: Sequence[str]) -> dict[str, str]:
    codes: dict[str, str] = {}
    for each, merchant_id, plan in zip(staff, merchants, MERCHANTS, strict=True):
        path = str(plan.write(stage.folder))
        stage.run("import", "products", path, "--merchant", merchant_id, "--yes")
        for product in each.every("/merchant/products/"):
            codes |= {variant["code"]: variant["id"] for variant in product["variants"]}
    return codes
