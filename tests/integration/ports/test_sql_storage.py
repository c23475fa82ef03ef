"""What only a real database can promise: walls, statement counts, recovery."""

import importlib
import pkgutil
import socket
import threading
from datetime import timedelta

import attrs
import psycopg
import pytest
from attrs import evolve
from sqlalchemy.exc import DBAPIError

import groupbuy.domain
from groupbuy.adapters.persistence import KINDS, open_database
from groupbuy.application.lock_order import LOCK_ORDER
from groupbuy.application.ports.persistence import Answer, AuditRow, KeyClaim, Query, Task
from groupbuy.application.ports.tenancy import Tenant
from groupbuy.domain.campaigns import Group, Seat
from groupbuy.domain.catalogue import Stock
from groupbuy.domain.kernel import Conflict, Event, Invalid, Refused, Unavailable, make_id
from groupbuy.domain.ledger import Balance, Journal
from groupbuy.domain.ordering import Order
from groupbuy.domain.payments import Payment
from groupbuy.testing.samples import NOON, sample_of

MINE, OTHER = "tenant-a", "tenant-b"
ONCE = ("stock_moves", "journals", "journal_lines", "events", "audit", "audit_seals")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'groupbuy.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("pg_database").app_url
    opened = open_database(url, pool_size=6)
    yield opened
    opened.close()


@pytest.fixture
def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def postgres(pg_database):
    opened = open_database(pg_database.app_url, pool_size=4)
    yield opened
    opened.close()


def _join_batch(database, group_id, batch, count=32):
    """Stage what `count` joins of one group write; return the statements it took."""
    before = database.statements
    with database.begin(MINE) as tx:
        claims = [KeyClaim(f"{group_id}/usr", f"{batch}-{n}", "h") for n in range(count)]
        assert tx.claim_keys(claims) == {}
        group = tx.of(Group).lock([group_id])[group_id]
        stock = tx.of(Stock).lock(["sku_1"], create=lambda key: Stock(key, available=10**6))[
            "sku_1"
        ]
        for n in range(count):
            key = make_id("ord", millis=batch, cell=0, entropy=n)
            order = sample_of(Order, key)
            tx.of(Order).add(evolve(order, lines=order.lines * 2))
            tx.of(Payment).add(evolve(sample_of(Payment, key), order_id=key))
            tx.of(Seat).add(evolve(sample_of(Seat, key), group_id=group_id))
            for topic in ("prepay", "expire"):
                tx.of(Task).add(Task(f"{topic}/{key}", topic, key, NOON))
            tx.emit([Event("campaigns.seat_taken", group_id, NOON)])
        tx.of(Group).save(evolve(group, live_units=group.live_units + count))
        tx.of(Stock).save(evolve(stock, reserved=stock.reserved + count))
        tx.answer_keys({claim: Answer(True, "{}") for claim in claims}, NOON)
    return database.statements - before


def test_a_batch_of_joins_costs_one_statement_a_table(database):
    with database.begin(MINE) as tx:
        tx.of(Group).add(sample_of(Group, "grp_1"))
    _join_batch(database, "grp_1", 0)
    alone, batch = _join_batch(database, "grp_1", 1, 1), _join_batch(database, "grp_1", 2)
    assert alone == batch
    assert batch <= 15


def test_one_statement_reads_any_number_of_things_and_one_their_children(database):
    with database.begin(MINE) as tx:
        for n in range(20):
            tx.of(Order).add(sample_of(Order, f"ord_{n}"))
    with database.begin(MINE, write=False) as tx:
        before = database.statements
        assert len(tx.of(Order).find([f"ord_{n}" for n in range(20)])) == 20
        tx.of(Order).get("ord_3")
        assert database.statements - before == 2


def test_things_of_one_batch_may_live_in_many_cells(database):
    keys = [make_id("grp", millis=n, cell=n % 3, entropy=n) for n in range(9)]
    with database.begin(MINE) as tx:
        for key in keys:
            tx.of(Group).add(sample_of(Group, key))
    with database.begin(MINE) as tx:
        assert list(tx.of(Group).lock(reversed(keys))) == keys
        for group in tx.of(Group).find(keys).values():
            tx.of(Group).save(evolve(group, held_seats=1))
    with database.begin(MINE, write=False) as tx:
        assert [g.held_seats for g in tx.of(Group).select(Query().where(cell=2))] == [1] * 3
        assert [g.id for g in tx.of(Group).select(Query().where(cell=2))] == keys[2::3]


