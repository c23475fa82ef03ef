"""Pages about settings and errors, written from the code by `python -m tests.support.pages`."""

import ast
import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from attrs import fields, has

import groupbuy.application
from groupbuy.application.reporting import MEASURES
from groupbuy.domain.kernel import DomainError
from groupbuy.entrypoints import settings
from groupbuy.entrypoints.cli.exit_codes import Exit, exit_code
from groupbuy.entrypoints.http import problems
from groupbuy.entrypoints.http.texts import TITLES, VALUES
from tests.support.diagrams import domain_modules, machines
from tests.support.public_names import names_page
from tests.support.source import ROOT, dotted, modules, tree

FOLDER = ROOT / "docs"
_DRAWN = "Drawn from the code; a test keeps them equal."


def settings_page() -> str:
    """Return the page that lists every setting, its variable, its default and its meaning."""
    plain = settings.Settings()
    shown, meanings = settings.shown(plain), _meanings()
    rows = [
        f"| `{name}` | `{settings.variable(name)}` | {_code(shown[name])} | {meanings[name]} |"
        for name in settings.names()
    ]
    return _page(
        "# Settings",
        f"{_DRAWN} How they are read, and which of them production insists on, is told in"
        " [Running it](running.md).",
        "| setting | variable | default | meaning |\n|---|---|---|---|",
        *rows,
        joined=3,
    )


def errors_page() -> str:
    """Return the page that lists problem codes, rules, codes of values, and exit codes."""
    codes = [f"| `{code}` | {http} | {ends} | {text} |" for code, http, ends, text in _codes()]
    values = [f"| `{code}` | {text.en} |" for code, text in VALUES.items()]
    meanings = _texts(Exit)
    exits = [f"| {e.value} | {e.name.lower()} | {meanings.get(e.name, '')} |" for e in Exit]
    rules = [f"- `{rule}`" for rule in sorted(rules_of_the_house())]
    return "\n".join(
        [
            "# Error codes",
            "",
            f"{_DRAWN} How errors are answered is told in [The API](api.md).",
            "",
            "## Problems and their codes",
            "",
            "| code | HTTP | exit code | meaning |",
            "|---|---|---|---|",
            *codes,
            "",
            "## One value of a problem",
            "",
            "In `errors[]` of a problem, with a pointer to the value.",
            "",
            "| code | the value |",
            "|---|---|",
            *values,
            "",
            "## Rules",
            "",
            "A problem with the code `refused` names the rule that said no in `facts.rule`. Names",
            "are stable; [States](states/index.md) shows where those of the machines stand.",
            "",
            *rules,
            "",
            "## Exit codes of the command line",
            "",
            "| code | name | meaning |",
            "|---|---|---|",
            *exits,
            "",
        ]
    )


def rules_of_the_house() -> set[str]:
    """Return the names of all rules that refuse: guards of machines, and those raised by name."""
    guards = {
        guard.__name__
        for machine in machines().values()
        for edge in machine.edges
        for guard in edge.guards
    }
    return guards | {
        keyword.value.value
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and dotted(node.func) == "Refused"
        for keyword in node.keywords
        if keyword.arg == "rule"
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    }


def figures_page() -> str:
    """Return the page that lists every figure of the reports with its definition."""
    rows = [
        f"| `{m.code}` | {m.zh}<br>{m.en} | {m.unit} "
        f"| {m.meaning_zh}<br>{m.meaning_en} | {m.source} |"
        for m in MEASURES
    ]
    return _page(
        "# Figures of reports",
        f"{_DRAWN} The reports are told of in [Reports](reports.md). `money` is in minor units,"
        " `rate` in basis points, `tenths` in tenths of a day.",
        "| code | name | unit | meaning | where it comes from |\n|---|---|---|---|---|",
        *rows,
        joined=3,
    )


PAGES: dict[str, Callable[[], str]] = {
    "embedding/names.md": names_page,
    "settings.md": settings_page,
    "errors.md": errors_page,
    "report-figures.md": figures_page,
}
"""File in docs/ to how it is written."""


def _codes() -> Iterator[tuple[str, str, str, str]]:
    seen = set[str]()
    for kind in sorted(_kinds(DomainError), key=lambda each: each.code):
        status = next((s for base in kind.__mro__ if (s := problems.STATUS.get(base))), 409)
        seen.add(kind.code)
        # Only its class decides how a run ends.
        yield kind.code, str(status), str(int(exit_code(kind.__new__(kind)))), _about(kind)
    for status, code in sorted(problems._CODES.items()):
        if code not in seen:
            seen.add(code)
            yield code, str(status), "", TITLES[code].en
    yield "csrf", "403", "", TITLES["csrf"].en
    yield "internal", "500", "", TITLES["internal"].en


def _kinds(base: type[DomainError]) -> set[type[DomainError]]:
    for _ in domain_modules():
        pass
    for module in pkgutil.walk_packages(groupbuy.application.__path__, "groupbuy.application."):
        importlib.import_module(module.name)
    found = set[type[DomainError]]()
    for kind in base.__subclasses__():
        # attrs makes a slotted class anew; the first one may live on for a while.
        home = sys.modules.get(kind.__module__)
        if kind.__module__.startswith("groupbuy.") and getattr(home, kind.__name__, None) is kind:
            found |= {kind, *_kinds(kind)}
    return found


def _about(kind: type[DomainError]) -> str:
    return " ".join((kind.__doc__ or "").split())


def _meanings() -> dict[str, str]:
    """Return what each setting means: the text below its attribute, by dotted name."""

    def inside(cls: type[Any], prefix: str) -> Iterator[tuple[str, str]]:
        texts = _texts(cls)
        for each in fields(cls):
            if isinstance(each.type, type) and has(each.type):
                yield from inside(each.type, f"{prefix}{each.name}.")
            else:
                yield f"{prefix}{each.name}", texts.get(each.name, "")

    return dict(inside(settings.Settings, ""))


def _texts(cls: type[Any]) -> dict[str, str]:
    """Return the text right below each attribute of a class, read from its source."""
    home = Path(sys.modules[cls.__module__].__file__ or "")
    (body,) = [
        node.body
        for node in ast.walk(tree(home))
        if isinstance(node, ast.ClassDef) and node.name == cls.__name__
    ]
    found = dict[str, str]()
    for node, after in pairwise(body):
        named = _target(node)
        if named and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            found[named] = " ".join(str(after.value.value).split())
    return found


def _target(node: ast.stmt) -> str:
    if isinstance(node, ast.AnnAssign):
        return dotted(node.target)
    return dotted(node.targets[0]) if isinstance(node, ast.Assign) else ""


def _code(text: str) -> str:
    """Show a default the way TOML and the environment write it."""
    plain = text.lower() if text in {"True", "False"} else text
    return f"`{plain}`" if plain else ""


def _page(*parts: str, joined: int) -> str:
    """Join the head by empty lines and the rest, a table, line by line."""
    head = "\n\n".join(parts[:joined])
    return "\n".join([head, *parts[joined:], ""])


def main() -> int:
    """Write the pages."""
    for name, page in PAGES.items():
        Path(FOLDER / name).write_text(page(), encoding="utf-8")
    print(f"{len(PAGES)} pages written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
