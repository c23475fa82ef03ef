"""Who gets what of too little: whoever paid first, exactly, whatever the order of asking."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.kernel import Invalid
from groupbuy.domain.logistics import Demand, allocate

NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)
demands = st.lists(
    st.builds(
        Demand,
        order_id=st.sampled_from([f"ord_{n}" for n in range(9)]),
        line_no=st.integers(1, 3),
        units=st.integers(1, 9),
        paid_at=st.integers(0, 3).map(lambda n: NOON + timedelta(minutes=n)),
    ),
    max_size=12,
    unique_by=lambda each: (each.order_id, each.line_no),
)


def demand(order, units, minute=0, line=1):
    return Demand(order, line, units, NOON + timedelta(minutes=minute))


def test_who_paid_first_gets_theirs_and_the_last_one_a_part():
    asked = [demand("b", 3, 2), demand("a", 2, 1), demand("c", 1, 3)]
    assert [(s.order_id, s.given, s.short) for s in allocate(asked, 4)] == [
        ("a", 2, 0),
        ("b", 2, 1),
        ("c", 0, 1),
    ]


def test_ties_go_by_order_and_line():
    asked = [demand("b", 1), demand("a", 1, line=2), demand("a", 1)]
    assert [(s.order_id, s.line_no, s.given) for s in allocate(asked, 2)] == [
        ("a", 1, 1),
        ("a", 2, 1),
        ("b", 1, 0),
    ]


def test_less_than_nothing_is_shared_out_by_nobody():
    with pytest.raises(Invalid):
        allocate([], -1)


@given(demands, st.integers(0, 60), st.randoms())
def test_nothing_is_made_up_nothing_is_kept_back_and_the_order_of_asking_is_nothing(
    asked, supply, chance
):
    shares = allocate(asked, supply)
    wanted = sum(each.units for each in asked)
    assert sum(share.given for share in shares) == min(supply, wanted)
    assert all(0 <= share.given <= share.wanted for share in shares)
    parts = [share for share in shares if 0 < share.given < share.wanted]
    assert len(parts) <= 1
    shuffled = list(asked)
    chance.shuffle(shuffled)
    assert allocate(shuffled, supply) == shares
