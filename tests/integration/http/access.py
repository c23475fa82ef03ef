"""Who may do what, as the shop promises it: written by hand, never read from the application."""

from tests.integration.http.access_members import MEMBERS
from tests.integration.http.access_office import OFFICE
from tests.integration.http.access_reach import REACHING
from tests.integration.http.access_rules import (
    CARD,
    EVERYBODY,
    FINANCE,
    LEADER,
    MERCHANT,
    MONEY,
    MOVED,
    NONE,
    OPERATOR,
    PAPER,
    PERSON,
    PUBLIC,
    REGISTER,
    RETURN,
    RUNNERS,
    SELLERS,
    SHOPPER,
    TABLE_OF_PARCELS,
    V1,
    VARIANT,
    WHY,
    WISH,
    Rule,
    always,
    any_rule,
    by_ids,
    of_bought,
    of_bulk,
    of_bulk_run,
    of_campaigns,
    of_case,
    of_given,
    of_invoice,
    of_login,
    of_my_case,
    of_new_product,
    of_offline,
    of_order,
    of_parcels,
    of_product,
    of_read,
    of_receipt,
    of_series,
    of_template,
    of_variant,
    own,
    run_rule,
)
from tests.integration.http.access_words import WORDS
from tests.support.shop_bodies import (
    ADDRESS,
    coupons_of,
    join_of,
)
from tests.support.web import PASSWORD

SHOP = {
    "GET /shop/brands": Rule(PUBLIC),
    "GET /shop/categories": Rule(PUBLIC),
    "GET /shop/price-bands": Rule(PUBLIC),
    "GET /shop/campaigns": Rule(PUBLIC),
    "GET /shop/campaigns/{campaign_id}": any_rule(PUBLIC, "campaign"),
    "GET /shop/campaigns/{campaign_id}/quote": own(
        PUBLIC, "campaign", NONE, PUBLIC, refused=frozenset({422})
    ),
    "GET /promotion-kinds": Rule(PUBLIC),
    "GET /shop/coupon-templates": Rule(PUBLIC),
    "POST /shop/coupon-templates/{template_id}/claim": any_rule(EVERYBODY, "template"),
    "GET /shop/coupons": Rule(EVERYBODY),
    "GET /shop/points": Rule(EVERYBODY),
    "GET /shop/invitations": Rule(EVERYBODY),
    "GET /shop/invitations/code": Rule(EVERYBODY),
    "GET /shop/points/journal": Rule(EVERYBODY),
    "POST /shop/coupons/claim": Rule(
        EVERYBODY, body=always({"code": "0000-0000-0000-0000"}), refused=frozenset({404})
    ),
    "GET /shop/campaigns/{campaign_id}/teams": any_rule(PUBLIC, "campaign"),
    "POST /shop/campaigns/{campaign_id}/joins": any_rule(EVERYBODY, "selling", by_ids(join_of)),
    "GET /shop/groups/{group_id}/counter": any_rule(PUBLIC, "group"),
    "GET /shop/groups/{group_id}/events": own(PUBLIC, "group", NONE, PUBLIC, stream=True),
    "GET /shop/groups/{group_id}/progress": any_rule(PUBLIC, "group"),
    "GET /shop/pickup-points": Rule(PUBLIC),
    "GET /shop/products": Rule(PUBLIC),
    "GET /shop/campaigns/{campaign_id}/roll": any_rule(PUBLIC, "campaign"),
    "POST /shop/shares/{code}/visits": any_rule(PUBLIC, "code", always({"step": "shown"})),
    "GET /shop/home": Rule(PUBLIC),
    "GET /shop/for-you": Rule(PUBLIC),
    "GET /shop/hot": Rule(PUBLIC),
    "GET /shop/search": Rule(PUBLIC),
    "GET /shop/search/suggestions": Rule(PUBLIC),
    "GET /shop/products/{product_id}": any_rule(PUBLIC, "product"),
    "GET /shop/products/{product_id}/also-bought": any_rule(PUBLIC, "product"),
    "GET /shop/invoices": Rule(EVERYBODY),
    "POST /shop/invoices/{invoice_id}/withdraw": own(EVERYBODY, "invoice", SHOPPER),
    "POST /shop/orders/{order_id}/invoice": of_bought(always(PERSON)),
    "GET /shop/after-sales": Rule(EVERYBODY),
    "GET /shop/after-sales/{case_id}": of_my_case(),
    "POST /shop/after-sales/{case_id}/accept": own(EVERYBODY, "case", SHOPPER, OPERATOR),
    "POST /shop/after-sales/{case_id}/cancel": of_my_case(),
    "POST /shop/after-sales/{case_id}/escalate": of_my_case(always(WHY)),
    "POST /shop/after-sales/{case_id}/return-parcel": of_my_case(always(RETURN)),
    "POST /shop/orders/{order_id}/after-sales": of_bought(always(WISH)),
    "GET /shop/orders": Rule(EVERYBODY),
    "GET /shop/orders/{order_id}": of_bought(),
    "POST /shop/orders/{order_id}/cancel": of_bought(),
    "GET /shop/orders/{order_id}/contact": of_bought(),
    "POST /shop/orders/{order_id}/contact": of_bought(
        always({"name": "王", "phone": "13800009999"})
    ),
    "POST /shop/orders/{order_id}/leave": of_bought(),
    "POST /shop/orders/{order_id}/payment": of_bought(),
    "GET /shop/orders/{order_id}/pickup-code": of_bought(),
    "GET /carriers": Rule(PUBLIC),
    "POST /shop/orders/{order_id}/address": of_bought(
        always({"name": "王", "phone": "13800009999"})
    ),
    "GET /shop/orders/{order_id}/timeline": of_bought(),
    "GET /shop/orders/{order_id}/timeline/events": own(EVERYBODY, "order", SHOPPER, stream=True),
}

