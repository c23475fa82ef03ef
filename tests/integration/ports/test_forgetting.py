"""What has served its time goes, on every storage; what is younger, pending or money stays."""

from datetime import timedelta

import psycopg
import pytest
from attrs import evolve

from groupbuy.adapters.memory import MemoryDatabase
from groupbuy.adapters.persistence import KINDS, forgetting, open_database
from groupbuy.application.limits import RateWindow
from groupbuy.application.payments import first_time
from groupbuy.application.ports.persistence import Answer, AuditRow, KeyClaim, Task
from groupbuy.application.retention import FORGOTTEN
from groupbuy.application.write_path import Caller, Desk, Kit
from groupbuy.domain.kernel import Event
from groupbuy.domain.ledger import Journal
from groupbuy.domain.membership import LoginSession
from groupbuy.domain.pictures import Picture, Purpose
from groupbuy.testing.samples import NOON, sample_of
from tests.support.shop import CountingIds, HandClock, MemorySignals, NoWaiting, OpenVault

MINE, OTHER = "tenant-a", "tenant-b"
AGES = {"keys": 3, "inbox": 90, "tasks": 30, "sessions": 90, "rate_windows": 1, "pictures": 1}
"""Days each of them is kept."""
BLINK = timedelta(microseconds=1)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def database(request, tmp_path):
    if request.param == "memory":
        yield MemoryDatabase()
        return
    url = f"sqlite:///{tmp_path / 'groupbuy.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("pg_database").app_url
    opened = open_database(url, pool_size=4)
    yield opened
    opened.close()


def days_before(name, extra=timedelta(0)):
    return NOON - timedelta(days=AGES[name]) - extra


def fill(database, tenant, extra):
    """Store one of each as old as it may get, and `extra` older."""
    ended, ran_out = (f"{name}-{extra}" for name in ("ended", "ran-out"))
    with database.begin(tenant) as tx:
        for scope, name in (("usr_1/POST /x", "keys"), ("inbox:sandbox", "inbox")):
            claim = KeyClaim(scope, f"{name}-{extra}", "h")
            tx.claim_keys([claim])
            tx.answer_keys({claim: Answer(True, "{}")}, days_before(name, extra))
    with database.begin(tenant) as tx:
        done = Task(f"done-{extra}", "prepay", "ord_1", NOON, state="done")
        tx.of(Task).add(evolve(done, done_at=days_before("tasks", extra)))
        window = RateWindow(f"login/{extra}", days_before("rate_windows", extra), 3)
        tx.of(RateWindow).add(window)
        at = days_before("sessions", extra)
        later = NOON + timedelta(days=1)
        tx.of(LoginSession).add(LoginSession(ended, "usr_1", at, at, later, ended_at=at))
        tx.of(LoginSession).add(LoginSession(ran_out, "usr_1", at, at, at))
        loose, shown = f"pic-{extra}", f"shown-{extra}"
        since = days_before("pictures", extra)
        for key, when in ((loose, since), (shown, None)):
            tx.of(Picture).add(Picture(key, Purpose.PRODUCT, "usr_1", since, (), loose_since=when))
    return {
        Picture: [loose],
        Task: [f"done-{extra}"],
        RateWindow: [f"login/{extra}"],
        LoginSession: [ended, ran_out],
    }


def left(database, tenant, stored):
    with database.begin(tenant, write=False) as tx:
        return {kind: sorted(tx.of(kind).find(keys)) for kind, keys in stored.items()}


NONE = {Picture: [], Task: [], RateWindow: [], LoginSession: []}


def test_old_rows_go_and_rows_on_their_last_day_stay(database):
    young, old = fill(database, MINE, timedelta(0)), fill(database, MINE, BLINK)
    gone = database.forget(MINE, NOON)
    once = ("keys", "inbox", "tasks", "rate_windows", "pictures")
    assert gone == {**dict.fromkeys(once, 1), "sessions": 2}
    with database.begin(MINE, write=False) as tx:
        assert tx.of(Picture).get(f"shown-{BLINK}").loose_since is None
    assert left(database, MINE, old) == NONE
    assert left(database, MINE, young) == {kind: sorted(keys) for kind, keys in young.items()}
    assert sum(database.forget(MINE, NOON).values()) == 0


def test_a_kept_key_replays_its_answer_and_a_forgotten_one_is_new(database):
    fill(database, MINE, timedelta(0))
    fill(database, MINE, BLINK)
    database.forget(MINE, NOON)
    young = KeyClaim("usr_1/POST /x", f"keys-{timedelta(0)}", "h")
    old = KeyClaim("usr_1/POST /x", f"keys-{BLINK}", "h")
    with database.begin(MINE) as tx:
        assert tx.claim_keys([young, old]) == {young: Answer(True, "{}")}
        tx.answer_keys({old: Answer(True, "again")}, NOON)


