"""Is a settlement right? Every statement is computed anew, from its entries and from the ledger.

The two ways meet nowhere: entries tell what lines there are and what they add up to, journals
tell what really moved. Whatever differs is named.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from attrs import frozen

from groupbuy.application.commission.linking import (
    earning_journals,
    journals_about,
    lines_of,
    standing,
)
from groupbuy.application.commission.previewing import Moved, ends_of, nobody_watches
from groupbuy.application.ports import Query
from groupbuy.application.steps.commissioning import available
from groupbuy.application.steps.reading import every, pages
from groupbuy.application.write_path import Caller, Desk, Work
from groupbuy.domain.commission import (
    Entry,
    EntryState,
    Performance,
    Purse,
    Statement,
    StatementState,
    Withdrawal,
    totals_in_order,
)
from groupbuy.domain.ledger import Journal
from groupbuy.domain.membership import Role

SUMS = ("accrued", "reversals", "deducted", "adjusted", "settled")


@frozen
class Difference:
    """One thing about a statement that should not be so."""

    check: str
    """The stable name of the check that found it."""
    subject: str
    """The statement, or one of its lines, or the subject of a journal."""
    expected: str | int
    found: str | int
    """Amounts are minor units."""


@frozen
class Verified:
    """What a verification of one period has gone through."""

    period: str
    statements: int
    lines: int
    differences: tuple[Difference, ...]


def verify_period(
    desk: Desk, caller: Caller, period: str, moved: Moved = nobody_watches
) -> Verified:
    """Compute every statement of a period anew and name what differs. Raises Forbidden, Invalid.

    One statement is held at a time, each read in a unit of work of its own.
    """
    caller.require(Role.FINANCE)
    ends_of(desk.kit, period)
    found, statements, lines = list[Difference](), 0, 0
    for page in pages(desk, caller, Statement, Query().where(period=period)):
        for statement in page:
            found += desk.read(caller, partial(differences_of, statement_id=statement.id))
            statements, lines = statements + 1, lines + statement.lines
            moved(statements, 0)
    return Verified(period, statements, lines, tuple(found))


def differences_of(work: Work, statement_id: str) -> list[Difference]:
    """Return everything about one statement that should not be so. Raises Forbidden, NotFound."""
    work.caller.require(Role.FINANCE)
    statement, lines = work.of(Statement).get(statement_id), lines_of(work, statement_id)
    if statement.state is not StatementState.SETTLED:
        return list(_lets_everything_go(work, statement, lines))
    checks = (_header, _equation, _states, _settled_once, _lines_are_booked, _carried)
    return [each for check in checks for each in check(work, statement, lines)]


def _header(work: Work, statement: Statement, lines: Sequence[Entry]) -> Iterator[Difference]:
    """The header is the sum of the lines, and they are the very lines it was made from."""
    totals = totals_in_order(lines, work.kit.policy.currency)
    wanted = {name: getattr(totals, name).minor for name in SUMS}
    header = {name: getattr(statement, name).minor for name in SUMS}
    yield from _differ("header_is_sum_of_lines", statement.id, wanted, header)
    if totals.lines != statement.lines:
        yield Difference("lines_are_those_settled", statement.id, totals.lines, statement.lines)
    if totals.digest != statement.digest:
        yield Difference("lines_are_those_settled", statement.id, totals.digest, statement.digest)


def _equation(_work: Work, statement: Statement, _lines: Sequence[Entry]) -> Iterator[Difference]:
    """Carried over + earned − reversed ± adjusted = payable."""
    moved = statement.accrued + statement.reversals + statement.adjusted
    wanted = {"settled": moved.minor, "payable": (statement.carried + moved).minor}
    header = {"settled": statement.settled.minor, "payable": statement.payable.minor}
    yield from _differ("equation_holds", statement.id, wanted, header)


def _states(_work: Work, statement: Statement, lines: Sequence[Entry]) -> Iterator[Difference]:
    """Every line is the leader's, is paid or was refunded since, and its money is available."""
    done = (EntryState.PAID, EntryState.REVERSED)
    for line in lines:
        if line.state not in done:
            yield Difference("line_is_paid", line.id, EntryState.PAID.value, line.state.value)
        if line.purse is not Purse.AVAILABLE:
            wanted = Purse.AVAILABLE.value
            yield Difference("line_is_available", line.id, wanted, line.purse.value)
        if line.leader_id != statement.leader_id:
            yield Difference("line_is_the_leaders", line.id, statement.leader_id, line.leader_id)


