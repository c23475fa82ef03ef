"""`groupbuy product`, `category`, `brand`, `stock` and `picture` on real databases."""

import json

import pytest

from tests.support.darkroom import drawn

ROWS = [
    {
        "code": f"P{n}",
        "name": f"脐橙 {n}",
        "category": ["水果", f"柑橘 {n}"],
        "brand": f"牌{n}",
        "skus": [{"code": f"S{n}", "price": f"{n}0.00", "stock": 7, "low_stock": 5}],
    }
    for n in (1, 2)
]


@pytest.fixture
def goods(groupbuy, tmp_path):
    path = tmp_path / "goods.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    assert groupbuy("import", "products", str(path)).code == 0
    found = groupbuy("product", "list", "--json").document["items"]
    return {each["code"]: each["id"] for each in found}


def items(run):
    assert run.code == 0, run.err
    return run.document["items"]


def test_goods_are_shown_listed_planned_and_changed_together(groupbuy, goods):
    shown = groupbuy("product", "show", goods["P1"], "--json").document
    assert (shown["state"], shown["available"], shown["variants"][0]["low_stock"]) == (
        "listed",
        7,
        5,
    )
    assert (
        groupbuy("product", "move", goods["P1"], "delist", "--json").document["state"] == "delisted"
    )
    when = ("--list-at", "2099-01-01")
    plan = groupbuy("product", "schedule", goods["P1"], *when, "--json").document
    assert plan["list_at"] == "2098-12-31T16:00:00Z"
    change = ("product", "bulk", "--share-bp", "9000", "--state", "listed")
    assert groupbuy(*change).code == 2
    first = groupbuy(*change, "--dry-run", "--json").document
    assert [(line["before"], line["after"]) for line in first["items"]] == [("20.00", "18.00")]
    digest = first["digest"][:12]
    assert groupbuy(*change, "--preview", digest).code == 2
    assert groupbuy(*change, "--preview", "0" * 12, "--reason", "双十一").code == 5
    assert groupbuy(*change, "--preview", digest, "--reason", "双十一").code == 0
    after = groupbuy("product", "show", goods["P2"], "--json").document
    assert after["variants"][0]["price"]["amount"] == 1800


def test_names_are_moved_renamed_and_merged(groupbuy, goods):
    tree = {each["path"]: each["id"] for each in items(groupbuy("category", "tree", "--json"))}
    assert set(tree) == {"水果", "水果/柑橘 1", "水果/柑橘 2"}
    one, two = tree["水果/柑橘 1"], tree["水果/柑橘 2"]
    moved = groupbuy("category", "move", one, "--json").document
    assert moved["path"] == "柑橘 1"
    why = ("--reason", "重复", "--yes")
    assert groupbuy("category", "merge", one, two, *why).code == 0
    assert groupbuy("jobs", "run", "relay", "--reason", "now").code == 0
    paths = {each["path"] for each in items(groupbuy("category", "tree", "--json"))}
    assert paths == {"水果", "水果/柑橘 2"}
    shown = groupbuy("product", "show", goods["P1"], "--json").document
    assert shown["category"] == "水果/柑橘 2"
    brands = {each["name"]: each["id"] for each in items(groupbuy("brand", "list", "--json"))}
    assert groupbuy("brand", "rename", brands["牌1"], "老牌").code == 0
    assert groupbuy("brand", "merge", brands["牌2"], brands["牌1"], *why).code == 0
    assert [each["name"] for each in items(groupbuy("brand", "list", "--json"))] == ["老牌"]


def test_goods_are_counted_and_what_is_scarce_is_listed(groupbuy, goods):
    sku = groupbuy("product", "show", goods["P1"], "--json").document["variants"][0]["id"]
    assert items(groupbuy("stock", "low", "--json")) == []
    done = groupbuy("stock", "adjust", "--reason", "坏果", "--json", "--", sku, "-3")
    assert done.document["available"] == 4
    assert groupbuy("jobs", "run", "relay", "--reason", "now").code == 0
    assert [each["id"] for each in items(groupbuy("stock", "low", "--json"))] == [sku]
    newest = items(groupbuy("stock", "journal", sku, "--json"))[0]
    assert (newest["units"], newest["reason"], newest["available_after"]) == (-3, "坏果", 4)
    watched = groupbuy("jobs", "run", "stock-watch", "--reason", "now", "--json")
    assert watched.document["handled"] == 0


def test_pictures_are_uploaded_named_in_a_file_and_swept_when_lost(groupbuy, goods, tmp_path):
    photo, wrong = tmp_path / "a.jpg", tmp_path / "b.jpg"
    photo.write_bytes(drawn())
    wrong.write_bytes(b"GIF89a")
    assert groupbuy("picture", "add", str(wrong)).code == 2
    assert items(groupbuy("picture", "add", str(photo), "--dry-run", "--json"))[0]["id"] is None
    (made,) = items(groupbuy("picture", "add", str(photo), "--json"))
    row = {**ROWS[0], "pictures": [made["id"]]}
    path = tmp_path / "more.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    assert groupbuy("import", "products", str(path), "--json").document["updated"] == 1
    row["pictures"] = ["pic_01JC3F8E1PZ7W5N0R4T6Y8B2DM"]
    path.write_text(json.dumps(row), encoding="utf-8")
    assert groupbuy("import", "products", str(path), "--json").document["rejected"] == 1
    assert groupbuy("picture", "sweep", "--json").document["removed"] == 0
