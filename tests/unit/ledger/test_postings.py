"""Every row of the posting table balances, whatever the amounts, and the docs show that table."""

import re

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.kernel import Refused
from groupbuy.domain.ledger import (
    ACCOUNTS,
    POSTINGS,
    Balance,
    Journal,
    JournalLine,
    Unbalanced,
    post,
    reverse,
    sums,
)
from tests.support.postings import PAGE, page
from tests.support.rooms import START

NAMES = {
    "provider": "memory",
    "order": "ord_1",
    "refund": "rfd_1",
    "merchant": "mch_1",
    "merchant_where": "pending",
    "leader": "ldr_1",
    "leader_where": "pending",
    "fees_where": "fees:pending",
}
moments = st.sampled_from(POSTINGS)
fen = st.integers(0, 10**12)


def terms_of(posting):
    return sorted({name for _, term in posting.lines for name in re.findall(r"[a-zA-Z]", term)})


@st.composite
def bookings(draw):
    """A moment and free amounts for its terms; what a row ties together, it ties here too."""
    posting = draw(moments)
    amounts = {name: draw(fen) for name in terms_of(posting)}
    per_leader = any("{leader}" in account and term[1:] == "c" for account, term in posting.lines)
    if per_leader and draw(st.booleans()):
        leaders = draw(st.lists(st.sampled_from(["ldr_1", "ldr_2", "ldr_3"]), unique=True))
        amounts["c"] = {leader: draw(fen) for leader in leaders}
    return posting, amounts


def booked(posting, amounts, **names):
    return post(
        posting.moment,
        journal_id="jrn_1",
        at=START,
        subject="ord_1",
        names={**NAMES, **names},
        amounts=amounts,
    )


@given(bookings())
def test_every_moment_balances_for_any_amounts(booking):
    journal = booked(*booking)
    assert sum(line.amount for line in journal.lines) == 0
    assert all(type(line.amount) is int and line.amount for line in journal.lines)


@given(bookings())
def test_a_reversal_brings_every_account_back_to_where_it_was(booking):
    journal = booked(*booking)
    undone = reverse(journal, journal_id="jrn_2", at=START)
    assert undone.reverses == journal.id
    assert set(sums([journal, undone]).values()) <= {0}


@given(bookings())
def test_no_moment_leaves_a_name_open_or_books_on_an_account_outside_the_chart(booking):
    patterns = [
        re.compile(re.sub(r"\\{\w+\\}", "[^:]+", re.escape(pattern)) + "$")
        for pattern, _, _ in ACCOUNTS
    ]
    for line in booked(*booking).lines:
        assert any(pattern.match(line.account) for pattern in patterns), line.account


def test_confirming_an_order_shares_its_money_among_everybody():
    journal = booked(
        next(p for p in POSTINGS if p.moment == "confirm"),
        {"P": 79920, "K": 80, "c": {"ldr_1": 3996, "ldr_2": 100}, "f": 799},
    )
    assert sums([journal]) == {
        "buyer:ord_1": 79920,
        "promotion:platform": 80,
        "merchant:mch_1:pending": -(79920 + 80 - 4096 - 799),
        "leader:ldr_1:pending": -3996,
        "leader:ldr_2:pending": -100,
        "platform:fees:pending": -799,
    }


def test_a_reversal_takes_each_leaders_money_from_where_it_is():
    posting = next(p for p in POSTINGS if p.moment == "refund_after_confirmation")
    journal = booked(
        posting,
        {"R": 100, "c": {"ldr_1": 5, "ldr_2": 7}, "f": 1},
        **{"where:ldr_1": "available", "where:ldr_2": "vested"},
    )
    totals = sums([journal])
    assert (totals["leader:ldr_1:available"], totals["leader:ldr_2:vested"]) == (5, 7)
    assert totals["merchant:mch_1:pending"] == 100 - 12 - 1


def test_a_journal_that_does_not_balance_cannot_be_made():
    with pytest.raises(Unbalanced) as error:
        Journal("jrn_1", START, "capture", "ord_1", (JournalLine("suspense", 1),))
    assert error.value.difference == 1
    with pytest.raises(Unbalanced):
        evolve(booked(POSTINGS[0], {"P": 5}), lines=(JournalLine("suspense", -1),))


def test_an_unknown_moment_is_a_defect_and_not_a_booking():
    with pytest.raises(KeyError):
        post("gift", journal_id="jrn_1", at=START, subject="x", names=NAMES, amounts={})


def test_every_moment_stands_once():
    assert len({posting.moment for posting in POSTINGS}) == len(POSTINGS)


def test_the_postings_in_the_docs_are_the_table_in_the_code():
    assert PAGE.read_text(encoding="utf-8") == page(), "write it again: tests.support.postings"


# --- balances --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "goes"), [(-1, False), (0, False), (1, True), (5, True), (6, False)]
)
def test_no_more_is_taken_than_there_is(amount, goes):
    balance = Balance("leader:ldr_1:available").put(5)
    if goes:
        assert balance.take(amount).amount == 5 - amount
    else:
        with pytest.raises(Refused) as refusal:
            balance.take(amount)
        assert refusal.value.rule == "balance_is_enough"


def test_only_taking_back_drives_a_balance_below_zero():
    balance = Balance("leader:ldr_1:available").put(5).put(-8)
    assert balance.amount == -3
    with pytest.raises(Refused):
        balance.take(1)
