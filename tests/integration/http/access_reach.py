"""Who may share, keep segments, write to them, and say where to be written to; written by hand."""

from tests.integration.http.access_rules import (
    EVERYBODY,
    PUBLIC,
    SELLERS,
    Rule,
    always,
    any_rule,
    by_ids,
    of_push,
    of_segment,
)
from tests.support.shop_bodies import EVERY_BUYER, push_about

REACHING = {
    "GET /shop/campaigns/{campaign_id}/share": any_rule(PUBLIC, "selling"),
    "GET /shop/products/{product_id}/share": any_rule(PUBLIC, "product"),
    "POST /shop/campaigns/{campaign_id}/shares": any_rule(EVERYBODY, "selling", always({})),
    "POST /shop/products/{product_id}/shares": any_rule(EVERYBODY, "product", always({})),
    "GET /merchant/segments": Rule(SELLERS),
    "POST /merchant/segments": Rule(SELLERS, body=always(EVERY_BUYER)),
    "GET /merchant/segments/{segment_id}": of_segment(),
    "PUT /merchant/segments/{segment_id}": of_segment(always(EVERY_BUYER)),
    "DELETE /merchant/segments/{segment_id}": of_segment(),
    "GET /merchant/segments/{segment_id}/preview": of_segment(),
    "GET /merchant/pushes": Rule(SELLERS),
    "POST /merchant/pushes": Rule(SELLERS, body=by_ids(push_about)),
    "GET /merchant/pushes/{push_id}/preview": of_push(),
    "POST /merchant/pushes/{push_id}/send": of_push(
        always({"digest": "0" * 12}), refused=frozenset({409})
    ),
    "POST /merchant/pushes/{push_id}/cancel": of_push(),
    "GET /merchant/pushes/{push_id}/report": of_push(),
    "GET /me/offers": Rule(EVERYBODY),
    "PUT /me/offers": Rule(EVERYBODY, body=always({"channels": []})),
    "POST /shop/unsubscribe": Rule(
        PUBLIC, body=always({"token": "usr_x.0"}), refused=frozenset({404})
    ),
}
