"""Transcripts of the command line: what is kept is what is said, and every command is in one."""

import re
import shlex

import click
import pytest

from groupbuy.entrypoints.cli import main
from tests.support.transcripts.playing import FAMILIES, GOLDEN, path_of, play
from tests.support.transcripts.stage import LANGS

ELSEWHERE = {
    "coupon": "no page yet; tests/unit/cli/test_coupon_commands.py",
    "demo": "a story of minutes; tests/integration/test_demo.py plays it",
    "sandbox": "runs until it is stopped; tests/integration/cli/test_programs.py",
    "serve": "runs until it is stopped; tests/integration/cli/test_programs.py",
    "worker": "runs until it is stopped; tests/integration/test_worker_killed.py",
}
"""Commands without a transcript, and why; a noun stands for all its verbs."""


def leaves(command, context, path=()):
    """Yield (name, command) of every command that does something."""
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            inner = click.Context(found, parent=context)
            yield from leaves(found, inner, (*path, name))
    else:
        yield " ".join(path), command


COMMANDS = dict(leaves(main, click.Context(main)))


def typed():
    """Yield the words of every command line of every transcript."""
    for path in sorted(GOLDEN.glob("*.en.txt")):
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("$ groupbuy "):
                yield shlex.split(line.removeprefix("$ groupbuy ").partition(" | ")[0])


def named(words):
    """Return which command a line is."""
    plain = [word for word in words if not word.startswith("-")]
    ways = (" ".join(plain[:length]) for length in (3, 2, 1))
    return next((name for name in ways if name in COMMANDS), "")


def is_below(name, noun):
    """Tell whether a command is this one, or one of its verbs."""
    return name == noun or name.startswith(f"{noun} ")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", FAMILIES)
def test_the_command_line_says_what_is_kept(name, lang):
    kept = path_of(name, lang).read_text("utf-8")
    assert play(name, lang).page == kept, "write it again: python -m tests.support.transcripts"


def test_no_page_is_kept_of_what_is_gone():
    known = {path_of(name, lang) for name in FAMILIES for lang in LANGS}
    assert set(GOLDEN.iterdir()) == known


def test_every_command_is_in_a_transcript():
    shown = {named(words) for words in typed()}
    elsewhere = {name for name in COMMANDS if any(is_below(name, each) for each in ELSEWHERE)}
    assert sorted(COMMANDS.keys() - shown - elsewhere) == [], "add a family, or say why not"
    assert sorted(elsewhere & shown) == []
    assert [each for each in ELSEWHERE if not any(is_below(name, each) for name in COMMANDS)] == []


def test_every_command_that_changes_something_is_rehearsed_in_a_transcript():
    def offers(command, option):
        return any(option in param.opts for param in command.params)

    rehearsed = {named(words) for words in typed() if "--dry-run" in words}
    wanted = {name for name, command in COMMANDS.items() if offers(command, "--dry-run")}
    plain = {named(words) for words in typed() if "--dry-run" not in words}
    assert len(wanted & rehearsed) > 25
    elsewhere = {name for name in wanted if any(is_below(name, each) for each in ELSEWHERE)}
    assert sorted(wanted - plain - elsewhere) == []


def test_every_way_to_end_is_shown():
    pages = "\n".join(path.read_text("utf-8") for path in GOLDEN.glob("*.en.txt"))
    ends = {int(code) for code in re.findall(r"^\[exit (\d+)\]$", pages, re.MULTILINE)}
    # 0 is not written down; 130 takes a person at a keyboard.
    assert ends == {1, 2, 3, 4, 5, 6, 7, 8}


def test_every_command_takes_the_shared_options():
    shared = {"--json", "--lang", "--actor", "--no-input", "--quiet", "--verbose", "--tenant"}
    for name, command in COMMANDS.items():
        found = {option for param in command.params for option in param.opts}
        assert shared <= found, name


def test_whoever_changes_something_can_rehearse_it():
    keepers = {"--reason", "--yes", "--confirm"}
    for name, command in COMMANDS.items():
        found = {option for param in command.params for option in param.opts}
        assert "--dry-run" in found or not (found & keepers), name


def test_nothing_of_this_machine_or_of_this_minute_is_kept():
    for path in GOLDEN.iterdir():
        text = path.read_text("utf-8")
        assert not re.search(r"/tmp/|/home/|\b[0-9A-HJKMNP-TV-Z]{26}\b", text), path.name
        assert set(re.findall(r"\b(20\d\d)-\d\d-\d\d", text)) <= {"2026", "2027"}


def test_the_same_run_twice_is_the_same_page():
    assert play("settle", "en").page == play("settle", "en").page
