"""Whoever listens hears of every change, or is told that it may have missed one."""

import queue
import socket
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import create_engine

from groupbuy.adapters.memory import MemorySignals
from groupbuy.adapters.persistence import open_database
from groupbuy.adapters.persistence.signals import CHANNEL, LISTENER, LocalSignals, PostgresSignals
from groupbuy.entrypoints.bootstrap import Echo

MINE, OTHER = "tenant-a", "tenant-b"
SECONDS = 30
LOST = "lost"


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def signals(request, tmp_path):
    if request.param == "memory":
        yield MemorySignals()
        return
    url = f"sqlite:///{tmp_path / 'groupbuy.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("pg_database").app_url
    opened = open_database(url, pool_size=4)
    yield opened.signals
    opened.close()


@pytest.fixture
def postgres(pg_database):
    opened = open_database(pg_database.app_url, pool_size=4)
    yield opened.signals
    opened.close()


class Ear:
    """Writes down what a listener is told, in order."""

    def __init__(self, signals):
        self.heard = queue.Queue()
        self.stop = signals.listen(self._hear, lambda: self.heard.put(LOST))

    def _hear(self, tenant, ids):
        self.heard.put((tenant, ids))

    def next(self):
        return self.heard.get(timeout=SECONDS)

    def next_signal(self):
        while (told := self.next()) == LOST:
            pass
        return told

    def everything(self):
        found = []
        with suppress(queue.Empty):
            while True:
                found.append(self.heard.get_nowait())
        return found


class Pipe:
    """A way to a server that can go dead without a word, as a broken network does."""

    def __init__(self, url):
        place = urlsplit(url)
        self._target = (place.hostname, place.port)
        self._door = socket.create_server(("127.0.0.1", 0))
        port = self._door.getsockname()[1]
        self.url = place._replace(
            netloc=f"{place.username}:{place.password}@127.0.0.1:{port}"
        ).geturl()
        self._dead = threading.Event()
        self._ends = [self._door]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with suppress(OSError):
            while True:
                near, far = self._door.accept()[0], socket.create_connection(self._target)
                self._ends += [near, far]
                dead = self._dead
                for here, there in ((near, far), (far, near)):
                    threading.Thread(
                        target=self._carry, args=(here, there, dead), daemon=True
                    ).start()

    def _carry(self, here, there, dead):
        with suppress(OSError):
            while said := here.recv(65_536):
                if not dead.is_set():
                    there.sendall(said)

    def swallow(self):
        """Let nothing through any more; only connections made from now on work."""
        dead, self._dead = self._dead, threading.Event()
        dead.set()

    def close(self):
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def cut(pg_cluster, pg_database, name=LISTENER):
    with psycopg.connect(pg_cluster.admin_url, autocommit=True) as admin:
        found = admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE application_name = %s AND datname = %s",
            (name, pg_database.name),
        ).fetchall()
    return len(found)


def until(holds):
    for _ in range(SECONDS * 50):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("it never came true")


def test_a_signal_reaches_every_listener_in_order(signals):
    ears = [Ear(signals) for _ in range(3)]
    signals.publish(MINE, ["grp_1", "grp_1", "团"])
    signals.publish(MINE, [])
    signals.publish(OTHER, ["grp_2"])
    for ear in ears:
        assert ear.next_signal() == (MINE, ("grp_1", "团"))
        assert ear.next() == (OTHER, ("grp_2",))


def test_many_ids_arrive_whole(signals):
    ear = Ear(signals)
    many = [f"grp_{n:026}" for n in range(600)]
    signals.publish(OTHER, many)
    found = []
    while len(found) < len(many):
        found += ear.next_signal()[1]
    assert found == many


def test_whoever_stopped_hears_nothing_and_the_others_go_on(signals):
    gone, here = Ear(signals), Ear(signals)
    gone.stop()
    gone.stop()
    gone.everything()
    signals.publish(MINE, ["grp_1"])
    assert here.next_signal() == (MINE, ("grp_1",))
    assert gone.everything() == []


def test_nobody_is_told_of_a_loss_while_nothing_is_lost(signals):
    first = Ear(signals)
    signals.publish(MINE, ["grp_1"])
    assert first.next_signal() == (MINE, ("grp_1",))
    second = Ear(signals)
    signals.publish(MINE, ["grp_2"])
    assert first.next() == second.next() == (MINE, ("grp_2",))


def test_the_process_that_publishes_passes_losses_on_too():
    class Lossy(MemorySignals):
        def listen(self, heard, lost):
            lost()
            return super().listen(heard, lost)

    echo = Echo(Lossy())
    assert echo.listening
    assert Ear(echo).next() == LOST


