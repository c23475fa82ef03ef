"""Who may do what, as the shop promises it: written by hand, never read from the application."""

from attrs import frozen

from tests.support.two_shops import ADDRESS, PEOPLE, campaign_of, join_of, point_of, product_of
from tests.support.web import PASSWORD

V1 = "/api/v1"
EVERYBODY = frozenset(PEOPLE)
"""Everybody with an account; every one of them also shops."""
PUBLIC = EVERYBODY | {"nobody"}
RUNNERS = frozenset({"leader", "merchant", "operator"})
SELLERS = frozenset({"merchant", "operator"})
LEADER, FINANCE, OPERATOR, ADMIN, MERCHANT, SHOPPER = (
    frozenset({name}) for name in ("leader", "finance", "operator", "admin", "merchant", "shopper")
)
NONE = frozenset()
WHY = {"reason": "asked for by a test"}
MONEY = {"amount": 100, "currency": "CNY"}


def nothing(_place, _person):
    return None


def always(body):
    return lambda _place, _person: body


def by_ids(make):
    return lambda place, _person: make(place.ids)


@frozen
class Rule:
    """One operation. `thing` is what the address names; `body` is made of a place's things."""

    who: frozenset
    """Who may call it at all; others with an account are told 403, without one 401."""
    thing: str = ""
    owners: frozenset = NONE
    """Whose own thing it is. For an operation without a thing: who has what it shows."""
    over: frozenset = NONE
    """Who may do it with everybody's things in their tenant."""
    body: object = nothing
    stream: bool = False
    """Never ends where it succeeds."""
    refused: frozenset = frozenset()
    """Statuses that are right for a caller who may, beside success and a conflict."""

    def has(self, person):
        """Tell whether there is something for a person who may call it."""
        if self.thing:
            return person in self.owners | self.over
        return not self.owners or person in self.owners


def own(who, thing, owners, over=NONE, **more):
    return Rule(who, thing, owners, over, **more)


def _order(who=SELLERS, body=nothing):
    return own(who, "order", MERCHANT, OPERATOR, body=body)


def _invoice(body=nothing):
    return own(SELLERS, "invoice", MERCHANT, OPERATOR, body=body)


def _bought(body=nothing):
    return own(EVERYBODY, "order", SHOPPER, body=body)


def _run(body=nothing, who=RUNNERS, thing="campaign"):
    return own(who, thing, RUNNERS - OPERATOR, OPERATOR, body=body)


def _product(body=nothing):
    return own(SELLERS, "product", MERCHANT, OPERATOR, body=body)


def _variant(body=nothing):
    return own(SELLERS, "variant", MERCHANT, OPERATOR, body=body)


def _any(who, thing, body=nothing):
    """Somebody of the office, for everybody's things."""
    return own(who, thing, NONE, who, body=body)


def _judged():
    return _any(OPERATOR, "leader", always(WHY))


def _paid_out():
    return _any(FINANCE, "withdrawal", always(WHY))


PERSON = {"kind": "personal", "title": "王芳"}
PAPER = {"number": "25312000000012345678", "amount": MONEY}
WINDOW = {"starts_at": "2027-01-01T00:00:00Z", "ends_at": "2027-01-02T00:00:00Z"}
CARD = {"channel": "bank_card", "account": "6222021234567899", "name": "何秀兰"}
VARIANT = {"code": "S-new", "price": MONEY}


def _new_product(place, _person):
    more = {"merchant_id": place.ids["merchant"], "code": "P-new"}
    return {**product_of(place.ids["category"], 9), **more}


def _parcels(place, _person):
    row = {"order_id": place.ids["order"], "carrier": "sf", "tracking_number": "SF1"}
    return {"parcels": [row], "dry_run": True}


def _staff(place, _person):
    return {"merchant_id": place.ids["merchant"], **WHY}


def _phone(place, person):
    return {"phone": place.personal[person]["phone"]}


def _category(place, _person):
    return {"name": "新的类目", "parent_id": place.ids["category"]}


def _read(place, person):
    return {"ids": [place.personal[person]["notice"]]}


def _login(place, person):
    return {**_phone(place, person), "password": PASSWORD}


REGISTER = {"phone": "13700001234", "password": PASSWORD, "name": "新人", "terms": "1"}


