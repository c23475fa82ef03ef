"""How a rule of access is written, and what requests are made of."""

from attrs import frozen

from tests.support.shop_bodies import campaign_of, product_of
from tests.support.two_shops import PEOPLE
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
RHYTHM = {"rhythm": {"weekdays": [1], "at": "20:00", "lasts_minutes": 60}}
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


def of_order(who=SELLERS, body=nothing):
    return own(who, "order", MERCHANT, OPERATOR, body=body)


def of_template(body=nothing):
    return own(SELLERS, "template", MERCHANT, OPERATOR, body=body)


def of_segment(body=nothing):
    return own(SELLERS, "segment", MERCHANT, OPERATOR, body=body)


def of_push(body=nothing, **more):
    return own(SELLERS, "push", MERCHANT, OPERATOR, body=body, **more)


def of_given(ids):
    return {"user_ids": [ids["user"]]}


def of_invoice(body=nothing):
    return own(SELLERS, "invoice", MERCHANT, OPERATOR, body=body)


def of_case(body=nothing):
    return own(SELLERS, "case", MERCHANT, OPERATOR, body=body)


def of_my_case(body=nothing):
    return own(EVERYBODY, "case", SHOPPER, body=body)


def of_bought(body=nothing):
    return own(EVERYBODY, "order", SHOPPER, body=body)


def run_rule(body=nothing, who=RUNNERS, thing="campaign"):
    return own(who, thing, RUNNERS - OPERATOR, OPERATOR, body=body)


def of_product(body=nothing):
    return own(SELLERS, "product", MERCHANT, OPERATOR, body=body)


def of_variant(body=nothing):
    return own(SELLERS, "variant", MERCHANT, OPERATOR, body=body)


def any_rule(who, thing, body=nothing):
    """Somebody of the office, for everybody's things."""
    return own(who, thing, NONE, who, body=body)


def of_merged(thing):
    """Into itself, which makes no sense."""
    into = by_ids(lambda ids: {**WHY, "into": ids[thing]})
    return own(OPERATOR, thing, NONE, OPERATOR, body=into, refused=frozenset({422}))


def of_judged():
    return any_rule(OPERATOR, "leader", always(WHY))


def of_paid_out(thing="withdrawal"):
    return any_rule(FINANCE, thing, always(WHY))


PERSON = {"kind": "personal", "title": "王芳"}
RETURN = {"carrier": "sf", "tracking_number": "SF9"}
WISH = {"line_no": 1, "kind": "refund_only", "reason": "damaged"}
PAPER = {"number": "25312000000012345678", "amount": MONEY}
WINDOW = {"starts_at": "2027-01-01T00:00:00Z", "ends_at": "2027-01-02T00:00:00Z"}
CARD = {"channel": "bank_card", "account": "6222021234567899", "name": "何秀兰"}
VARIANT = {"code": "S-new", "price": MONEY}


def of_new_product(place, _person):
    more = {"merchant_id": place.ids["merchant"], "code": "P-new"}
    return {**product_of(place.ids["category"], 9), **more}


def of_bulk(place, _person):
    chosen = {"merchant_id": place.ids["merchant"]}
    return {"selection": chosen, "repricing": {"by": 100}}


def of_bulk_run(place, person):
    return {**of_bulk(place, person), "digest": "0" * 12, **WHY}


def of_parcels(place, _person):
    row = {"order_id": place.ids["order"], "carrier": "sf", "tracking_number": "SF1"}
    return {"parcels": [row], "dry_run": True}


def of_staff(place, _person):
    return {"merchant_id": place.ids["merchant"], **WHY}


def of_phone(place, person):
    return {"phone": place.personal[person]["phone"]}


def of_category(place, _person):
    return {"name": "新的类目", "parent_id": place.ids["category"]}


def of_read(place, person):
    return {"ids": [place.personal[person]["notice"]]}


def of_login(place, person):
    return {**of_phone(place, person), "password": PASSWORD}


REGISTER = {"phone": "13700001234", "password": PASSWORD, "name": "新人", "terms": "1"}


def of_campaigns(at):
    """Leaders and merchants have the same desk."""
    one = f"{at}/{{campaign_id}}"
    return {
        f"GET {at}": Rule(RUNNERS),
        f"POST {at}": Rule(RUNNERS, body=by_ids(campaign_of)),
        f"GET {one}": run_rule(),
        f"PUT {one}": run_rule(by_ids(campaign_of), thing="draft"),
        f"GET {one}/preview": run_rule(),
        f"GET {one}/share-funnel": run_rule(),
        f"GET {one}/share-funnel.csv": run_rule(),
        f"GET {one}/what-if": run_rule(),
        f"POST {one}/approve": own(
            SELLERS, "draft", MERCHANT, OPERATOR, body=always({"version": 0})
        ),
        f"POST {one}/schedule": run_rule(),
        f"POST {one}/close": run_rule(always(WHY)),
        f"POST {one}/cancel": run_rule(always(WHY)),
        f"POST {one}/copies": run_rule(always(WINDOW)),
        f"POST {one}/series": run_rule(always(RHYTHM)),
        f"POST {one}/waive-quorum": own(SELLERS, "campaign", MERCHANT, OPERATOR, body=always(WHY)),
    }


def of_series(at):
    """Campaigns that come again: likewise."""
    one = f"{at}/series/{{series_id}}"
    return {
        f"GET {at}/series": Rule(RUNNERS),
        f"POST {one}/pause": run_rule(thing="series"),
        f"POST {one}/resume": run_rule(thing="series"),
        f"POST {one}/end": run_rule(thing="series"),
    }


# --- the shop --------------------------------------------------------------------------------


MOVED = {"name": "王", "phone": "13800009999", "reason": "moved"}


TABLE_OF_PARCELS = "order_id,carrier,tracking_number\n"


def of_receipt(place):
    return {"sku_id": place["variant"], "units": 1}


def of_offline(place, _person):
    event = {
        "event_id": "e1",
        "parcel_id": place.ids["parcel"],
        "proof": "code",
        "text": "000000",
        "at": WINDOW["starts_at"],
    }
    told = {"device": "d-01", "issued_at": WINDOW["starts_at"], "signature": "x"}
    return {**told, "events": [event]}
