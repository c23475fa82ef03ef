"""The documents say what is so: their tables, their commands, their examples, their map."""

import contextlib
import io
import re

import click
import pytest

from groupbuy.adapters.persistence.schema import schema_of
from groupbuy.entrypoints.cli import main
from tests.support import pages, picture
from tests.support.source import ROOT, SRC

DOCS = sorted((ROOT / "docs").rglob("*.md"))
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]


def blocks(path, *kinds):
    """Yield the fenced blocks of a page that are of these kinds, as (kind, text)."""
    pattern = rf"^```({'|'.join(kinds)})\n(.*?)^```"
    return re.findall(pattern, path.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def commands(path):
    """Yield every `groupbuy …` of a page, as words."""
    for _, text in blocks(path, "sh", "console"):
        for line in text.replace("\\\n", " ").splitlines():
            if found := re.match(r"\s*(?:\S+=\$\()?groupbuy (.*)", line):
                yield re.split(r"\s(?:<<<|\||>|&|2>|\"\$\()", found[1])[0].split()


# --- pages drawn from the code -----------------------------------------------------------------


@pytest.mark.parametrize("name", pages.PAGES)
def test_a_page_drawn_from_the_code_is_what_the_code_says(name):
    kept = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert kept == pages.PAGES[name](), "write it again: nox -s states"


def test_every_setting_is_explained():
    assert [line for line in pages.settings_page().splitlines() if line.endswith("|  |")] == []


# --- commands ----------------------------------------------------------------------------------


def unknown(words):
    """Return what a line of words names that the command line does not know."""
    command, context, rest = main, click.Context(main), list(words)
    known = {name for p in command.params for name in (*p.opts, *p.secondary_opts)}
    while rest:
        word = rest.pop(0)
        if word.startswith("-"):
            name = word.partition("=")[0]
            if name not in known:
                return name
            if not any(name in p.opts and getattr(p, "is_flag", False) for p in command.params):
                rest = rest[1:]
        elif isinstance(command, click.Group):
            found = command.get_command(context, word)
            if found is None:
                return word
            command, context = found, click.Context(found, parent=context)
            known |= {name for p in command.params for name in (*p.opts, *p.secondary_opts)}
    return "" if not isinstance(command, click.Group) else "a verb is missing"


def test_every_command_in_the_documents_exists_with_its_options():
    named = [(page, words) for page in [*DOCS, *READMES] for words in commands(page)]
    assert len(named) > 30
    assert [
        (page.name, " ".join(words), what) for page, words in named if (what := unknown(words))
    ] == []


def test_a_command_that_does_not_exist_is_noticed():
    assert unknown(["settle", "perform"]) == "perform"
    assert unknown(["settle", "preview", "--month", "2026-10"]) == "--month"
    assert unknown(["settle"]) == "a verb is missing"
    assert unknown(["--json", "settle", "preview", "--period", "2026-10"]) == ""


# --- examples ----------------------------------------------------------------------------------


RECIPES = sorted((ROOT / "docs" / "embedding").glob("*.md"))


@pytest.mark.parametrize("page", RECIPES, ids=lambda page: page.stem)
def test_a_recipe_for_embedders_prints_what_its_page_shows(page):
    space, said, seen = {}, "", []
    for kind, text in blocks(page, "python", "text"):
        if kind == "python":
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(text, page.name, "exec"), space)
            said = out.getvalue()
        else:
            seen.append((text, said))
    assert seen or page.stem in {"names", "stability"}
    assert [(shown, said) for shown, said in seen if shown != said] == []


def test_there_are_ten_recipes_and_the_front_page_names_each():
    names = {page.stem for page in RECIPES} - {"index", "names", "stability"}
    assert len(names) >= 10
    front = (ROOT / "docs" / "embedding" / "index.md").read_text(encoding="utf-8")
    assert names <= set(front.splitlines())


# --- pictures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", picture.PICTURES.values(), ids=picture.PICTURES)
def test_a_picture_of_a_run_shows_the_demo_and_loads_nothing(path):
    text = path.read_text(encoding="utf-8")
    assert "groupbuy" in text
    assert re.findall(r"url\((?!#)|href=|@import|@font-face|<script", text) == []
    assert any(f"pictures/{path.name}" in page.read_text("utf-8") for page in READMES)


# --- the map and the decisions -----------------------------------------------------------------


def test_the_map_names_every_folder_there_is():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    text = text.partition("## The map")[2].partition("\n## ")[0]
    named = set(re.findall(r"^\| `([\w/.-]+)` \|", text, re.MULTILINE))
    there = {
        path.relative_to(ROOT).as_posix()
        for home in (SRC, ROOT / "tests")
        for path in home.iterdir()
        if path.is_dir() and path.name[0] not in "._"
    }
    there |= {name for name in ("docs", "examples", "benchmarks") if (ROOT / name).exists()}
    assert {name for name in there if not any(n.startswith(name) for n in named)} == set()
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_every_decision_names_a_check_that_exists():
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "tests").rglob("*.py")
        if path.name != "test_documents.py"
    )
    here = "\n".join(name for name in globals() if name.startswith("test_"))
    for page in sorted((ROOT / "docs" / "adr").glob("*.md")):
        _, _, kept = page.read_text(encoding="utf-8").partition("## What keeps it so")
        assert kept.strip(), page.name
        for name in re.findall(r"`(test_\w+)`", kept):
            assert f"def {name}(" in text or name in here, f"{page.name}: {name}"


def test_no_table_has_a_foreign_key():
    tables = schema_of().tables.values()
    assert len(tables) > 20
    assert [table.name for table in tables if table.foreign_keys] == []
