"""The tutorial is true: its commands run as they stand, and print what the page shows."""

import shutil

import pytest

from tests.support.source import ROOT
from tests.support.walked import blocks, differing, unseen, walk

PAGE = ROOT / "docs" / "tutorial.md"

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")


def test_the_page_has_commands_and_shows_what_they_print():
    parts = list(blocks(PAGE))
    assert len(parts) > 15
    assert sum(len(part.shown) for part in parts) > 40


def test_the_tutorial_prints_what_it_shows(tmp_path):
    assert differing(walk(PAGE, tmp_path, {})) == []


def test_a_line_that_was_not_printed_is_noticed():
    said = "one  1\ntwo\t2\n"
    assert list(unseen(("one 1", "two…"), said)) == []
    assert list(unseen(("two 2", "one 1"), said)) == ["one 1"]
    assert list(unseen(("three",), said)) == ["three"]
