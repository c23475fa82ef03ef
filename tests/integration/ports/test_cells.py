"""What belongs to a group is looked for in the group's cell, and found there."""

import pytest

from groupbuy.adapters.persistence.dialects import PostgresDialect, SqliteDialect
from groupbuy.adapters.persistence.registry import KINDS
from groupbuy.adapters.persistence.statements import Texts
from groupbuy.application.ports.persistence import Query
from groupbuy.domain.campaigns import Group, Seat
from groupbuy.domain.commission import Entry
from groupbuy.domain.kernel import make_id
from groupbuy.domain.logistics import Shipment
from groupbuy.domain.ordering import Order
from groupbuy.domain.payments import Payment, Refund

KIND = {kind.cls: kind for kind in KINDS}


def an_id(kind, cell, number=1):
    return make_id(kind, millis=1, cell=cell, entropy=number)


GROUPS = [an_id("grp", 7), an_id("grp", 9)]
ORDERS = [an_id("ord", 7), an_id("ord", 7, 2), an_id("ord", 9)]
HOT = [
    (Seat, Query().among("group_id", GROUPS).among("buyer_id", ["usr_1"]), [7, 9]),
    (Seat, Query().where(campaign_id=an_id("cmp", 3)), [3]),
    (Group, Query().where(campaign_id=an_id("cmp", 3)), [3]),
    (Order, Query().where(group_id=GROUPS[1]).sorted("-created_at"), [9]),
    (Payment, Query().among("order_id", ORDERS), [7, 9]),
    (Payment, Query().where(order_id=ORDERS[2]), [9]),
    (Refund, Query().among("order_id", ORDERS), [7, 9]),
    (Refund, Query().where(order_id=ORDERS[0]), [7]),
    (Shipment, Query().among("order_id", ORDERS), [7, 9]),
    (Shipment, Query().where(order_id=ORDERS[0]), [7]),
    (Entry, Query().among("order_id", ORDERS), [7, 9]),
    (Entry, Query().where(order_id=ORDERS[0]), [7]),
]


@pytest.mark.parametrize("dialect", [PostgresDialect(), SqliteDialect()], ids=lambda d: d.name)
@pytest.mark.parametrize(("kind", "query", "cells"), HOT)
def test_a_hot_query_names_the_cells_its_ids_carry(dialect, kind, query, cells):
    text, values = Texts(KIND[kind], dialect).query("main", query)
    assert " AND cell " in text
    said = str(values[1]).strip("{}[]").split(",")
    assert [int(cell) for cell in said] == cells


@pytest.mark.parametrize("dialect", [PostgresDialect(), SqliteDialect()], ids=lambda d: d.name)
@pytest.mark.parametrize("cells", [range(1), range(3)], ids=len)
def test_a_query_by_people_or_time_names_all_cells_of_the_tenant(dialect, cells):
    buyer = Query().where(buyer_id=an_id("usr", 5)).sorted("-created_at")
    text, values = Texts(KIND[Order], dialect).query("main", buyer, cells)
    assert " AND cell " in text
    assert [int(cell) for cell in str(values[1]).strip("{}[]").split(",")] == list(cells)


def test_a_tenant_with_one_cell_compares_it_so_that_indexes_keep_their_order():
    text, _ = Texts(KIND[Order], PostgresDialect()).query("main", Query(), range(1))
    assert "cell = %s::bigint AND" in text or "cell = %s::bigint ORDER" in text


def test_the_texts_are_kept_apart_by_what_they_name():
    texts = Texts(KIND[Payment], SqliteDialect())
    for query in (Query(), Query().where(order_id=ORDERS[0]), Query().among("order_id", ORDERS)):
        text, values = texts.query("main", query)
        assert text.count("?") == len(values)


def test_indexes_by_a_thing_of_the_same_cell_begin_with_the_cell():
    from groupbuy.adapters.persistence.schema import schema_of

    for kind in KINDS:
        for index in schema_of().tables[kind.table].indexes:
            names = [column.name for column in index.columns]
            for near in kind.near:
                if near in names[:3]:
                    assert names[:2] == ["tenant_id", "cell"], index.name
