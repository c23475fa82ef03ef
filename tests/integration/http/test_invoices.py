"""Invoices through the web, on both databases."""

import pytest

from tests.support.two_shops import two_shops

COMPANY = {"kind": "company", "title": "东门果行有限公司", "tax_number": "91350100M000100Y43"}


@pytest.fixture(params=["sqlite_url", "pg_database"])
def world(request, tmp_path):
    found = request.getfixturevalue(request.param)
    url = found if isinstance(found, str) else found.app_url
    with two_shops(url, tmp_path) as opened:
        yield opened


def ask(world, person, method, path, body=None):
    headers = dict(world.own.people[person].headers)
    headers["Idempotency-Key"] = world.shop.app.kit.ids.token()
    return world.shop.client.request(method, f"/api/v1{path}", json=body, headers=headers)


def test_an_invoice_goes_from_the_buyer_to_the_merchant_and_back(world):
    order, old = world.own.ids["order"], world.own.ids["invoice"]
    again = ask(world, "shopper", "POST", f"/shop/orders/{order}/invoice", COMPANY)
    assert (again.status_code, again.json()["facts"]["rule"]) == (409, "one_invoice_an_order")
    assert ask(world, "shopper", "POST", f"/shop/invoices/{old}/withdraw").status_code == 200
    made = ask(world, "shopper", "POST", f"/shop/orders/{order}/invoice", COMPANY)
    assert made.status_code == 201, made.text
    assert "东门" not in made.text
    at = f"/merchant/invoices/{made.json()['id']}"
    listed = ask(world, "merchant", "GET", "/merchant/invoices?state=requested").json()["items"]
    assert [each["id"] for each in listed] == [made.json()["id"]]
    named = ask(world, "merchant", "POST", f"{at}/reveal").json()
    assert (named["title"], named["tax_number"]) == (COMPANY["title"], COMPANY["tax_number"])
    paid = ask(world, "shopper", "GET", f"/shop/orders/{order}").json()["payable"]
    paper = {"number": "25312000000012345678", "amount": paid, "link": "https://tax.example/1"}
    less = {**paper, "amount": {**paid, "amount": paid["amount"] - 1}}
    assert ask(world, "merchant", "POST", f"{at}/issue", less).status_code == 409
    assert ask(world, "merchant", "POST", f"{at}/issue", paper).json()["state"] == "issued"
    refund = ask(world, "merchant", "POST", f"/merchant/orders/{order}/refunds", {"reason": "bad"})
    assert refund.status_code == 201
    due = ask(world, "merchant", "GET", "/merchant/invoices?state=red_letter_due").json()["items"]
    assert [each["red_due"] for each in due] == [paid]
    red = {**paper, "number": "25312000000012345679"}
    assert ask(world, "merchant", "POST", f"{at}/red-letter", red).json()["state"] == "reversed"
    mine = ask(world, "shopper", "GET", "/shop/invoices?limit=1")
    (item,) = mine.json()["items"]
    assert (item["title"], item["invoice"]["red_done"]) == (COMPANY["title"], paid)
    rest = world.shop.client.get(
        mine.links["next"]["url"], headers=world.own.people["shopper"].headers
    )
    assert [each["invoice"]["state"] for each in rest.json()["items"]] == ["withdrawn"]


@pytest.mark.parametrize(
    "wrong",
    [
        {**COMPANY, "tax_number": "91350100M000100Y44"},
        {"kind": "personal", "title": "王芳", "tax_number": COMPANY["tax_number"]},
        {"kind": "firm", "title": "王芳"},
        {"kind": "personal", "title": ""},
    ],
)
def test_a_title_no_office_would_take_is_refused(world, wrong):
    answer = ask(world, "shopper", "POST", f"/shop/orders/{world.own.ids['order']}/invoice", wrong)
    assert answer.status_code in {400, 422}
