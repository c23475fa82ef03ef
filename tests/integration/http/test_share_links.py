"""Short links over HTTP: the page, its previews, and what a browser carries along."""

import re
from html.parser import HTMLParser

import pytest
from attrs import evolve

from groupbuy.application.ports import Query
from groupbuy.application.write_path import Caller
from groupbuy.domain.campaigns import Campaign
from groupbuy.domain.membership import User
from groupbuy.domain.ordering import Order
from groupbuy.domain.sharing import ShareVisit
from tests.support.shop_bodies import join_of
from tests.support.two_shops import two_shops
from tests.support.web import HOST, PASSWORD, TENANT

COOKIE = "groupbuy-share"
PHONE = "13700009999"
REGISTER = {"phone": PHONE, "password": PASSWORD, "name": "新人", "terms": "1"}
PREVIEW = {"User-Agent": "WeiboBot"}


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("links")
    with two_shops(f"sqlite:///{folder / 'shop.db'}", folder) as opened:
        yield opened


@pytest.fixture
def world(both):
    both.restore()
    both.shop.client.cookies.clear()
    return both


def send(world, method, path, body=None, who=None, **headers):
    said = {"Host": HOST, "Idempotency-Key": world.shop.app.kit.ids.token(), **headers}
    if who:
        said |= who.headers
    client = world.shop.client
    return client.request(method, path, json=body, headers=said, follow_redirects=False)


def in_shop(world, query):
    return world.shop.app.desk.read(Caller.system(TENANT), query)


def steps(world):
    found = in_shop(world, lambda work: work.of(ShareVisit).select(Query().page(100)))
    return sorted(each.step.value for each in found)


