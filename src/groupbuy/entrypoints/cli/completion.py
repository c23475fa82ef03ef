"""`groupbuy completion`: the script that completes commands in a shell."""

import click
from click.shell_completion import get_completion_class

from groupbuy.entrypoints.cli.shell import Shell, pass_shell, shared


@click.command()
@click.argument("kind", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
@shared
@pass_shell
def completion(shell: Shell, kind: str) -> None:
    """Print the completion of a shell: `eval "$(groupbuy completion bash)"`."""
    program = "groupbuy"
    maker = get_completion_class(kind)
    root = click.get_current_context().find_root().command
    if maker is None:
        raise click.UsageError(shell.out.words("不支持这个 shell", "no such shell"))
    click.echo(maker(root, {}, program, "_GROUPBUY_COMPLETE").source())