def test_a_providers_event_is_known_for_ninety_days(database):
    clock = HandClock()
    kit = Kit(clock, CountingIds(clock), OpenVault())
    desk = Desk(database.begin, kit, MemorySignals(), NoWaiting())

    def heard(event):
        return desk.run(Caller.system(MINE), lambda work: first_time(work, "sandbox", event))

    assert heard("evt-1")
    clock.forward(days=90)
    database.forget(MINE, clock.now())
    assert not heard("evt-1")
    clock.forward(microseconds=1)
    database.forget(MINE, clock.now())
    assert heard("evt-1")


def test_what_waits_or_is_parked_is_never_forgotten_however_old(database):
    long_ago = NOON - timedelta(days=4000)
    tasks = [
        Task(f"{state}-{n}", "refund", "rfd_1", long_ago, state=state, done_at=done_at)
        for state in ("pending", "parked")
        for n, done_at in enumerate((None, long_ago))
    ]
    with database.begin(MINE) as tx:
        for task in tasks:
            tx.of(Task).add(task)
        session = LoginSession("open", "usr_1", long_ago, long_ago, NOON)
        tx.of(LoginSession).add(session)
    assert sum(database.forget(MINE, NOON).values()) == 0
    with database.begin(MINE, write=False) as tx:
        assert len(tx.of(Task).find(task.id for task in tasks)) == 4
        assert tx.of(LoginSession).get("open") == session


def test_nothing_else_is_ever_forgotten(database):
    kept = [kind.cls for kind in KINDS if kind.cls not in FORGOTTEN]
    with database.begin(MINE) as tx:
        for cls in kept:
            tx.of(cls).add(sample_of(cls, "one"))
        tx.emit([Event("x", "grp_1", NOON)])
    database.forget(MINE, NOON + timedelta(days=36_500))
    with database.begin(MINE, write=False) as tx:
        assert {cls for cls in kept if tx.of(cls).get("one")} == set(kept)
    assert {Journal, AuditRow} < set(kept)


def test_one_tenants_housekeeping_leaves_all_others_alone(database):
    stored = fill(database, OTHER, BLINK)
    assert sum(database.forget(MINE, NOON).values()) == 0
    assert left(database, OTHER, stored) == {kind: sorted(keys) for kind, keys in stored.items()}


def test_a_row_that_is_used_again_between_looking_and_removing_stays(tmp_path, monkeypatch):
    database = open_database(f"sqlite:///{tmp_path / 'groupbuy.db'}")
    with database.begin(MINE) as tx:
        tx.of(RateWindow).add(RateWindow("login/x", NOON - timedelta(days=2), 1))
    begin, used = type(database).begin, []

    def begin_late(self, tenant, *, write=True, ahead=()):
        """Let somebody try to log in just before the first removal."""
        if write and not used:
            used.append(True)
            with begin(self, tenant) as tx:
                window = tx.of(RateWindow).lock(["login/x"])["login/x"]
                tx.of(RateWindow).save(evolve(window, started_at=NOON, count=1))
        return begin(self, tenant, write=write)

    with monkeypatch.context() as patch:
        patch.setattr(type(database), "begin", begin_late)
        assert sum(database.forget(MINE, NOON).values()) == 0
    assert used
    with database.begin(MINE, write=False) as tx:
        assert tx.of(RateWindow).get("login/x").started_at == NOON
    database.close()


def test_many_rows_go_in_short_transactions(tmp_path, monkeypatch):
    database = open_database(f"sqlite:///{tmp_path / 'groupbuy.db'}")
    with database.begin(MINE) as tx:
        for n in range(25):
            at = NOON - timedelta(days=2)
            tx.of(RateWindow).add(RateWindow(f"login/{n}", at, 1))
        tx.of(RateWindow).add(RateWindow("login/now", NOON, 1))
    monkeypatch.setattr(forgetting, "BATCH", 10)
    database.counter.texts = texts = []
    assert database.forget(MINE, NOON)["rate_windows"] == 25
    removals = [text for text in texts if text.startswith("DELETE FROM rate_windows")]
    assert len(removals) == 3
    database.close()


def test_the_application_may_remove_only_what_it_forgets(pg_database):
    removable = {"idempotency", "tasks", "login_sessions", "rate_windows", "order_lines"}
    removable |= {"pictures"}
    with psycopg.connect(pg_database.app_url) as connection:
        rows = connection.execute(
            "SELECT table_name FROM information_schema.role_table_grants "
            "WHERE grantee = current_user AND privilege_type = 'DELETE'"
        ).fetchall()
        assert {name for (name,) in rows} == removable
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM orders")
