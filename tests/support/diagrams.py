"""The pictures of the state machines: found in the domain, written by `nox -s states`."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import groupbuy.domain
from groupbuy.domain.kernel import Machine

FOLDER = Path(__file__).parents[2] / "docs" / "states"
"""Where the pictures are kept."""


def domain_modules() -> Iterator[ModuleType]:
    """Import every module of the domain, front doors first."""
    for found in pkgutil.walk_packages(groupbuy.domain.__path__, "groupbuy.domain."):
        yield importlib.import_module(found.name)


def machines() -> dict[str, Machine[Any, Any, Any]]:
    """Return every state machine of the domain by its name, sorted.

    Raises ValueError if two different machines share a name.
    """
    found: dict[str, Machine[Any, Any, Any]] = {}
    for module in domain_modules():
        for value in vars(module).values():
            if isinstance(value, Machine) and found.setdefault(value.name, value) is not value:
                raise ValueError(f"two machines are called {value.name}")
    return dict(sorted(found.items()))


def pages() -> dict[str, str]:
    """Return what docs/states must hold: file name to text."""
    drawn = {f"{name}.mmd": machine.mermaid() for name, machine in machines().items()}
    index = ["# States", "", "Drawn from the tables in the code; a test keeps them equal.", ""]
    for name, machine in machines().items():
        index += [
            f"## {name}",
            "",
            "| from | move | to | event | only if |",
            "|---|---|---|---|---|",
        ]
        for e in machine.edges:
            guards = ", ".join(f"`{guard.__name__}`" for guard in e.guards)
            index.append(f"| {e.source} | {e.move} | {e.target} | `{e.event}` | {guards} |")
        index += ["", f"```{{literalinclude}} {name}.mmd", "```", ""]
    return drawn | {"index.md": "\n".join(index).rstrip("\n") + "\n"}


def main() -> int:
    """Write the pages and remove those of machines that are gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for old in FOLDER.glob("*.mmd"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(wanted) - 1} machines drawn")
    return 0


if __name__ == "__main__":
    sys.exit(main())
