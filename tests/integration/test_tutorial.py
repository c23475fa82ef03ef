"""The tutorial is true: its commands run as they stand, and print what the page shows."""

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from attrs import frozen

from tests.support.source import ROOT

PAGE = ROOT / "docs" / "tutorial.md"
PATIENCE = 480
"""Seconds after which a tutorial that hangs fails its test."""
MARK = "=== next block ==="

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")


@frozen
class Block:
    """Commands of the page, and the lines it shows as their output."""

    commands: str
    shown: tuple[str, ...]


def blocks():
    """Read the page: ```sh is run, the ```text after it is what must be seen."""
    found = re.findall(
        r"^```(sh|text)\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    for (kind, text), (after, shown) in zip(found, [*found[1:], ("", "")], strict=True):
        if kind == "sh":
            yield Block(text, tuple(shown.splitlines()) if after == "text" else ())


def squeezed(text):
    """Columns are as wide as the terminal wants."""
    return re.sub(r"[ \t]+", " ", text).strip()


def unseen(shown, said):
    """Yield the shown lines that were not said, in this order; `…` stands for anything."""
    rest = squeezed(said)
    for line in shown:
        pattern = ".*".join(re.escape(part) for part in squeezed(line).split("…"))
        match = re.search(pattern, rest)
        if match is None:
            yield line
        else:
            rest = rest[match.end() :]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Run the whole page in one shell; give its blocks and what each of them printed."""
    parts = list(blocks())
    script = "\n".join([f"echo '{MARK}'\n{part.commands}" for part in parts])
    programs = Path(sys.executable).parent
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GROUPBUY_")}
    with subprocess.Popen(
        ["bash", "-c", f"set -euo pipefail\n{script}"],
        cwd=tmp_path_factory.mktemp("tutorial"),
        env={**ours, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as shell:
        try:
            said, _ = shell.communicate(timeout=PATIENCE)
        finally:
            # Whatever the page started belongs to its own process group and ends with it.
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
    _, *outputs = said.split(f"{MARK}\n")
    assert shell.returncode == 0, f"after {parts[len(outputs) - 1].commands}\n{outputs[-1]}"
    return list(zip(parts, outputs, strict=True))


def test_the_page_has_commands_and_shows_what_they_print():
    parts = list(blocks())
    assert len(parts) > 15
    assert sum(len(part.shown) for part in parts) > 40


def test_the_tutorial_prints_what_it_shows(told):
    assert [
        f"{line!r} in {said!r}" for part, said in told for line in unseen(part.shown, said)
    ] == []


def test_a_line_that_was_not_printed_is_noticed():
    said = "one  1\ntwo\t2\n"
    assert list(unseen(("one 1", "two…"), said)) == []
    assert list(unseen(("two 2", "one 1"), said)) == ["one 1"]
    assert list(unseen(("three",), said)) == ["three"]
