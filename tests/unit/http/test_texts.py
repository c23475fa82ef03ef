import ast

from groupbuy.application.membership import WrongCredentials
from groupbuy.domain.kernel import Invalid, NotFound, Refused, TooMany, Unauthenticated
from groupbuy.entrypoints.http.problems import STATUS, headers_of, problem_of
from groupbuy.entrypoints.http.reason_texts import reason_in
from groupbuy.entrypoints.http.rule_texts import RULES
from groupbuy.entrypoints.http.texts import TITLES
from tests.support import diagrams
from tests.support.source import dotted, modules, tree

ELSEWHERE = {"demo_has_a_database_of_its_own", "demo_never_in_production"}
"""Rules of the command line alone."""


def rules():
    """Every rule that may refuse: guards of the tables, and those named where they are raised."""
    for machine in diagrams.machines().values():
        yield from (guard.__name__ for edge in machine.edges for guard in edge.guards)
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and dotted(node.func) == "Refused":
                yield from (
                    word.value.value
                    for word in node.keywords
                    if word.arg == "rule" and isinstance(word.value, ast.Constant)
                )


def test_every_rule_has_words_for_people():
    assert sorted(set(rules()) - set(RULES) - ELSEWHERE) == []


def test_there_are_no_words_for_rules_that_are_gone():
    assert sorted(set(RULES) - set(rules())) == []


def reasons():
    """Every reason that is written where a value is refused; numbers in it stand as 7."""
    for path in [*modules("domain"), *modules("application"), *modules("entrypoints/http")]:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and dotted(node.func) == "Invalid":
                for word in node.keywords:
                    if word.arg == "reason" and isinstance(word.value, ast.Constant):
                        yield word.value.value
                    elif word.arg == "reason" and isinstance(word.value, ast.JoinedStr):
                        parts = word.value.values
                        yield "".join(
                            getattr(each, "value", "") if isinstance(each, ast.Constant) else "7"
                            for each in parts
                        )


def test_every_reason_has_words_in_chinese():
    for reason in sorted(set(reasons()) - {"must be 7"}):
        assert reason_in(reason, "zh-CN") != reason
        assert reason_in(reason, "en") == reason
    assert reason_in("must be CNY", "zh-CN") == "只能用 CNY"
    assert reason_in("must be 0 to 10000", "zh-CN") == "要在 0 到 10000 之间"


def test_every_error_has_a_title_of_its_own():
    assert [kind.__name__ for kind in [*STATUS, WrongCredentials] if kind.code not in TITLES] == []


def test_a_refusal_tells_its_rule_to_programs_and_its_reason_to_people():
    problem = problem_of(Refused(rule="seats_left", about="grp_1"), "en", "r1")
    assert (problem.status, problem.code, problem.facts["rule"]) == (409, "refused", "seats_left")
    assert problem.detail == "No seats are left; nothing was charged"
    assert not problem.retryable


def test_an_invalid_value_is_pointed_at():
    (error,) = problem_of(Invalid(field="lines[0].units", reason="odd"), "en", "").errors
    assert (error.pointer, error.message) == ("/lines/0/units", "odd")


def test_who_may_come_back_hears_when():
    assert headers_of(TooMany(retry_after_seconds=7)) == {"Retry-After": "7"}
    assert problem_of(TooMany(retry_after_seconds=7), "en", "").retryable
    assert "WWW-Authenticate" in headers_of(Unauthenticated())
    assert headers_of(NotFound(kind="Order", key="x")) == {}
