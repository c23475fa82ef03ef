"""`groupbuy import shipments`: rows that can be shipped are, the others come back in a file."""

import csv
import io

import pytest

from groupbuy.application import fulfilment
from groupbuy.domain.logistics import Shipment
from groupbuy.domain.ordering import Order, OrderState


@pytest.fixture
def orders(groupbuy, shop, tmp_path, monkeypatch):
    """Three approved orders; the folder for files is the present one."""
    monkeypatch.chdir(tmp_path)
    joined = shop.join_and_pay(shop.campaign(), 3)
    shop.work_off()
    ids = [each.order.id for each in joined]
    assert groupbuy("order", "approve", *ids).code == 0
    return ids


@pytest.fixture
def table(tmp_path):
    def write(*rows, name="parcels.csv", encoding="utf-8", head="order_id,carrier,tracking_number"):
        path = tmp_path / name
        path.write_text("\n".join([head, *(",".join(row) for row in rows)]), encoding=encoding)
        return str(path)

    return write


def parcels(shop):
    return sorted((each.order_id, each.tracking_number) for each in shop.all(Shipment))


def test_every_row_of_the_table_becomes_a_parcel(groupbuy, shop, orders, table):
    file = table(*((key, "sf", f"SF{n}") for n, key in enumerate(orders)))
    run = groupbuy("import", "shipments", file, "--json")
    assert run.code == 0
    assert run.document["shipped"] == 3
    assert parcels(shop) == sorted((key, f"SF{n}") for n, key in enumerate(orders))
    assert {shop.get(Order, key).state for key in orders} == {OrderState.FULFILLING}


def test_a_rehearsal_tells_the_same_and_ships_nothing(groupbuy, shop, orders, table, tmp_path):
    file = table((orders[0], "sf", "SF1"), (orders[0], "sf", "SF1"), ("ord_nothing", "sf", "SF2"))
    rehearsed = groupbuy("import", "shipments", file, "--dry-run", "--json")
    assert parcels(shop) == []
    assert [path.name for path in tmp_path.iterdir()] == ["parcels.csv"]
    done = groupbuy("import", "shipments", file, "--json")
    counts = ("rows", "shipped", "skipped", "rejected")
    assert [rehearsed.document[name] for name in counts] == [3, 1, 1, 1]
    assert [done.document[name] for name in counts] == [3, 1, 1, 1]
    assert (rehearsed.code, rehearsed.document["dry_run"]) == (6, True)


def test_bad_rows_are_listed_in_a_file_that_can_be_mended_and_read_again(
    groupbuy, shop, orders, table, tmp_path
):
    file = table(
        (orders[0], "sf", "SF1"),
        ("ord_nothing", "sf", "SF2"),
        (orders[1], "", "SF3"),
        (orders[2], "sf", "SF 4; DROP"),
        ("=HYPERLINK(1)", "sf", "SF5"),
    )
    run = groupbuy("import", "shipments", file, "--json")
    assert run.code == 6
    assert (run.document["shipped"], run.document["rejected"]) == (1, 4)
    assert "row 2: order_id: no such order: ord_nothing" in run.err
    assert "row 3: carrier is wrong: 1 to 40" in run.err
    rejects = tmp_path / "parcels.csv.rejects.csv"
    listed = list(csv.DictReader(io.StringIO(rejects.read_text("utf-8-sig"))))
    assert [(row["row"], row["column"]) for row in listed] == [
        ("2", "order_id"),
        ("3", "carrier"),
        ("4", "tracking_number"),
        ("5", "order_id"),
    ]
    assert listed[0]["reason"] == "no such order: ord_nothing"
    assert listed[3]["order_id"] == "'=HYPERLINK(1)"
    mended = rejects.read_text("utf-8").replace("SF 4; DROP", "SF4")
    rejects.write_text(mended, encoding="utf-8")
    again = groupbuy("import", "shipments", str(rejects), "--json")
    assert again.document["shipped"] == 1
    assert parcels(shop) == sorted([(orders[0], "SF1"), (orders[2], "SF4")])


def test_the_same_file_again_ships_nothing_twice(groupbuy, shop, orders, table):
    file = table((orders[0], "sf", "SF1"), (orders[1], "sf", "SF2"))
    assert groupbuy("import", "shipments", file).code == 0
    run = groupbuy("import", "shipments", file, "--json")
    assert run.code == 0
    assert (run.document["shipped"], run.document["skipped"]) == (0, 2)
    assert len(shop.all(Shipment)) == 2


def test_an_interrupted_import_keeps_what_it_did_and_goes_on(
    groupbuy, shop, orders, table, monkeypatch
):
    file = table(*((key, "sf", f"SF{n}") for n, key in enumerate(orders)))
    ship = fulfilment.ship_order

    def interrupted(work, parcel):
        if parcel.order_id == orders[1]:
            raise KeyboardInterrupt
        return ship(work, parcel)

    with monkeypatch.context() as patch:
        patch.setattr(fulfilment, "ship_order", interrupted)
        run = groupbuy("import", "shipments", file)
    assert run.code == 130
    assert "interrupted after 1 rows" in run.err
    again = groupbuy("import", "shipments", file, "--json")
    assert (again.document["shipped"], again.document["skipped"]) == (2, 1)


def test_when_no_row_can_be_shipped_the_mended_file_may_still_be_read_again(
    groupbuy, shop, orders, table
):
    run = groupbuy("import", "shipments", table(("ord_nothing", "sf", "SF1"), (orders[0], "", "")))
    assert run.code == 6
    assert parcels(shop) == []


def test_a_chinese_terminal_reads_why_a_row_was_rejected(groupbuy, orders, table, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    run = groupbuy("import", "shipments", table(("ord_nothing", "sf", "SF1")))
    assert "第 1 行：order_id: 没有找到" in run.err


@pytest.mark.parametrize(
    ("encoding", "head", "said"),
    [
        ("utf-8", "order,carrier,number", "columns are missing: order_id, tracking_number"),
        ("utf-16", "order_id,carrier,tracking_number", "is not utf-8"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_whole(
    groupbuy, shop, orders, table, encoding, head, said
):
    run = groupbuy(
        "import", "shipments", table((orders[0], "sf", "1"), encoding=encoding, head=head)
    )
    assert run.code == 2
    assert said in run.err
    assert parcels(shop) == []


def test_a_table_of_a_chinese_office_is_read(groupbuy, orders, table):
    head = "order_id,carrier,tracking_number,备注"
    file = table((orders[0], "sf", "SF1", "易碎"), head=head, encoding="gb18030")
    assert groupbuy("import", "shipments", file).code == 2
    assert groupbuy("import", "shipments", file, "--encoding", "gb18030").code == 0
