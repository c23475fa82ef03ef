"""A merchant's day is true on both databases: its commands print what the page shows."""

import shutil

import pytest

from tests.support.source import ROOT
from tests.support.walked import blocks, differing, walk

PAGE = ROOT / "docs" / "merchants-day.md"

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")


def test_the_page_has_a_whole_day():
    parts = list(blocks(PAGE))
    assert len(parts) > 10
    assert sum(len(part.shown) for part in parts) > 50


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_a_merchants_day_prints_what_it_shows(engine, request, tmp_path):
    settings = {}
    if engine == "postgres":
        database = request.getfixturevalue("pg_database")
        settings = {"GROUPBUY_DATABASE_URL": database.app_url}
    assert differing(walk(PAGE, tmp_path, settings)) == []