def _campaigns(at):
    """Leaders and merchants have the same desk."""
    one = f"{at}/{{campaign_id}}"
    return {
        f"GET {at}": Rule(RUNNERS),
        f"POST {at}": Rule(RUNNERS, body=by_ids(campaign_of)),
        f"GET {one}": _run(),
        f"PUT {one}": _run(by_ids(campaign_of), thing="draft"),
        f"GET {one}/preview": _run(),
        f"POST {one}/approve": own(
            SELLERS, "draft", MERCHANT, OPERATOR, body=always({"version": 0})
        ),
        f"POST {one}/schedule": _run(),
        f"POST {one}/close": _run(always(WHY)),
        f"POST {one}/cancel": _run(always(WHY)),
        f"POST {one}/copies": _run(always(WINDOW)),
        f"POST {one}/waive-quorum": own(SELLERS, "campaign", MERCHANT, OPERATOR, body=always(WHY)),
    }


# --- the shop --------------------------------------------------------------------------------

SHOP = {
    "GET /carriers": Rule(PUBLIC),
    "GET /shop/brands": Rule(PUBLIC),
    "GET /shop/categories": Rule(PUBLIC),
    "GET /shop/campaigns": Rule(PUBLIC),
    "GET /shop/campaigns/{campaign_id}": _any(PUBLIC, "campaign"),
    "POST /shop/campaigns/{campaign_id}/joins": _any(EVERYBODY, "selling", by_ids(join_of)),
    "GET /shop/groups/{group_id}/events": own(PUBLIC, "group", NONE, PUBLIC, stream=True),
    "GET /shop/groups/{group_id}/progress": _any(PUBLIC, "group"),
    "GET /shop/pickup-points": Rule(PUBLIC),
    "GET /shop/products": Rule(PUBLIC),
    "GET /shop/products/{product_id}": _any(PUBLIC, "product"),
    "GET /shop/invoices": Rule(EVERYBODY),
    "POST /shop/invoices/{invoice_id}/withdraw": own(EVERYBODY, "invoice", SHOPPER),
    "POST /shop/orders/{order_id}/invoice": _bought(always(PERSON)),
    "GET /shop/orders": Rule(EVERYBODY),
    "GET /shop/orders/{order_id}": _bought(),
    "POST /shop/orders/{order_id}/cancel": _bought(),
    "GET /shop/orders/{order_id}/contact": _bought(),
    "POST /shop/orders/{order_id}/contact": _bought(always({"name": "王", "phone": "13800009999"})),
    "POST /shop/orders/{order_id}/leave": _bought(),
    "POST /shop/orders/{order_id}/payment": _bought(),
    "GET /shop/orders/{order_id}/pickup-code": _bought(),
}

# --- oneself ---------------------------------------------------------------------------------

ME = {
    "POST /auth/accounts": Rule(PUBLIC, body=always(REGISTER)),
    "POST /auth/sessions": Rule(PUBLIC, body=_login),
    "DELETE /auth/sessions/current": Rule(EVERYBODY),
    "GET /me": Rule(EVERYBODY),
    "PATCH /me": Rule(EVERYBODY, body=always({"name": "阿兰"})),
    "GET /me/addresses": Rule(EVERYBODY),
    "POST /me/addresses": Rule(EVERYBODY, body=always(ADDRESS)),
    "PUT /me/addresses/{address_id}": own(EVERYBODY, "address", EVERYBODY, body=always(ADDRESS)),
    "DELETE /me/addresses/{address_id}": own(EVERYBODY, "address", EVERYBODY),
    "GET /me/notices": Rule(EVERYBODY),
    "POST /me/notices/read": Rule(EVERYBODY, body=_read),
    "POST /me/password": Rule(EVERYBODY, body=always({"old": PASSWORD, "new": "hong-Cha.2027"})),
    "POST /me/erase": Rule(EVERYBODY, body=always({"password": PASSWORD})),
    "GET /me/sessions": Rule(EVERYBODY),
    "DELETE /me/sessions/{session_id}": own(EVERYBODY, "session", EVERYBODY),
    "POST /leader/application": Rule(
        EVERYBODY, body=always({"name": "何秀兰", "communities": ["东门"]})
    ),
    "GET /leader/profile": Rule(EVERYBODY, owners=LEADER),
}

# --- leaders and merchants -------------------------------------------------------------------