def test_a_check_of_a_table_refuses_what_the_domain_let_through(database):
    with pytest.raises(Refused) as refusal, database.begin(MINE) as tx:
        tx.of(Stock).add(Stock("sku_1", available=-1))
    assert "not_oversold" in refusal.value.rule


def test_a_value_no_column_holds_is_invalid(database):
    for bad in (Balance("a", 2**70), Balance("\ud800", 1)):
        with pytest.raises(Invalid), database.begin(MINE) as tx:
            tx.of(Balance).add(bad)


def test_amounts_of_two_currencies_never_share_a_row(database):
    line = sample_of(Order, "ord_1").lines[0]
    mixed = evolve(line, refunded=evolve(line.refunded, currency="USD"))
    with pytest.raises(ValueError, match="two currencies"), database.begin(MINE) as tx:
        tx.of(Order).add(evolve(sample_of(Order, "ord_1"), lines=(mixed,)))


def test_an_instant_without_a_zone_is_refused(database):
    with pytest.raises(ValueError, match="zone"), database.begin(MINE) as tx:
        tx.of(Task).add(Task("t", "t", "t", NOON.replace(tzinfo=None)))


@pytest.mark.parametrize("change", ["UPDATE {} SET cell = cell", "DELETE FROM {}"])
def test_what_is_append_only_cannot_be_changed_by_sql(database, change):
    with database.begin(MINE) as tx:
        tx.of(Journal).add(sample_of(Journal, "jrn_1"))
        tx.of(AuditRow).add(sample_of(AuditRow, "aud_1"))
        tx.emit([Event("x", "grp_1", NOON)])
    for table in ("journals", "journal_lines", "events", "audit"):
        with pytest.raises((DBAPIError, psycopg.Error), match=r"append-only|permission denied"):
            with database.begin(MINE) as tx:
                tx.session.change(change.format(table), (), table)


def test_the_owner_cannot_change_journals_either(pg_database, postgres):
    with postgres.begin(MINE) as tx:
        tx.of(Journal).add(sample_of(Journal, "jrn_1"))
    with psycopg.connect(pg_database.owner_url) as connection:
        connection.execute("SELECT set_config('groupbuy.tenant', %s, true)", [MINE])
        with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
            connection.execute("UPDATE journals SET moment = 'x'")


