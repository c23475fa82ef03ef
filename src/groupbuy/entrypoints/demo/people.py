"""The neighbourhood: who lives there, how they sign up, and who may do what."""

import hashlib
from pathlib import Path
from typing import Any

from attrs import frozen

from groupbuy.entrypoints.demo.client import Visitor
from groupbuy.entrypoints.demo.stage import Stage

SHOPPERS = 200
PASSWORD = "lin-li-tuan-2026"  # noqa: S105  everybody's, in a shop that is gone in a minute
CATALOGUE = Path(__file__).with_name("catalogue.jsonl")
TOGETHER = 28
"""How many sign up within an hour: the shop lets no more in from one address."""
MERCHANT = "邻里优选"
FEE_BP = 100
"""What the operator keeps of a sale: 1 %."""
LEADERS = ("何秀兰", "周建国", "陈玉梅")
"""The three leaders; the last one runs a pickup point and is paid to a wallet."""
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = (
    *("子涵", "雨桐", "浩然", "欣怡", "建国", "秀英", "志强", "丽华", "晓东", "梓萱", "国庆"),
    *("玉兰", "俊杰", "思琪", "海燕", "春梅", "文博", "佳琪", "永福", "静怡", "天宇", "淑芬"),
    *("明辉", "婉清", "振华", "美玲", "一鸣", "若曦", "桂芳", "宇轩", "雪梅", "德胜", "诗涵"),
)
_COURTS = ("杏花苑", "梧桐里", "翠湖家园", "阳光新村", "银杏小区", "望江庭")
_REGION = "浙江省杭州市西湖区"


@frozen
class Leader:
    """A community leader, once approved."""

    visitor: Visitor
    id: str


@frozen
class Shopper:
    """Somebody who buys, and where they live."""

    visitor: Visitor
    contact: dict[str, str]


@frozen
class Cast:
    """Everybody who takes part."""

    admin: Visitor
    operator: Visitor
    finance: tuple[Visitor, Visitor]
    merchant: Visitor
    merchant_id: str
    leaders: tuple[Leader, ...]
    shoppers: tuple[Shopper, ...]
    pickup_point_id: str
    variants: dict[str, str]
    """Variant ids by their code in the catalogue."""


def gather(stage: Stage) -> Cast:
    """Let everybody sign up, and give each the role they need. Raises Surprise."""
    admin = first_admin(stage)
    operator, *finance, staff = (
        visitor_of(stage, 900 + number, name)
        for number, name in enumerate(("林晓梅", "赵立群", "孙慧", "黄建平"))
    )
    leaders = [visitor_of(stage, 800 + n, name) for n, name in enumerate(LEADERS)]
    shoppers = [_shopper(stage, number) for number in range(SHOPPERS)]
    everybody = [operator, *finance, staff, *leaders, *(each.visitor for each in shoppers)]
    ids = sign_up(stage, everybody)
    grant(admin, ids[operator.phone], "operator")
    for each in finance:
        grant(admin, ids[each.phone], "finance")
    merchant_id = open_merchant(operator, ids[staff.phone], {"name": MERCHANT, "fee_bp": FEE_BP})
    taught = [_lead(operator, each) for each in leaders]
    return Cast(
        admin=admin,
        operator=operator,
        finance=(finance[0], finance[1]),
        merchant=staff,
        merchant_id=merchant_id,
        leaders=tuple(taught),
        shoppers=tuple(shoppers),
        pickup_point_id=_open_point(operator, taught[-1]),
        variants=_import(stage, staff, merchant_id),
    )


def name_of(number: int) -> str:
    """Invent a name; the same number always has the same one."""
    surname = _SURNAMES[drawn("surname", number) % len(_SURNAMES)]
    return surname + _GIVEN[drawn("given", number) % len(_GIVEN)]


def phone_of(number: int) -> str:
    """Invent a phone number of the range nobody is given."""
    return f"1700000{number:04d}"


