"""`groupbuy refund`: grant one, send a stuck one again, and see where it is."""

from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.output import Column, money_text
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from groupbuy.domain.payments import Refund

_REFUND = (
    Column("id", "编号", "id"),
    Column("state", "状态", "state"),
    Column("amount", "金额", "amount", right=True),
    Column("cause", "原因", "cause"),
    Column("order_id", "订单", "order"),
    Column("attempts", "次数", "attempts", right=True),
    Column("last_word", "渠道答复", "provider said"),
    Column("granted_at", "批准", "granted"),
    Column("finished_at", "完成", "finished"),
)
_GRANTED = (
    Column("order_id", "订单", "order"),
    Column("state", "状态", "state"),
    Column("amount", "退款", "goes back"),
    Column("refunds", "退款单", "refunds"),
)


@click.group()
def refund() -> None:
    """Grant, retry and look up refunds."""


@refund.command()
@click.argument("order_id")
@reasoned
@changing
@shared
@pass_shell
def create(shell: Shell, order_id: str) -> None:
    """Refund a paid order in full, the way the money came; --dry-run shows what would go back."""
    from groupbuy.application.aftersale import refund_order
    from groupbuy.application.orders import merchant_order

    view = shell.read(lambda work: merchant_order(work, order_id))
    left = view.order.payable - view.order.refunded
    shell.confirm(f"退款 {money_text(left)}？", f"refund {money_text(left)}?")
    after = shell.run(lambda work: refund_order(work, order_id, shell.reason))
    data: dict[str, object] = {"order_id": after.id, "state": after.state, "amount": left}
    if not shell.dry_run:
        granted = shell.read(lambda work: merchant_order(work, order_id)).refunds
        data["refunds"] = [refund.id for refund in granted]
    shell.out.record("refund.create/1", _GRANTED, data)


@refund.command()
@click.argument("refund_id")
@reasoned
@changing
@shared
@pass_shell
def retry(shell: Shell, refund_id: str) -> None:
    """Send a refund that needed a person again, with the same number: it can pay only once."""
    from groupbuy.application.refunds import retry_refund

    after = shell.run(lambda work: retry_refund(work, refund_id, shell.reason))
    shell.out.record("refund.retry/1", _REFUND, refund_item(after))


@refund.command()
@click.argument("key", metavar="REFUND_OR_ORDER")
@shared
@pass_shell
def status(shell: Shell, key: str) -> None:
    """Show a refund, or all refunds of an order."""
    from groupbuy.application.orders import merchant_order
    from groupbuy.domain.payments import Refund

    if key.startswith("ord_"):
        found = shell.read(lambda work: merchant_order(work, key)).refunds
    else:
        found = (shell.read(lambda work: work.of(Refund).get(key)),)
    shell.out.table("refund.status/1", _REFUND, [refund_item(each) for each in found])


def refund_item(found: "Refund") -> dict[str, object]:
    """Return what is shown of a refund."""
    return {
        "id": found.id,
        "state": found.state,
        "amount": found.amount,
        "cause": found.cause,
        "order_id": found.order_id,
        "payment_id": found.payment_id,
        "reason": found.reason,
        "attempts": found.attempts,
        "last_word": found.last_word,
        "granted_at": found.granted_at,
        "finished_at": found.finished_at,
    }
