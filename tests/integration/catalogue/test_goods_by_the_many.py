"""Names that are merged, prices that change together, bands: on every storage."""

import pytest
from attrs import evolve

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.adapters.persistence import open_database
from groupbuy.application import catalogue
from groupbuy.application.catalogue import bands, bulk, merging
from groupbuy.application.catalogue.facts import ProductFacts, SkuFacts
from groupbuy.application.catalogue.intake import ImportProducts, import_products
from groupbuy.application.catalogue.rows import ProductRow
from groupbuy.application.ports import AuditRow
from groupbuy.domain.catalogue import (
    Brand,
    Category,
    Product,
    ProductMove,
    ProductState,
    Repricing,
    Variant,
)
from groupbuy.domain.commission import ChangedSincePreview
from groupbuy.domain.kernel import Forbidden, Invalid, Money, NotFound, Refused
from groupbuy.domain.membership import Role
from tests.support.shelf import browse, create, edit_variant, names, operator, put_category
from tests.support.shop import Shop


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def shop(request, tmp_path):
    if request.param == "memory":
        yield opened(MemoryDatabase())
        return
    url = f"sqlite:///{tmp_path / 'goods.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("pg_database").app_url
    database = open_database(url)
    yield opened(database)
    database.close()


@pytest.fixture
def memory_shop():
    return opened(MemoryDatabase())


def opened(database):
    made = Shop(database.begin)
    made.merchant()
    return made


def drain(shop):
    while shop.relay.tick("main"):
        pass
    assert shop.trouble == []


def merge(shop, use_case, source, target, by=None):
    cmd = catalogue.Merge(source.id, target.id, "重复")
    shop.desk.run(by or operator(shop), lambda work: use_case(work, cmd))
    drain(shop)


def shown(shop):
    tree = shop.desk.read(shop.system(), catalogue.shown_tree)
    by_id = {each.id: each.name for each in tree}
    return {(by_id.get(each.parent_id, ""), each.name) for each in tree}


# --- categories ------------------------------------------------------------------------------


def test_merging_a_category_takes_its_goods_and_everything_below_along(shop, monkeypatch):
    monkeypatch.setattr(merging, "BATCH", 2)
    food, fresh = put_category(shop, "食品"), put_category(shop, "生鲜")
    fruit, other = put_category(shop, "水果", food), put_category(shop, "水果", fresh)
    fish = put_category(shop, "海鲜", fresh)
    for number, where in enumerate((fresh, fresh, fresh, other, fish), 1):
        create(shop, where, number)
    merge(shop, catalogue.merge_categories, fresh, food)
    assert shown(shop) == {("", "食品"), ("食品", "水果"), ("食品", "海鲜")}
    assert len(names(shop, category_id=food.id)) == 5
    assert names(shop, category_id=fruit.id) == ["脐橙 4"]
    assert {p.category_id for p in shop.all(Product)} == {food.id, fruit.id, fish.id}
    assert browse(shop, category_id=fish.id)[0].category == ("食品", "海鲜")
    (audit,) = shop.all(AuditRow, action="category.merge")
    assert (audit.subject, audit.reason, audit.facts) == (fresh.id, "重复", {"into": food.id})


def test_what_names_a_merged_category_finds_what_it_became(shop):
    food, fresh = put_category(shop, "食品"), put_category(shop, "生鲜")
    merge(shop, catalogue.merge_categories, fresh, food)
    assert create(shop, fresh).product.category_id == food.id
    by = shop.merchant_caller()
    row = ProductRow(
        1, ProductFacts("F1", "梨"), ("生鲜", "梨"), (SkuFacts("F1-1", "", Money(100)),), brand=None
    )
    cmd = ImportProducts(by.merchant_id, (row,))
    shop.desk.run(by, lambda work: import_products(work, cmd))
    assert shown(shop) == {("", "食品"), ("食品", "梨")}


def test_a_merge_that_cannot_be_is_refused(shop):
    food = put_category(shop, "食品")
    fruit = put_category(shop, "水果", food)
    deep = fruit
    for name in ("三", "四", "五"):
        deep = put_category(shop, name, deep)
    tall = put_category(shop, "高")
    put_category(shop, "低", tall)
    for source, target, error in (
        (food, food, Invalid),
        (food, fruit, Refused),
        (tall, deep, Invalid),
        (Category("cat_x", "x"), food, NotFound),
    ):
        with pytest.raises(error):
            merge(shop, catalogue.merge_categories, source, target)
    with pytest.raises(Forbidden):
        merge(shop, catalogue.merge_categories, tall, food, shop.merchant_caller())
    merge(shop, catalogue.merge_categories, tall, food)
    for source, target in ((tall, food), (food, tall)):
        with pytest.raises(Refused) as refusal:
            merge(shop, catalogue.merge_categories, source, target)
        assert refusal.value.rule == "it_was_merged_before"
    for place in ({"category_id": tall.id}, {"parent": tall}):
        with pytest.raises(Refused):
            put_category(shop, "新名", **place)


