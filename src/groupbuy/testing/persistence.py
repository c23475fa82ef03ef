"""What every storage promises, as tests for whoever writes an adapter.

    class TestMine(PersistenceContract):
        @pytest.fixture
        def begin(self) -> Begin: ...

`begin` opens units of work on an empty storage that threads may share.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from attrs import evolve

from groupbuy.application.ports.persistence import (
    Answer,
    AuditRow,
    Begin,
    KeyClaim,
    LoggedEvent,
    Query,
    Task,
    UnitOfWork,
)
from groupbuy.domain.campaigns import Group, Seat
from groupbuy.domain.kernel import Conflict, Event, KeyReused, Money, NotFound
from groupbuy.domain.ledger import Balance, Journal, JournalLine
from groupbuy.domain.membership import User
from groupbuy.domain.ordering import Order
from groupbuy.domain.payments import Payment
from groupbuy.testing.refusals import refused
from groupbuy.testing.samples import NOON, sample_of

MINE, OTHER = "tenant-a", "tenant-b"
_TRIES = 400
"""More conflicts in a row than any fair scheduler deals out."""


class _Stopped(Exception):  # noqa: N818  it is not an error
    """Leaves a unit of work half-way."""


class PersistenceContract:
    """Everything about one thing, one unit of work, one tenant. Needs the fixture `begin`."""

    def test_what_was_added_comes_back_equal(self, begin: Begin) -> None:
        """Nested values, children, amounts and instants included."""
        order = sample_of(Order, "ord_1")
        _add(begin, order, evolve(order, id="ord_2", lines=order.lines * 3))
        with begin(MINE, write=False) as tx:
            assert tx.of(Order).get("ord_1") == order
            found = tx.of(Order).find(["ord_2", "ord_1", "ord_3"])
        assert found == {"ord_1": order, "ord_2": evolve(order, id="ord_2", lines=order.lines * 3)}

    def test_what_was_saved_comes_back_one_version_higher(self, begin: Begin) -> None:
        """The version counts saves."""
        _add(begin, Balance("a", 1))
        with begin(MINE) as tx:
            tx.of(Balance).save(tx.of(Balance).get("a").put(5))
        assert _balance(begin, "a") == Balance("a", 6, version=1)

    def test_children_are_changed_added_and_cut_off_with_their_parent(self, begin: Begin) -> None:
        """A tuple comes back as it was saved, longer or shorter."""
        order = sample_of(Order, "ord_1")
        line = order.lines[0]
        _add(begin, evolve(order, lines=(line, line)))
        for count, title in ((3, "x"), (1, "y"), (2, "z")):
            with begin(MINE) as tx:
                loaded = tx.of(Order).lock(["ord_1"])["ord_1"]
                lines = (evolve(line, title=title), *[line] * (count - 1))
                tx.of(Order).save(evolve(loaded, lines=lines))
            with begin(MINE) as tx:
                assert tx.of(Order).get("ord_1").lines == lines

    def test_an_amount_may_come_in_another_currency_than_was_due(self, begin: Begin) -> None:
        """What a provider took is kept as it was."""
        odd = evolve(sample_of(Payment, "pay_1"), due=Money(100), captured=Money(3, "USD"))
        _add(begin, odd, evolve(odd, id="pay_2", captured=None))
        with begin(MINE) as tx:
            assert tx.of(Payment).get("pay_1") == odd
            assert tx.of(Payment).get("pay_2").captured is None

    def test_a_missing_thing_is_not_found(self, begin: Begin) -> None:
        """By name of kind and key."""
        with begin(MINE, write=False) as tx, refused(NotFound):
            tx.of(Balance).get("nobody")

    def test_a_unit_of_work_sees_what_it_staged(self, begin: Begin) -> None:
        """Get, find, lock and select return the staged state, once per thing."""
        _add(begin, Balance("a", 1))
        with begin(MINE) as tx:
            balances = tx.of(Balance)
            balances.add(Balance("b", 2))
            balances.save(balances.get("a").put(10))
            balances.save(balances.get("a").put(100))
            assert balances.get("b").amount == 2
            assert balances.find(["a", "b"]).keys() == {"a", "b"}
            assert balances.lock(["a"])["a"].amount == 111
            assert [b.amount for b in balances.select(Query())] == [111]
        assert _balance(begin, "a") == Balance("a", 111, version=1)

    def test_an_exception_leaves_nothing(self, begin: Begin) -> None:
        """Not a row, not an event, not a key."""
        _add(begin, Balance("a", 1))
        claim = KeyClaim("s", "k", "h")
        with refused(_Stopped), begin(MINE) as tx:
            tx.claim_keys([claim])
            tx.answer_keys({claim: Answer(True, "done")}, NOON)
            tx.of(Balance).lock(["new"], create=Balance)
            tx.of(Balance).save(tx.of(Balance).lock(["a"])["a"].put(5))
            tx.emit([Event("x", "grp_1", NOON)])
            raise _Stopped
        assert _balance(begin, "a") == Balance("a", 1)
        with begin(MINE) as tx:
            assert tx.of(Balance).find(["new"]) == {}
            assert tx.of(LoggedEvent).select(Query()) == []
            assert tx.claim_keys([claim]) == {}

    def test_a_failed_commit_leaves_nothing(self, begin: Begin) -> None:
        """A conflict in one table undoes all others."""
        _add(begin, Balance("a", 1))
        with refused(Conflict), begin(MINE) as tx:
            tx.of(Journal).add(sample_of(Journal, "jrn_1"))
            tx.of(Balance).save(Balance("a", 3, version=9))
        with begin(MINE) as tx:
            assert tx.of(Journal).select(Query()) == []
        assert _balance(begin, "a") == Balance("a", 1)

    def test_saving_a_stale_state_is_a_conflict(self, begin: Begin) -> None:
        """The second of two who read the same version loses nothing of the first."""
        _add(begin, Balance("a", 1))
        stale = _balance(begin, "a")
        with begin(MINE) as tx:
            tx.of(Balance).save(tx.of(Balance).get("a").put(10))
        with refused(Conflict), begin(MINE) as tx:
            tx.of(Balance).save(stale.put(100))
        with refused(Conflict), begin(MINE) as tx:
            tx.of(Balance).get("a")
            tx.of(Balance).save(stale.put(100))
        assert _balance(begin, "a") == Balance("a", 11, version=1)

    def test_adding_what_exists_is_a_conflict(self, begin: Begin) -> None:
        """In one unit of work or in two."""
        _add(begin, Balance("a", 1))
        with refused(Conflict):
            _add(begin, Balance("a", 2))
        with refused(Conflict):
            _add(begin, Balance("b", 1), Balance("b", 2))
        assert _balance(begin, "a") == Balance("a", 1)

    def test_saving_what_does_not_exist_is_a_conflict(self, begin: Begin) -> None:
        """There is nothing to change."""
        with refused(Conflict), begin(MINE) as tx:
            tx.of(Balance).save(Balance("ghost"))

    def test_a_unique_key_is_taken_once(self, begin: Begin) -> None:
        """Two people never share a phone; a phone given up is free again, none is none."""
        user = evolve(sample_of(User, "usr_1"), phone_fingerprint="f1")
        _add(begin, user)
        with refused(Conflict):
            _add(begin, evolve(user, id="usr_2"))
        with begin(MINE) as tx:
            tx.of(User).save(evolve(tx.of(User).get("usr_1"), phone_fingerprint=""))
        _add(begin, evolve(user, id="usr_2"), evolve(user, id="usr_3", phone_fingerprint=""))

    def test_append_only_things_are_never_saved(self, begin: Begin) -> None:
        """No version, no second state."""
        _add(begin, sample_of(AuditRow, "aud_1"))
        with refused(TypeError), begin(MINE) as tx:
            tx.of(AuditRow).save(tx.of(AuditRow).get("aud_1"))

    def test_an_effect_is_staged_once(self, begin: Begin) -> None:
        """The first task of a key stays as it is, whoever comes later."""
        task = Task("pay/ord_1", "pay", "ord_1", NOON, {"n": "1"})
        _add(begin, task, evolve(task, data={"n": "2"}))
        _add(begin, evolve(task, data={"n": "3"}), Task("pay/ord_2", "pay", "ord_2", NOON))
        with begin(MINE) as tx:
            assert tx.of(Task).get("pay/ord_1") == task
            assert len(tx.of(Task).select(Query())) == 2

    def test_a_reader_cannot_write(self, begin: Begin) -> None:
        """That is a defect of the caller, not a refusal."""
        with begin(MINE, write=False) as tx:
            for attempt in (
                lambda: tx.of(Balance).add(Balance("a")),
                lambda: tx.of(Balance).save(Balance("a")),
                lambda: tx.of(Balance).lock(["a"]),
                lambda: tx.claim_keys([KeyClaim("s", "k", "h")]),
            ):
                with refused(RuntimeError):
                    attempt()

    def test_tenants_never_see_each_other(self, begin: Begin) -> None:
        """The same ids and keys live side by side."""
        claim = KeyClaim("s", "k", "h")
        for tenant, amount in ((MINE, 1), (OTHER, 2)):
            with begin(tenant) as tx:
                assert tx.claim_keys([claim]) == {}
                tx.answer_keys({claim: Answer(True, tenant)}, NOON)
                tx.of(Balance).add(Balance("a", amount))
                tx.of(Balance).add(Balance(tenant, amount))
                tx.emit([Event("x", "grp_1", NOON)])
        for tenant, amount in ((MINE, 1), (OTHER, 2)):
            with begin(tenant) as tx:
                assert tx.claim_keys([claim]) == {claim: Answer(True, tenant)}
                assert tx.of(Balance).find([MINE, OTHER]).keys() == {tenant}
                assert {b.amount for b in tx.of(Balance).select(Query())} == {amount}
                assert len(tx.of(LoggedEvent).select(Query())) == 1
                assert tx.of(Balance).lock([MINE, OTHER]).keys() == {tenant}

    def test_events_are_kept_in_the_order_of_telling(self, begin: Begin) -> None:
        """Within a unit of work and from one to the next, in one instant too."""
        for first in (0, 10):
            with begin(MINE) as tx:
                tx.emit([Event(f"e{first + n}", "grp_1", NOON, {"n": n}) for n in range(5)])
                tx.emit([Event(f"e{first + n}", "grp_1", NOON, {"n": n}) for n in range(5, 10)])
        with begin(MINE, write=False) as tx:
            log = tx.of(LoggedEvent).select(Query().where(subject="grp_1"))
        assert [row.name for row in log] == [f"e{n}" for n in range(20)]
        assert log[3].data == {"n": 3}
        assert log[3].at == NOON

    def test_a_journal_keeps_its_lines_in_order(self, begin: Begin) -> None:
        """Append-only with children."""
        lines = tuple(JournalLine(f"account:{n}", (-1) ** n * 7) for n in range(6))
        journal = evolve(sample_of(Journal, "jrn_1"), lines=lines)
        _add(begin, journal)
        with begin(MINE) as tx:
            assert tx.of(Journal).select(Query()) == [journal]

    def test_kinds_are_locked_in_one_order_only(self, begin: Begin) -> None:
        """Going back in the order would deadlock under load, so it fails at once."""
        with refused(RuntimeError), begin(MINE) as tx:
            tx.of(Balance).lock(["a"])
            tx.of(Group).lock(["grp_1"])
        with begin(MINE) as tx:
            tx.of(Group).lock(["grp_1"])
            tx.of(Balance).lock(["a"])
            tx.of(Group).lock(["grp_1"])


class QueryContract:
    """What a query finds, and in which order. Needs the fixture `begin`."""

    def test_every_condition_narrows_the_result(self, begin: Begin) -> None:
        """Equal, absent, one of, at least, less than."""
        _add(begin, *_tasks(6))
        for query, wanted in (
            (Query().where(state="pending", topic="even"), "024"),
            (Query().where(claimed_until=None), "0135"),
            (Query().where(claimed_until=NOON), "24"),
            (Query().among("subject", ["s1", "s5", "s9"]), "15"),
            (Query().among("attempts", [0, 3]), "03"),
            (Query().since("due_at", NOON + timedelta(hours=4)), "45"),
            (Query().before("due_at", NOON + timedelta(hours=2)), "01"),
            (Query().since("claimed_until", NOON), "24"),
            (Query().where(state="done"), ""),
        ):
            with begin(MINE, write=False) as tx:
                found = tx.of(Task).select(query)
            assert "".join(task.id[-1] for task in found) == wanted

    def test_amounts_and_states_are_searched_by_as_they_are(self, begin: Begin) -> None:
        """Money by its minor units, states by their value."""
        seat = sample_of(Seat, "ord_1")
        _add(begin, seat, evolve(seat, id="ord_2", amount=Money(250)))
        with begin(MINE, write=False) as tx:
            by_amount = tx.of(Seat).select(Query().since("amount", Money(200)))
            by_state = tx.of(Seat).select(Query().where(state=seat.state).sorted("-amount"))
        assert [s.id for s in by_amount] == ["ord_2"]
        assert [s.id for s in by_state] == ["ord_2", "ord_1"]

    def test_nested_values_cannot_be_searched_by(self, begin: Begin) -> None:
        """Nor can attributes that do not exist."""
        _add(begin, *_tasks(1))
        for name in ("data", "nonsense"):
            with begin(MINE, write=False) as tx, refused(ValueError):
                tx.of(Task).select(Query().where(**{name: "x"}))

    def test_pages_show_everything_once_in_order(self, begin: Begin) -> None:
        """Up and down, with ties and with values that are absent."""
        _add(begin, *_tasks(9))
        for order in ("id", "-id", "attempts", "-attempts", "claimed_until", "-claimed_until"):
            with begin(MINE, write=False) as tx:
                everything = tx.of(Task).select(Query().sorted(order))
                assert _paged(tx, order, 2) == [task.id for task in everything]
            assert len(everything) == 9
            keys = [(_sortable(task, order), task.id) for task in everything]
            assert keys == sorted(keys, reverse=order.startswith("-"))

    def test_text_sorts_by_its_code_points(self, begin: Begin) -> None:
        """Alike everywhere, whatever the locale."""
        ids = ["a", "B", "é", "Z", "_", "团", "10", "9"]
        _add(begin, *[Balance(key) for key in ids])
        with begin(MINE, write=False) as tx:
            assert [b.id for b in tx.of(Balance).select(Query())] == sorted(ids)

    def test_a_limit_is_kept(self, begin: Begin) -> None:
        """The default too."""
        _add(begin, *[Balance(f"{n:03}") for n in range(120)])
        with begin(MINE, write=False) as tx:
            assert len(tx.of(Balance).select(Query())) == 100
            assert [b.id for b in tx.of(Balance).select(Query().page(2))] == ["000", "001"]


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


class RaceContract:
    """Many at once. Needs the fixture `begin`."""

    def test_no_update_is_lost_when_many_change_one_thing(self, begin: Begin) -> None:
        """With a lock and without; conflicts are tried again."""
        _add(begin, Balance("locked"), Balance("free"))

        def deposit(_: int) -> None:
            for _again in range(10):
                _retried(begin, _put_locked)
                _retried(begin, _put_free)

        _at_once(4, deposit)
        assert _balance(begin, "locked").amount == 40
        assert _balance(begin, "free").amount == 40

    def test_two_who_make_the_same_thing_meet_at_the_lock(self, begin: Begin) -> None:
        """One row, every deposit."""

        def deposit(_: int) -> None:
            def put(tx: UnitOfWork) -> None:
                for balance in tx.of(Balance).lock(["b", "a"], create=Balance).values():
                    tx.of(Balance).save(balance.put(1))

            _retried(begin, put)

        _at_once(8, deposit)
        assert _balance(begin, "a").amount == 8
        assert _balance(begin, "b").amount == 8

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
            _retried(begin, work)
            said.append(answers[-1])

        _at_once(8, command)
        assert _balance(begin, "a").amount == 1
        assert len(said) == 8
        assert len(set(said)) == 1

    def test_workers_share_what_is_due(self, begin: Begin) -> None:
        """Each task is done by exactly one of them."""
        _add(begin, *_tasks(24))
        done: list[str] = []

        def worker(_: int) -> None:
            def claim(tx: UnitOfWork) -> None:
                mine = tx.of(Task).select(Query().where(state="pending").page(4).claiming())
                for task in mine:
                    tx.of(Task).save(evolve(task, state="done"))
                batch[:] = [task.id for task in mine]

            batch = ["first"]
            while batch:
                _retried(begin, claim)
                done.extend(batch)

        _at_once(3, worker)
        assert sorted(done) == [task.id for task in _tasks(24)]

    def test_readers_and_writers_do_not_wait_for_each_other(self, begin: Begin) -> None:
        """A reader sees the state before an open writer, and holds nobody up."""
        _add(begin, Balance("a", 1))
        with begin(MINE, write=False) as reader:
            reader.of(Balance).get("a")
            with begin(MINE) as writer:
                writer.of(Balance).save(writer.of(Balance).lock(["a"])["a"].put(1))
                with begin(MINE, write=False) as other:
                    assert other.of(Balance).get("a").amount == 1
        assert _balance(begin, "a").amount == 2


def _put_locked(tx: UnitOfWork) -> None:
    tx.of(Balance).save(tx.of(Balance).lock(["locked"])["locked"].put(1))


def _put_free(tx: UnitOfWork) -> None:
    tx.of(Balance).save(tx.of(Balance).get("free").put(1))


def _retried(begin: Begin, work: Callable[[UnitOfWork], None]) -> None:
    for _ in range(_TRIES):
        try:
            with begin(MINE) as tx:
                work(tx)
        except Conflict:
            continue
        return
    raise AssertionError("conflicts without end")


def _at_once(count: int, work: Callable[[int], None]) -> None:
    start = Barrier(count)

    def run(number: int) -> None:
        start.wait()
        work(number)

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(run, range(count)))


def _add(begin: Begin, *things: object) -> None:
    with begin(MINE) as tx:
        for thing in things:
            tx.of(type(thing)).add(thing)


def _balance(begin: Begin, key: str) -> Balance:
    with begin(MINE, write=False) as tx:
        return tx.of(Balance).get(key)


def _tasks(count: int) -> list[Task]:
    return [
        Task(
            id=f"t/{n:02}",
            topic="odd" if n % 2 else "even",
            subject=f"s{n}",
            due_at=NOON + timedelta(hours=n),
            attempts=n % 4,
            claimed_until=NOON if n and n % 2 == 0 else None,
        )
        for n in range(count)
    ]


def _sortable(task: Task, order: str) -> object:
    value = getattr(task, order.lstrip("-"))
    return (value is not None, value or 0)


def _paged(tx: UnitOfWork, order: str, size: int) -> list[str]:
    name, after, ids = order.lstrip("-"), None, list[str]()
    while True:
        page = tx.of(Task).select(Query().sorted(order).page(size, after))
        ids += [task.id for task in page]
        if len(page) < size:
            return ids
        after = (getattr(page[-1], name), page[-1].id)
