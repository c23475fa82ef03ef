"""What `docs/requirements.md` says is proved has tests, and they are really there."""

import ast
import re

import pytest

from tests.support.source import ROOT, tree

PAGE = ROOT / "docs" / "requirements.md"
KNOWN = {
    *(f"R{number}" for number in range(1, 57)),
    "R52a",
    *(f"B{number}" for number in range(1, 25)),
    *(f"L{number}" for number in range(1, 13)),
}
"""Every row there can be."""


def rows():
    """Return row id to the ids of the tests that prove it, in the order of the page."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [line.strip("|").split("|") for line in lines if re.match(r"\| [RBL]\d", line)]
    return [(row.strip(), re.findall(r"`([^`]+)`", proof)) for row, _, proof in cells]


def names_in(module):
    """Return the names of tests and test classes of a parsed file, methods after their class."""
    found = set()
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.ClassDef):
            found.add(node.name)
            found |= {
                f"{node.name}::{inner.name}"
                for inner in node.body
                if isinstance(inner, ast.FunctionDef)
            }
    return {name for name in found if name.startswith(("test_", "Test"))}


def is_there(test):
    """Tell whether a test id names something; a parameter in brackets is left to the test."""
    path, _, name = test.partition("[")[0].partition("::")
    return (ROOT / path).is_file() and name in names_in(tree(ROOT / path))


def test_every_test_that_is_named_exists():
    named = [(row, test) for row, tests in rows() for test in tests]
    assert len(named) > 50
    assert [(row, test) for row, test in named if not is_there(test)] == []


def test_no_row_is_named_twice_and_every_row_is_known_and_proved():
    found = rows()
    names = [row for row, _ in found]
    assert sorted({name for name in names if names.count(name) > 1}) == []
    assert sorted(set(names) - KNOWN) == []
    assert [row for row, tests in found if not tests] == []


@pytest.mark.parametrize(
    ("test", "there"),
    [
        ("tests/unit/test_requirements.py::test_every_test_that_is_named_exists", True),
        ("tests/unit/test_requirements.py::test_a_name_is_looked_up[a parameter]", True),
        ("tests/unit/test_requirements.py::test_that_nobody_wrote", False),
        ("tests/unit/test_requirements.py::rows", False),
        ("tests/unit/test_that_is_not_there.py::test_every_test_that_is_named_exists", False),
    ],
)
def test_a_name_is_looked_up(test, there):
    assert is_there(test) is there
