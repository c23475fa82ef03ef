"""Search in a shop: what is found, in which order, counted how, and kept up with what changes."""

from datetime import timedelta

import pytest
from attrs import evolve

from groupbuy.adapters.system import ChineseLetters
from groupbuy.application import campaigns, catalogue
from groupbuy.domain.catalogue import Attribute, Brand, Category, ProductMove
from groupbuy.domain.kernel import Invalid, NotFound
from groupbuy.domain.search import SearchEntry
from tests.support.shelf import adjust, create, edit, edit_variant, move, put_category


@pytest.fixture
def shop(shop):
    shop.kit = evolve(shop.kit, letters=ChineseLetters())
    shop.desk = evolve(shop.desk, kit=shop.kit)
    shop.relay = shop.a_relay()
    return shop


@pytest.fixture
def full(shop, fruit):
    citrus = put_category(shop, "柑橘", fruit)
    digital = put_category(shop, "数码")
    facts = (Attribute("产地", "江西赣州"),)
    create(shop, citrus, 1, price=3990, brand="果园", attributes=facts)
    create(shop, fruit, 2, name="阿克苏苹果", price=4990, description="脆甜，像脐橙一样多汁")
    create(shop, digital, 3, name="智能手錶 Ｗ2", price=99900, brand="律动", description="抬腕可见")
    return shop


def result(shop, text="", **wish):
    nobody = evolve(shop.system(), user_id="", roles=frozenset())
    return shop.desk.read(nobody, lambda w: catalogue.search(w, catalogue.Wish(text, **wish)))


def names(shop, text="", **wish):
    return [match.shelved.item.name for match in result(shop, text, **wish).matches]


def marks(shop, text):
    (match,) = result(shop, text).matches
    return [(m.field, [m.text[a:b] for a, b in m.ranges]) for m in match.marks]


def suggested(shop, text):
    return shop.desk.read(
        shop.system(), lambda w: [(each.kind, each.text) for each in catalogue.suggest(w, text)]
    )


# --- finding ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("橙", ["脐橙 1", "阿克苏苹果"]),
        ("手表", ["智能手錶 Ｗ2"]),
        ("手錶 w2", ["智能手錶 Ｗ2"]),
        ("阿克蘇", ["阿克苏苹果"]),
        ("赣州", ["脐橙 1"]),
        ("抬腕可见", ["智能手錶 Ｗ2"]),
        ("律动", ["智能手錶 Ｗ2"]),
        ("水果", ["阿克苏苹果", "脐橙 1"]),
        ("水果 赣州", ["脐橙 1"]),
        ("水果 手表", []),
        ("P2", ["阿克苏苹果"]),
        ("5 斤 苹果", ["阿克苏苹果"]),
        ("zhinengsh", ["智能手錶 Ｗ2"]),
        ("zhi'neng", ["智能手錶 Ｗ2"]),
        ("aks", ["阿克苏苹果"]),
        ("shuiguo", ["阿克苏苹果", "脐橙 1"]),
        ("不存在", []),
    ],
)
def test_words_are_found_in_everything_that_is_said_however_they_are_typed(full, text, found):
    assert names(full, text) == found


def test_a_name_comes_before_a_brand_an_attribute_and_a_description(shop, fruit):
    create(shop, fruit, 1, name="蜜桃")
    create(shop, fruit, 2, name="黄桃", description="阳山")
    create(shop, fruit, 3, name="油桃", attributes=(Attribute("产地", "阳山"),))
    create(shop, fruit, 4, name="白桃", brand="阳山")
    create(shop, fruit, 5, name="无锡阳山水蜜桃")
    create(shop, fruit, 6, name="阳山水蜜桃")
    create(shop, fruit, 7, name="阳山")
    order = ["阳山", "阳山水蜜桃", "无锡阳山水蜜桃", "白桃", "油桃", "黄桃"]
    assert names(shop, "阳山") == order
    assert names(shop, "阳山 水蜜桃")[:2] == ["阳山水蜜桃", "无锡阳山水蜜桃"]


def test_what_sold_more_and_then_what_is_newer_comes_first(shop, fruit):
    first, second = create(shop, fruit, 1, name="蜜桃甲"), create(shop, fruit, 2, name="蜜桃乙")
    assert names(shop, "蜜桃") == ["蜜桃乙", "蜜桃甲"]
    shop.desk.run(shop.system(), lambda w: _sell(w, first.variants[0].id, 3))
    assert catalogue.rebuild_search(shop.desk, shop.system()).changed == 1
    assert names(shop, "蜜桃") == names(shop, "蜜桃", sort="-sold") == ["蜜桃甲", "蜜桃乙"]
    assert names(shop, "蜜桃", sort="-created_at") == ["蜜桃乙", "蜜桃甲"]
    edit(shop, second, name="蜜桃丙")
    edit_variant(shop, first, price=second.variants[0].price)
    assert names(shop, "蜜桃") == ["蜜桃甲", "蜜桃丙"]


