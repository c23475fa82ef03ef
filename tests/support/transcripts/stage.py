"""Where a transcript is played: a command line, a folder, and a page that grows with each run."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import define, field
from click.testing import CliRunner

from groupbuy.entrypoints.cli import main
from tests.support.transcripts.words import Plain

LANGS = ("en", "zh")


@define(eq=False)
class Stage:
    """Plays commands and writes down what was typed, what came back, and how it ended."""

    lang: str
    shell: Callable[[], Any] = lambda: None
    """Makes what every run starts from; None for the real thing."""
    shop: Any = None
    """The seeded shop, if there is one."""
    things: dict[str, str] = field(factory=dict)
    """Ids by the names that commands use for them: `{order}`."""
    lines: list[str] = field(factory=list)
    codes: list[int] = field(factory=list)
    """What each run ended with."""
    _plain: Plain = field(factory=Plain)

    def say(self, zh: str, en: str) -> None:
        """Write a remark between two runs."""
        self.lines += ["", f"# {zh if self.lang == 'zh' else en}"]

    def run(self, command: str, ends: int = 0, *, head: int = 0, stdin: str | None = None) -> None:
        """Run a command and write it down; `head` keeps only the first lines of what it prints."""
        typed = command.format(**self.things)
        done = self._run(typed, stdin)
        told = done.stdout.splitlines()
        pipe = f" | head -n {head}" if head else ""
        self.lines += ["", self._plain(f"$ groupbuy {typed}{pipe}")]
        self.lines += [self._plain(line).rstrip() for line in (told[:head] if head else told)]
        self.lines += [self._plain(f"! {line}").rstrip() for line in done.stderr.splitlines()]
        if done.exit_code:
            self.lines.append(f"[exit {done.exit_code}]")
        self.codes.append(done.exit_code)
        assert done.exit_code == ends, "\n".join(self.lines[-12:])

    def learn(self, name: str, command: str, *path: str | int) -> None:
        """Run a command that is not written down; keep what it prints in JSON at a path."""
        found = json.loads(self._run(f"{command.format(**self.things)} --json", None).stdout)
        for step in path:
            found = found[step]
        self.things[name] = str(found)

    def file(self, name: str, text: str) -> None:
        """Put a file into the folder and show it."""
        Path(name).write_text(text.format(**self.things), encoding="utf-8")
        self.cat(name)

    def cat(self, name: str) -> None:
        """Show a file."""
        text = Path(name).read_text(encoding="utf-8-sig")
        self.lines += ["", f"$ cat {name}", *(self._plain(line) for line in text.splitlines())]

    @property
    def page(self) -> str:
        """What was written down so far."""
        return "\n".join(self.lines).strip() + "\n"

    def _run(self, typed: str, stdin: str | None) -> Any:
        words = ["--lang", self.lang, *shlex.split(typed)]
        done = CliRunner().invoke(main, words, obj=self.shell(), input=stdin, prog_name="groupbuy")
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done