# --- oneself ---------------------------------------------------------------------------------

ME = {
    "POST /auth/accounts": Rule(PUBLIC, body=always(REGISTER)),
    "POST /auth/sessions": Rule(PUBLIC, body=of_login),
    "DELETE /auth/sessions/current": Rule(EVERYBODY),
    "GET /me": Rule(EVERYBODY),
    "PATCH /me": Rule(EVERYBODY, body=always({"name": "阿兰"})),
    "GET /me/addresses": Rule(EVERYBODY),
    "POST /me/addresses": Rule(EVERYBODY, body=always(ADDRESS)),
    "PUT /me/addresses/{address_id}": own(EVERYBODY, "address", EVERYBODY, body=always(ADDRESS)),
    "DELETE /me/addresses/{address_id}": own(EVERYBODY, "address", EVERYBODY),
    "GET /me/notices": Rule(EVERYBODY),
    "GET /me/notices/unread": Rule(EVERYBODY),
    "POST /me/notices/read": Rule(EVERYBODY, body=of_read),
    "POST /me/password": Rule(EVERYBODY, body=always({"old": PASSWORD, "new": "hong-Cha.2027"})),
    "POST /me/erase": Rule(EVERYBODY, body=always({"password": PASSWORD})),
    "GET /me/sessions": Rule(EVERYBODY),
    "DELETE /me/sessions/{session_id}": own(EVERYBODY, "session", EVERYBODY),
    "POST /me/pictures": Rule(EVERYBODY, refused=frozenset({422})),
    "GET /me/pictures/{picture_id}": own(EVERYBODY, "picture", SHOPPER | MERCHANT, OPERATOR),
    "POST /leader/application": Rule(
        EVERYBODY, body=always({"name": "何秀兰", "communities": ["东门"]})
    ),
    "GET /leader/profile": Rule(EVERYBODY, owners=LEADER),
}

# --- leaders and merchants -------------------------------------------------------------------

