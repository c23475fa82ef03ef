"""`groupbuy carrier`: the codes that tracking numbers need."""

import click

from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, limited, pass_shell, shared

_CARRIER = (Column("code", "代码", "code"), Column("name", "名称", "name"))
_LIKELY = Column("plausible", "单号相符", "number fits")


@click.group()
def carrier() -> None:
    """Look up carriers."""


@carrier.command("list")
@click.argument("text", default="")
@click.option("--number", default="", help="Say whether this tracking number looks like theirs.")
@limited
@shared
@pass_shell
def list_carriers(shell: Shell, text: str, number: str, limit: int) -> None:
    """List carriers whose code begins with TEXT or whose name holds it."""
    from groupbuy.domain.logistics import plausible
    from groupbuy.entrypoints.carrier_list import search

    items = [
        {
            "code": each.code,
            "name": each.name,
            "plausible": plausible(each.code, number) if number else None,
        }
        for each in search(text, limit)
    ]
    columns = (*_CARRIER, _LIKELY) if number else _CARRIER
    shell.out.table("carrier.list/1", columns, items)
