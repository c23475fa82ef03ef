import subprocess
import sys

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from groupbuy.domain.kernel import NotFound
from groupbuy.entrypoints.cli import COMMANDS, main
from groupbuy.entrypoints.cli.lazy import Entry, LazyGroup

HEAVY = ("sqlalchemy", "litestar", "rich", "apscheduler", "typed_settings", "uvicorn", "httpx")

ASK_FOR_HELP = f"""
import sys
from groupbuy.entrypoints.console import main
sys.argv = ["groupbuy", *sys.argv[1:]]
try:
    main()
finally:
    loaded = [name for name in {HEAVY!r} if name in sys.modules]
    sys.stderr.write(" ".join(loaded))
"""


@pytest.mark.parametrize("asked", [["--help"], ["order", "--help"], ["serve", "--help"]])
def test_help_loads_nothing_heavy(asked):
    done = subprocess.run(
        [sys.executable, "-c", ASK_FOR_HELP, *asked],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path), "LC_ALL": "C.UTF-8"},
    )
    assert done.stderr == ""
    assert done.stdout.startswith("Usage: groupbuy")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_of_each_command_what_its_own_help_says_of_it(name):
    command = main.get_command(click.Context(main), name)
    assert isinstance(command, click.Command)
    assert command.help


@pytest.fixture
def group():
    """Make a group of its own out of the targets of its commands."""

    def make(**targets):
        return LazyGroup({name: Entry(target, "Help.") for name, target in targets.items()})

    return make


def test_a_part_that_is_not_installed_is_missed_only_when_it_is_used(group):
    some = group(nothing="groupbuy.entrypoints.nowhere:nothing")
    listed = CliRunner().invoke(some, ["--help"])
    assert listed.exit_code == 0
    assert "nothing" in listed.stdout
    used = CliRunner().invoke(some, ["nothing"])
    assert used.exit_code == 1
    assert used.stderr == "Error: nothing is not part of this installation\n"


def test_a_defect_inside_a_part_is_not_taken_for_its_absence(group, tmp_path, monkeypatch):
    (tmp_path / "broken_part.py").write_text("import a_package_that_is_not_there\n")
    monkeypatch.syspath_prepend(tmp_path)
    used = CliRunner().invoke(group(broken="broken_part:command"), ["broken"])
    assert isinstance(used.exception, ModuleNotFoundError)


def test_an_unknown_command_is_a_usage_error(real):
    run = real("nonsense")
    assert run.code == 2
    assert run.out == ""
    assert "No such command 'nonsense'" in run.err


def test_completion_offers_names_without_loading_their_parts(group):
    some = group(order="groupbuy.entrypoints.nowhere:order", outbox="x:y", serve="x:y")
    offered = some.shell_complete(click.Context(some), "o")
    assert [(item.value, item.help) for item in offered] == [
        ("order", "Help."),
        ("outbox", "Help."),
    ]


def test_completion_prints_a_script_for_the_shell(real):
    run = real("completion", "bash")
    assert run.code == 0
    assert "_GROUPBUY_COMPLETE=bash_complete" in run.out


@pytest.fixture
def raising(monkeypatch):
    """The command line with one command that ends in an error."""

    def make(error):
        def callback():
            raise error

        commands = {**COMMANDS, "fail": Entry("x:y", "Fail.")}
        monkeypatch.setattr(main, "entries", commands)
        found = main.get_command
        monkeypatch.setattr(
            main,
            "get_command",
            lambda ctx, name: (
                click.Command("fail", callback=callback) if name == "fail" else found(ctx, name)
            ),
        )
        return main

    return make


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interrupted_run_ends_with_130(raising, error, english):
    done = CliRunner().invoke(raising(error), ["fail"])
    assert done.exit_code == 130
    assert done.stdout == ""
    assert done.stderr == "\ninterrupted\n"


def test_a_refusal_is_one_line_and_an_exit_code(raising, english):
    done = CliRunner().invoke(raising(NotFound(kind="order", key="ord_1")), ["fail"])
    assert done.exit_code == 3
    assert done.stdout == ""
    assert done.stderr == "groupbuy: no such order: ord_1\n"


def test_a_refusal_is_a_document_where_a_document_was_asked_for(raising, english):
    done = CliRunner().invoke(raising(NotFound(kind="order", key="ord_1")), ["--json", "fail"])
    assert done.exit_code == 3
    assert done.stdout.startswith('{\n  "schema": "error/1",\n  "code": "not_found",')


def test_the_language_can_be_chosen(raising, english):
    done = CliRunner().invoke(
        raising(NotFound(kind="order", key="ord_1")), ["--lang", "zh", "fail"]
    )
    assert done.stderr == "groupbuy: 没有找到 order：ord_1\n"


@pytest.mark.parametrize(
    ("typed", "begun", "offered"),
    [
        ([], "ref", {"refund"}),
        (["refund"], "", {"batch", "create", "list", "retry", "status", "vouch"}),
        (["merchant", "payout"], "re", {"request", "resume"}),
        (["jobs", "run"], "--r", {"--reason"}),
        (["export", "reports"], "with", {"withdrawals"}),
        (["completion"], "", {"bash", "fish", "zsh"}),
    ],
)
def test_a_shell_completes_nouns_verbs_options_and_choices(typed, begun, offered):
    shell = ShellComplete(main, {}, "groupbuy", "_GROUPBUY_COMPLETE")
    assert {item.value for item in shell.get_completions(typed, begun)} == offered
