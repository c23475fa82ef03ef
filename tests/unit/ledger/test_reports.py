import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.application.ledger_reports import CHECKS, trial_balance, verify
from groupbuy.application.ports.reporting import AccountSum, ClosedBooks, LedgerPicture


def a_picture(accounts, **changes):
    rows = tuple(
        AccountSum(name, "CNY", max(net, 0), max(-net, 0)) for name, net in accounts.items()
    )
    return evolve(LedgerPicture(rows), **changes)


RIGHT = a_picture(
    {
        "clearing:sandbox": 17_100,
        "buyer:ord_1": -9_900,
        "refund_due:rfd_1": -200,
        "leader:ldr_1:pending": -300,
        "leader:ldr_1:vested": -400,
        "leader:ldr_1:available": -500,
        "leader:ldr_1:in_transit": -600,
        "merchant:mrc_1:payable": -5_000,
        "suspense": -200,
        "rounding": 0,
    },
    balances={"leader:ldr_1:available": 500, "merchant:mrc_1:payable": 5_000},
    placed=frozenset({"ord_1"}),
    refunds={"rfd_1": 200},
    withdrawals={"ldr_1": 600},
    put_aside={"CNY": 200},
    earned={("ldr_1", "pending"): 300, ("ldr_1", "vested"): 400, ("ldr_1", "available"): 1_100},
)


def test_books_that_are_right_give_no_findings():
    assert verify(RIGHT) == []


def test_books_that_nobody_wrote_in_are_right():
    assert verify(LedgerPicture()) == []


@pytest.mark.parametrize(
    ("changes", "check", "subject"),
    [
        ({"unbalanced": ("jrn_1",)}, "journal_balances", "jrn_1"),
        ({"placed": frozenset()}, "buyer_account_is_settled", "buyer:ord_1"),
        ({"refunds": {}}, "refund_due_is_explained", "refund_due:rfd_1"),
        ({"refunds": {"rfd_1": 200, "rfd_2": 1}}, "refund_due_is_explained", "refund_due:rfd_2"),
        ({"withdrawals": {"ldr_1": 599}}, "in_transit_is_explained", "leader:ldr_1:in_transit"),
        ({"put_aside": {}}, "suspense_is_explained", "suspense CNY"),
        ({"put_aside": {"CNY": 200, "USD": 1}}, "suspense_is_explained", "suspense USD"),
        (
            {"earned": {("ldr_1", "pending"): 300}},
            "commission_matches_entries",
            "leader:ldr_1:vested",
        ),
        (
            {"balances": {"leader:ldr_1:available": 500}},
            "balance_matches_account",
            "merchant:mrc_1:payable",
        ),
        (
            {"closed": ClosedBooks("2026-10", 3, "then", 4, "now")},
            "closed_books_are_unchanged",
            "2026-10",
        ),
        (
            {"balances": dict(RIGHT.balances) | {"leader:ldr_2:available": 1}},
            "balance_matches_account",
            "leader:ldr_2:available",
        ),
    ],
)
def test_every_check_finds_what_it_is_there_for(changes, check, subject):
    (finding,) = verify(evolve(RIGHT, **changes))
    assert (finding.check, finding.subject) == (check, subject)


def test_a_sum_that_is_not_zero_is_found_per_currency():
    dollars = AccountSum("clearing:sandbox", "USD", 5, 0)
    (finding,) = verify(evolve(RIGHT, accounts=(*RIGHT.accounts, dollars)))
    assert (finding.check, finding.subject) == ("everything_sums_to_zero", "USD")


def test_a_rounded_fen_and_a_made_up_account_are_found():
    odd = (AccountSum("rounding", "CNY", 1, 0), AccountSum("pocket", "CNY", 0, 1))
    found = {finding.check for finding in verify(LedgerPicture(odd))}
    assert found == {"rounding_is_zero", "account_is_in_the_chart"}


def test_no_check_is_forgotten_and_each_has_its_own_name():
    assert len({check.__name__ for check in CHECKS}) == len(CHECKS) == 10


amounts = st.dictionaries(
    st.sampled_from(
        ["clearing:sandbox", "buyer:ord_1", "buyer:ord_2", "leader:ldr_1:pending", "suspense"]
    ),
    st.integers(-(10**9), 10**9),
)


@given(amounts)
def test_a_trial_balance_adds_up_to_what_the_accounts_add_up_to(nets):
    picture = a_picture(nets)
    rows = trial_balance(picture)
    assert sum(row.balance for row in rows) == sum(nets.values())
    assert sum(row.accounts for row in rows) == len(nets)
    assert all(row.debit >= 0 and row.credit >= 0 for row in rows)


def test_a_trial_balance_sums_up_by_the_chart_in_its_order():
    picture = a_picture({"buyer:ord_1": -5, "buyer:ord_2": -6, "clearing:sandbox": 11, "odd": 0})
    rows = [(row.account, row.kind, row.accounts, row.balance) for row in trial_balance(picture)]
    assert rows == [
        ("clearing:{provider}", "asset", 1, 11),
        ("buyer:{order}", "liability", 2, -11),
        ("odd", "unknown", 1, 0),
    ]
