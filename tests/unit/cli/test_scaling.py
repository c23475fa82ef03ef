"""`groupbuy db distribute` and `db partitions`: what is printed, and who is told no."""

import pytest

ON_POSTGRES = {"GROUPBUY_DATABASE_URL": "postgresql://owner@127.0.0.1:1/shop"}


@pytest.fixture
def on_postgres(monkeypatch):
    for name, value in ON_POSTGRES.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("on_postgres")
def test_what_distributes_is_printed_without_a_database(real):
    run = real("db", "distribute")
    assert run.code == 0, run.err
    assert (
        "SELECT create_distributed_table('orders', 'cell', colocate_with => 'groups');" in run.out
    )
    assert run.out.rstrip().endswith("COMMIT;")
    assert real("db", "distribute", "--json").document["sql"].strip() == run.out.strip()


@pytest.mark.usefixtures("on_postgres")
def test_months_are_printed_alone_or_with_what_makes_room_for_them(real):
    whole = real("db", "partitions", "--from", "2026-12", "--months", "2").out
    more = real("db", "partitions", "--from", "2026-12", "--months", "2", "--more").out
    for text in (whole, more):
        assert "CREATE TABLE orders_2027_01 PARTITION OF orders FOR VALUES FROM" in text
        assert "orders_2027_02" not in text
    assert "ATTACH PARTITION orders_before" in whole
    assert "ALTER TABLE" not in more


@pytest.mark.parametrize(
    "words", [("distribute",), ("distribute", "--run"), ("partitions", "--from", "2026-12")]
)
def test_a_file_can_be_neither_distributed_nor_partitioned(real, words):
    run = real("db", *words)
    assert (run.code, run.err) == (
        2,
        "groupbuy: database.url is wrong: must be PostgreSQL for this\n",
    )


@pytest.mark.usefixtures("on_postgres")
def test_a_month_reads_like_one(real):
    assert real("db", "partitions", "--from", "2026-13").code == 2
