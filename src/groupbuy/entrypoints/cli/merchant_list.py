"""`groupbuy merchant list|add`: who sells here."""

from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, limited, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.domain.membership import Merchant

_MERCHANT = (
    Column("id", "编号", "id"),
    Column("name", "名称", "name"),
    Column("fee_bp", "服务费（万分之）", "fee (bp)", right=True),
    Column("auto_approve", "自动接单", "approves by itself"),
    Column("created_at", "开设", "created"),
)


@click.command("list")
@limited
@shared
@pass_shell
def list_merchants(shell: Shell, limit: int) -> None:
    """List merchants by id, the oldest first."""
    from groupbuy.application import membership

    found = shell.report(lambda work: membership.list_merchants(work, limit, None))
    shell.out.table("merchant.list/1", _MERCHANT, [_item(each) for each in found])


@click.command()
@click.argument("name")
@click.option("--fee-bp", type=click.IntRange(0, 10_000), help="The operator's share of sales.")
@click.option("--auto-approve", is_flag=True, help="Orders need no approval.")
@changing
@shared
@pass_shell
def add(shell: Shell, name: str, fee_bp: int | None, *, auto_approve: bool) -> None:
    """Make a merchant; people who work for it are made with `user create --merchant`."""
    from groupbuy.application.membership import PutMerchant, put_merchant

    cmd = PutMerchant(name, fee_bp, auto_approve)
    shell.out.record(
        "merchant.add/1", _MERCHANT, _item(shell.run(lambda work: put_merchant(work, cmd)))
    )


def _item(found: "Merchant") -> dict[str, object]:
    return {
        "id": found.id,
        "name": found.name,
        "fee_bp": found.fee_bp,
        "auto_approve": found.auto_approve,
        "created_at": found.created_at,
    }
