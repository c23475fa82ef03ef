"""Pages whose commands are run as they stand, and compared with what the pages show."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from attrs import frozen

PATIENCE = 480
"""Seconds after which a page that hangs fails its test."""
MARK = "=== next block ==="


@frozen
class Block:
    """Commands of the page, and the lines it shows as their output."""

    commands: str
    shown: tuple[str, ...]


def blocks(page: Path) -> Iterator[Block]:
    """Read a page: ```sh is run, the ```text after it is what must be seen."""
    found = re.findall(
        r"^```(sh|text)\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    for (kind, text), (after, shown) in zip(found, [*found[1:], ("", "")], strict=True):
        if kind == "sh":
            yield Block(text, tuple(shown.splitlines()) if after == "text" else ())


def unseen(shown: tuple[str, ...], said: str) -> Iterator[str]:
    """Yield the shown lines that were not said, in this order; `…` stands for anything."""
    rest = squeezed(said)
    for line in shown:
        pattern = ".*".join(re.escape(part) for part in squeezed(line).split("…"))
        match = re.search(pattern, rest)
        if match is None:
            yield line
        else:
            rest = rest[match.end() :]


def squeezed(text: str) -> str:
    """Return text with plain spaces: columns are as wide as the terminal wants."""
    return re.sub(r"[ \t]+", " ", text).strip()


def walk(page: Path, folder: Path, settings: Mapping[str, str]) -> list[tuple[Block, str]]:
    """Run a whole page in one shell; return its blocks and what each of them printed."""
    parts = list(blocks(page))
    script = "\n".join([f"echo '{MARK}'\n{part.commands}" for part in parts])
    programs = Path(sys.executable).parent
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GROUPBUY_")}
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    with subprocess.Popen(
        ["bash", "-c", f"set -euo pipefail\n{script}"],
        cwd=folder,
        env={**ours, **settings, "PATH": path},
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


def differing(told: list[tuple[Block, str]]) -> list[str]:
    """Return what a page shows and its commands did not print."""
    return [f"{line!r} in {said!r}" for part, said in told for line in unseen(part.shown, said)]
