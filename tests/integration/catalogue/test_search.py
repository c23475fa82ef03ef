"""Search on real databases: the real catalogue, the web, the command line."""

from collections import defaultdict

import pytest
from attrs import evolve

from groupbuy.adapters.system import ChineseLetters
from groupbuy.application import catalogue
from groupbuy.application.write_path import Caller
from groupbuy.domain.search import Folding, SearchEntry
from groupbuy.entrypoints.bootstrap import build
from groupbuy.entrypoints.settings import load
from tests.integration.catalogue.test_catalogue_http import (  # noqa: F401  fixtures
    fruit,
    listed,
    merchant,
    operator,
    seller,
    yuan,
)

FOLDING = Folding(ChineseLetters().simplified)


@pytest.fixture
def app(groupbuy, real_catalogue, database_url):
    assert groupbuy("import", "products", str(real_catalogue), "--yes").code == 0
    made = build(load("", {"database": {"url": database_url}}))
    yield made
    made.close()


def test_every_product_is_found_by_every_two_characters_of_its_name(app):
    shop = Caller("main")
    items = app.desk.read(shop, lambda w: catalogue.browse(w, catalogue.Browse(limit=1000)))
    entries = app.desk.read(shop, lambda w: w.of(SearchEntry).find([i.id for i in items]))
    texts = {key: entry.head + "\n" + entry.rest for key, entry in entries.items()}
    wanted = defaultdict(set)
    for item in items:
        name = item.item.name
        for start in range(len(name) - 1):
            if name[start : start + 2].strip():
                wanted[name[start : start + 2]].add(item.id)
    assert len(items) == 239
    assert len(wanted) > 1_000

    def ask(work):
        for text in wanted:
            found = catalogue.search(work, catalogue.Wish(text, limit=1000)).matches
            yield text, {match.id for match in found}

    answers = app.desk.read(shop, lambda w: dict(ask(w)))
    assert {text: missed for text in wanted if (missed := wanted[text] - answers[text])} == {}
    right = {
        text: sum(all(w in texts[key] for w in FOLDING.fold(text).split()) for key in found)
        for text, found in answers.items()
    }
    assert sum(right.values()) / sum(map(len, answers.values())) >= 0.95


def test_longer_parts_and_the_other_script_are_found_exactly(app):
    shop = Caller("main")
    items = app.desk.read(shop, lambda w: catalogue.browse(w, catalogue.Browse(limit=60)))
    for item in items:
        name = item.item.name
        for text in (name, name[:4], name[-3:], name[1:5]):
            wish = catalogue.Wish(text, limit=1000)
            found = app.desk.read(shop, lambda w, wish=wish: catalogue.search(w, wish)).matches
            assert item.id in {match.id for match in found}
            best = [match.shelved.item.name for match in found if match.shelved.item.name == name]
            assert text != name or found[0].shelved.item.name in best
    wish = catalogue.Wish("純棉")
    (first, *_) = app.desk.read(shop, lambda w: catalogue.search(w, wish)).matches
    assert "纯棉" in first.shelved.item.name


def test_the_command_line_finds_counts_and_shows(groupbuy, real_catalogue):
    groupbuy("import", "products", str(real_catalogue), "--yes")
    run = groupbuy("product", "search", "羊毛被", "--json", "--limit", "2")
    assert run.code == 0
    found = run.document
    assert found["schema"] == "product.search/1"
    assert found["total"] >= 2
    assert len(found["items"]) == 2
    assert all("羊毛被" in item["name"] for item in found["items"])
    assert found["items"][0]["highlights"][0]["field"] == "name"
    assert sum(band["count"] for band in found["facets"]["price"]) == found["total"]
    narrowed = groupbuy("product", "search", "棉", "--category", "居家", "--in-stock", "--json")
    assert {item["category"].split(" / ")[0] for item in narrowed.document["items"]} == {"居家"}
    assert groupbuy("product", "search", "棉", "--category", "没有").code == 3
    nothing = groupbuy("product", "search", "大闸蟹王", "--price-lte", "1")
    assert (nothing.code, nothing.out.count("\n")) == (0, 1)
    assert "大闸蟹王" in nothing.err
    tried = groupbuy("product", "search", "大闸蟹王", "--json").document["tried"]
    assert tried == {"words": ["大闸蟹王"], "pinyin": False, "filters": [], "without_filters": 0}


