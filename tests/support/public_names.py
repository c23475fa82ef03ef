"""The page of everything public to embedders, drawn from the code."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import groupbuy.application.ports
import groupbuy.domain
from groupbuy.testing import plugin


def names_page() -> str:
    """Return the page that lists what front doors and ports export, and the contracts."""
    contexts = [
        f"- `{module.__name__}`: {_listed(module.__all__)}" for module in _below(groupbuy.domain)
    ]
    ports = [
        f"- `{module.__name__}`: {_listed(_defined(module))}"
        for module in _below(groupbuy.application.ports)
    ]
    contracts = [f"- `{each.__module__}.{each.__name__}`" for each in plugin.contracts()]
    return "\n".join(
        [
            "# Every public name",
            "",
            "Drawn from the code; a test keeps them equal.",
            "[What we promise](stability.md) is about these.",
            "",
            "## Rules",
            "",
            *contexts,
            "",
            "## Ports",
            "",
            *ports,
            "",
            "## Contracts",
            "",
            *contracts,
            "",
        ]
    )


def _below(package: ModuleType) -> Iterator[ModuleType]:
    for _, name, _ in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        if not name.startswith("_"):
            yield importlib.import_module(f"{package.__name__}.{name}")


def _defined(module: ModuleType) -> list[str]:
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == module.__name__
    ]


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "nothing"
