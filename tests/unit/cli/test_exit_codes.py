import string

import pytest
from attrs import fields

from groupbuy.domain.commission import ChangedSincePreview
from groupbuy.domain.kernel import (
    Busy,
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    KeyReused,
    NotFound,
    Refused,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from groupbuy.entrypoints.cli.exit_codes import EXIT_CODES, exit_code
from groupbuy.entrypoints.cli.messages import MESSAGES, message


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refused(rule="seats_left"), 1),
        (Invalid(field="units", reason="must be at least 1"), 2),
        (NotFound(kind="order", key="ord_1"), 3),
        (Unauthenticated(), 4),
        (Forbidden(needs="finance"), 4),
        (Conflict(kind="order", key="ord_1"), 5),
        (Busy(kind="job", key="settlement", by="usr_1"), 5),
        (KeyReused(key="k"), 5),
        (ChangedSincePreview(settlement="stl_2026-10", digest="9f3c1d0a77be"), 5),
        (TooMany(retry_after_seconds=3), 8),
        (Unavailable(what="database"), 8),
    ],
    ids=lambda value: value.code if isinstance(value, DomainError) else str(value),
)
def test_each_error_ends_the_run_with_its_code(error, code):
    assert exit_code(error) == code


def test_an_error_without_a_code_of_its_own_ends_like_its_parent():
    class Gone(NotFound):
        code = "gone_for_good"

    assert exit_code(Gone(kind="order", key="ord_1")) == 3


def test_an_error_nobody_thought_of_is_a_failure():
    class Odd(DomainError):
        code = "odd"

    assert exit_code(Odd()) == 1


def test_every_error_with_a_code_also_has_words():
    assert set(EXIT_CODES) <= set(MESSAGES)


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_the_words_use_only_facts_the_error_has(kind):
    facts = {each.name for each in fields(kind)}
    for words in MESSAGES[kind]:
        assert {name for _, name, _, _ in string.Formatter().parse(words) if name} <= facts


def test_words_come_in_the_language_asked_for():
    error = NotFound(kind="order", key="ord_1")
    assert message(error, "en") == "no such order: ord_1"
    assert message(error, "zh") == "没有找到 order：ord_1"


def test_an_error_without_words_shows_its_code():
    class Odd(DomainError):
        code = "odd"

    assert message(Odd(), "zh") == "odd"


def test_a_rule_that_says_no_says_why():
    error = Refused(rule="balance_is_enough", about="leader:ldr_1:available")
    assert message(error, "zh") == (
        "规则不允许 balance_is_enough（leader:ldr_1:available）：余额不足"
    )
    assert message(error, "en").endswith("(leader:ldr_1:available): The balance is not enough")
    assert message(Refused(rule="nobody_knows", about="x"), "en").endswith("nobody_knows (x)")
