"""The catalogue on real databases: races, pages, and the second wall behind the rules."""

import threading

import pytest
from attrs import evolve

from groupbuy.adapters.persistence import open_database
from groupbuy.application import catalogue
from groupbuy.application.catalogue.facts import ProductFacts, SkuFacts
from groupbuy.application.catalogue.intake import ImportProducts, Tally, import_products
from groupbuy.application.catalogue.rows import ProductRow
from groupbuy.application.catalogue.shelf import Browse, ShelfItem
from groupbuy.domain.catalogue import Brand, Category, Product, ProductMove, Stock, StockMove
from groupbuy.domain.kernel import Conflict, Money
from tests.support.shop import Shop


class Pause:
    """Waits a little before a conflicting command is tried again."""

    def wait(self, attempt):
        threading.Event().wait(0.01 * attempt)


def a_row(number, category=("水果", "柑橘"), **changes):
    return ProductRow(
        number,
        ProductFacts(f"P{number}", f"脐橙 {number}"),
        category,
        (SkuFacts(f"S{number}", "5 斤", Money(1000 + number), stock=5),),
        brand="果园",
        **changes,
    )


def take_in(shop, *rows, **how):
    cmd = ImportProducts(shop._merchant.id, rows, **how)
    tally = Tally()
    for outcome in shop.desk.run(shop.system(), lambda w: import_products(w, cmd)):
        tally.count(outcome)
    return tally


def test_two_imports_of_the_same_goods_at_once_make_them_once(shop):
    desk = evolve(shop.desk, backoff=Pause())
    rows = tuple(a_row(n) for n in range(20))
    cmd = ImportProducts(shop._merchant.id, rows)
    started, results, errors = threading.Barrier(3), [], []

    def work_in_parallel():
        started.wait()
        try:
            results.append(desk.run(shop.system(), lambda w: import_products(w, cmd)))
        except Exception as error:  # noqa: BLE001  shown by the test below
            errors.append(error)

    threads = [threading.Thread(target=work_in_parallel) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    verdicts = [sorted({outcome.verdict.value for outcome in found}) for found in results]
    assert sorted(verdicts) == [["created"], ["unchanged"], ["unchanged"]]
    assert len(shop.all(Product)) == 20
    assert sorted(c.name for c in shop.all(Category)) == ["柑橘", "水果"]
    assert len(shop.all(Brand)) == 1
    assert len(shop.all(StockMove)) == 20


def test_a_code_in_use_is_a_conflict_even_to_who_did_not_look(shop):
    take_in(shop, a_row(1))
    (product,) = shop.all(Product)
    twin = evolve(product, id=shop.ids.new("prd"))
    with pytest.raises(Conflict):
        shop.store(twin)


def test_goods_are_counted_right_by_many_at_once(shop):
    take_in(shop, a_row(1))
    (stock,) = shop.all(Stock)
    desk = evolve(shop.desk, backoff=Pause())
    cmd = catalogue.AdjustStock(stock.id, 1, "到货")

    def count_five():
        for _ in range(5):
            desk.run(shop.system(), lambda w: catalogue.adjust_stock(w, cmd))

    threads = [threading.Thread(target=count_five) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shop.get(Stock, stock.id).available == 25
    journal = shop.all(StockMove)
    assert sum(move.units for move in journal) == 25
    assert sorted(move.available_after for move in journal) == list(range(5, 26))


@pytest.mark.parametrize("sort", catalogue.SORTS)
def test_pages_of_the_shelf_follow_each_other(shop, sort):
    take_in(shop, *(a_row(n) for n in range(7)))
    pages, after = [], None
    while True:
        wish = Browse(sort=sort, limit=3, after=after, words="脐橙", highest=1005)
        page = shop.desk.read(shop.system(), lambda w, wish=wish: catalogue.browse(w, wish))
        pages += [each.item.price.minor for each in page]
        if len(page) < 3:
            break
        after = (page[-1].place(sort), page[-1].id)
    assert sorted(pages) == [1000, 1001, 1002, 1003, 1004, 1005]
    if sort.endswith("price"):
        assert pages == sorted(pages, reverse=sort.startswith("-"))


def test_the_shelf_follows_a_product(shop):
    take_in(shop, a_row(1))
    (product,) = shop.all(Product)
    move = catalogue.MoveProduct(product.id, ProductMove.DELIST)
    shop.desk.run(shop.system(), lambda w: catalogue.move_product(w, move))
    assert shop.get(ShelfItem, product.id).listed is False
    assert shop.desk.read(shop.system(), lambda w: catalogue.browse(w, Browse())) == []


def test_an_import_needs_few_statements_however_many_rows_it_has(database_url):
    database = open_database(database_url)
    shop = Shop(database.begin)
    shop.merchant()
    spent = []
    for start, size in ((0, 5), (100, 100)):
        before = database.statements
        take_in(shop, *(a_row(n) for n in range(start, start + size)))
        spent.append(database.statements - before)
    database.close()
    assert spent[1] <= spent[0]
