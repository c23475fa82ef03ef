"""What stands behind each line of a statement: its order, its journal, its refund or dispute."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import field, frozen

from groupbuy.application.ports import Query
from groupbuy.application.steps.reading import every
from groupbuy.application.write_path import Work
from groupbuy.domain.commission import Dispute, Entry, Statement
from groupbuy.domain.ledger import Journal

EARNING = frozenset(
    {
        *("confirm", "refund_after_confirmation", "commission_adjusted"),
        *("ladder_bonus", "ladder_bonus_taken_back"),
    }
)
"""The moments that book entries of commission."""
_PART = 500
"""How many subjects one statement asks for."""


@frozen
class StatementPage:
    """A statement with its lines, and what stands behind each of them."""

    statement: Statement
    lines: tuple[Entry, ...] = field(factory=tuple)
    journals: Mapping[str, str] = field(factory=dict)
    """The journal that booked a line, by its id."""
    disputes: Mapping[str, Dispute] = field(factory=dict)
    """The newest dispute about a line, by its id."""
    settled_by: str = ""
    """The journal that settled it; empty where no money moved, or while it is reversed."""
    leader_name: str = ""


def lines_of(work: Work, statement_id: str) -> tuple[Entry, ...]:
    """Return every line of a statement, by id."""
    return tuple(every(work.of(Entry), Query().where(statement_id=statement_id)))


def page_of(work: Work, statement: Statement, leader_name: str = "") -> StatementPage:
    """Return a statement with every line linked."""
    lines = lines_of(work, statement.id)
    booked: dict[str, list[Journal]] = {}
    for journal in earning_journals(work, {line.booked_under for line in lines}):
        booked.setdefault(journal.subject, []).append(journal)
    behind = {line.id: _behind(line, booked.get(line.booked_under, ())) for line in lines}
    own = list(every(work.of(Journal), Query().where(subject=statement.id)))
    of_leader = Query().where(leader_id=statement.leader_id)
    mine = every(work.of(Dispute), of_leader, order="opened_at")
    disputes = {each.entry_id: each for each in mine if each.statement_id == statement.id}
    return StatementPage(
        statement,
        lines,
        {key: journal for key, journal in behind.items() if journal},
        disputes,
        settled_by=next((journal.id for journal in standing(own)), ""),
        leader_name=leader_name,
    )


def _behind(line: Entry, journals: Sequence[Journal]) -> str:
    """Return the journal of an entry; of one ladder month there are many, each of one entry."""
    if line.order_id:
        return next((journal.id for journal in journals), "")
    account, amount = f"leader:{line.leader_id}:", -line.amount.minor
    own = [
        journal
        for journal in journals
        if any(each.account.startswith(account) and each.amount == amount for each in journal.lines)
    ]
    nearest = min(own, key=lambda journal: abs(journal.at - line.created_at), default=None)
    return nearest.id if nearest else ""


def standing(journals: Sequence[Journal]) -> list[Journal]:
    """Return those among a statement's journals that settle it and are not undone."""
    undone = {journal.reverses for journal in journals}
    return [j for j in journals if j.moment == "settle" and j.id not in undone]


def earning_journals(work: Work, subjects: Iterable[str]) -> Iterator[Journal]:
    """Return the journals of commission that are about some orders, refunds and disputes."""
    return (j for j in journals_about(work, subjects) if j.moment in EARNING)


def journals_about(work: Work, subjects: Iterable[str]) -> Iterator[Journal]:
    """Return every journal that is about one of these things."""
    wanted = sorted(set(subjects))
    for start in range(0, len(wanted), _PART):
        some = Query().among("subject", wanted[start : start + _PART])
        yield from every(work.of(Journal), some)