TRADE = {
    **_campaigns("/leader/campaigns"),
    **_campaigns("/merchant/campaigns"),
    "GET /leader/commission": Rule(LEADER),
    "GET /leader/commission/entries": Rule(LEADER),
    "GET /leader/disputes": Rule(LEADER),
    "GET /leader/orders": Rule(LEADER),
    "GET /leader/payout-account": Rule(LEADER),
    "PUT /leader/payout-account": Rule(LEADER, body=always(CARD)),
    "POST /leader/pickups/{order_id}/collect": own(
        RUNNERS, "order", RUNNERS - OPERATOR, OPERATOR, body=always({"code": "000000"})
    ),
    "GET /leader/statements": Rule(LEADER),
    "GET /leader/statements/{statement_id}": own(LEADER, "statement", LEADER),
    "POST /leader/statements/{statement_id}/lines/{line_id}/disputes": own(
        LEADER, "statement", LEADER, body=always(WHY)
    ),
    "GET /leader/withdrawals": Rule(LEADER),
    "POST /leader/withdrawals": Rule(LEADER, body=always({"amount": MONEY})),
    "POST /leader/withdrawals/{withdrawal_id}/cancel": own(LEADER, "withdrawal", LEADER),
    "GET /merchant/profile": Rule(MERCHANT),
    "GET /merchant/payout-account": Rule(MERCHANT),
    "PUT /merchant/payout-account": Rule(MERCHANT, body=always(CARD)),
    "GET /merchant/payouts": Rule(MERCHANT),
    "GET /merchant/statements/{period}": Rule(MERCHANT),
    "GET /merchant/statements/{period}/lines": Rule(MERCHANT),
    "GET /merchant/invoices": Rule(SELLERS),
    "POST /merchant/invoices/{invoice_id}/issue": _invoice(always(PAPER)),
    "POST /merchant/invoices/{invoice_id}/red-letter": _invoice(always(PAPER)),
    "POST /merchant/invoices/{invoice_id}/refuse": _invoice(always(WHY)),
    "POST /merchant/invoices/{invoice_id}/reveal": _invoice(),
    "GET /merchant/orders": Rule(SELLERS),
    "GET /merchant/orders/{order_id}": _order(),
    "POST /merchant/orders/{order_id}/approve": _order(),
    "POST /merchant/orders/{order_id}/ask-correction": _order(body=always({"note": "which flat?"})),
    "POST /merchant/orders/{order_id}/parcels": _order(
        body=always({"carrier": "sf", "tracking_number": "SF1"})
    ),
    "POST /merchant/orders/{order_id}/parcels/{parcel_id}/void": _order(body=always(WHY)),
    "POST /merchant/orders/{order_id}/new-pickup-code": _order(),
    "POST /merchant/orders/{order_id}/ready-for-pickup": _order(),
    "POST /merchant/orders/{order_id}/refunds": own(
        SELLERS | FINANCE, "order", MERCHANT, OPERATOR | FINANCE, body=always(WHY)
    ),
    "POST /merchant/orders/{order_id}/weights": own(
        SELLERS | FINANCE,
        "order",
        MERCHANT,
        OPERATOR | FINANCE,
        body=always({"line_no": 1, "grams": 900}),
    ),
    "POST /merchant/orders/{order_id}/reject": _order(body=always(WHY)),
    "POST /merchant/orders/{order_id}/reveal-contact": _order(),
    "GET /merchant/parcel-troubles": Rule(SELLERS),
    "POST /merchant/parcel-troubles/{trouble_id}/resolve": own(
        SELLERS, "trouble", MERCHANT, OPERATOR, body=always(WHY)
    ),
    "POST /merchant/shipments": Rule(SELLERS, body=_parcels),
    "GET /merchant/campaigns/{campaign_id}/commission": _run(who=SELLERS),
    "POST /merchant/campaigns/{campaign_id}/commission": _run(always(WHY), SELLERS),
    "GET /merchant/products": Rule(SELLERS),
    "POST /merchant/products": Rule(SELLERS, body=_new_product),
    "GET /merchant/products/{product_id}": _product(),
    "PATCH /merchant/products/{product_id}": _product(always({"name": "油桃"})),
    "POST /merchant/products/{product_id}/delist": _product(),
    "POST /merchant/products/{product_id}/list": _product(),
    "POST /merchant/products/{product_id}/retire": _product(),
    "POST /merchant/products/{product_id}/variants": _product(always(VARIANT)),
    "PATCH /merchant/variants/{variant_id}": _variant(always({"options": "大"})),
    "GET /merchant/variants/{variant_id}/stock": _variant(),
    "POST /merchant/variants/{variant_id}/stock": _variant(always({"units": 1, "reason": "count"})),
}

# --- the office: people are the admin's, money is finance's, neither is both's ------------------

