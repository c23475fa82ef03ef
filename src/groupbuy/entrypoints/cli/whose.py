"""Whose goods a command is about, and whether its person means it."""

import sys
from typing import TYPE_CHECKING

import click

from groupbuy.domain.kernel import NotFound
from groupbuy.entrypoints.cli.shell import Shell

if TYPE_CHECKING:
    from groupbuy.domain.membership import Merchant


def ask_first(shell: Shell, question: tuple[str, str]) -> None:
    """Ask a person at a terminal; a script has said what it wants by running this."""
    if not shell.no_input and sys.stdin.isatty():
        shell.confirm(*question)


def merchant_named(shell: Shell, wanted: str) -> "Merchant | None":
    """Return the merchant that is meant; None in a shop without any. Raises NotFound."""
    from groupbuy.application.catalogue.intake import merchants_named

    found = shell.read(lambda work: merchants_named(work, wanted))
    if len(found) > 1:
        names = ", ".join(f"{each.name} ({each.id})" for each in found[:5])
        words = shell.out.words("请用 --merchant 指定其中之一", "choose one with --merchant")
        raise click.UsageError(f"{words}: {names}")
    if not found and wanted:
        raise NotFound(kind="merchant", key=wanted)
    return found[0] if found else None
