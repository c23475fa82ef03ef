"""What shoppers see before they search, over HTTP and on the command line."""

import json
import time
from types import SimpleNamespace

import pytest
from attrs import evolve
from click.testing import CliRunner

from groupbuy.application.catalogue.shelf import ShelfItem
from groupbuy.application.write_path import Caller
from groupbuy.domain.discovery import Buy, Habit, Heat, Share, weight_of
from groupbuy.domain.membership import PickupPoint, Role
from groupbuy.entrypoints.cli import main
from groupbuy.entrypoints.cli.shell import Shell
from groupbuy.entrypoints.http import homes
from groupbuy.entrypoints.settings import Settings
from tests.integration.catalogue.test_catalogue_http import (  # noqa: F401  fixtures
    fruit,
    listed,
    merchant,
    operator,
    seller,
)


def heat(web, product, buyers, community="", stars=400, reviews=0):
    day = web.app.kit.clock.now().date()
    share = Share(buyers * weight_of(day), buyers, buyers, 0)
    key = f"{product['id']}/{community}" if community else product["id"]
    made = Heat.of(key).counting(share).judged(product["category_id"], stars, reviews)
    web.store(made)


@pytest.fixture
def two(web, seller, fruit):  # noqa: F811  fixtures
    products = [listed(web, seller, fruit, number) for number in (1, 2)]
    for product, buyers in zip(products, (3, 8), strict=True):
        product["category_id"] = fruit["id"]
        heat(web, product, buyers, stars=462, reviews=31)
    return products


def test_a_hot_list_says_why_in_both_languages(web, two, fruit):  # noqa: F811  fixtures
    first, second = two
    found = web.get("/shop/hot", {"Accept-Language": "zh-CN"}).json()
    assert [item["product"]["id"] for item in found["items"]] == [second["id"], first["id"]]
    assert [item["place"] for item in found["items"]] == [1, 2]
    assert (found["half_life_days"], found["as_of"]) == (14, None)
    why = found["items"][0]["why"]
    assert why["code"] == "hot"
    assert why["text"].startswith("8 人买过 · 热度 ")
    assert why["text"].endswith("评分 4.62（31 条评价） · 退货 0.00%")
    english = web.get("/shop/hot", {"Accept-Language": "en"}, limit=1).json()["items"]
    assert [item["why"]["text"][:18] for item in english] == ["8 people bought it"]
    assert len(web.get("/shop/hot", category=fruit["id"]).json()["items"]) == 2


def test_a_community_is_a_place_or_a_leader_and_must_be_there(web, two):
    point = PickupPoint(web.app.kit.ids.new("pup"), "楼下", "1", "上海")
    web.store(point)
    heat(web, two[0], 3, point.id)
    heat(web, two[1], 2, point.id)
    (item,) = web.get("/shop/hot", community=point.id).json()["items"]
    assert item["product"]["id"] == two[0]["id"]
    assert item["why"]["code"] == "hot_here"
    assert item["why"]["text"].startswith("本社区 3 人买过")
    assert web.get("/shop/hot", community="pup_x").status_code == 404
    assert web.get("/shop/hot", category="cat_x").status_code == 404
    assert web.get("/shop/hot", limit=0).status_code == 400
    assert web.get("/shop/hot", limit=101).status_code == 400


