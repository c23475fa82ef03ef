"""Goods over HTTP: who sees what, who may do what."""

import pytest

from groupbuy.domain.membership import Merchant, Role
from tests.support.darkroom import drawn

CNY = "CNY"


def yuan(fen):
    return {"amount": fen, "currency": CNY}


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


def create(web, who, category, number=1, **changes):
    body = {
        "code": f"P{number}",
        "name": f"脐橙 {number}",
        "category_id": category["id"],
        "brand": "果园",
        "variants": [
            {
                "code": f"S{number}",
                "options": "5 斤",
                "price": yuan(3990),
                "list_price": yuan(5900),
                "cost": yuan(2000),
                "stock": 7,
            }
        ],
        **changes,
    }
    return web.send("POST", "/merchant/products", body, who)


def listed(web, who, category, number=1, **changes):
    made = create(web, who, category, number, **changes)
    assert made.status_code == 201, made.text
    assert web.send("POST", f"/merchant/products/{made.json()['id']}/list", {}, who).is_success
    return made.json()


def test_a_product_is_described_listed_browsed_and_delisted(web, seller, fruit):
    made = create(web, seller, fruit)
    assert made.status_code == 201
    product = made.json()
    assert (product["state"], product["version"]) == ("draft", 0)
    assert product["variants"][0]["stock"] == {"available": 7, "reserved": 0, "sold": 0}
    assert web.get("/shop/products").json()["items"] == []
    assert web.get(f"/shop/products/{product['id']}").status_code == 404

    assert web.send("POST", f"/merchant/products/{product['id']}/list", None, seller).is_success
    (item,) = web.get("/shop/products").json()["items"]
    assert item["price"] == yuan(3990)
    assert item["list_price"] == yuan(5900)
    assert (item["brand"], item["category"], item["in_stock"]) == ("果园", ["水果"], True)

    shown = web.get(f"/shop/products/{product['id']}")
    assert shown.json()["variants"][0]["available"] == 7
    assert "cost" not in shown.text
    assert "2000" not in shown.text

    delisted = web.send("POST", f"/merchant/products/{product['id']}/delist", None, seller)
    assert delisted.json()["state"] == "delisted"
    assert web.get("/shop/products").json()["items"] == []
    retired = web.send("POST", f"/merchant/products/{product['id']}/retire", None, seller)
    assert retired.json()["state"] == "retired"
    again = web.send("POST", f"/merchant/products/{product['id']}/list", None, seller)
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")


def test_an_edit_needs_the_version_it_saw(web, seller, fruit):
    product = create(web, seller, fruit).json()
    path = f"/merchant/products/{product['id']}"
    seen = web.get(path, seller)
    etag = {"If-Match": seen.headers["ETag"]}
    edited = web.send("PATCH", path, {"name": "血橙"}, seller, **etag)
    assert edited.json()["name"] == "血橙"
    late = web.send("PATCH", path, {"name": "青橙"}, seller, **etag)
    assert (late.status_code, late.json()["code"]) == (412, "edited_meanwhile")
    assert web.get(path, seller).json()["name"] == "血橙"


def test_goods_are_counted_and_the_journal_tells(web, seller, fruit):
    variant = create(web, seller, fruit).json()["variants"][0]
    path = f"/merchant/variants/{variant['id']}/stock"
    body = {"units": -2, "reason": "破损"}
    assert web.send("POST", path, body, seller).json()["available"] == 5
    moves = web.get(path, seller).json()["items"]
    assert [(m["units"], m["available_after"]) for m in moves] == [(-2, 5), (7, 7)]
    refused = web.send("POST", path, {"units": -6, "reason": "破损"}, seller)
    assert (refused.status_code, refused.json()["facts"]["rule"]) == (409, "goods_in_stock")


def test_the_same_key_counts_goods_once(web, seller, fruit):
    variant = create(web, seller, fruit).json()["variants"][0]
    path = f"/merchant/variants/{variant['id']}/stock"
    body = {"units": 3, "reason": "到货"}
    for replayed in (None, "true"):
        answer = web.send("POST", path, body, seller, **{"Idempotency-Key": "same"})
        assert answer.json()["available"] == 10
        assert answer.headers.get("Idempotency-Replayed") == replayed


def test_a_variant_is_added_and_priced(web, seller, fruit):
    product = listed(web, seller, fruit)
    path = f"/merchant/products/{product['id']}/variants"
    more = web.send("POST", path, {"code": "S2", "price": yuan(1990)}, seller)
    assert (more.status_code, len(more.json()["variants"])) == (201, 2)
    variant = product["variants"][0]["id"]
    priced = web.send("PATCH", f"/merchant/variants/{variant}", {"price": yuan(999)}, seller)
    assert priced.is_success
    assert web.get("/shop/products").json()["items"][0]["price"] == yuan(999)


