import pytest

from groupbuy.domain.kernel import Refused
from groupbuy.domain.ledger import (
    ACCOUNTS,
    CHART,
    ClosedPeriod,
    Side,
    digest_of,
    last_closed,
    row_of,
)
from tests.support.shop import NOON


def test_every_account_has_a_name_and_a_meaning_in_both_languages():
    assert [row.pattern for row in CHART] == [pattern for pattern, _, _ in ACCOUNTS]
    for row in CHART:
        assert row.zh != row.pattern, f"{row.pattern} has no name"
        assert row.en
        assert any("\u4e00" <= sign for sign in row.meaning_zh)
        assert row.meaning_en.isascii()


def test_what_we_have_and_spend_is_a_debit_and_what_we_owe_and_earn_a_credit():
    sides = {(row.kind, row.normal) for row in CHART}
    assert sides == {
        ("asset", Side.DEBIT),
        ("expense", Side.DEBIT),
        ("liability", Side.CREDIT),
        ("income", Side.CREDIT),
    }


def test_an_account_belongs_to_the_row_it_fits_or_to_none():
    assert row_of("buyer:ord_1").pattern == "buyer:{order}"
    assert row_of("leader:ldr_1:vested").pattern == "leader:{leader}:vested"
    assert row_of("platform:fees").kind == "income"
    assert row_of("pocket") is None
    assert row_of("buyer:") is None


def a_period(name, days, **changes):
    return ClosedPeriod(name, NOON.replace(day=days), NOON, "usr_1", 1, "digest", **changes)


def test_the_open_books_begin_where_the_last_closed_period_ends():
    first, second, third = a_period("1", 1), a_period("2", 2), a_period("3", 3, reopened_at=NOON)
    assert last_closed([third, second, first]) is second
    assert last_closed([third]) is None


def test_a_period_is_opened_again_once():
    opened = a_period("1", 1).reopen(NOON)
    assert not opened.is_closed
    with pytest.raises(Refused):
        opened.reopen(NOON)
    assert opened.close_again(a_period("1", 1)).is_closed


def test_any_change_of_any_account_changes_the_digest():
    rows = [("a", "CNY", 5, 0), ("b", "CNY", 0, 5)]
    digests = {
        digest_of(rows),
        digest_of(rows[:1]),
        digest_of([("a", "CNY", 6, 0), ("b", "CNY", 0, 6)]),
        digest_of([("a", "USD", 5, 0), ("b", "CNY", 0, 5)]),
        digest_of([("a", "CNY", 0, 5), ("b", "CNY", 5, 0)]),
        digest_of([]),
    }
    assert len(digests) == 6