def _sell(work, sku_id, units):
    from groupbuy.domain.catalogue import Stock

    stock = work.of(Stock).lock([sku_id])[sku_id]
    work.of(Stock).save(stock.reserve(units).sell(units))


def test_matches_are_shown_where_they_stand_in_what_was_written(full):
    assert marks(full, "手表") == [("name", ["手錶"])]
    assert marks(full, "zhinengshoub 抬腕") == [("name", ["智能手錶"]), ("description", ["抬腕"])]
    assert marks(full, "赣州 guoyuan") == [("brand", ["果园"]), ("attribute", ["赣州"])]
    assert marks(full, "ganju") == [("category", ["柑橘"])]


# --- narrowing and counting ------------------------------------------------------------------


def test_filters_narrow_what_is_found(full):
    fruit, maker = full.all(Category, name="水果")[0], full.all(Brand, name="果园")[0]
    assert names(full, "橙", category_id=fruit.id) == ["脐橙 1", "阿克苏苹果"]
    assert names(full, "橙", brand_ids=(maker.id,)) == ["脐橙 1"]
    assert names(full, category_id=fruit.id) == ["阿克苏苹果", "脐橙 1"]
    assert names(full, "橙", lowest=3990, highest=3990) == ["脐橙 1"]
    assert (
        names(full, "橙", lowest=3991) == names(full, lowest=3991, highest=5000) == ["阿克苏苹果"]
    )
    assert names(full, merchant_id="mch_x") == names(full, lowest=10, highest=1) == []
    with pytest.raises(NotFound):
        names(full, "橙", category_id="cat_x")
    with pytest.raises(Invalid):
        names(full, sort="name")


def test_what_is_sold_out_is_left_out_on_demand_and_as_it_is_now(full):
    (match,) = result(full, "脐橙 1").matches
    view = full.desk.read(full.system(), lambda w: catalogue.view(w, match.id))
    assert names(full, "橙", in_stock=True) == ["脐橙 1", "阿克苏苹果"]
    adjust(full, view, -7)
    assert names(full, "橙", in_stock=True) == ["阿克苏苹果"]
    assert result(full, "橙").facets.in_stock == 1


def test_what_was_found_is_counted_by_what_it_can_be_narrowed_to(full):
    found = result(full)
    facets = found.facets
    assert (found.total, found.more) == (3, False)
    assert [(e.name, e.count) for e in facets.categories] == [("水果", 2), ("数码", 1), ("柑橘", 1)]
    assert sorted((e.name, e.count) for e in facets.brands) == [("律动", 1), ("果园", 1)]
    bands = [(e.lowest, e.highest, e.count) for e in facets.bands]
    assert bands == [(3_000, 4_999, 2), (50_000, None, 1)]
    assert (facets.in_campaign, facets.in_stock) == (0, 3)
    for each in facets.categories:
        assert len(names(full, category_id=each.id)) == each.count
    for each in facets.bands:
        assert len(names(full, lowest=each.lowest, highest=each.highest)) == each.count
    assert [e.name for e in result(full, "苹果").facets.categories] == ["水果"]


def test_more_than_a_window_is_said_to_be_more(shop, fruit, monkeypatch):
    monkeypatch.setattr("groupbuy.application.catalogue.searching.WINDOW", 2)
    for number in range(4):
        create(shop, fruit, number)
    found = result(shop, "脐橙")
    assert (found.total, found.more, len(found.matches)) == (2, True, 2)


@pytest.mark.parametrize("sort", catalogue.SEARCH_SORTS)
@pytest.mark.parametrize("text", ["", "脐橙"])
def test_pages_follow_each_other_without_gap_or_repeat(shop, fruit, sort, text):
    for number in range(7):
        create(shop, fruit, number, price=1_000 + number % 3)
    whole, after, seen = names(shop, text, sort=sort), None, []
    while page := result(shop, text, sort=sort, limit=2, after=after):
        if not page.matches:
            break
        assert (page.facets is None) == (after is not None)
        seen += [match.shelved.item.name for match in page.matches]
        after = (page.matches[-1].place, page.matches[-1].id)
    assert seen == whole
    assert len(set(seen)) == 7


def test_a_cursor_of_another_list_is_refused(full):
    with pytest.raises(Invalid):
        result(full, after=(full.clock.at, "prd_1"))


def test_what_was_tried_in_vain_is_told(full):
    tried = result(full, "阿克蘇 ＡＢ", highest=100).tried
    assert (tried.words, tried.filters, tried.without_filters) == (("阿克苏", "ab"), ("price",), 0)
    assert result(full, "苹果", highest=100, in_stock=True).tried.without_filters == 1
    assert result(full, "pingguo", highest=100).tried.pinyin
    assert result(full, "苹果").tried is None
    assert result(full, "。？").tried.words == ("。?",)


# --- kept up with what changes ---------------------------------------------------------------