def test_the_shelf_is_filtered_sorted_and_paged(web, seller, operator, fruit):
    child = {"name": "柑橘", "parent_id": fruit["id"]}
    citrus = web.send("POST", "/ops/categories", child, operator).json()
    for number, category in ((1, fruit), (2, citrus), (3, citrus)):
        listed(web, seller, category, number)
    assert len(web.get("/shop/products", category=fruit["id"]).json()["items"]) == 3
    assert len(web.get("/shop/products", category=citrus["id"]).json()["items"]) == 2
    assert len(web.get("/shop/products", q="脐橙 2").json()["items"]) == 1
    assert web.get("/shop/products", price_gte=4000).json()["items"] == []
    assert len(web.get("/shop/products", price_lte=3990).json()["items"]) == 3
    (brand,) = web.get("/shop/brands").json()["items"]
    assert len(web.get("/shop/products", brand=brand["id"]).json()["items"]) == 3

    names, cursor = [], {}
    while True:
        page = web.get("/shop/products", sort="price", limit=2, **cursor).json()
        names += [item["name"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sorted(names) == ["脐橙 1", "脐橙 2", "脐橙 3"]
    tree = web.get("/shop/categories").json()["items"]
    assert {(c["name"], c["parent_id"]) for c in tree} == {
        ("水果", None),
        ("柑橘", fruit["id"]),
    }


@pytest.mark.parametrize(
    "query", [{"colour": "red"}, {"sort": "name"}, {"price_gte": "-1"}, {"limit": "1000"}]
)
def test_an_odd_question_is_a_400(web, query):
    assert web.get("/shop/products", **query).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"colour": "red"},
        {"code": "a b"},
        {"name": "a\x00b"},
        {"variants": []},
        {"variants": [{"code": "S1", "price": yuan(0)}]},
        {"variants": [{"code": "S1", "price": {"amount": 1.5, "currency": CNY}}]},
        {"pictures": ["javascript:alert(1)"]},
        {"return_policy": "never"},
    ],
)
def test_nonsense_is_refused_and_nothing_is_made(web, seller, fruit, changes):
    answer = create(web, seller, fruit, **changes)
    assert answer.status_code in {400, 422}
    assert web.get("/merchant/products", seller).json()["items"] == []


def test_nobody_touches_another_merchants_goods(web, seller, fruit):
    product = listed(web, seller, fruit)
    other = Merchant(web.app.kit.ids.new("mch"), "别家", web.app.kit.clock.now())
    web.store(other)
    stranger = web.login(Role.MERCHANT, merchant_id=other.id)
    shopper = web.login(Role.SHOPPER)
    path = f"/merchant/products/{product['id']}"
    stock = f"/merchant/variants/{product['variants'][0]['id']}/stock"
    missing = web.get(f"/merchant/products/{web.app.kit.ids.new('prd')}", stranger)
    for answer in (
        web.get(path, stranger),
        web.send("PATCH", path, {"name": "x"}, stranger),
        web.send("POST", f"{path}/delist", None, stranger),
        web.get(stock, stranger),
        web.send("POST", stock, {"units": 1, "reason": "x"}, stranger),
    ):
        assert answer.status_code == 404
        assert answer.json()["title"] == missing.json()["title"]
    assert web.get("/merchant/products", stranger).json()["items"] == []
    assert web.get(path, shopper).status_code == 403
    assert web.get(path).status_code == 401
    assert web.send("POST", "/ops/categories", {"name": "新"}, seller).status_code == 403


PHOTO = {"Content-Type": "image/jpeg"}


def test_a_product_is_told_with_marks_sections_options_and_its_own_pictures(web, seller, fruit):
    sent = {**seller, **PHOTO, "Idempotency-Key": "photo"}
    path = "/api/v1/me/pictures?purpose=product"
    photo = web.client.post(path, content=drawn(), headers=sent).json()["id"]
    variant = {
        "code": "S1",
        "price": yuan(3990),
        "cost": yuan(2000),
        "named_options": [{"name": "颜色", "value": "红"}, {"name": "规格", "value": "5 斤"}],
        "barcode": "6901028075763",
        "grams": 2600,
        "low_stock": 5,
    }
    facts = {
        "description_html": '<p onclick="x">甜<script>alert(1)</script></p>',
        "sections": {"origin": "江西 赣州", "taste": "脆甜"},
        "shelf_life_days": 14,
        "pictures": [photo, "https://cdn.example.com/a.jpg"],
        "variants": [variant],
    }
    made = create(web, seller, fruit, **facts)
    assert made.status_code == 201, made.text
    key = made.json()["id"]
    web.send("POST", f"/merchant/products/{key}/list", {}, seller)
    shown = web.get(f"/shop/products/{key}").json()
    assert (shown["description_html"], shown["description"]) == ("<p>甜</p>", "甜")
    assert shown["sections"]["origin"] == "江西 赣州"
    assert {"name": "口感", "value": "脆甜"} in shown["attributes"]
    assert shown["shelf_life_days"] == 14
    assert shown["pictures"] == [f"/media/{photo}/1280.webp", "https://cdn.example.com/a.jpg"]
    assert web.client.get(shown["gallery"][0]["small"]).status_code == 200
    (item,) = web.get("/shop/products").json()["items"]
    assert web.client.get(item["picture"]).status_code == 200
    (sold,) = shown["variants"]
    assert (sold["options"], sold["grams"]) == ("红 / 5 斤", 2600)
    assert not {"cost", "low_stock", "stock", "version"} & set(sold)
    again = {"pictures": shown["pictures"], "sections": {"taste": ""}}
    after = web.send("PATCH", f"/merchant/products/{key}", again, seller).json()
    assert after["pictures"] == shown["pictures"]
    assert (after["sections"]["origin"], after["sections"]["taste"]) == ("江西 赣州", None)


def test_a_barcode_that_cannot_be_is_refused_with_its_place(web, seller, fruit):
    variant = {"code": "S1", "price": yuan(1), "barcode": "6901028075764"}
    refused = create(web, seller, fruit, variants=[variant])
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/skus/barcode"
