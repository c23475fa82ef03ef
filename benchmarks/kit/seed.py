"""A shop for a benchmark: open campaigns with goods without end, and shoppers who are logged in."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

from attrs import define, field, frozen

from groupbuy.application.membership import session_id_of
from groupbuy.application.write_path import Caller, Work
from groupbuy.domain.campaigns import (
    Campaign,
    Capacity,
    Group,
    Measure,
    Mode,
    Offer,
    Quorum,
    group_of,
)
from groupbuy.domain.catalogue import Category, Product, ProductState, Stock, Variant
from groupbuy.domain.kernel import Money
from groupbuy.domain.membership import LoginSession, Merchant, User
from groupbuy.entrypoints.bootstrap import build
from groupbuy.entrypoints.settings import Settings

TENANT = "main"
HOT = 8
"""Hot campaigns: each window has a fresh one, as in life nobody joins one thirty times."""
WIDE = 1_000
SHOPPERS = 20_000
"""So many that a process has met few of them a moment ago."""
GOODS = 100_000_000
_FAR = 1_000_000_000
_PRICE = Money(99_900)

Place = tuple[str, str]
"""A campaign and its variant."""


@frozen
class Seeded:
    """What the loader needs to know."""

    hot: list[Place]
    wide: list[Place]
    tokens: list[str]


@frozen
class Terms:
    """What all campaigns of a shop have in common."""

    quorum: int = _FAR
    """Buyers that form a group; so many never come, unless said."""
    goods: int = GOODS
    seats: int | None = None
    """Units that fit into a group."""


def seed(settings: Settings, terms: Terms | None = None) -> Seeded:
    """Fill a migrated, empty database in one transaction, through the domain."""
    app = build(settings)
    try:
        return app.desk.run(Caller.system(TENANT), lambda work: _shop(work, terms or Terms()))
    finally:
        app.close()


def _shop(work: Work, terms: Terms) -> Seeded:
    now = work.now()
    merchant = Merchant(id=work.new_id("mch"), name="果园", created_at=now, fee_bp=100)
    category = Category(id=work.new_id("cat"), name="数码")
    product = Product(
        id=work.new_id("prd"),
        merchant_id=merchant.id,
        code="P1",
        name="智能手表",
        category_id=category.id,
        created_at=now,
        state=ProductState.LISTED,
    )
    for thing in (merchant, category, product):
        work.of(type(thing)).add(thing)
    places = [_campaign(work, product, number, terms) for number in range(HOT + WIDE)]
    return Seeded(places[:HOT], places[HOT:], [_shopper(work, n, now) for n in range(SHOPPERS)])


def _campaign(work: Work, product: Product, number: int, terms: Terms) -> Place:
    """Open a campaign over goods of its own: two campaigns share no row."""
    now = work.now()
    variant = Variant(
        id=work.new_id("sku"),
        product_id=product.id,
        merchant_id=product.merchant_id,
        code=f"S{number}",
        options="标准",
        price=_PRICE,
    )
    offer = Offer(
        sku_id=variant.id,
        product_id=product.id,
        title=product.name,
        options=variant.options,
        original=_PRICE,
        price=Offer.share_of(_PRICE, 8_000),
        commission_bp=500,
        fee_bp=100,
    )
    draft = Campaign(
        id=work.new_id("cmp"),
        merchant_id=product.merchant_id,
        title="手表团",
        mode=Mode.POOL,
        starts_at=now,
        ends_at=now + timedelta(days=3),
        created_by="usr_staff",
        created_at=now,
        offers=(offer,),
        quorum=Quorum(Measure.BUYERS, terms.quorum),
        capacity=Capacity(Measure.UNITS, terms.seats) if terms.seats else None,
    )
    campaign, _ = draft.schedule(now - timedelta(hours=1))[0].open(now)
    group, _ = Group.of(campaign, group_of(campaign.id), now)
    work.of(Variant).add(variant)
    work.of(Stock).add(Stock(id=variant.id, available=terms.goods))
    work.of(Campaign).add(campaign)
    work.of(Group).add(group)
    return campaign.id, variant.id


def _shopper(work: Work, number: int, now: datetime) -> str:
    user = User(
        id=work.new_id("usr"),
        phone_fingerprint=f"bench-{number}",
        phone_sealed="",
        name_sealed="",
        password_hash="",
        data_key=work.kit.vault.new_data_key(),
        created_at=now,
    )
    token = work.kit.ids.token()
    session = LoginSession(
        id=session_id_of(token),
        user_id=user.id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(days=1),
    )
    work.of(User).add(user)
    work.of(LoginSession).add(session)
    return token


@define(eq=False)
class Joins:
    """Makes requests: every client lends its connection to some shoppers, in turn."""

    places: list[Place]
    tokens: list[str]
    clients: int
    run: str
    """Tells the keys of one run from those of another."""
    hot: bool
    """All ask for one campaign, the next one in every window; else for all of them in turn."""
    _bodies: list[tuple[bytes, bytes]] = field(init=False)
    _heads: list[bytes] = field(init=False)
    _turns: Iterator[int] = field(factory=count, init=False)
    _window: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        """Write everything that does not change from request to request."""
        self._bodies = [_written(*place) for place in self.places]
        self._heads = [
            f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
            f"Idempotency-Key: {self.run}-".encode()
            for token in self.tokens
        ]

    def begin(self, window: int) -> None:
        """Be told of a window."""
        self._window = window

    def request(self, client: int) -> bytes:
        """Return the next join of a client, with a key of its own."""
        turn = next(self._turns)
        mine = (client + self.clients * (turn // self.clients)) % len(self._heads)
        start, end = self._bodies[self._window if self.hot else (turn * 7919) % len(self._bodies)]
        return b"%s%s%d\r\n%s" % (start, self._heads[mine], turn, end)


def _written(campaign_id: str, sku_id: str) -> tuple[bytes, bytes]:
    contact = {"name": "王小明", "phone": "13800001111", "address": "幸福路 1 号", "region": "上海"}
    body = json.dumps({"items": [{"sku_id": sku_id, "units": 1}], "contact": contact}).encode()
    path = f"/api/v1/shop/campaigns/{campaign_id}/joins"
    start = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()
    return start, b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
