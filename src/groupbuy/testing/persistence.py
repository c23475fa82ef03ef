"""What every storage promises, as tests for whoever writes an adapter.

    class TestMine(PersistenceContract):
        @pytest.fixture
        def begin(self) -> Begin: ...

`begin` opens units of work on an empty storage that threads may share.
"""

from datetime import timedelta

from attrs import evolve

from groupbuy.application.ports.persistence import (
    Answer,
    AuditRow,
    Begin,
    KeyClaim,
    LoggedEvent,
    Query,
    Task,
)
from groupbuy.domain.campaigns import Group
from groupbuy.domain.kernel import Conflict, Event, Money, NotFound
from groupbuy.domain.ledger import Balance, ClosedPeriod, Journal, JournalLine
from groupbuy.domain.membership import User
from groupbuy.domain.ordering import Order
from groupbuy.domain.payments import Payment
from groupbuy.testing.refusals import refused
from groupbuy.testing.samples import NOON, sample_of
from groupbuy.testing.storage_steps import MINE, OTHER, added, balance_of


class _Stopped(Exception):
    """Leaves a unit of work half-way."""


class PersistenceContract:
    """Everything about one thing, one unit of work, one tenant. Needs the fixture `begin`."""

    def test_what_was_added_comes_back_equal(self, begin: Begin) -> None:
        """Nested values, children, amounts and instants included."""
        order = sample_of(Order, "ord_1")
        added(begin, order, evolve(order, id="ord_2", lines=order.lines * 3))
        with begin(MINE, write=False) as tx:
            assert tx.of(Order).get("ord_1") == order
            found = tx.of(Order).find(["ord_2", "ord_1", "ord_3"])
        assert found == {"ord_1": order, "ord_2": evolve(order, id="ord_2", lines=order.lines * 3)}

    def test_what_was_saved_comes_back_one_version_higher(self, begin: Begin) -> None:
        """The version counts saves."""
        added(begin, Balance("a", 1))
        with begin(MINE) as tx:
            tx.of(Balance).save(tx.of(Balance).get("a").put(5))
        assert balance_of(begin, "a") == Balance("a", 6, version=1)

    def test_children_are_changed_added_and_cut_off_with_their_parent(self, begin: Begin) -> None:
        """A tuple comes back as it was saved, longer or shorter."""
        order = sample_of(Order, "ord_1")
        line = order.lines[0]
        added(begin, evolve(order, lines=(line, line)))
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
        added(begin, odd, evolve(odd, id="pay_2", captured=None))
        with begin(MINE) as tx:
            assert tx.of(Payment).get("pay_1") == odd
            assert tx.of(Payment).get("pay_2").captured is None

    def test_a_missing_thing_is_not_found(self, begin: Begin) -> None:
        """By name of kind and key."""
        with begin(MINE, write=False) as tx, refused(NotFound):
            tx.of(Balance).get("nobody")

    def test_a_unit_of_work_sees_what_it_staged(self, begin: Begin) -> None:
        """Get, find, lock and select return the staged state, once per thing."""
        added(begin, Balance("a", 1))
        with begin(MINE) as tx:
            balances = tx.of(Balance)
            balances.add(Balance("b", 2))
            balances.save(balances.get("a").put(10))
            balances.save(balances.get("a").put(100))
            assert balances.get("b").amount == 2
            assert balances.find(["a", "b"]).keys() == {"a", "b"}
            assert balances.lock(["a"])["a"].amount == 111
            assert [b.amount for b in balances.select(Query())] == [111]
        assert balance_of(begin, "a") == Balance("a", 111, version=1)

    def test_an_exception_leaves_nothing(self, begin: Begin) -> None:
        """Not a row, not an event, not a key."""
        added(begin, Balance("a", 1))
        claim = KeyClaim("s", "k", "h")
        with refused(_Stopped), begin(MINE) as tx:
            tx.claim_keys([claim])
            tx.answer_keys({claim: Answer(True, "done")}, NOON)
            tx.of(Balance).lock(["new"], create=Balance)
            tx.of(Balance).save(tx.of(Balance).lock(["a"])["a"].put(5))
            tx.emit([Event("x", "grp_1", NOON)])
            _stop()
        assert balance_of(begin, "a") == Balance("a", 1)
        with begin(MINE) as tx:
            assert tx.of(Balance).find(["new"]) == {}
            assert tx.of(LoggedEvent).select(Query()) == []
            assert tx.claim_keys([claim]) == {}

    def test_a_failed_commit_leaves_nothing(self, begin: Begin) -> None:
        """A conflict in one table undoes all others."""
        added(begin, Balance("a", 1))
        with refused(Conflict), begin(MINE) as tx:
            tx.of(Journal).add(sample_of(Journal, "jrn_1"))
            tx.of(Balance).save(Balance("a", 3, version=9))
        with begin(MINE) as tx:
            assert tx.of(Journal).select(Query()) == []
        assert balance_of(begin, "a") == Balance("a", 1)

    def test_saving_a_stale_state_is_a_conflict(self, begin: Begin) -> None:
        """The second of two who read the same version loses nothing of the first."""
        added(begin, Balance("a", 1))
        stale = balance_of(begin, "a")
        with begin(MINE) as tx:
            tx.of(Balance).save(tx.of(Balance).get("a").put(10))
        with refused(Conflict), begin(MINE) as tx:
            tx.of(Balance).save(stale.put(100))
        with refused(Conflict), begin(MINE) as tx:
            tx.of(Balance).get("a")
            tx.of(Balance).save(stale.put(100))
        assert balance_of(begin, "a") == Balance("a", 11, version=1)

    def test_adding_what_exists_is_a_conflict(self, begin: Begin) -> None:
        """In one unit of work or in two."""
        added(begin, Balance("a", 1))
        with refused(Conflict):
            added(begin, Balance("a", 2))
        with refused(Conflict):
            added(begin, Balance("b", 1), Balance("b", 2))
        assert balance_of(begin, "a") == Balance("a", 1)

    def test_saving_what_does_not_exist_is_a_conflict(self, begin: Begin) -> None:
        """There is nothing to change."""
        with refused(Conflict), begin(MINE) as tx:
            tx.of(Balance).save(Balance("ghost"))

    def test_a_unique_key_is_taken_once(self, begin: Begin) -> None:
        """Two people never share a phone; a phone given up is free again, none is none."""
        user = evolve(sample_of(User, "usr_1"), phone_fingerprint="f1")
        added(begin, user)
        with refused(Conflict):
            added(begin, evolve(user, id="usr_2"))
        with begin(MINE) as tx:
            tx.of(User).save(evolve(tx.of(User).get("usr_1"), phone_fingerprint=""))
        added(begin, evolve(user, id="usr_2"), evolve(user, id="usr_3", phone_fingerprint=""))

    def test_append_only_things_are_never_saved(self, begin: Begin) -> None:
        """No version, no second state."""
        added(begin, sample_of(AuditRow, "aud_1"))
        with refused(TypeError), begin(MINE) as tx:
            tx.of(AuditRow).save(tx.of(AuditRow).get("aud_1"))

    def test_no_journal_is_dated_into_a_closed_period(self, begin: Begin) -> None:
        """Nor before it; opened again, it takes journals again. Another tenant's books are open."""
        journal = sample_of(Journal, "jrn_1")
        closed = evolve(sample_of(ClosedPeriod, "2026-02"), ends_at=NOON, reopened_at=None)
        added(begin, closed)
        for early in (NOON - timedelta(microseconds=1), NOON - timedelta(days=400)):
            with refused(Conflict):
                added(begin, journal, evolve(journal, id="jrn_2", at=early))
        added(begin, evolve(journal, at=NOON))
        with begin(OTHER) as tx:
            tx.of(Journal).add(evolve(journal, at=NOON - timedelta(days=1)))
        with begin(MINE) as tx:
            assert [each.id for each in tx.of(Journal).select(Query())] == ["jrn_1"]
            tx.of(ClosedPeriod).save(tx.of(ClosedPeriod).lock(["2026-02"])["2026-02"].reopen(NOON))
        added(begin, evolve(journal, id="jrn_2", at=NOON - timedelta(days=1)))

    def test_an_effect_is_staged_once(self, begin: Begin) -> None:
        """The first task of a key stays as it is, whoever comes later."""
        task = Task("pay/ord_1", "pay", "ord_1", NOON, {"n": "1"})
        added(begin, task, evolve(task, data={"n": "2"}))
        added(begin, evolve(task, data={"n": "3"}), Task("pay/ord_2", "pay", "ord_2", NOON))
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
        added(begin, journal)
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


def _stop() -> None:
    raise _Stopped
