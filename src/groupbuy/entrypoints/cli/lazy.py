"""A group whose commands are loaded only when they are used, so that help is instant."""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from attrs import frozen
from click.shell_completion import CompletionItem

from groupbuy.domain.kernel import DomainError
from groupbuy.entrypoints.cli.exit_codes import Exit, exit_code
from groupbuy.entrypoints.cli.shell import Shell


@frozen
class Entry:
    """Where a command lives, as `module:attribute`, and what it does in one line."""

    target: str
    help: str


class LazyGroup(click.Group):
    """Knows its commands by name; turns refusals and interrupts into exit codes."""

    def __init__(self, entries: Mapping[str, Entry], **given: Any) -> None:
        """Offer these commands."""
        super().__init__(**given)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return all names, without loading anything."""
        return sorted(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        """Load one command. Raises ClickException where its part is not installed."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        try:
            loaded = import_module(module)
        except ModuleNotFoundError as error:
            if not f"{module}.".startswith(f"{error.name}."):
                raise
            raise click.ClickException(f"{cmd_name} is not part of this installation") from error
        command: click.Command = getattr(loaded, attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's signature
        """List the commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.entries[name].help) for name in sorted(self.entries)])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names from the table, options as usual."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [
            CompletionItem(name, help=entry.help)
            for name, entry in sorted(self.entries.items())
            if name.startswith(incomplete)
        ]

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what goes wrong on purpose becomes one line and an exit code."""
        shell = ctx.ensure_object(Shell)
        try:
            return super().invoke(ctx)
        except DomainError as error:
            shell.complain(error)
            ctx.exit(exit_code(error))
        except (KeyboardInterrupt, click.Abort):
            sys.stderr.write("\n")
            shell.out.note("已中断", "interrupted")
            ctx.exit(Exit.INTERRUPTED)
