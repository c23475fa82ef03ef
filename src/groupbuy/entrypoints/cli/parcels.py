"""`groupbuy parcel`: parcels that met a problem, stand still, come back or lie uncollected."""

from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, limited, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from groupbuy.domain.logistics import ParcelTrouble

_TROUBLE = (
    Column("id", "编号", "id"),
    Column("kind_text", "事项", "what"),
    Column("state", "状态", "state"),
    Column("order_id", "订单", "order"),
    Column("parcel_id", "包裹", "parcel"),
    Column("opened_at", "发现", "opened"),
    Column("remark", "处理", "remark"),
)


@click.group()
def parcel() -> None:
    """List parcels that need somebody, and say what was done."""


@parcel.command("troubles")
@click.option("--all", "whole", is_flag=True, help="Also what is resolved.")
@limited
@shared
@pass_shell
def troubles(shell: Shell, whole: bool, limit: int) -> None:
    """List parcels that need somebody, the newest first."""
    from groupbuy.application import logistics
    from groupbuy.domain.logistics import TroubleState

    state = None if whole else TroubleState.OPEN
    found = shell.read(lambda work: logistics.list_troubles(work, state, limit))
    shell.out.table("parcel.troubles/1", _TROUBLE, [_item(shell, each) for each in found])


@parcel.command()
@click.argument("trouble_id")
@reasoned
@changing
@shared
@pass_shell
def resolve(shell: Shell, trouble_id: str) -> None:
    """Say what was done about a parcel; the reason is kept as the remark."""
    from groupbuy.application import logistics

    after = shell.run(lambda work: logistics.resolve_trouble(work, trouble_id, shell.reason))
    shell.out.record("parcel.resolve/1", _TROUBLE, _item(shell, after))


def _item(shell: Shell, each: "ParcelTrouble") -> dict[str, object]:
    from groupbuy.domain.logistics import TROUBLE_TEXTS

    return {
        "id": each.id,
        "kind": each.kind,
        "kind_text": shell.out.words(*TROUBLE_TEXTS[each.kind]),
        "state": each.state,
        "order_id": each.order_id,
        "parcel_id": each.parcel_id,
        "opened_at": each.opened_at,
        "resolved_at": each.resolved_at,
        "resolved_by": each.resolved_by,
        "remark": each.remark,
    }