def test_a_category_moves_with_everything_below_it_if_the_tree_stays_flat_enough(shop):
    food, home = put_category(shop, "食品"), put_category(shop, "家居")
    fruit = put_category(shop, "水果", food)
    citrus = put_category(shop, "柑橘", fruit)
    create(shop, citrus)
    put_category(shop, "水果", home, category_id=fruit.id)
    assert names(shop, category_id=home.id) == ["脐橙 1"]
    assert names(shop, category_id=food.id) == []
    deep = food
    for name in ("二", "三", "四"):
        deep = put_category(shop, name, deep)
    with pytest.raises(Invalid):
        put_category(shop, "水果", deep, category_id=fruit.id)


# --- brands ----------------------------------------------------------------------------------


def test_brands_are_renamed_and_merged_and_their_goods_follow(shop):
    fruit = put_category(shop, "水果")
    one, two = (create(shop, fruit, n, brand=name) for n, name in ((1, "果园"), (2, "果园牌")))
    rename = catalogue.RenameBrand(one.brand.id, "老果园")
    after = shop.desk.run(operator(shop), lambda work: catalogue.rename_brand(work, rename))
    assert after.name == "老果园"
    assert browse(shop, brand_ids=(one.brand.id,))[0].brand == "老果园"
    merge(shop, catalogue.merge_brands, two.brand, one.brand)
    assert {p.brand_id for p in shop.all(Product)} == {one.brand.id}
    assert len(names(shop, brand_ids=(one.brand.id,))) == 2
    (left,) = shop.desk.read(shop.system(), catalogue.shown_brands)
    assert left.name == "老果园"
    assert create(shop, fruit, 3, brand="果园牌").product.brand_id == one.brand.id


def test_a_brand_takes_no_name_that_another_has(shop):
    fruit = put_category(shop, "水果")
    one, _ = (create(shop, fruit, n, brand=f"牌{n}") for n in (1, 2))

    def rename(name, by):
        cmd = catalogue.RenameBrand(one.brand.id, name)
        shop.desk.run(by, lambda work: catalogue.rename_brand(work, cmd))

    for name, by, error in (
        ("牌2", operator(shop), Refused),
        (" ", operator(shop), Invalid),
        ("新", shop.merchant_caller(), Forbidden),
    ):
        with pytest.raises(error):
            rename(name, by)
    rename("牌1", operator(shop))
    assert shop.get(Brand, one.brand.id).name == "牌1"


# --- bands -----------------------------------------------------------------------------------


def test_bands_are_counted_over_what_is_on_sale_and_asked_for(shop, monkeypatch):
    fruit, fish = put_category(shop, "水果"), put_category(shop, "海鲜")
    for number, (where, price) in enumerate(
        ((fruit, 900), (fruit, 1_900), (fish, 9_900), (fish, 19_900)), 1
    ):
        create(shop, where, number, price=price, brand=f"牌{number % 2}")
    create(shop, fruit, 9, price=5, list_it=False)

    def found(**wish):
        shown = shop.desk.read(shop.system(), lambda work: catalogue.bands_of(work, **wish))
        return sum(band.count for band in shown.bands), shown.complete

    assert found() == (4, True)
    assert found(category_id=fruit.id) == (2, True)
    brand = shop.all(Brand, name="牌1")[0]
    assert found(brand_ids=(brand.id,)) == (2, True)
    assert found(merchant_id="mch_else") == (0, True)
    with pytest.raises(NotFound):
        found(category_id="cat_x")
    monkeypatch.setattr(bands, "PAGE", 2)
    monkeypatch.setattr(bands, "COUNTED_AT_MOST", 2)
    assert found() == (2, False)


# --- many at once ----------------------------------------------------------------------------


def preview(shop, cmd, by=None):
    return shop.desk.read(by or shop.merchant_caller(), lambda w: catalogue.preview_bulk(w, cmd))


def run(shop, cmd, digest, by=None):
    by = by or shop.merchant_caller()
    return shop.desk.run(by, lambda work: catalogue.run_bulk(work, cmd, digest, "双十一"))