class Page(HTMLParser):
    """What a browser, or a preview, finds in a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.meta, self.text = [], {}, ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag == "meta" and (name := found.get("property") or found.get("name")):
            self.meta[name] = found["content"]

    def handle_data(self, data):
        self.text += data


def test_previews_find_what_they_read_and_nothing_from_elsewhere(world):
    code = world.own.ids["code"]
    answer = send(world, "GET", f"/s/{code}", **PREVIEW)
    assert answer.headers["content-type"].startswith("text/html")
    page, base = Page(answer.text), world.shop.app.settings.base_url
    assert page.tags[0] == ("html", {"lang": "zh-CN", "prefix": "og: https://ogp.me/ns#"})
    assert page.meta["og:title"] == "水蜜桃团"
    assert page.meta["og:url"] == f"{base}/s/{code}"
    assert page.meta["og:type"] == "website"
    assert page.meta["og:description"].startswith(
        "团购价 ¥15.92（单买 ¥19.90），还差 1 人成团，还剩 "
    )
    assert page.meta["og:site_name"] == "社群团购"
    assert page.meta["og:image"] == f"{base}/s/{code}/card.jpg"
    shown = next(found for tag, found in page.tags if tag == "img")
    assert shown["src"] == f"/s/{code}/card.jpg"
    assert shown["alt"] == page.meta["og:image:alt"]
    assert "script" not in {tag for tag, _ in page.tags}
    addresses = re.findall(r"https?://[^\s\"'<>]+", answer.text)
    assert {each for each in addresses if not each.startswith(base)} == {"https://ogp.me/ns#"}
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    english = Page(send(world, "GET", f"/s/{code}", **{"Accept-Language": "en"}).text)
    assert english.meta["og:description"].startswith("¥15.92 in the group (¥19.90 alone), 1 more")


def test_what_merchants_write_stays_text(world):
    hostile = "\"><script>alert(1)</script><b title='&amp;"
    campaign_id = world.own.ids["selling"]

    def rename(work):
        found = work.of(Campaign).lock([campaign_id])[campaign_id]
        work.of(Campaign).save(evolve(found, title=hostile))

    world.shop.app.desk.run(Caller.system(TENANT), rename)
    page = Page(send(world, "GET", f"/s/{world.own.ids['code']}").text)
    assert page.meta["og:title"] == hostile
    assert "script" not in {tag for tag, _ in page.tags}
    assert page.text.count(hostile) == 2  # title and heading


def test_a_title_that_would_induce_people_to_share_is_shown_without_a_picture(world):
    campaign_id = world.own.ids["selling"]

    def rename(work):
        found = work.of(Campaign).lock([campaign_id])[campaign_id]
        work.of(Campaign).save(evolve(found, title="转发领水蜜桃"))

    world.shop.app.desk.run(Caller.system(TENANT), rename)
    answer = send(world, "GET", f"/s/{world.own.ids['code']}")
    assert answer.status_code == 200
    assert "og:image" not in Page(answer.text).meta
    card = send(world, "GET", f"/s/{world.own.ids['code']}/card.jpg")
    assert card.json()["facts"]["rule"] == "share_text_induces_nobody"


def test_a_link_leads_on_and_every_browser_is_counted_once(world):
    code, base = world.own.ids["code"], world.shop.app.settings.base_url
    for _ in range(2):
        assert send(world, "GET", f"/s/{code}").status_code == 200
    for _ in range(2):
        on = send(world, "POST", f"/s/{code}")
        assert on.status_code == 303
        assert on.headers["location"] == f"{base}/campaigns/{world.own.ids['selling']}"
    assert steps(world) == ["clicked", "shown"]
    world.shop.client.cookies.clear()
    kept = send(world, "GET", f"/s/{code}").headers["set-cookie"]
    assert steps(world) == ["clicked", "shown", "shown"]
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=604800"} <= set(kept.split("; "))
    assert world.own.people["shopper"].user.id not in kept


def test_a_plain_link_counts_nobody_and_sets_no_cookie(world):
    answer = send(world, "GET", f"/s/{world.own.ids['selling']}")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    product = world.own.ids["product"]
    on = send(world, "POST", f"/s/{product}")
    assert on.headers["location"].endswith(f"/products/{product}")
    assert steps(world) == []
    for missing in ("0" * 12, world.own.ids["draft"], world.own.ids["order"], "%3Cscript%3E"):
        assert send(world, "GET", f"/s/{missing}").status_code == 404


def test_who_shared_survives_registration_and_login_and_stands_on_the_order(world):
    ids, sharer = world.own.ids, world.own.people["shopper"].user.id
    send(world, "GET", f"/s/{ids['code']}")
    assert send(world, "POST", "/api/v1/auth/accounts", REGISTER).status_code == 201
    login = {"phone": PHONE, "password": PASSWORD, "cookie": True}
    csrf = send(world, "POST", "/api/v1/auth/sessions", login).json()["csrf_token"]
    assert world.shop.client.cookies.get(COOKIE)
    path = f"/api/v1/shop/campaigns/{ids['selling']}/joins"
    joined = send(world, "POST", path, join_of(ids), **{"X-CSRF-Token": csrf})
    assert joined.status_code == 201, joined.text
    order = in_shop(world, lambda work: work.of(Order).get(joined.json()["order_id"]))
    assert (order.share_id, order.shared_by) == (ids["code"], sharer)
    assert in_shop(world, lambda work: work.of(User).get(order.buyer_id)).share_id == ids["code"]


def test_programs_pass_on_what_opening_answered(world):
    ids, who = world.own.ids, world.own.people["leader"]
    visits = f"/api/v1/shop/shares/{ids['code']}/visits"
    first = send(world, "POST", visits, {"step": "shown"}).json()
    assert (first["subject"], first["title"], first["over"]) == (ids["selling"], "水蜜桃团", False)
    send(world, "POST", visits, {"step": "shown", "shared": first["shared"]})
    send(world, "POST", visits, {"step": "clicked", "shared": first["shared"]})
    assert steps(world) == ["clicked", "shown"]
    path = f"/api/v1/shop/campaigns/{ids['selling']}/joins"
    joined = send(world, "POST", path, {**join_of(ids), "shared": first["shared"]}, who)
    order = in_shop(world, lambda work: work.of(Order).get(joined.json()["order_id"]))
    assert order.share_id == ids["code"]


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: token.replace(token[:12], "z" * 12, 1),
        lambda token: token.rpartition(".")[0],
        lambda _token: "a.b.c.d",
        lambda _token: "…" * 20,
        lambda _token: ".",
    ],
)
def test_what_we_did_not_sign_is_passed_over(world, forge):
    ids, who = world.own.ids, world.own.people["leader"]
    visits = f"/api/v1/shop/shares/{ids['code']}/visits"
    token = send(world, "POST", visits, {"step": "shown"}).json()["shared"]
    path = f"/api/v1/shop/campaigns/{ids['selling']}/joins"
    joined = send(world, "POST", path, {**join_of(ids), "shared": forge(token)}, who)
    assert joined.status_code == 201, joined.text
    order = in_shop(world, lambda work: work.of(Order).get(joined.json()["order_id"]))
    assert (order.share_id, order.shared_by) == (None, None)


def test_one_tap_after_the_purchase_shares_its_campaign(world):
    ids, who = world.own.ids, world.own.people["shopper"]
    path = f"/api/v1/shop/campaigns/{ids['selling']}/joins"
    joined = send(world, "POST", path, join_of(ids), who).json()
    order = send(world, "GET", f"/api/v1/shop/orders/{joined['order_id']}", who=who).json()
    assert order["share"] == joined["share"]
    texts = send(world, "POST", order["share"], {}, who)
    assert texts.status_code == 201
    assert len({each["link"] for each in texts.json()["copies"]}) == 6
    again = send(world, "POST", order["share"], {"channel": "moments"}, who).json()
    assert again["copies"][0]["link"] == texts.json()["copies"][1]["link"]
    assert again["copies"][0]["link"].endswith(ids["code"])
