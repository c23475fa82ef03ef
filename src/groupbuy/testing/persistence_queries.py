"""What every storage finds, and in which order; see `groupbuy.testing.persistence`."""

from datetime import timedelta

from attrs import evolve

from groupbuy.application.ports.persistence import (
    Begin,
    Query,
    Task,
    UnitOfWork,
)
from groupbuy.domain.campaigns import Seat
from groupbuy.domain.kernel import Money
from groupbuy.domain.ledger import Balance
from groupbuy.testing.refusals import refused
from groupbuy.testing.samples import NOON, sample_of
from groupbuy.testing.storage_steps import MINE, added, some_tasks


class QueryContract:
    """What a query finds, and in which order. Needs the fixture `begin`."""

    def test_every_condition_narrows_the_result(self, begin: Begin) -> None:
        """Equal, absent, one of, at least, less than."""
        added(begin, *some_tasks(6))
        for query, wanted in (
            (Query().where(state="pending", topic="even"), "024"),
            (Query().where(claimed_until=None), "0135"),
            (Query().where(claimed_until=NOON), "24"),
            (Query().among("subject", ["s1", "s5", "s9"]), "15"),
            (Query().among("attempts", [0, 3]), "034"),
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
        added(begin, seat, evolve(seat, id="ord_2", amount=Money(250)))
        with begin(MINE, write=False) as tx:
            by_amount = tx.of(Seat).select(Query().since("amount", Money(200)))
            by_state = tx.of(Seat).select(Query().where(state=seat.state).sorted("-amount"))
        assert [s.id for s in by_amount] == ["ord_2"]
        assert [s.id for s in by_state] == ["ord_2", "ord_1"]

    def test_nested_values_cannot_be_searched_by(self, begin: Begin) -> None:
        """Nor can attributes that do not exist."""
        added(begin, *some_tasks(1))
        for name in ("data", "nonsense"):
            with begin(MINE, write=False) as tx, refused(ValueError):
                tx.of(Task).select(Query().where(**{name: "x"}))

    def test_pages_show_everything_once_in_order(self, begin: Begin) -> None:
        """Up and down, with ties and with values that are absent."""
        added(begin, *some_tasks(9))
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
        added(begin, *[Balance(key) for key in ids])
        with begin(MINE, write=False) as tx:
            assert [b.id for b in tx.of(Balance).select(Query())] == sorted(ids)

    def test_a_limit_is_kept(self, begin: Begin) -> None:
        """The default too."""
        added(begin, *[Balance(f"{n:03}") for n in range(120)])
        with begin(MINE, write=False) as tx:
            assert len(tx.of(Balance).select(Query())) == 100
            assert [b.id for b in tx.of(Balance).select(Query().page(2))] == ["000", "001"]


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