def _settled_once(
    work: Work, statement: Statement, _lines: Sequence[Entry]
) -> Iterator[Difference]:
    """One journal that is not undone moves exactly what was settled from vested to available."""
    journals = standing(list(journals_about(work, [statement.id])))
    wanted = 1 if statement.settled else 0
    if len(journals) != wanted:
        yield Difference("settled_by_one_journal", statement.id, wanted, len(journals))
    amount, leader = statement.settled.minor, f"leader:{statement.leader_id}"
    moves = {f"{leader}:vested": amount, f"{leader}:available": -amount}
    for journal in journals:
        real = {line.account: line.amount for line in journal.lines}
        yield from _differ("settled_as_booked", statement.id, moves, real)


def _lines_are_booked(
    work: Work, statement: Statement, lines: Sequence[Entry]
) -> Iterator[Difference]:
    """For each order, refund, dispute or ladder month behind a line: the books gave just that.

    Compared with all entries of the leader that it made, on whatever statement they are.
    """
    subjects = {line.booked_under for line in lines}
    wanted, booked = dict.fromkeys(subjects, 0), dict.fromkeys(subjects, 0)
    for entry in _beside(work, lines):
        if entry.leader_id == statement.leader_id and entry.booked_under in subjects:
            wanted[entry.booked_under] += entry.amount.minor
    mine = f"leader:{statement.leader_id}:"
    for journal in earning_journals(work, subjects):
        ours = (line.amount for line in journal.lines if line.account.startswith(mine))
        booked[journal.subject] -= sum(ours)
    for subject in sorted(subjects):
        if wanted[subject] != booked[subject]:
            yield Difference("lines_as_booked", subject, wanted[subject], booked[subject])


def _carried(work: Work, statement: Statement, _lines: Sequence[Entry]) -> Iterator[Difference]:
    """What was carried over is what the account held just before, by its journals."""
    journals = sorted(_history(work, statement.leader_id), key=lambda j: (j.at, j.id))
    own = {j.id for j in standing([j for j in journals if j.subject == statement.id])}
    if not own:
        return
    account, held, at_once = available(statement.leader_id), 0, [0, 0]
    mark = next(j for j in journals if j.id in own)
    for journal in journals:
        amount = -sum(line.amount for line in journal.lines if line.account == account)
        if journal.at < mark.at:
            held += amount
        elif journal.at == mark.at and journal.id != mark.id:
            # Of what was booked at the very same instant nobody can say which came first.
            at_once[amount > 0] += amount
    carried = statement.carried.minor
    if not held + at_once[0] <= carried <= held + at_once[1]:
        yield Difference("carried_as_booked", statement.id, held, carried)


def _lets_everything_go(
    work: Work, statement: Statement, lines: Sequence[Entry]
) -> Iterator[Difference]:
    """A reversed statement has no line, and nothing that settled it stands."""
    if lines:
        yield Difference("reversed_has_no_lines", statement.id, 0, len(lines))
    left = len(standing(list(journals_about(work, [statement.id]))))
    if left:
        yield Difference("settled_by_one_journal", statement.id, 0, left)


def _history(work: Work, leader_id: str) -> Iterator[Journal]:
    """Return every journal that may touch what a leader has available."""
    mine = Query().where(leader_id=leader_id)
    kinds: tuple[tuple[type[Statement | Withdrawal | Entry], Callable[..., str]], ...]
    kinds = (
        (Statement, lambda each: each.id),
        (Withdrawal, lambda each: each.id),
        (Entry, lambda each: each.booked_under if each.posted_to is Purse.AVAILABLE else ""),
    )
    subjects = {key for kind, name in kinds for key in map(name, every(work.of(kind), mine))}
    return journals_about(work, subjects - {""})


def _beside(work: Work, lines: Sequence[Entry]) -> Iterator[Entry]:
    """Return every entry of the orders, and of the ladder months, that some lines are about."""
    months = {line.source for line in lines if not line.order_id}
    for month in work.of(Performance).find(months).values():
        yield from work.of(Entry).find(month.bonus_ids).values()
    wanted = sorted({line.order_id for line in lines} - {""})
    for start in range(0, len(wanted), 500):
        some = Query().among("order_id", wanted[start : start + 500])
        yield from every(work.of(Entry), some)


def _differ(
    check: str, subject: str, wanted: dict[str, int], found: dict[str, int]
) -> Iterator[Difference]:
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name, 0) != found.get(name, 0):
            about = f"{subject}/{name}"
            yield Difference(check, about, wanted.get(name, 0), found.get(name, 0))
