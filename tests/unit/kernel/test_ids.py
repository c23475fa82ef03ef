from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupbuy.domain.kernel import CELLS, cell_of, kind_of, make_id, time_of

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KINDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=3)
MILLIS = st.integers(0, 2**48 - 1)
CELL = st.integers(0, CELLS - 1)
ENTROPY = st.integers(0, 2**62 - 1)


@given(KINDS, MILLIS, CELL, ENTROPY)
def test_an_id_tells_its_kind_its_time_and_its_cell(kind, millis, cell, entropy):
    made = make_id(kind, millis=millis, cell=cell, entropy=entropy)
    assert (kind_of(made), time_of(made), cell_of(made)) == (kind, millis, cell)
    assert len(made) == 30


@given(MILLIS, CELL, ENTROPY)
def test_inside_an_id_is_a_uuid_of_version_7(millis, cell, entropy):
    number = 0
    for letter in make_id("ord", millis=millis, cell=cell, entropy=entropy)[4:]:
        number = number * 32 + ALPHABET.index(letter)
    uuid = UUID(int=number)
    assert uuid.version == 7
    assert number & (2**62 - 1) == entropy


@given(st.lists(st.tuples(MILLIS, CELL, ENTROPY), min_size=2, unique_by=lambda made: made[0]))
def test_ids_of_one_kind_sort_by_the_time_they_were_made(parts):
    def made(part):
        return make_id("grp", millis=part[0], cell=part[1], entropy=part[2])

    assert sorted(map(made, parts)) == list(map(made, sorted(parts)))


@given(st.tuples(MILLIS, CELL, ENTROPY), st.tuples(MILLIS, CELL, ENTROPY))
def test_different_parts_make_different_ids(one, other):
    def made(part):
        return make_id("pay", millis=part[0], cell=part[1], entropy=part[2])

    assert (made(one) == made(other)) == (one == other)


@given(CELL, MILLIS, ENTROPY)
def test_a_longer_key_lives_in_the_cell_of_the_first_id_in_it(cell, millis, entropy):
    ours = make_id("ldr", millis=millis, cell=cell, entropy=entropy)
    other = make_id("ord", millis=millis, cell=(cell + 1) % CELLS, entropy=entropy)
    assert cell_of(f"leader:{ours}:available") == cell
    assert cell_of(f"{ours}/{other}") == cell


@pytest.mark.parametrize("key", ["", "platform:fees", "ord_", "clearing:wechat", "ord_" + "!" * 26])
def test_a_key_without_an_id_lives_in_cell_0(key):
    assert cell_of(key) == 0


@pytest.mark.parametrize("cell", [-1, CELLS])
def test_no_id_is_made_for_a_cell_that_does_not_exist(cell):
    with pytest.raises(ValueError, match="cell"):
        make_id("ord", millis=0, cell=cell, entropy=0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ord",
        "ord_",
        "ord_" + "0" * 25,
        "ord_" + "0" * 27,
        "order" + "0" * 25,
        "ord_" + "0" * 25 + "U",
        "ord_" + "0" * 25 + "o",
        "ord_" + "0" * 25 + "零",
    ],
)
def test_what_is_not_an_id_has_no_time(text):
    with pytest.raises(ValueError, match="not an id"):
        time_of(text)
