from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.exceptions import ValidationException

from groupbuy.entrypoints.http.paging import seal, unseal

KEY, LIST = b"k" * 32, b"/orders state=paid"
INSTANTS = st.datetimes(timezones=st.just(UTC))


@given(st.one_of(st.text(), st.integers(-(2**53), 2**53), INSTANTS, st.none()), st.text())
def test_a_cursor_brings_back_what_was_sealed(value, item):
    assert unseal(KEY, LIST, seal(KEY, LIST, value, item)) == (value, item)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_cursor_with_any_byte_changed_is_refused(place, flip):
    letters = bytearray(seal(KEY, LIST, 1, "ord_1").encode())
    letters[place % len(letters)] ^= flip
    changed = letters.decode("latin-1")
    try:
        read = unseal(KEY, LIST, changed)
    except ValidationException:
        return
    # base64 has spare bits at its end: the same bytes may be written in two ways
    assert read == (1, "ord_1")


@pytest.mark.parametrize(("key", "bound"), [(b"x" * 32, LIST), (KEY, b"/orders state=open")])
def test_a_cursor_opens_no_other_list_and_no_other_shop(key, bound):
    cursor = seal(KEY, LIST, datetime(2026, 1, 1, tzinfo=UTC), "ord_1")
    with pytest.raises(ValidationException):
        unseal(key, bound, cursor)


@pytest.mark.parametrize("cursor", ["a", "====", "é", "AAAA", "x" * 1000])
def test_nonsense_is_no_cursor(cursor):
    with pytest.raises(ValidationException):
        unseal(KEY, LIST, cursor)
