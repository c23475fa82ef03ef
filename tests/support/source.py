"""Reads our own source, for the rules that no linter knows."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The top of the checkout."""
SRC = ROOT / "src" / "groupbuy"
"""The package."""


def modules(under: str = "") -> list[Path]:
    """Return the Python files below a folder of the package, sorted."""
    return sorted((SRC / under).rglob("*.py"))


def place(path: Path) -> str:
    """Return a file's path inside the package, with slashes."""
    return path.relative_to(SRC).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """Parse a file, once."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each module a file imports, as a dotted name, and the line."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.lineno


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for a chain of attributes, and an empty text for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""
