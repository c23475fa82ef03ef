import pickle

import pytest

from groupbuy.domain.kernel import (
    Busy,
    Conflict,
    DomainError,
    Forbidden,
    IllegalMove,
    Invalid,
    KeyReused,
    NotFound,
    Refused,
    TooMany,
    Unauthenticated,
    Unavailable,
)

EVERY = [
    NotFound("order", "ord_1"),
    Refused("still_open", "group"),
    Invalid("lines.0.units", "must be positive"),
    Conflict("group", "grp_1"),
    Busy("job", "settlement", "usr_1"),
    KeyReused("k1"),
    Unauthenticated(),
    Forbidden("finance"),
    TooMany(30),
    Unavailable("wechat"),
    IllegalMove("group", "formed", "fail"),
]
IDS = [type(error).__name__ for error in EVERY]


@pytest.mark.parametrize("error", EVERY, ids=IDS)
def test_an_error_shows_its_code_and_its_facts_in_one_line(error):
    text = str(error)
    assert text.startswith(error.code)
    assert "\n" not in text
    assert all(f"{name}={value}" in text for name, value in error.facts.items())


@pytest.mark.parametrize("error", EVERY, ids=IDS)
def test_an_error_is_caught_as_a_domain_error_and_keeps_its_traceback(error):
    with pytest.raises(DomainError) as caught:
        raise error
    assert caught.value is error
    assert caught.value.__traceback__ is not None


@pytest.mark.parametrize("error", EVERY, ids=IDS)
def test_an_error_can_be_sent_to_another_process(error):
    back = pickle.loads(pickle.dumps(error))
    assert (type(back), back.facts) == (type(error), error.facts)


def test_facts_come_in_the_order_they_were_declared():
    assert list(EVERY[0].facts.items()) == [("kind", "order"), ("key", "ord_1")]


def test_the_facts_of_an_error_cannot_be_changed():
    with pytest.raises(AttributeError):
        EVERY[0].key = "ord_2"
