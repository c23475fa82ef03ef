"""The chain of seals on every engine, and against whoever writes past the product."""

import threading
from datetime import timedelta

import psycopg
import pytest
from attrs import evolve

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.adapters.persistence import open_database
from groupbuy.application import auditing
from groupbuy.application.audit_chain import AuditSeal
from groupbuy.application.ports import AuditRow
from groupbuy.domain.kernel import Forbidden, Invalid
from tests.support.shop import TENANT, Shop

ENGINES = ("memory", "sqlite", "postgresql")


@pytest.fixture(params=ENGINES)
def place(request, tmp_path):
    """A shop on a database of its own, and a way to write past the product."""
    if request.param == "memory":
        yield Shop(), None
        return
    url = raw = f"sqlite:///{tmp_path / 'groupbuy.db'}"
    if request.param == "postgresql":
        at = request.getfixturevalue("pg_database")
        url, raw = at.app_url, at.owner_url
    database = open_database(url, pool_size=4)
    owner = open_database(raw, pool_size=2, migrate=False)
    yield Shop(database.begin), owner
    owner.close()
    database.close()


@pytest.fixture
def shop(place):
    return place[0]


@pytest.fixture
def tamper(place):
    """Run SQL as the owner, with the walls taken down; such a thing needs a real engine."""
    shop, owner = place
    if owner is None:
        pytest.skip("memory has no SQL")
    postgres = owner.engine.dialect.name == "postgresql"

    def run(table, *statements):
        with owner.begin(shop.tenant) as tx:
            if postgres:
                walls = [f"ALTER TABLE {table} DISABLE TRIGGER USER"]
            else:
                walls = [f"DROP TRIGGER IF EXISTS {table}_no_{w}" for w in ("update", "delete")]
            for statement in (*walls, *statements):
                tx.session.change(statement, (), table)

    return run


def act(shop, count, action="test.done"):
    """Let somebody do audited things, one a minute."""
    for n in range(count):
        shop.clock.forward(minutes=1)
        shop.desk.run(shop.system(), lambda w, n=n: w.audit(action, f"ord_{n}", "因为", n=str(n)))


def rows(shop):
    return shop.all(AuditRow)


def sealed(shop, count=3):
    act(shop, count)
    shop.clock.forward(hours=1)
    return auditing.seal_due(shop.desk, shop.begin.__self__, TENANT)


def findings(shop, head=""):
    checked = auditing.verify(shop.desk, shop.system(), head)
    return [(found.check, found.subject) for found in checked.findings]


def head(shop):
    found = auditing.head_of(shop.desk, shop.system())
    return f"{found.id}@{found.hash}"


def test_what_is_sealed_twice_is_sealed_once_and_verifies(shop):
    assert sealed(shop) == 3
    assert auditing.seal_due(shop.desk, shop.begin.__self__, TENANT) == 0
    assert sealed(shop, 2) == 2
    checked = auditing.verify(shop.desk, shop.system())
    assert (checked.seals, checked.rows, checked.findings) == (2, 5, ())


def test_many_rows_make_many_seals_in_one_chain(shop, monkeypatch):
    monkeypatch.setattr(auditing, "SEALED_AT_ONCE", 2)
    monkeypatch.setattr(auditing, "_FEW", 2)
    assert sealed(shop, 7) == 7
    checked = auditing.verify(shop.desk, shop.system())
    assert (checked.seals, checked.rows, checked.findings) == (4, 7, ())
    seals = shop.all(AuditSeal)
    assert [s.previous for s in seals] == ["", *(s.hash for s in seals[:-1])]


def test_a_row_that_is_too_young_waits(shop):
    act(shop, 1)
    assert auditing.seal_due(shop.desk, shop.begin.__self__, TENANT) == 0
    shop.clock.forward(seconds=shop.policy.audit_seal_after_seconds + 1)
    assert auditing.seal_due(shop.desk, shop.begin.__self__, TENANT) == 1


def test_rows_wait_as_long_as_somebody_who_began_before_them_may_still_write(shop):
    class Slow:
        def oldest_open(self):
            return timedelta(minutes=30)

    act(shop, 1)
    shop.clock.forward(seconds=shop.policy.audit_seal_after_seconds + 1)
    assert auditing.seal_due(shop.desk, Slow(), TENANT) == 0
    shop.clock.forward(minutes=30)
    assert auditing.seal_due(shop.desk, Slow(), TENANT) == 1


