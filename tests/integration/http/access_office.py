"""Who may do what in the office: people are the admin's, money is finance's."""

from tests.integration.http.access_rules import (
    ADMIN,
    FINANCE,
    OPERATOR,
    WHY,
    Rule,
    always,
    any_rule,
    by_ids,
    of_category,
    of_judged,
    of_merged,
    of_paid_out,
    of_phone,
    of_staff,
)
from tests.support.shop_bodies import (
    point_of,
)

OFFICE = {
    "POST /ops/categories": Rule(OPERATOR, body=of_category),
    "POST /ops/categories/{category_id}/merge": of_merged("category"),
    "PATCH /ops/brands/{brand_id}": any_rule(OPERATOR, "brand", always({"name": "新牌"})),
    "POST /ops/brands/{brand_id}/merge": of_merged("brand"),
    "PUT /ops/categories/{category_id}": any_rule(OPERATOR, "category", always({"name": "改名"})),
    "GET /ops/commission/ladders": Rule(OPERATOR | FINANCE),
    "PUT /ops/commission/ladders/{leader_id}": any_rule(
        OPERATOR, "leader", always({**WHY, "steps": []})
    ),
    "GET /ops/commission/rates/categories": Rule(OPERATOR | FINANCE),
    "PUT /ops/commission/rates/categories/{category_id}": any_rule(
        OPERATOR, "category", always(WHY)
    ),
    "GET /ops/commission/rates/leaders": Rule(OPERATOR | FINANCE),
    "PUT /ops/commission/rates/leaders/{leader_id}": any_rule(OPERATOR, "leader", always(WHY)),
    "GET /ops/disputes": Rule(FINANCE),
    "POST /ops/disputes/{dispute_id}/answer": of_paid_out("dispute"),
    "GET /ops/leaders": Rule(OPERATOR | FINANCE),
    "GET /ops/leaders/{leader_id}": any_rule(OPERATOR | FINANCE, "leader"),
    "POST /ops/leaders/{leader_id}/approve": any_rule(OPERATOR, "leader", always({})),
    "POST /ops/leaders/{leader_id}/refuse": of_judged(),
    "POST /ops/leaders/{leader_id}/reinstate": of_judged(),
    "POST /ops/leaders/{leader_id}/suspend": of_judged(),
    "GET /ops/ledger/trial-balance": Rule(FINANCE),
    "GET /ops/ledger/verify": Rule(FINANCE),
    "GET /ops/merchant-payouts": Rule(FINANCE),
    "POST /ops/merchant-payouts/{payout_id}/approve": of_paid_out("payout"),
    "POST /ops/merchant-payouts/{payout_id}/cancel": of_paid_out("payout"),
    "POST /ops/merchant-payouts/{payout_id}/hold": of_paid_out("payout"),
    "POST /ops/merchant-payouts/{payout_id}/resume": of_paid_out("payout"),
    "GET /ops/merchants": Rule(OPERATOR | FINANCE | ADMIN),
    "POST /ops/merchants": Rule(OPERATOR, body=always({"name": "西门"})),
    "PUT /ops/merchants/{merchant_id}": any_rule(OPERATOR, "merchant", always({"name": "西门"})),
    "POST /ops/pickup-points": Rule(OPERATOR, body=by_ids(point_of)),
    "PUT /ops/pickup-points/{point_id}": any_rule(OPERATOR, "point", by_ids(point_of)),
    "GET /ops/reconciliation": Rule(OPERATOR | FINANCE),
    "GET /ops/after-sales": Rule(OPERATOR),
    "GET /ops/after-sales/{case_id}": any_rule(OPERATOR, "case"),
    "POST /ops/after-sales/{case_id}/decide": any_rule(
        OPERATOR, "case", always({"decide_for": "buyer", **WHY})
    ),
    "GET /ops/refunds": Rule(OPERATOR | FINANCE),
    "GET /ops/reports/{report}": Rule(OPERATOR | FINANCE),
    "POST /ops/refunds/{refund_id}/retry": any_rule(OPERATOR | FINANCE, "refund", always(WHY)),
    "GET /ops/settlements/{settlement_id}": Rule(FINANCE),
    "GET /ops/settlements/{settlement_id}/leaders/{leader_id}": any_rule(FINANCE, "leader"),
    "POST /ops/settlements/{settlement_id}/run": Rule(
        FINANCE, body=always({"digest": "0" * 64, **WHY})
    ),
    "GET /ops/users": Rule(OPERATOR | ADMIN),
    "POST /ops/users/search": Rule(OPERATOR | ADMIN, body=of_phone),
    "POST /ops/users/{user_id}/roles/revoke": any_rule(
        ADMIN, "user", always({"role": "finance", **WHY})
    ),
    "PUT /ops/users/{user_id}/staff": any_rule(OPERATOR | ADMIN, "user", of_staff),
    "GET /ops/withdrawals": Rule(FINANCE),
    "POST /ops/withdrawals/{withdrawal_id}/approve": of_paid_out(),
    "POST /ops/withdrawals/{withdrawal_id}/cancel": of_paid_out(),
    "POST /ops/withdrawals/{withdrawal_id}/hold": of_paid_out(),
    "POST /ops/withdrawals/{withdrawal_id}/resume": of_paid_out(),
}
