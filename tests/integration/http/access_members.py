"""Who may see and judge customers; written by hand, as all of the promise is."""

from tests.integration.http.access_rules import (
    ADMIN,
    MERCHANT,
    OPERATOR,
    SELLERS,
    WHY,
    Rule,
    always,
    any_rule,
    own,
)
from tests.integration.http.access_words import EVERYBODY

TAG = {"word": "宝妈", **WHY}


def of_customer(said=None):
    body = {"body": always(said)} if said else {}
    return own(SELLERS, "user", MERCHANT, OPERATOR, **body)


MEMBERS = {
    "GET /me/level": Rule(EVERYBODY),
    "GET /shop/campaigns/{campaign_id}/for-me": any_rule(EVERYBODY, "campaign"),
    "GET /merchant/customers/{user_id}": of_customer(),
    "POST /merchant/customers/{user_id}/tags": of_customer(TAG),
    "POST /merchant/customers/{user_id}/tags/remove": of_customer({"word": "宝妈"}),
    "PUT /ops/customers/{user_id}/bar": any_rule(OPERATOR, "user", always(WHY)),
    "POST /ops/customers/{user_id}/bar/lift": any_rule(OPERATOR, "user", always(WHY)),
    "POST /ops/customers/{user_id}/level/recount": any_rule(OPERATOR, "user"),
    "PUT /ops/users/{user_id}/block": any_rule(ADMIN, "user", always({"blocked": True, **WHY})),
    "POST /ops/users/{user_id}/roles": any_rule(ADMIN, "user", always({"role": "finance", **WHY})),
}