def contact_of(number: int, name: str, phone: str) -> dict[str, str]:
    """Invent where somebody lives; the same number always lives in the same place."""
    court = _COURTS[drawn("court", number) % len(_COURTS)]
    house, room = drawn("house", number) % 18 + 1, drawn("room", number) % 24 + 1
    return {
        "name": name,
        "phone": phone,
        "region": _REGION,
        "address": f"{court} {house} 幢 {room}02 室",
    }


def _shopper(stage: Stage, number: int) -> Shopper:
    visitor = visitor_of(stage, number, name_of(number))
    return Shopper(visitor, contact_of(number, visitor.name, visitor.phone))


def visitor_of(stage: Stage, number: int, name: str) -> Visitor:
    """Return somebody before the shop's door, with the phone of that number."""
    return Visitor(stage.shop, name, phone_of(number), PASSWORD)


def drawn(what: str, number: int) -> int:
    """Draw a number that is the same in every run."""
    digest = hashlib.sha256(f"demo/{what}/{number}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


def first_admin(stage: Stage) -> Visitor:
    """The first account is made on the command line, as on any new shop."""
    admin = visitor_of(stage, 999, "站长")
    who = ("--phone", admin.phone, "--name", admin.name, "--role", "admin")
    stage.run("user", "create", *who, typed=f"{PASSWORD}\n")
    return admin


def sign_up(stage: Stage, everybody: list[Visitor]) -> dict[str, str]:
    """Register everybody, an hour's worth at a time; return their ids by phone."""
    ids: dict[str, str] = {}
    for start in range(0, len(everybody), TOGETHER):
        hour = everybody[start : start + TOGETHER]
        made = stage.crowd.each(Visitor.register, hour)
        ids |= {each.phone: key for each, key in zip(hour, made, strict=True)}
        stage.clock.forward(minutes=61)
    return ids


def grant(admin: Visitor, user_id: str, role: str) -> None:
    """Give somebody a role, as the admin. Raises Surprise."""
    admin.post(f"/ops/users/{user_id}/roles", {"role": role, "reason": "demo"})


def open_merchant(operator: Visitor, staff_id: str, said: dict[str, Any]) -> str:
    """Make a merchant and let somebody act for it; return its id. Raises Surprise."""
    made = operator.post("/ops/merchants", said)
    staff = {"merchant_id": made["id"], "reason": "demo"}
    operator.put(f"/ops/users/{staff_id}/staff", staff)
    return str(made["id"])


def _lead(operator: Visitor, visitor: Visitor) -> Leader:
    """Apply, be approved, and say where to be paid."""
    said = {"name": visitor.name, "communities": [f"{visitor.name}的邻里群"], "contact": "微信"}
    applied = visitor.post("/leader/application", said)
    operator.post(f"/ops/leaders/{applied['id']}/approve", {})
    wallet = visitor.name == LEADERS[-1]
    account = {
        "channel": "wechat_wallet" if wallet else "bank_card",
        "account": f"demo-openid-{visitor.phone}" if wallet else f"62220000{visitor.phone}",
        "name": visitor.name,
    }
    visitor.put("/leader/payout-account", account)
    return Leader(visitor, str(applied["id"]))


def _open_point(operator: Visitor, leader: Leader) -> str:
    point = {
        "name": "杏花苑便民点",
        "address": "杏花苑 3 幢 底商 102",
        "region": _REGION,
        "leader_id": leader.id,
        "open_hours": "每天 9:00–20:00",
    }
    return str(operator.post("/ops/pickup-points", point)["id"])


def _import(stage: Stage, staff: Visitor, merchant_id: str) -> dict[str, str]:
    stage.run("import", "products", str(CATALOGUE), "--merchant", merchant_id, "--yes")
    products: list[Any] = staff.every("/merchant/products/")
    return {each["code"]: each["id"] for product in products for each in product["variants"]}