def test_the_index_is_rebuilt_from_the_products(groupbuy, real_catalogue, database_url):
    groupbuy("import", "products", str(real_catalogue), "--yes")
    app = build(load("", {"database": {"url": database_url}}))

    def damage(work):
        entries = work.tx.search().newest(_all())
        for entry in work.of(SearchEntry).find([e.id for e in entries[:5]]).values():
            work.of(SearchEntry).save(evolve(entry, tokens="", head="\n"))

    app.desk.run(Caller.system("main"), damage)
    app.close()
    run = groupbuy("search", "rebuild", "--json")
    assert run.document == {"schema": "search.rebuild/1", "products": 239, "changed": 5}
    assert groupbuy("search", "rebuild", "--json").document["changed"] == 0


def _all():
    from groupbuy.application.ports.search import Wanted

    return Wanted()


# --- over HTTP -------------------------------------------------------------------------------


@pytest.fixture
def stall(web, seller, fruit):  # noqa: F811
    listed(web, seller, fruit, 1)
    listed(web, seller, fruit, 2, name="阿克苏苹果", brand="")
    listed(web, seller, fruit, 3, name="新鲜脐橙", description="<b>脐橙</b>")
    return web


def test_a_search_answers_with_products_places_and_counts(stall):
    body = stall.get("/shop/search", q="臍橙").json()
    assert [item["name"] for item in body["items"]] == ["脐橙 1", "新鲜脐橙"]
    first, second = body["items"]
    assert first["highlights"] == [{"field": "name", "text": "脐橙 1", "ranges": [[0, 2]]}]
    assert second["highlights"][1] == {
        "field": "description",
        "text": "<b>脐橙</b>",
        "ranges": [[3, 5]],
    }
    assert (first["in_stock"], first["in_campaign"], first["price"]) == (True, False, yuan(3990))
    assert (body["total"], body["more"], body["next_cursor"], body["tried"]) == (
        2,
        False,
        None,
        None,
    )
    facets = body["facets"]
    assert [(each["name"], each["count"]) for each in facets["category"]] == [("水果", 2)]
    assert facets["price"] == [{"price_gte": 3_000, "price_lte": 4_999, "count": 2}]
    assert (facets["in_stock"], facets["in_campaign"]) == (2, 0)


def test_pages_of_a_search_are_linked(stall):
    first = stall.get("/shop/search", q="水果", limit=2)
    body = first.json()
    assert first.headers["Link"].endswith('rel="next"')
    rest = stall.get("/shop/search", q="水果", limit=2, cursor=body["next_cursor"]).json()
    names = [item["name"] for item in (*body["items"], *rest["items"])]
    assert sorted(names) == ["新鲜脐橙", "脐橙 1", "阿克苏苹果"]
    assert (rest["facets"], rest["total"], rest["next_cursor"]) == (None, 3, None)
    other = stall.get("/shop/search", q="脐橙", cursor=body["next_cursor"])
    assert other.status_code == 400


def test_a_search_is_narrowed_sorted_and_refuses_what_it_does_not_know(stall, fruit):  # noqa: F811
    def names(**query):
        return [item["name"] for item in stall.get("/shop/search", **query).json()["items"]]

    brand = stall.get("/shop/brands").json()["items"][0]["id"]
    assert len(names(category=fruit["id"], brand=brand, in_stock="true")) == 2
    assert names(q="脐橙", sort="-created_at") == ["新鲜脐橙", "脐橙 1"]
    assert names(price_lte=100) == names(in_campaign="true") == []
    assert len(names()) == 3
    for query in ({"fuzzy": "1"}, {"sort": "name"}, {"price_gte": -1}, {"q": "x" * 101}):
        assert stall.get("/shop/search", **query).status_code == 400, query
    assert stall.get("/shop/search", category="cat_x").status_code == 404
    tried = stall.get("/shop/search", q="脐橙", price_lte=100).json()["tried"]
    assert (tried["words"], tried["filters"], tried["without_filters"]) == (["脐橙"], ["price"], 2)


def test_suggestions_come_while_somebody_types(stall):
    body = stall.get("/shop/search/suggestions", q="qicheng").json()
    assert body["items"][0]["kind"] == "product"
    assert body["items"][0]["ranges"] == [[2, 4]] or body["items"][0]["ranges"] == [[0, 2]]
    assert stall.get("/shop/search/suggestions", q="水").json()["items"] == [
        {"text": "水果", "kind": "category", "id": body_id(stall), "ranges": [[0, 1]]}
    ]
    assert stall.get("/shop/search/suggestions").json() == {"items": []}


def body_id(stall):
    return stall.get("/shop/categories").json()["items"][0]["id"]