TRADE = {
    **of_campaigns("/leader/campaigns"),
    **of_campaigns("/merchant/campaigns"),
    **of_series("/leader"),
    **of_series("/merchant"),
    "GET /leader/after-sales": Rule(LEADER),
    "GET /leader/commission": Rule(LEADER),
    "GET /leader/commission/entries": Rule(LEADER),
    "GET /leader/disputes": Rule(LEADER),
    "GET /leader/ladder": Rule(LEADER),
    "GET /leader/orders": Rule(LEADER),
    "GET /leader/payout-account": Rule(LEADER),
    "PUT /leader/payout-account": Rule(LEADER, body=always(CARD)),
    "POST /leader/pickups/{order_id}/collect": own(
        RUNNERS, "order", RUNNERS - OPERATOR, OPERATOR, body=always({"code": "000000"})
    ),
    "GET /leader/reports/{report}": Rule(LEADER),
    "GET /leader/statements": Rule(LEADER),
    "GET /leader/statements/{statement_id}": own(LEADER, "statement", LEADER),
    "POST /leader/statements/{statement_id}/lines/{line_id}/disputes": own(
        LEADER, "statement", LEADER, body=always(WHY)
    ),
    "GET /leader/withdrawals": Rule(LEADER),
    "POST /leader/withdrawals": Rule(LEADER, body=always({"amount": MONEY})),
    "POST /leader/withdrawals/{withdrawal_id}/cancel": own(LEADER, "withdrawal", LEADER),
    "GET /merchant/profile": Rule(MERCHANT),
    "GET /merchant/reports/{report}": Rule(MERCHANT),
    "GET /merchant/payout-account": Rule(MERCHANT),
    "PUT /merchant/payout-account": Rule(MERCHANT, body=always(CARD)),
    "GET /merchant/payouts": Rule(MERCHANT),
    "GET /merchant/payouts/due": Rule(MERCHANT),
    "POST /merchant/payouts": Rule(MERCHANT, body=always({"amount": MONEY, "digest": "0" * 64})),
    "POST /merchant/payouts/{payout_id}/cancel": own(MERCHANT, "payout", MERCHANT),
    "GET /merchant/statements/{period}": Rule(MERCHANT),
    "GET /merchant/statements/{period}/lines": Rule(MERCHANT),
    "GET /merchant/coupon-templates": Rule(SELLERS),
    "POST /merchant/coupon-templates": Rule(SELLERS, body=by_ids(coupons_of)),
    "GET /merchant/coupon-templates/{template_id}": of_template(),
    "POST /merchant/coupon-templates/{template_id}/pause": of_template(),
    "POST /merchant/coupon-templates/{template_id}/resume": of_template(),
    "POST /merchant/coupon-templates/{template_id}/end": of_template(),
    "POST /merchant/coupon-templates/{template_id}/codes": of_template(always({"count": 2})),
    "POST /merchant/coupon-templates/{template_id}/coupons": of_template(by_ids(of_given)),
    "POST /merchant/coupons/{coupon_id}/revoke": own(
        SELLERS, "coupon", MERCHANT, OPERATOR, body=always(WHY)
    ),
    "GET /merchant/after-sales": Rule(SELLERS),
    "GET /merchant/after-sales/{case_id}": of_case(),
    "POST /merchant/after-sales/{case_id}/approve": of_case(always({})),
    "POST /merchant/after-sales/{case_id}/inspect": of_case(always({"good": 1})),
    "POST /merchant/after-sales/{case_id}/receive": of_case(),
    "POST /merchant/after-sales/{case_id}/refund": of_case(always(WHY)),
    "POST /merchant/after-sales/{case_id}/refuse": of_case(always(WHY)),
    "POST /merchant/after-sales/{case_id}/replace": of_case(always(RETURN)),
    "GET /merchant/invoices": Rule(SELLERS),
    "POST /merchant/invoices/{invoice_id}/issue": of_invoice(always(PAPER)),
    "POST /merchant/invoices/{invoice_id}/red-letter": of_invoice(always(PAPER)),
    "POST /merchant/invoices/{invoice_id}/refuse": of_invoice(always(WHY)),
    "POST /merchant/invoices/{invoice_id}/reveal": of_invoice(),
    "GET /merchant/orders": Rule(SELLERS),
    "GET /merchant/orders/{order_id}": of_order(),
    "POST /merchant/orders/{order_id}/approve": of_order(),
    "POST /merchant/orders/{order_id}/ask-correction": of_order(
        body=always({"note": "which flat?"})
    ),
    "POST /merchant/orders/{order_id}/parcels": of_order(
        body=always({"carrier": "sf", "tracking_number": "SF1"})
    ),
    "POST /merchant/orders/{order_id}/parcels/{parcel_id}/void": of_order(body=always(WHY)),
    "POST /merchant/orders/{order_id}/new-pickup-code": of_order(),
    "POST /merchant/orders/{order_id}/ready-for-pickup": of_order(),
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
    "POST /merchant/orders/{order_id}/reject": of_order(body=always(WHY)),
    "POST /merchant/orders/{order_id}/reveal-contact": of_order(),
    "POST /merchant/shipments": Rule(SELLERS, body=of_parcels),
    "GET /merchant/campaigns/{campaign_id}/commission": run_rule(who=SELLERS),
    "POST /merchant/campaigns/{campaign_id}/commission": run_rule(always(WHY), SELLERS),
    "GET /merchant/products": Rule(SELLERS),
    "POST /merchant/products": Rule(SELLERS, body=of_new_product),
    "GET /merchant/products/{product_id}": of_product(),
    "PATCH /merchant/products/{product_id}": of_product(always({"name": "油桃"})),
    "POST /merchant/products/{product_id}/delist": of_product(),
    "POST /merchant/products/{product_id}/list": of_product(),
    "POST /merchant/products/{product_id}/retire": of_product(),
    "PUT /merchant/products/{product_id}/schedule": of_product(
        always({"delist_at": "2036-01-01T00:00:00Z"})
    ),
    "POST /merchant/bulk-edits/preview": Rule(SELLERS, body=of_bulk),
    "POST /merchant/bulk-edits": Rule(SELLERS, body=of_bulk_run),
    "GET /merchant/low-stock": Rule(SELLERS, refused=frozenset({403})),
    "POST /merchant/products/{product_id}/variants": of_product(always(VARIANT)),
    "PATCH /merchant/variants/{variant_id}": of_variant(always({"options": "大"})),
    "GET /merchant/variants/{variant_id}/stock": of_variant(),
    "POST /merchant/variants/{variant_id}/stock": of_variant(
        always({"units": 1, "reason": "count"})
    ),
    "GET /leader/orders/{order_id}/timeline": own(LEADER, "order", LEADER),
    "GET /leader/orders/{order_id}/timeline/events": own(LEADER, "order", LEADER, stream=True),
    "POST /leader/pickup-points/{point_id}/collect": own(
        RUNNERS, "point", RUNNERS - OPERATOR, OPERATOR, body=always({"tail": "0000"})
    ),
    "POST /leader/pickup-points/{point_id}/offline-list": own(
        RUNNERS, "point", RUNNERS - OPERATOR, OPERATOR
    ),
    "POST /leader/pickup-points/{point_id}/offline-events": Rule(
        RUNNERS, body=of_offline, refused=frozenset({403})
    ),
    "GET /merchant/approval-rules": Rule(MERCHANT),
    "PUT /merchant/approval-rules": Rule(MERCHANT, body=always({"rules": []})),
    "GET /merchant/order-filters": Rule(SELLERS),
    "PUT /merchant/order-filters/{name}": Rule(SELLERS, body=always({"states": ["confirmed"]})),
    "DELETE /merchant/order-filters/{name}": Rule(SELLERS, refused=frozenset({404})),
    "POST /merchant/orders/{order_id}/address": of_order(body=always(MOVED)),
    "GET /merchant/orders/{order_id}/remarks": of_order(),
    "POST /merchant/orders/{order_id}/remarks": of_order(body=always({"text": "call first"})),
    "GET /merchant/orders/{order_id}/timeline": of_order(),
    "GET /merchant/orders/{order_id}/timeline/events": own(
        SELLERS, "order", MERCHANT, OPERATOR, stream=True
    ),
    "GET /merchant/campaigns/{campaign_id}/sheets/{name}": run_rule(who=SELLERS),
    "POST /merchant/campaigns/{campaign_id}/packing-list/{form}": run_rule(who=SELLERS),
    "POST /merchant/campaigns/{campaign_id}/receipts": run_rule(by_ids(of_receipt), SELLERS),
    "GET /merchant/campaigns/{campaign_id}/allocations/{sku_id}/preview": run_rule(who=SELLERS),
    "POST /merchant/campaigns/{campaign_id}/allocations/{sku_id}": run_rule(
        always({"supply": 0, "digest": "0" * 16, **WHY}), SELLERS
    ),
    "POST /merchant/shipments/preview": Rule(SELLERS, body=always({"csv": TABLE_OF_PARCELS})),
    "POST /merchant/shipments/run": Rule(
        SELLERS, body=always({"csv": TABLE_OF_PARCELS, "digest": "0" * 16})
    ),
    "GET /merchant/parcel-troubles": Rule(SELLERS),
    "POST /merchant/parcel-troubles/{trouble_id}/resolve": own(
        SELLERS, "trouble", MERCHANT, OPERATOR, body=always(WHY)
    ),
}

# --- providers: whoever signs; nobody who asks without a signature ------------------------------

UNSIGNED = frozenset({403})
PROVIDERS = {
    f"POST /callbacks/{what}/{{provider}}/{{tenant}}": Rule(
        PUBLIC, body=always({}), refused=UNSIGNED
    )
    for what in ("carriers", "payments", "payouts")
}

SAID = {name: Rule(*said) for name, said in WORDS.items()}

TABLE = {
    name.replace(" ", f" {V1}", 1): rule
    for name, rule in {
        **SHOP,
        **ME,
        **TRADE,
        **OFFICE,
        **PROVIDERS,
        **SAID,
        **MEMBERS,
        **REACHING,
    }.items()
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
        "GET /media/private/{picture_id}/{file}",
        "GET /media/{picture_id}/{file}",
        "GET /metrics",
        "GET /problems/{code}",
        "GET /s/{code}",
        "GET /s/{code}/{file}",
        "POST /s/{code}",
    }
)
"""What belongs to no tenant and no caller."""