def test_any_number_of_listeners_share_one_connection(postgres, pg_cluster, pg_database):
    ears = [Ear(postgres) for _ in range(20)]
    postgres.publish(MINE, ["grp_1"])
    for ear in ears:
        assert ear.next_signal() == (MINE, ("grp_1",))
    assert cut(pg_cluster, pg_database) == 1


def test_a_listener_whose_connection_was_cut_forgets_before_it_hears_again(
    postgres, pg_cluster, pg_database
):
    ear = Ear(postgres)
    assert ear.next() == LOST
    assert postgres.listening
    assert cut(pg_cluster, pg_database) == 1
    postgres.publish(MINE, ["grp_missed"])
    assert ear.next() == LOST
    until(lambda: postgres.listening)
    postgres.publish(MINE, ["grp_1"])
    assert ear.next() == (MINE, ("grp_1",))


def test_a_line_that_went_dead_without_a_word_is_noticed_and_replaced(pg_database):
    pipe, engine = Pipe(pg_database.app_url), create_engine(pg_database.app_url)
    signals = PostgresSignals(engine, pipe.url, 0.05, 0.5)
    ear = Ear(signals)
    assert ear.next() == LOST
    until(lambda: signals.listening)
    pipe.swallow()
    signals.publish(MINE, ["grp_missed"])
    until(lambda: not signals.listening)
    until(lambda: signals.listening)
    assert ear.everything() == [LOST]
    signals.publish(MINE, ["grp_1"])
    assert ear.next() == (MINE, ("grp_1",))
    signals.close()
    engine.dispose()
    pipe.close()


def test_a_database_that_is_not_there_is_not_listened_to():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    engine = create_engine("postgresql+psycopg://nobody@127.0.0.1/none")
    signals = PostgresSignals(engine, f"postgresql://nobody@127.0.0.1:{port}/none")
    ear = Ear(signals)
    assert not signals.listening
    assert ear.everything() == []
    signals.close()


def test_a_change_is_told_although_the_connection_in_the_pool_has_died(
    postgres, pg_cluster, pg_database
):
    ear = Ear(postgres)
    postgres.publish(MINE, ["grp_1"])
    assert ear.next_signal() == (MINE, ("grp_1",))
    assert cut(pg_cluster, pg_database, "groupbuy") == 1
    postgres.publish(MINE, ["grp_2"])
    assert ear.next_signal() == (MINE, ("grp_2",))


def test_what_is_committed_does_not_fail_because_nobody_can_be_told():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"postgresql+psycopg://nobody@127.0.0.1:{port}/none"
    signals = PostgresSignals(create_engine(url), url)
    signals.publish(MINE, ["grp_1"])


def test_a_payload_nobody_can_read_counts_as_lost(postgres, pg_database):
    ear = Ear(postgres)
    assert ear.next() == LOST
    with psycopg.connect(pg_database.app_url, autocommit=True) as stranger:
        for payload in ("", "no json", "[]", "7"):
            stranger.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
            assert ear.next() == LOST
    postgres.publish(MINE, ["grp_1"])
    assert ear.next() == (MINE, ("grp_1",))


def test_a_listener_that_fails_deafens_nobody(postgres):
    def fail(_tenant, _ids):
        raise RuntimeError

    postgres.listen(fail)
    ear = Ear(postgres)
    for ids in (("grp_1",), ("grp_2",)):
        postgres.publish(MINE, ids)
        assert ear.next_signal() == (MINE, ids)


def test_a_listener_that_is_too_slow_is_told_of_its_loss(monkeypatch):
    monkeypatch.setattr("groupbuy.adapters.persistence.signals._LATE", 2)
    signals, free, busy = LocalSignals(), threading.Event(), threading.Event()

    def slow(_tenant, _ids):
        busy.set()
        free.wait(SECONDS)

    signals.listen(slow)
    ear = Ear(signals)
    signals.publish(MINE, ["grp_0"])
    assert busy.wait(SECONDS)
    for number in range(1, 5):
        signals.publish(MINE, [f"grp_{number}"])
    free.set()
    told = [ear.next() for _ in range(4)]
    assert told == [(MINE, ("grp_0",)), LOST, (MINE, ("grp_1",)), (MINE, ("grp_2",))]
    signals.close()


def test_a_file_shared_with_other_processes_is_never_believed(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path / 'groupbuy.db'}", pool_size=2)
    Ear(opened.signals)
    assert not opened.signals.listening
    opened.close()


def test_after_closing_one_may_listen_again(postgres):
    old = Ear(postgres)
    postgres.close()
    assert not postgres.listening
    old.everything()
    new = Ear(postgres)
    postgres.publish(MINE, ["grp_1"])
    assert new.next_signal() == (MINE, ("grp_1",))
    assert old.everything() == []
