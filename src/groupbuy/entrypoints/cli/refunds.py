"""`groupbuy refund`: grant one, send a stuck one again, and see where it is."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from groupbuy.domain.kernel import Refused
from groupbuy.entrypoints.cli.choices import states_of
from groupbuy.entrypoints.cli.moments import instant_of, since_option
from groupbuy.entrypoints.cli.output import Column, money_text
from groupbuy.entrypoints.cli.refund_batch import batch
from groupbuy.entrypoints.cli.shell import (
    Shell,
    changing,
    confirmed,
    limited,
    pass_shell,
    reasoned,
    shared,
)

if TYPE_CHECKING:
    from groupbuy.application.refunds import RefundCase
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
_VOUCHED = (
    *_REFUND[:5],
    Column("voucher", "凭证", "voucher"),
    Column("vouched_by", "确认人", "vouched by"),
    Column("finished_at", "完成", "finished"),
)
_GRANTED = (
    Column("order_id", "订单", "order"),
    Column("state", "状态", "state"),
    Column("amount", "退款", "goes back"),
    Column("refunds", "退款单", "refunds"),
)


_CASE = (
    *_REFUND[:5],
    Column("last_word", "原因", "why"),
    Column("paid_at", "付款", "paid"),
    Column("captured", "实付", "captured", right=True),
    Column("given", "已退", "given back", right=True),
    Column("sent", "已退次数", "refunds", right=True),
    Column("choices", "可以", "can be done"),
)
"""Everything somebody needs who decides about a refund."""


@click.group()
def refund() -> None:
    """Grant, retry and look up refunds."""


refund.add_command(batch)


@refund.command()
@click.argument("order_id")
@click.option("--line", "line_no", type=click.IntRange(1), help="Only units of this line.")
@click.option("--units", type=click.IntRange(1), help="How many units of the line.")
@reasoned
@changing
@shared
@pass_shell
def create(shell: Shell, order_id: str, line_no: int | None, units: int | None) -> None:
    """Refund a paid order, or units of a line, the way the money came.

    --dry-run shows what would go back. Whoever refunds a unit somebody else has just refunded is
    told of the conflict instead.
    """
    from groupbuy.application.aftersale import UnitsBack, refund_units
    from groupbuy.application.orders import merchant_order

    if (line_no is None) != (units is None):
        raise click.UsageError(
            shell.out.words("请同时给出 --line 和 --units", "--line needs --units")
        )
    before = shell.read(lambda work: merchant_order(work, order_id)).order
    left = before.payable - before.refunded
    if not left.minor:
        raise Refused(rule="something_goes_back", about=order_id)
    wish = UnitsBack(order_id, expected=left)
    if line_no is not None and units is not None:
        line = before.goods_line(line_no)
        left = before.refund_units(line_no, units, freight=True)[1]
        wish = UnitsBack(order_id, line_no, units, seen=line.refunded_units, expected=left)
    shell.confirm(f"退款 {money_text(left)}？", f"refund {money_text(left)}?")
    after = shell.run(lambda work: refund_units(work, wish, shell.reason))
    data: dict[str, object] = {"order_id": after.id, "state": after.state, "amount": left}
    if not shell.dry_run:
        granted = shell.read(lambda work: merchant_order(work, order_id)).refunds
        data["refunds"] = [refund.id for refund in granted]
    shell.out.record("refund.create/1", _GRANTED, data)


@refund.command("list")
@click.option("--state", default="needs_operator", show_default=True, help="Which ones.")
@since_option
@limited
@shared
@pass_shell
def list_refunds(shell: Shell, state: str, since: datetime | date | None, limit: int) -> None:
    """List refunds in a state with all a person needs to decide, the oldest first."""
    from groupbuy.application.refunds import refund_cases
    from groupbuy.domain.payments import RefundState

    (wanted,) = states_of(RefundState, (state,))
    start = None if since is None else instant_of(since, shell.settings.policy.zone)
    found = shell.report(lambda work: refund_cases(work, wanted, limit, start))
    shell.out.table("refund.list/1", _CASE, [_case_item(each) for each in found])


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
@click.argument("refund_id")
@click.option("--voucher", required=True, metavar="TEXT", help="What proves the transfer.")
@reasoned
@confirmed
@changing
@shared
@pass_shell
def vouch(shell: Shell, refund_id: str, voucher: str) -> None:
    """Say that a refund was paid some other way, because the provider never will make it.

    Two people of finance say so, each named by --actor, with the same voucher; the amount is typed.
    """
    from groupbuy.application.catalogue.facts import yuan
    from groupbuy.application.refunds import Vouch, vouch_for_refund
    from groupbuy.domain.payments import Refund

    amount = yuan(shell.read(lambda work: work.of(Refund).get(refund_id)).amount)
    shell.confirm_text(amount, f"确认已另行退款 {amount}", f"paid {amount} some other way")
    said = Vouch(refund_id, voucher, shell.reason)
    after = shell.run(lambda work: vouch_for_refund(work, said))
    shell.out.record("refund.vouch/1", _VOUCHED, refund_item(after))


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


def _case_item(case: "RefundCase") -> dict[str, object]:
    return {
        **refund_item(case.refund),
        "number": case.refund.number,
        "granted_by": case.refund.granted_by,
        "sent_at": case.refund.sent_at,
        "provider": case.payment.provider,
        "payment_number": case.payment.number,
        "provider_ref": case.payment.provider_ref,
        "paid_at": case.payment.paid_at,
        "captured": case.payment.captured,
        "given": case.given,
        "sent": case.sent,
        "choices": list(case.choices),
    }


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
        "voucher": found.voucher,
        "vouched_by": list(found.vouched_by),
        "granted_at": found.granted_at,
        "finished_at": found.finished_at,
    }
