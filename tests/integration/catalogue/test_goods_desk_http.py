"""Plans, bulk edits, bands and merged names over HTTP."""

import pytest

from groupbuy.domain.membership import Merchant, Role
from tests.integration.catalogue.test_catalogue_http import create, listed, yuan

WHY = {"reason": "双十一"}


@pytest.fixture
def merchant(web):
    made = Merchant(web.app.kit.ids.new("mch"), "果园", web.app.kit.clock.now())
    web.store(made)
    return made


@pytest.fixture
def seller(web, merchant):
    return web.login(Role.MERCHANT, merchant_id=merchant.id)


@pytest.fixture
def operator(web):
    return web.login(Role.OPERATOR)


@pytest.fixture
def fruit(web, operator):
    return web.send("POST", "/ops/categories", {"name": "水果"}, operator).json()


def test_a_product_is_planned_with_the_version_that_was_seen(web, seller, fruit):
    key = create(web, seller, fruit).json()["id"]
    place = f"/merchant/products/{key}/schedule"
    plan = {"list_at": "2099-01-01T00:00:00+08:00"}
    stale = web.send("PUT", place, plan, seller, **{"If-Match": '"99"'})
    assert stale.status_code == 412
    seen = web.get(f"/merchant/products/{key}", seller).headers["etag"]
    made = web.send("PUT", place, plan, seller, **{"If-Match": seen})
    assert made.json()["list_at"] == "2098-12-31T16:00:00Z"
    assert made.headers["etag"] != seen
    for wrong, status in (
        ({"list_at": "2020-01-01T00:00:00Z"}, 422),
        ({"list_at": "2099-01-01T00:00:00"}, 400),
        ({"delist_at": "2099-01-01T00:00:00Z"}, 409),
    ):
        assert web.send("PUT", place, wrong, seller).status_code == status
    assert web.send("PUT", place, {}, seller).json()["list_at"] is None


def test_a_bulk_edit_is_previewed_then_run_by_its_digest(web, seller, fruit):
    for number in (1, 2):
        listed(web, seller, fruit, number)
    change = {"selection": {"category_id": fruit["id"]}, "repricing": {"share_bp": 9_000}}
    look = web.send("POST", "/merchant/bulk-edits/preview", change, seller)
    plan = look.json()
    assert (plan["products"], plan["lines_count"], plan["unchanged"]) == (2, 2, 0)
    assert {(line["before"], line["after"]) for line in plan["lines"]} == {("39.90", "35.91")}
    wrong = {**change, "digest": "0" * 12, **WHY}
    refused = web.send("POST", "/merchant/bulk-edits", wrong, seller)
    assert (refused.status_code, refused.json()["code"]) == (409, "changed_since_preview")
    right = {**change, "digest": plan["digest"], **WHY}
    assert web.send("POST", "/merchant/bulk-edits", right, seller).json() == plan
    again = web.send("POST", "/merchant/bulk-edits", right, seller)
    assert again.status_code == 409
    assert {each["price"]["amount"] for each in web.get("/shop/products").json()["items"]} == {3591}


@pytest.mark.parametrize(
    "change",
    [
        {"selection": {}},
        {"selection": {}, "repricing": {"step": 7}},
        {"selection": {}, "repricing": {}, "move": "list"},
    ],
)
def test_a_bulk_edit_that_makes_no_sense_is_refused(web, seller, change):
    assert web.send("POST", "/merchant/bulk-edits/preview", change, seller).status_code == 422


def test_scarce_goods_are_listed_for_their_merchant(web, seller, fruit):
    variant = {"code": "S1", "price": yuan(1), "stock": 3, "low_stock": 3}
    key = create(web, seller, fruit, variants=[variant]).json()["variants"][0]["id"]
    adjusted = {"units": -1, "reason": "坏果"}
    assert web.send("POST", f"/merchant/variants/{key}/stock", adjusted, seller).is_success
    while web.app.relay.tick("main"):
        pass
    (found,) = web.get("/merchant/low-stock", seller).json()["items"]
    assert found["variant_id"] == key
    other = web.login(Role.MERCHANT, merchant_id="mch_else")
    assert web.get("/merchant/low-stock", other).json()["items"] == []


def test_bands_part_what_is_on_sale_by_round_prices(web, seller, fruit):
    for number, price in enumerate((900, 1_900, 5_900, 9_900), 1):
        variant = {"code": f"S{number}", "price": yuan(price)}
        listed(web, seller, fruit, number, variants=[variant])
    answer = web.get("/shop/price-bands", category=fruit["id"])
    bands = answer.json()
    assert bands["complete"]
    assert sum(band["count"] for band in bands["items"]) == 4
    assert answer.headers["cache-control"] == "public, max-age=60"
    for band in bands["items"]:
        wish = {"price_gte": band["lowest"]["amount"], "category": fruit["id"]}
        if band["end"]:
            wish["price_lte"] = band["end"]["amount"] - 1
        assert len(web.get("/shop/products", **wish).json()["items"]) == band["count"]


def test_names_are_merged_by_operators_alone(web, seller, operator, fruit):
    more = web.send("POST", "/ops/categories", {"name": "鲜果"}, operator).json()
    listed(web, seller, more)
    brand = web.get("/shop/brands").json()["items"][0]
    place = f"/ops/categories/{more['id']}/merge"
    merge = {"into": fruit["id"], **WHY}
    assert web.send("POST", place, merge, seller).status_code == 403
    assert web.send("POST", place, merge, operator).json()["id"] == fruit["id"]
    while web.app.relay.tick("main"):
        pass
    assert [each["name"] for each in web.get("/shop/categories").json()["items"]] == ["水果"]
    assert len(web.get("/shop/products", category=fruit["id"]).json()["items"]) == 1
    named = web.send("PATCH", f"/ops/brands/{brand['id']}", {"name": "老果园"}, operator)
    assert named.json()["name"] == "老果园"
    itself = {"into": brand["id"], **WHY}
    assert web.send("POST", f"/ops/brands/{brand['id']}/merge", itself, operator).status_code == 422
