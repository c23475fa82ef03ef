from datetime import UTC, datetime

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.commission import (
    CAP_BP,
    CommissionRole,
    Entry,
    EntryState,
    Purse,
    Rate,
    RateRule,
    Said,
    Share,
    capped,
    rate_of,
    reverse_to,
    within_cap,
)
from groupbuy.domain.kernel import Money, Refused

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 5, 12, tzinfo=UTC)


def an_entry(net=10_000, bp=1_000, **changes):
    entry = Entry(
        id="cme_1",
        order_id="ord_1",
        line_no=1,
        leader_id="ldr_1",
        role=CommissionRole.LEADER,
        base=Money(net),
        bp=bp,
        amount=Money(net).at_rate(bp),
        created_at=NOON,
    )
    return evolve(entry, **changes)


def go_down(entry, bases):
    """Bring an entry to each base in turn; return it and its reversals."""
    made = []
    for number, base in enumerate(bases):
        reversal, changed = reverse_to(
            entry, made, Money(base), reversal_id=f"cme_r{number}", now=LATER
        )
        by_id = {each.id: each for each in changed}
        entry, made = by_id.get(entry.id, entry), [by_id.get(e.id, e) for e in made]
        made += [reversal] if reversal else []
    return entry, made


@given(
    st.integers(0, 10**9),
    st.integers(0, CAP_BP),
    st.lists(st.integers(0, 10**9), max_size=8),
)
def test_any_way_down_to_the_same_base_ends_in_the_same_fen(net, bp, bases):
    way = sorted((base for base in bases if base <= net), reverse=True)
    entry, made = go_down(an_entry(net, bp), way)
    left = entry.amount.minor + sum(e.amount.minor for e in made)
    assert left == (way[-1] if way else net) * bp // 10_000
    assert all(e.amount.minor < 0 for e in made)


@given(st.integers(1, 10**6), st.integers(1, CAP_BP), st.lists(st.integers(0, 10**6), max_size=5))
def test_an_entry_is_reversed_exactly_when_nothing_is_left_of_it(net, bp, bases):
    way = sorted((base for base in bases if base <= net), reverse=True)
    before = an_entry(net, bp)
    entry, made = go_down(before, way)
    left = entry.amount.minor + sum(e.amount.minor for e in made)
    assert (entry.state is EntryState.REVERSED) == (before.amount.minor > 0 and left == 0)


def test_a_reversal_of_pending_money_is_pending_itself():
    reversal, changed = reverse_to(an_entry(), [], Money(4_000), reversal_id="cme_2", now=LATER)
    assert (reversal.amount, reversal.base) == (Money(-600), Money(-6_000))
    assert (reversal.state, reversal.purse) == (EntryState.PENDING, Purse.PENDING)
    assert (reversal.reverses, changed) == ("cme_1", [])


def test_a_reversal_of_vested_money_falls_due_with_its_entry():
    entry = an_entry(state=EntryState.VESTED, purse=Purse.VESTED, vested_at=NOON)
    reversal, _ = reverse_to(entry, [], Money(4_000), reversal_id="cme_2", now=LATER)
    assert (reversal.purse, reversal.vested_at) == (Purse.VESTED, NOON)


def test_a_reversal_of_settled_money_claims_it_back_from_what_is_available():
    entry = an_entry(
        state=EntryState.PAID, purse=Purse.AVAILABLE, vested_at=NOON, statement_id="stm_1"
    )
    reversal, changed = reverse_to(entry, [], Money(0), reversal_id="cme_2", now=LATER)
    assert (reversal.purse, reversal.state) == (Purse.AVAILABLE, EntryState.VESTED)
    assert (reversal.vested_at, reversal.statement_id) == (LATER, None)
    assert [each.state for each in changed] == [EntryState.REVERSED]


def test_an_entry_reversed_before_it_was_settled_moves_nothing_any_more():
    entry, made = go_down(an_entry(), [7_000, 0])
    assert {e.state for e in [entry, *made]} == {EntryState.REVERSED}
    assert {e.purse for e in [entry, *made]} == {Purse.PENDING}


def test_a_reversed_entry_is_not_reversed_again():
    entry, made = go_down(an_entry(), [0])
    assert reverse_to(entry, made, Money(0), reversal_id="cme_9", now=LATER) == (None, [])


@pytest.mark.parametrize(
    ("offer", "campaign", "category", "above", "leader", "wanted"),
    [
        (0, 700, 800, 900, 600, Rate(0, RateRule.OFFER, "sku_1")),
        (None, 700, 800, 900, 600, Rate(700, RateRule.CAMPAIGN, "cmp_1")),
        (None, None, 800, 900, 600, Rate(800, RateRule.CATEGORY, "cat_1")),
        (None, None, None, 900, 600, Rate(900, RateRule.CATEGORY, "cat_0")),
        (None, None, None, None, 600, Rate(600, RateRule.LEADER, "ldr_1")),
        (None, None, None, None, None, Rate(500, RateRule.SHOP)),
    ],
)
def test_the_most_specific_rate_wins_and_says_why(offer, campaign, category, above, leader, wanted):
    found = rate_of(
        offer=Said("sku_1", offer),
        campaign=Said("cmp_1", campaign),
        categories=[Said("cat_1", category), Said("cat_0", above)],
        leader=Said("ldr_1", leader),
        shop_bp=500,
    )
    assert found == wanted
    kept = an_entry(why=found.why)
    assert (kept.rule, kept.source) == (wanted.rule, wanted.source)


def shares(*rates):
    return [Share(f"ldr_{role}", role, bp) for role, bp in zip(CommissionRole, rates, strict=False)]


def test_rates_beyond_the_cap_are_refused_where_they_are_set():
    assert within_cap(shares(2_000, 1_000))
    with pytest.raises(Refused) as refusal:
        within_cap(shares(2_000, 1_000, 1))
    assert refusal.value.rule == "commission_within_cap"


def test_rates_beyond_the_cap_are_cut_where_the_money_is_already_paid():
    assert [share.bp for share in capped(shares(2_500, 400, 300))] == [2_500, 400, 100]
    assert [share.bp for share in capped(shares(3_000, 400, 300))] == [3_000]