def test_a_row_that_comes_late_into_a_sealed_range_is_found(shop):
    sealed(shop)
    late = evolve(rows(shop)[1], id=rows(shop)[1].id[:-1] + "Z", actor="usr_late")
    shop.store(late)
    assert findings(shop) == [("inserted", late.id)]


def test_a_row_changed_by_the_owner_is_named(shop, tamper):
    sealed(shop)
    victim = rows(shop)[1].id
    tamper("audit", f"UPDATE audit SET actor = 'nobody' WHERE id = '{victim}'")
    assert findings(shop) == [("changed", victim)]


def test_a_row_removed_by_the_owner_is_named(shop, tamper):
    sealed(shop)
    victim = rows(shop)[-1].id
    tamper("audit", f"DELETE FROM audit WHERE id = '{victim}'")
    assert findings(shop) == [("missing", victim)]


def test_a_seal_removed_from_the_middle_breaks_the_link(shop, tamper):
    for _ in range(3):
        sealed(shop, 1)
    tamper("audit_seals", "DELETE FROM audit_seals WHERE id = '000000000002'")
    assert ("broken_link", "000000000003") in findings(shop)


def test_a_seal_whose_hash_is_rewritten_differs_and_breaks_the_next(shop, tamper):
    sealed(shop, 1)
    sealed(shop, 1)
    tamper("audit_seals", "UPDATE audit_seals SET hash = 'x' WHERE id = '000000000001'")
    assert findings(shop) == [
        ("seal_differs", "000000000001"),
        ("broken_link", "000000000002"),
    ]


def test_a_chain_that_was_cut_off_is_found_by_a_head_exported_before(shop, tamper):
    sealed(shop, 1)
    sealed(shop, 1)
    kept = head(shop)
    assert findings(shop, kept) == []
    tamper("audit_seals", "DELETE FROM audit_seals WHERE id = '000000000002'")
    assert findings(shop) == []
    assert findings(shop, kept) == [("head_differs", "000000000002")]


@pytest.mark.parametrize("change", ["UPDATE audit_seals SET hash = 'x'", "DELETE FROM audit_seals"])
def test_the_owner_cannot_change_seals_while_the_walls_stand(place, change):
    shop, owner = place
    if owner is None:
        pytest.skip("memory has no SQL")
    sealed(shop, 1)
    with pytest.raises(Exception, match="append-only"), owner.begin(TENANT) as tx:
        tx.session.change(change, (), "audit_seals")


def test_two_sealers_at_once_make_one_chain(pg_database):
    database = open_database(pg_database.app_url, pool_size=4)
    shop = Shop(database.begin)
    act(shop, 4)
    shop.clock.forward(hours=1)
    both = threading.Barrier(2)
    counts = []

    def work():
        both.wait()
        counts.append(auditing.seal_due(shop.desk, shop.begin.__self__, TENANT))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 4
    assert findings(shop) == []
    database.close()


def test_the_product_may_not_change_seals(pg_database):
    with psycopg.connect(pg_database.app_url, autocommit=True) as connection:
        for statement in ("UPDATE audit_seals SET hash = ''", "DELETE FROM audit_seals"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_rows_are_listed_by_subject_actor_and_time_newest_first(shop):
    act(shop, 3)
    moments = [row.at for row in rows(shop)]

    def listed(**asked):
        found = auditing.list_rows(shop.desk, shop.system(), auditing.AuditQuery(**asked), 10)
        return [row.subject for row in found]

    assert listed() == ["ord_2", "ord_1", "ord_0"]
    assert listed(subject="ord_1") == ["ord_1"]
    assert listed(actor="nobody") == []
    assert listed(since=moments[1], until=moments[2]) == ["ord_1"]
    assert listed(until=moments[0] + timedelta(seconds=1)) == ["ord_0"]


def test_only_finance_looks_at_the_audit(shop):
    for ask in (
        lambda c: auditing.verify(shop.desk, c),
        lambda c: auditing.head_of(shop.desk, c),
        lambda c: auditing.list_rows(shop.desk, c, auditing.AuditQuery(), 1),
    ):
        with pytest.raises(Forbidden):
            ask(shop.caller())


def test_a_head_that_makes_no_sense_is_refused():
    with pytest.raises(Invalid):
        findings(Shop(MemoryDatabase().begin), "nonsense")