OFFICE = {
    "POST /ops/categories": Rule(OPERATOR, body=_category),
    "PUT /ops/categories/{category_id}": _any(OPERATOR, "category", always({"name": "改名"})),
    "GET /ops/commission/ladders": Rule(OPERATOR | FINANCE),
    "PUT /ops/commission/ladders/{leader_id}": _any(
        OPERATOR, "leader", always({**WHY, "steps": []})
    ),
    "GET /ops/commission/rates/categories": Rule(OPERATOR | FINANCE),
    "PUT /ops/commission/rates/categories/{category_id}": _any(OPERATOR, "category", always(WHY)),
    "GET /ops/commission/rates/leaders": Rule(OPERATOR | FINANCE),
    "PUT /ops/commission/rates/leaders/{leader_id}": _any(OPERATOR, "leader", always(WHY)),
    "GET /ops/disputes": Rule(FINANCE),
    "GET /ops/leaders": Rule(OPERATOR | FINANCE),
    "GET /ops/leaders/{leader_id}": _any(OPERATOR | FINANCE, "leader"),
    "POST /ops/leaders/{leader_id}/approve": _any(OPERATOR, "leader", always({})),
    "POST /ops/leaders/{leader_id}/refuse": _judged(),
    "POST /ops/leaders/{leader_id}/reinstate": _judged(),
    "POST /ops/leaders/{leader_id}/suspend": _judged(),
    "GET /ops/ledger/trial-balance": Rule(FINANCE),
    "GET /ops/ledger/verify": Rule(FINANCE),
    "GET /ops/merchants": Rule(OPERATOR | FINANCE | ADMIN),
    "POST /ops/merchants": Rule(OPERATOR, body=always({"name": "西门"})),
    "PUT /ops/merchants/{merchant_id}": _any(OPERATOR, "merchant", always({"name": "西门"})),
    "POST /ops/pickup-points": Rule(OPERATOR, body=by_ids(point_of)),
    "PUT /ops/pickup-points/{point_id}": _any(OPERATOR, "point", by_ids(point_of)),
    "GET /ops/reconciliation": Rule(OPERATOR | FINANCE),
    "GET /ops/refunds": Rule(OPERATOR | FINANCE),
    "POST /ops/refunds/{refund_id}/retry": _any(OPERATOR | FINANCE, "refund", always(WHY)),
    "GET /ops/settlements/{settlement_id}": Rule(FINANCE),
    "GET /ops/settlements/{settlement_id}/leaders/{leader_id}": _any(FINANCE, "leader"),
    "POST /ops/settlements/{settlement_id}/run": Rule(
        FINANCE, body=always({"digest": "0" * 64, **WHY})
    ),
    "GET /ops/users": Rule(OPERATOR | ADMIN),
    "POST /ops/users/search": Rule(OPERATOR | ADMIN, body=_phone),
    "PUT /ops/users/{user_id}/block": _any(ADMIN, "user", always({"blocked": True, **WHY})),
    "POST /ops/users/{user_id}/roles": _any(ADMIN, "user", always({"role": "finance", **WHY})),
    "POST /ops/users/{user_id}/roles/revoke": _any(
        ADMIN, "user", always({"role": "finance", **WHY})
    ),
    "PUT /ops/users/{user_id}/staff": _any(OPERATOR | ADMIN, "user", _staff),
    "GET /ops/withdrawals": Rule(FINANCE),
    "POST /ops/withdrawals/{withdrawal_id}/approve": _paid_out(),
    "POST /ops/withdrawals/{withdrawal_id}/cancel": _paid_out(),
    "POST /ops/withdrawals/{withdrawal_id}/hold": _paid_out(),
    "POST /ops/withdrawals/{withdrawal_id}/resume": _paid_out(),
}

# --- providers: whoever signs; nobody who asks without a signature ------------------------------

UNSIGNED = frozenset({403})
PROVIDERS = {
    f"POST /callbacks/{what}/{{provider}}/{{tenant}}": Rule(
        PUBLIC, body=always({}), refused=UNSIGNED
    )
    for what in ("carriers", "payments", "payouts")
}

TABLE = {
    name.replace(" ", f" {V1}", 1): rule
    for name, rule in {**SHOP, **ME, **TRADE, **OFFICE, **PROVIDERS}.items()
}
OUTSIDE = frozenset(
    {
        "GET /api/docs",
        "GET /api/docs/docs.css",
        "GET /api/docs/openapi.json",
        "GET /api/docs/openapi.yaml",
        "GET /api/docs/openapi.yml",
        "GET /api/docs/{path}",
        "GET /health/live",
        "GET /health/ready",
        "GET /metrics",
        "GET /problems/{code}",
    }
)
"""What belongs to no tenant and no caller."""