def test_the_product_may_not_change_what_is_append_only(pg_database):
    with psycopg.connect(pg_database.app_url, autocommit=True) as connection:
        for table in ONCE:
            for statement in (f"UPDATE {table} SET cell = 1", f"DELETE FROM {table}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)


def test_row_level_security_hides_other_tenants_from_raw_sql(pg_database, postgres):
    for tenant in (MINE, OTHER):
        with postgres.begin(tenant) as tx:
            tx.of(Balance).add(Balance(tenant, 1))
    with psycopg.connect(pg_database.app_url) as connection:
        assert connection.execute("SELECT id FROM balances").fetchall() == []
        connection.execute("SELECT set_config('groupbuy.tenant', %s, true)", [MINE])
        assert connection.execute("SELECT id FROM balances").fetchall() == [(MINE,)]
        changed = connection.execute("UPDATE balances SET amount = 9 WHERE id = %s", [OTHER])
        assert changed.rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            connection.execute(
                "INSERT INTO balances (tenant_id, cell, id, amount, version) "
                "VALUES (%s, 0, 'x', 1, 0)",
                [OTHER],
            )


def test_the_tenant_of_a_transaction_is_forgotten_with_it(postgres):
    with postgres.begin(MINE) as tx:
        tx.of(Balance).add(Balance("a", 1))
    with postgres.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM balances").scalar() == 0


def test_every_table_is_behind_the_tenant_wall(pg_database):
    with psycopg.connect(pg_database.owner_url) as connection:
        tables = connection.execute(
            "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
        ).fetchall()
    assert {name for name, walled, _ in tables if not walled} == {"tenants", "alembic_version"}
    # Search asks the index as the owner, through a view that names the tenant.
    unbound = {name for name, walled, owner_too in tables if walled and not owner_too}
    assert unbound == {"search"}


def test_a_lost_connection_is_unavailable_once_and_then_forgotten(pg_cluster, postgres):
    with postgres.begin(MINE) as tx:
        tx.of(Balance).add(Balance("a", 1))
    with pytest.raises(Unavailable), postgres.begin(MINE) as tx:
        pid = tx.session.rows("SELECT pg_backend_pid()", (), "pid")[0][0]
        with psycopg.connect(pg_cluster.admin_url, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        tx.of(Balance).save(tx.of(Balance).get("a").put(5))
    with postgres.begin(MINE) as tx:
        assert tx.of(Balance).get("a").amount == 1


def test_a_database_that_is_not_there_is_unavailable(unused_port):
    nowhere = open_database(f"postgresql://x:y@127.0.0.1:{unused_port}/z")
    with pytest.raises(Unavailable), nowhere.begin(MINE):
        raise AssertionError("it is not there")
    with pytest.raises(Unavailable):
        nowhere.tenants()
    nowhere.close()


def test_an_exhausted_pool_is_unavailable(monkeypatch, pg_database):
    monkeypatch.setattr("groupbuy.adapters.persistence.engine.POOL_TIMEOUT_SECONDS", 0.05)
    small = open_database(pg_database.app_url, pool_size=1)
    with small.begin(MINE, write=False), pytest.raises(Unavailable), small.begin(MINE):
        raise AssertionError("there is one connection only")
    small.close()


def test_units_that_lock_crosswise_end_in_a_conflict_not_in_a_hang(postgres):
    with postgres.begin(MINE) as tx:
        for key in ("a", "b"):
            tx.of(Balance).add(Balance(key))
    both, outcomes = threading.Barrier(2), []

    def cross(first, second):
        try:
            with postgres.begin(MINE) as tx:
                tx.of(Balance).lock([first])
                both.wait()
                tx.of(Balance).lock([second])
            outcomes.append("committed")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=cross, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["committed", "conflict"]


def test_a_claim_leaves_out_what_another_unit_holds(postgres):
    with postgres.begin(MINE) as tx:
        for n in range(6):
            tx.of(Task).add(Task(f"t/{n}", "t", "s", NOON + timedelta(hours=n)))
    due = Query().where(state="pending").sorted("due_at").page(4).claiming()
    with postgres.begin(MINE) as one, postgres.begin(MINE) as two:
        assert [t.id for t in one.of(Task).select(due)] == ["t/0", "t/1", "t/2", "t/3"]
        assert [t.id for t in two.of(Task).select(due)] == ["t/4", "t/5"]


def test_due_tasks_are_found_by_their_own_index(postgres):
    with postgres.begin(MINE) as tx:
        for n in range(50):
            tx.of(Task).add(Task(f"t/{n}", "t", "s", NOON))
        tx.session.rows("SELECT set_config('enable_seqscan', 'off', true)", (), "plan")
        plan = tx.session.rows(
            "EXPLAIN SELECT id FROM tasks WHERE tenant_id = %s AND state = 'pending' "
            "AND due_at < now() ORDER BY due_at, id LIMIT 10",
            (MINE,),
            "plan",
        )
    assert "ix_tasks_due" in " ".join(row[0] for row in plan)


def test_tenants_are_registered_and_replaced(database):
    first = Tenant("b", "乙", ("b.example",), {"points": True, "caps": [1, 2]}, cells=4)
    database.put_tenant(first)
    database.put_tenant(Tenant("a"))
    assert database.tenants() == [Tenant("a"), first]
    database.put_tenant(evolve(first, hosts=()))
    assert database.tenants()[1].hosts == ()


def test_every_kind_has_a_table_of_its_own():
    tables = [kind.table for kind in KINDS]
    assert len(set(tables)) == len(tables)


def test_only_files_and_servers_are_opened():
    for url in ("sqlite://", "mysql://x/y"):
        with pytest.raises(ValueError, match="postgresql"):
            open_database(url)


def test_every_aggregate_of_the_domain_is_stored_and_has_its_turn_to_be_locked():
    contexts = [
        importlib.import_module(f"groupbuy.domain.{module.name}")
        for module in pkgutil.iter_modules(groupbuy.domain.__path__)
    ]
    aggregates = {
        thing
        for context in contexts
        for name in getattr(context, "__all__", ())
        if isinstance(thing := getattr(context, name), type)
        and attrs.has(thing)
        and {"id", "version"} <= attrs.fields_dict(thing).keys()
    }
    # What reviews and answers have in common is nothing by itself.
    bases = {base for each in aggregates for base in each.__mro__[1:]}
    assert aggregates - bases <= {kind.cls for kind in KINDS}
    assert aggregates - bases <= set(LOCK_ORDER)