def run(web, *args):
    app = SimpleNamespace(
        desk=web.app.desk, kit=web.app.kit, database=web.app.database, close=lambda: None
    )
    shell = Shell(app=app, settings=Settings(), tenant="main")
    result = CliRunner().invoke(main, ["product", *args], obj=shell)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_the_command_line_lists_what_is_hot_and_counts_anew(web, two, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    found = json.loads(run(web, "hot", "--json").stdout)
    assert found["schema"] == "product.hot/1"
    assert [item["buyers"] for item in found["items"]] == [8, 3]
    assert "8 people bought it" in run(web, "hot", "--lang", "en").stdout
    # No order tells of these buyers: counted anew they are gone.
    assert json.loads(run(web, "rebuild-hot", "--dry-run", "--json").stdout).get("changed") is None
    done = json.loads(run(web, "rebuild-hot", "--yes", "--json").stdout)
    assert (done["orders"], done["heats"], done["changed"]) == (0, 0, 2)
    empty = run(web, "hot", "--lang", "en")
    assert "nothing is hot yet" in empty.stdout + empty.stderr


def test_the_home_page_shows_each_part_and_is_kept_for_a_few_seconds(web, two, monkeypatch):
    def product_of(slot):
        return slot["product"]["id"]

    page = web.get("/shop/home", {"Accept-Language": "en"})
    found = page.json()
    assert (found["tonight"], found["nearly_formed"]) == ([], [])
    assert [product_of(slot) for slot in found["hot"]] == [two[1]["id"], two[0]["id"]]
    assert [product_of(slot) for slot in found["new"]] == [two[1]["id"], two[0]["id"]]
    assert found["new"][0]["why"]["code"] == "promising"
    heat(web, listed_again(web, two[0]), 20)
    again = web.get("/shop/home").json()
    assert (again["made_at"], len(again["hot"])) == (found["made_at"], 2)
    assert again["new"][0]["why"]["text"].endswith("已有 8 人买过")
    clock = time.monotonic
    monkeypatch.setattr(homes.time, "monotonic", lambda: clock() + homes.SECONDS)
    fresh = web.get("/shop/home").json()
    assert len(fresh["hot"]) == 3
    assert fresh["made_at"] > found["made_at"]


def listed_again(web, like):
    """Put one more product on the shelf, beside another one."""
    found = web.app.desk.read(Caller.system("main"), lambda w: w.of(ShelfItem).get(like["id"]))
    made = evolve(found, id=web.app.kit.ids.new("prd"), version=0)
    web.store(made)
    return {"id": made.id, "category_id": made.category_id}


def test_a_community_has_a_home_page_of_its_own(web, two):
    point = PickupPoint(web.app.kit.ids.new("pup"), "楼下", "1", "上海")
    web.store(point)
    heat(web, two[0], 3, point.id)
    (slot,) = web.get("/shop/home", community=point.id).json()["hot"]
    assert slot["why"]["code"] == "hot_here"
    for _ in range(2):
        assert web.get("/shop/home", community="pup_x").status_code == 404


def test_recommendations_are_for_everybody_and_personal_only_if_wished(web, two):
    buyer = web.login(Role.SHOPPER)
    me = web.get("/me", buyer).json()["id"]
    first, second = two
    others = [web.app.kit.ids.new("usr") for _ in range(3)]
    day = web.app.kit.clock.now().date()
    for who, products in ((me, [first]), *((each, two) for each in others)):
        for product in products:
            buy = Buy(web.app.kit.ids.new("ord"), day, (), 1, 0)
            web.store(Habit.of(f"{who}/{product['id']}").with_buys([buy]))
    found = web.get(f"/shop/products/{first['id']}/also-bought").json()["items"]
    assert [slot["product"]["id"] for slot in found] == [second["id"]]
    assert found[0]["why"]["text"] == "买过“脐橙 1”的人中有 3 人也买了"
    assert web.get("/shop/products/prd_x/also-bought").status_code == 404

    mine = web.get("/shop/for-you", buyer).json()
    assert (mine["personal"], len(mine["items"])) == (True, 1)
    assert mine["items"][0]["why"]["code"] == "also_bought"
    plain = web.get("/shop/for-you", buyer, personal="false").json()
    assert (plain["personal"], len(plain["items"])) == (False, 2)
    assert web.get("/shop/for-you").json() == plain
    home = web.get("/shop/home", buyer).json()
    assert home["for_you"] == mine
    assert web.get("/shop/home", buyer, personal="false").json()["for_you"] == plain
    assert web.get("/shop/home").json()["for_you"] == plain
    assert web.get("/shop/home", buyer).headers["cache-control"] == "no-store"
