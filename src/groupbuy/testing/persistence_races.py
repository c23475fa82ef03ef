"""Idempotency keys, and many units of work at once; see `groupbuy.testing.persistence`."""

import threading
from contextlib import suppress

from attrs import evolve

from groupbuy.application.ports.persistence import (
    Ahead,
    Answer,
    Begin,
    KeyClaim,
    Query,
    Task,
    UnitOfWork,
)
from groupbuy.domain.kernel import Conflict, KeyReused
from groupbuy.domain.ledger import Balance, Journal
from groupbuy.testing.refusals import refused
from groupbuy.testing.samples import NOON
from groupbuy.testing.storage_steps import MINE, added, at_once, balance_of, retried, some_tasks


class KeyContract:
    """Idempotency keys. Needs the fixture `begin`."""

    def test_a_key_replays_its_answer(self, begin: Begin) -> None:
        """New ones are claimed beside old ones."""
        old, new = KeyClaim("s", "k1", "h1"), KeyClaim("s", "k2", "h2")
        with begin(MINE) as tx:
            assert tx.claim_keys([old]) == {}
            tx.answer_keys({old: Answer(ok=False, body="refused: 土")}, NOON)
        with begin(MINE) as tx:
            assert tx.claim_keys([new, old]) == {old: Answer(ok=False, body="refused: 土")}
            tx.answer_keys({new: Answer(ok=True, body="")}, NOON)
        with begin(MINE) as tx:
            assert tx.claim_keys([new]) == {new: Answer(ok=True, body="")}

    def test_keys_of_different_callers_never_meet(self, begin: Begin) -> None:
        """The scope tells them apart."""
        for scope in ("one", "two"):
            with begin(MINE) as tx:
                claim = KeyClaim(scope, "k", "h")
                assert tx.claim_keys([claim]) == {}
                tx.answer_keys({claim: Answer(True, scope)}, NOON)

    def test_another_body_under_the_same_key_is_refused(self, begin: Begin) -> None:
        """Replaying the old answer would lie."""
        claim = KeyClaim("s", "k", "h")
        with begin(MINE) as tx:
            tx.claim_keys([claim])
            tx.answer_keys({claim: Answer(True, "x")}, NOON)
        with refused(KeyReused), begin(MINE) as tx:
            tx.claim_keys([evolve(claim, input_hash="other")])

    def test_a_key_that_was_never_answered_is_a_conflict(self, begin: Begin) -> None:
        """There is nothing to replay."""
        claim = KeyClaim("s", "k", "h")
        with begin(MINE) as tx:
            tx.claim_keys([claim])
        with refused(Conflict), begin(MINE) as tx:
            tx.claim_keys([claim])

    def test_a_guarded_key_comes_with_its_answer(self, begin: Begin) -> None:
        """Whoever holds the lock finds what the one before has answered."""
        claim = KeyClaim("s", "k", "h")
        with begin(MINE) as tx:
            assert tx.claim_keys([claim], guarded=True) == {}
            tx.answer_keys({claim: Answer(True, "x")}, NOON)
        with begin(MINE) as tx:
            assert tx.claim_keys([claim], guarded=True) == {claim: Answer(True, "x")}
            assert tx.claim_keys([claim]) == {claim: Answer(True, "x")}
        with refused(KeyReused), begin(MINE) as tx:
            tx.claim_keys([evolve(claim, input_hash="other")], guarded=True)

    def test_a_guarded_key_that_nobody_answered_was_never_there(self, begin: Begin) -> None:
        """It is not claimed by looking at it."""
        claim = KeyClaim("s", "k", "h")
        for _ in range(2):
            with begin(MINE) as tx:
                assert tx.claim_keys([claim], guarded=True) == {}

    def test_a_guarded_key_that_was_not_guarded_is_a_conflict(self, begin: Begin) -> None:
        """Two who look, then answer: one of them is told, and the first answer stays."""
        claim, both, kept = KeyClaim("s", "k", "h"), threading.Barrier(2, timeout=2), list[str]()

        def look_and_answer(number: int) -> None:
            with suppress(Conflict), begin(MINE) as tx:
                if tx.claim_keys([claim], guarded=True):
                    return
                with suppress(threading.BrokenBarrierError):  # where only one may write at a time
                    both.wait()
                tx.answer_keys({claim: Answer(True, str(number))}, NOON)
                kept.append(str(number))

        at_once(2, look_and_answer)
        with begin(MINE) as tx:
            assert tx.claim_keys([claim])[claim].body in kept

    def test_what_was_read_ahead_is_what_would_be_read(self, begin: Begin) -> None:
        """Advice changes nothing but the way."""
        added(begin, Balance("a", 1))
        claim = KeyClaim("s", "k", "h")
        ahead = (
            Ahead(Balance, ("a", "b"), lock=True),
            Ahead(claims=(claim,)),
            Ahead(Journal, ("jrn_1",)),
            Ahead(Balance, query=Query().where(id="a")),
        )
        with begin(MINE, ahead=ahead) as tx:
            assert tx.of(Balance).lock(["a", "b"]) == {"a": Balance("a", 1)}
            assert tx.claim_keys([claim], guarded=True) == {}
            assert tx.of(Journal).find(["jrn_1"]) == {}
            assert tx.of(Balance).select(Query().where(id="a")) == [Balance("a", 1)]
            tx.of(Balance).save(tx.of(Balance).get("a").put(1))
        assert balance_of(begin, "a").amount == 2