def test_what_leaves_the_shelf_or_is_said_anew_is_found_so_at_once(shop, fruit):
    made = create(shop, fruit)
    draft = create(shop, fruit, 2, list_it=False)
    assert names(shop, "脐橙") == ["脐橙 1"]
    move(shop, draft, ProductMove.LIST)
    edit(shop, made, name="血橙", brand="果园")
    assert names(shop, "脐橙") == ["脐橙 2"]
    assert names(shop, "果园") == ["血橙"]
    move(shop, made, ProductMove.DELIST)
    assert names(shop, "血橙") == names(shop, "果园") == []


def test_a_renamed_category_is_found_by_its_new_name(shop, fruit, monkeypatch):
    monkeypatch.setattr("groupbuy.application.catalogue.indexing.BATCH", 2)
    citrus = put_category(shop, "柑橘", fruit)
    for number in range(5):
        create(shop, citrus if number % 2 else fruit, number)
    put_category_again(shop, fruit, "鲜果")
    shop.work_off()
    assert len(names(shop, "鲜果")) == 5
    assert names(shop, "水果") == []
    assert len(names(shop, "柑橘 鲜果")) == 2
    put_category_again(shop, shop.get(Category, fruit.id), "水果")
    shop.work_off()
    assert len(names(shop, "水果")) == 5
    assert shop.trouble == []


def put_category_again(shop, category, name):
    from tests.support.shelf import operator

    cmd = catalogue.PutCategory(name, category.parent_id, category_id=category.id)
    shop.desk.run(operator(shop), lambda w: catalogue.put_category(w, cmd))


def test_a_product_is_found_by_the_campaigns_that_sell_it_and_their_leader(shop, fruit):
    sku = create(shop, fruit).variants[0]
    create(shop, fruit, 2)
    leader = shop.leader()
    assert names(shop, in_campaign=True) == names(shop, "手表团") == []
    begins, ends = shop.clock.at + timedelta(hours=2), shop.clock.at + timedelta(hours=5)
    campaign = shop.campaign(sku, leader=leader, title="周末橙子團", starts_at=begins, ends_at=ends)
    for text in ("周末橙子团", "何秀兰"):
        assert names(shop, text) == ["脐橙 1"], text
    assert names(shop, "脐橙", in_campaign=True) == names(shop, in_campaign=True) == ["脐橙 1"]
    assert result(shop).facets.in_campaign == 1
    (match, other) = sorted(result(shop, "脐橙").matches, key=lambda m: m.shelved.item.name)
    assert (match.in_campaign, other.in_campaign) == (True, False)
    shop.clock.at = campaign.ends_at
    assert names(shop, "何秀兰") == names(shop, in_campaign=True) == []
    shop.work_off()
    # A leader may be erased from now on: the name must be nowhere.
    assert [entry.running for entry in shop.all(SearchEntry)] == [(), ()]
    assert not any("何" in entry.rest or "何" in entry.tokens for entry in shop.all(SearchEntry))
    assert names(shop, "脐橙") == ["脐橙 2", "脐橙 1"]


@pytest.mark.parametrize("stop", ["cancel_campaign", "close_campaign"])
def test_a_campaign_that_is_stopped_is_found_no_longer(shop, fruit, stop):
    campaign = shop.campaign(create(shop, fruit).variants[0])
    assert names(shop, in_campaign=True) == ["脐橙 1"]
    by = shop.merchant_caller()
    shop.desk.run(by, lambda w: getattr(campaigns, stop)(w, campaign.id))
    assert names(shop, in_campaign=True) == names(shop, "手表团") == []
    assert shop.trouble == []


def test_a_product_keeps_its_campaigns_when_it_is_edited(shop, fruit):
    made = create(shop, fruit)
    shop.campaign(made.variants[0])
    edit(shop, made, name="血橙")
    assert names(shop, "血橙 手表团") == ["血橙"]


def test_a_rebuild_puts_right_what_is_wrong_and_leaves_the_rest(shop, fruit):
    create(shop, fruit)
    create(shop, fruit, 2, list_it=False)
    seen = []
    assert catalogue.rebuild_search(shop.desk, shop.system(), seen.append).changed == 0
    assert seen == [2]

    def damage(work):
        for entry in work.of(SearchEntry).find([e.id for e in shop.all(SearchEntry)]).values():
            work.of(SearchEntry).save(evolve(entry, tokens=""))

    shop.desk.run(shop.system(), damage)
    assert names(shop, "脐橙") == []
    assert catalogue.rebuild_search(shop.desk, shop.system()) == catalogue.Rebuilt(2, 1)
    assert names(shop, "脐橙") == ["脐橙 1"]


# --- suggestions -----------------------------------------------------------------------------


def test_categories_brands_and_names_are_suggested_once_each(full):
    assert suggested(full, "果") == [
        ("category", "水果"),
        ("brand", "果园"),
        ("product", "阿克苏苹果"),
    ]
    assert suggested(full, "智") == suggested(full, "zhin") == [("product", "智能手錶 Ｗ2")]
    assert suggested(full, "gy") == [("brand", "果园")]
    assert suggested(full, "赣州") == suggested(full, "") == suggested(full, "z") == []