def test_prices_change_together_as_they_were_previewed(shop):
    fruit = put_category(shop, "水果")
    made = [create(shop, fruit, n, price=1_000 * n) for n in (1, 2)]
    cmd = catalogue.BulkEdit(catalogue.Selection(category_id=fruit.id), Repricing(share_bp=9_000))
    plan = preview(shop, cmd)
    assert [(line.before, line.after) for line in plan.lines] == [
        ("10.00", "9.00"),
        ("20.00", "18.00"),
    ]
    assert {v.price for v in shop.all(Variant)} == {Money(1_000), Money(2_000)}
    assert run(shop, cmd, plan.digest[:12]) == plan
    assert {v.price for v in shop.all(Variant)} == {Money(900), Money(1_800)}
    assert [each.item.price for each in browse(shop, sort="price")] == [Money(900), Money(1_800)]
    audits = shop.all(AuditRow, action="variant.price")
    assert {(a.reason, a.facts["after"]) for a in audits} == {("双十一", "900"), ("双十一", "1800")}
    (whole,) = shop.all(AuditRow, action="catalogue.bulk")
    assert whole.facts["share_bp"] == "9000"
    assert len(made) == plan.products


def test_what_has_changed_since_the_preview_is_not_done(shop):
    fruit = put_category(shop, "水果")
    made = create(shop, fruit)
    cmd = catalogue.BulkEdit(catalogue.Selection((made.product.id,)), Repricing(by=-100))
    digest = preview(shop, cmd).digest
    for wrong in ("", digest[:11], "0" * 12):
        with pytest.raises(ChangedSincePreview):
            run(shop, cmd, wrong)
    edit_variant(shop, made, price=Money(4_000))
    with pytest.raises(ChangedSincePreview):
        run(shop, cmd, digest)
    run(shop, cmd, preview(shop, cmd).digest)
    assert shop.get(Variant, made.variants[0].id).price == Money(3_900)


def test_products_are_listed_delisted_and_put_elsewhere_together(shop):
    fruit, fish = put_category(shop, "水果"), put_category(shop, "海鲜")
    listed, draft = create(shop, fruit), create(shop, fruit, 2, list_it=False)
    everything = catalogue.Selection()
    for cmd, problems in (
        (catalogue.BulkEdit(everything, move=ProductMove.DELIST), 1),
        (catalogue.BulkEdit(everything, move=ProductMove.LIST), 0),
        (catalogue.BulkEdit(everything, category_id=fish.id), 0),
    ):
        plan = preview(shop, cmd)
        assert sum(bool(line.problem) for line in plan.lines) == problems
        run(shop, cmd, plan.digest)
    for made in (listed, draft):
        after = shop.get(Product, made.product.id)
        assert (after.state, after.category_id) == (ProductState.LISTED, fish.id)
    assert len(names(shop, category_id=fish.id)) == 2
    again = preview(shop, catalogue.BulkEdit(everything, category_id=fish.id))
    assert (again.lines, again.unchanged) == ((), 2)


def test_nobody_changes_the_goods_of_others_or_too_many(memory_shop, monkeypatch):
    shop = memory_shop
    fruit = put_category(shop, "水果")
    made = create(shop, fruit)
    rule = Repricing(by=100)
    mine = catalogue.BulkEdit(catalogue.Selection((made.product.id,)), rule)
    other = evolve(shop.merchant_caller(), merchant_id="mch_else")
    with pytest.raises(NotFound):
        preview(shop, mine, other)
    whose = catalogue.Selection(merchant_id=made.product.merchant_id)
    with pytest.raises(NotFound):
        preview(shop, catalogue.BulkEdit(whose, rule), other)
    assert preview(shop, catalogue.BulkEdit(whose, rule), operator(shop)).products == 1
    with pytest.raises(Forbidden):
        preview(shop, mine, shop.caller("usr_x", Role.SHOPPER))
    with pytest.raises(Invalid):
        preview(shop, catalogue.BulkEdit(whose))
    with pytest.raises(Invalid):
        preview(shop, catalogue.BulkEdit(whose, rule, ProductMove.LIST))
    create(shop, fruit, 2)
    monkeypatch.setattr(bulk, "PRODUCTS_AT_MOST", 1)
    with pytest.raises(Invalid):
        preview(shop, catalogue.BulkEdit(catalogue.Selection(), rule))


def test_a_price_that_would_fall_to_nothing_is_left_and_told(memory_shop):
    shop = memory_shop
    fruit = put_category(shop, "水果")
    create(shop, fruit, 1, price=100)
    create(shop, fruit, 2, price=500)
    cmd = catalogue.BulkEdit(catalogue.Selection(), Repricing(by=-100))
    plan = preview(shop, cmd)
    assert [line.problem for line in plan.lines] == ["nothing would be left of the price", ""]
    run(shop, cmd, plan.digest)
    assert sorted(v.price.minor for v in shop.all(Variant)) == [100, 400]