class RaceContract:
    """Many at once. Needs the fixture `begin`."""

    def test_no_update_is_lost_when_many_change_one_thing(self, begin: Begin) -> None:
        """With a lock and without; conflicts are tried again."""
        added(begin, Balance("locked"), Balance("free"))

        def deposit(_: int) -> None:
            for _again in range(10):
                retried(begin, _put_locked)
                retried(begin, _put_free)

        at_once(4, deposit)
        assert balance_of(begin, "locked").amount == 40
        assert balance_of(begin, "free").amount == 40

    def test_two_who_make_the_same_thing_meet_at_the_lock(self, begin: Begin) -> None:
        """One row, every deposit."""

        def deposit(_: int) -> None:
            def put(tx: UnitOfWork) -> None:
                for balance in tx.of(Balance).lock(["b", "a"], create=Balance).values():
                    tx.of(Balance).save(balance.put(1))

            retried(begin, put)

        at_once(8, deposit)
        assert balance_of(begin, "a").amount == 8
        assert balance_of(begin, "b").amount == 8

    def test_one_key_at_once_has_one_effect(self, begin: Begin) -> None:
        """Everybody else gets the answer of the first."""
        claim = KeyClaim("s", "k", "h")
        said: list[str] = []

        def command(number: int) -> None:
            def work(tx: UnitOfWork) -> None:
                stored = tx.claim_keys([claim]).get(claim)
                if stored is None:
                    stored = Answer(True, str(number))
                    balance = tx.of(Balance).lock(["a"], create=Balance)["a"]
                    tx.of(Balance).save(balance.put(1))
                    tx.answer_keys({claim: stored}, NOON)
                answers.append(stored.body)

            answers: list[str] = []
            retried(begin, work)
            said.append(answers[-1])

        at_once(8, command)
        assert balance_of(begin, "a").amount == 1
        assert len(said) == 8
        assert len(set(said)) == 1

    def test_workers_share_what_is_due(self, begin: Begin) -> None:
        """Each task is done by exactly one of them."""
        added(begin, *some_tasks(24))
        done: list[str] = []

        def worker(_: int) -> None:
            def claim(tx: UnitOfWork) -> None:
                mine = tx.of(Task).select(Query().where(state="pending").page(4).claiming())
                for task in mine:
                    tx.of(Task).save(evolve(task, state="done"))
                batch[:] = [task.id for task in mine]

            batch = ["first"]
            while batch:
                retried(begin, claim)
                done.extend(batch)

        at_once(3, worker)
        assert sorted(done) == [task.id for task in some_tasks(24)]

    def test_readers_and_writers_do_not_wait_for_each_other(self, begin: Begin) -> None:
        """A reader sees the state before an open writer, and holds nobody up."""
        added(begin, Balance("a", 1))
        with begin(MINE, write=False) as reader:
            reader.of(Balance).get("a")
            with begin(MINE) as writer:
                writer.of(Balance).save(writer.of(Balance).lock(["a"])["a"].put(1))
                with begin(MINE, write=False) as other:
                    assert other.of(Balance).get("a").amount == 1
        assert balance_of(begin, "a").amount == 2


def _put_locked(tx: UnitOfWork) -> None:
    tx.of(Balance).save(tx.of(Balance).lock(["locked"])["locked"].put(1))


def _put_free(tx: UnitOfWork) -> None:
    tx.of(Balance).save(tx.of(Balance).get("free").put(1))
