"""`groupbuy aftersale`: what buyers ask back, answered for the merchant or decided for both."""

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.bulk import SKIPPED, each
from groupbuy.entrypoints.cli.choices import states_of
from groupbuy.entrypoints.cli.moments import MOMENT, instant_of
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, limited, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from groupbuy.application.aftersale import CaseView
    from groupbuy.application.write_path import Work
    from groupbuy.domain.aftersale import AfterSale

_AGREED = ("approved", "return_shipped", "return_received", "refunding", "done")
"""States of cases that somebody has approved already."""
_CASE = (
    Column("id", "编号", "id"),
    Column("state_text", "状态", "state"),
    Column("kind_text", "类型", "kind"),
    Column("reason_text", "原因", "reason"),
    Column("units", "数量", "units", right=True),
    Column("refund", "退款", "refund", right=True),
    Column("turn", "轮到", "turn"),
    Column("decide_by", "截止", "until"),
    Column("silence_text", "到期", "then"),
    Column("order_id", "订单", "order"),
)
_MORE = (
    Column("title", "商品", "item"),
    Column("merchant_id", "商家", "merchant"),
    Column("return_number", "退货单号", "return parcel"),
    Column("good_units", "完好", "good", right=True),
    Column("damaged_units", "损坏", "damaged", right=True),
    Column("replacement", "换货单号", "replacement"),
    Column("text", "买家说", "buyer says"),
    Column("answer", "商家说", "merchant says"),
    Column("appeal", "申诉", "appeal"),
    Column("ruling", "裁决", "ruling"),
)
_MOVED = (_CASE[0], *_CASE[1:2], *_CASE[5:9])


@click.group()
def aftersale() -> None:
    """List after-sale cases, answer them and decide those in dispute."""


@aftersale.command("list")
@click.option("--state", "states", multiple=True, help="May be repeated.")
@click.option("--merchant", "merchant_id", default="", help="Of one merchant.")
@click.option("--order", "order_id", default="", help="Of one order.")
@click.option("--since", type=MOMENT, help="An instant with its zone, or a day.")
@limited
@shared
@pass_shell
def list_cases(
    shell: Shell,
    states: tuple[str, ...],
    merchant_id: str,
    order_id: str,
    since: datetime | date | None,
    limit: int,
) -> None:
    """List cases, the newest first, with whose turn it is and what its silence will do."""
    from groupbuy.application.aftersale import merchant_cases
    from groupbuy.application.ports import Query
    from groupbuy.domain.aftersale import CaseState

    query = Query().sorted("-applied_at").page(limit)
    wanted = {"merchant_id": merchant_id, "order_id": order_id}
    query = query.where(**{name: key for name, key in wanted.items() if key})
    if states:
        query = query.among("state", states_of(CaseState, states))
    if since is not None:
        query = query.since("applied_at", instant_of(since, shell.settings.policy.zone))
    found = shell.report(lambda work: merchant_cases(work, query))
    shell.out.table("aftersale.list/1", _CASE, [_item(shell, view) for view in found])


@aftersale.command()
@click.argument("case_id")
@shared
@pass_shell
def show(shell: Shell, case_id: str) -> None:
    """Show a case with what each side wrote."""
    from groupbuy.application.aftersale import merchant_case

    view = shell.read(lambda work: merchant_case(work, case_id))
    shell.out.record("aftersale.show/1", (*_CASE, *_MORE), _whole(shell, view))


@aftersale.command()
@click.argument("ids", nargs=-1, required=True)
@reasoned
@changing
@shared
@pass_shell
def approve(shell: Shell, ids: tuple[str, ...]) -> None:
    """Agree to cases, each by itself; agreed ones are skipped. Buyers read the reason."""
    from groupbuy.application.aftersale import approve_case
    from groupbuy.domain.kernel import IllegalMove

    shell.confirm(f"同意 {len(ids)} 个售后？", f"approve {len(ids)} cases?")

    def do(key: str) -> dict[str, object]:
        try:
            after = shell.run(lambda work: approve_case(work, key, shell.reason))
        except IllegalMove as refusal:
            if refusal.state not in _AGREED:
                raise
            return {"result": SKIPPED, "state": refusal.state}
        return {"state": after.state}

    each(shell, "aftersale.approve/1", ids, do)


@aftersale.command()
@click.argument("case_id")
@reasoned
@changing
@shared
@pass_shell
def refuse(shell: Shell, case_id: str) -> None:
    """Say no to a wish, or to goods that came back; the buyer reads why and may appeal."""
    from groupbuy.application.aftersale import refuse_case

    _move(shell, "aftersale.refuse/1", lambda work: refuse_case(work, case_id, shell.reason))


@aftersale.command()
@click.argument("case_id")
@changing
@shared
@pass_shell
def receive(shell: Shell, case_id: str) -> None:
    """Say that the parcel is there; its goods are then to be counted."""
    from groupbuy.application.aftersale import receive_back

    _move(shell, "aftersale.receive/1", lambda work: receive_back(work, case_id))


@aftersale.command()
@click.argument("case_id")
@click.option("--good", type=click.IntRange(0), required=True, help="Units fit to be sold.")
@click.option("--damaged", type=click.IntRange(0), default=0, help="Units to be written off.")
@changing
@shared
@pass_shell
def inspect(shell: Shell, case_id: str, good: int, damaged: int) -> None:
    """Count what came back: good units are for sale again, and the refund is granted."""
    from groupbuy.application.aftersale import Counted, inspect_return

    shell.confirm(
        f"入库 {good} 件、报损 {damaged} 件？", f"take {good} in and write {damaged} off?"
    )
    found = Counted(case_id, good, damaged)
    _move(shell, "aftersale.inspect/1", lambda work: inspect_return(work, found))


@aftersale.command()
@click.argument("case_id")
@click.option("--carrier", default="", help="Code of the carrier, such as sf.")
@click.option("--tracking", "number", default="", help="Tracking number.")
@changing
@shared
@pass_shell
def replace(shell: Shell, case_id: str, carrier: str, number: str) -> None:
    """Send other goods out of what is in stock; no parcel for an order that is picked up."""
    from groupbuy.application.aftersale import Replacement, send_replacement

    sent = Replacement(case_id, carrier, number)
    _move(shell, "aftersale.replace/1", lambda work: send_replacement(work, sent))


@aftersale.command()
@click.argument("case_id")
@reasoned
@changing
@shared
@pass_shell
def refund(shell: Shell, case_id: str) -> None:
    """Give the money back where no replacement can be sent."""
    from groupbuy.application.aftersale import refund_instead

    shell.confirm("改为退款？", "refund instead?")
    _move(shell, "aftersale.refund/1", lambda work: refund_instead(work, case_id, shell.reason))


@aftersale.command()
@click.argument("case_id")
@changing
@shared
@pass_shell
def accept(shell: Shell, case_id: str) -> None:
    """Note for the buyer that the replacement is there: the exchange is done."""
    from groupbuy.application.aftersale import accept_replacement

    _move(shell, "aftersale.accept/1", lambda work: accept_replacement(work, case_id))


@aftersale.command()
@click.argument("case_id")
@click.option(
    "--for", "whom", type=click.Choice(["buyer", "merchant"]), required=True, help="Who is right."
)
@reasoned
@changing
@shared
@pass_shell
def decide(shell: Shell, case_id: str, whom: str) -> None:
    """Decide a case that the buyer brought to an operator: the last word, read by both sides."""
    from groupbuy.application.aftersale import rule_case

    shell.confirm(f"裁决支持 {whom}？", f"decide for the {whom}?")
    right = whom == "buyer"
    _move(
        shell,
        "aftersale.decide/1",
        lambda work: rule_case(work, case_id, shell.reason, for_buyer=right),
    )


def _move(shell: Shell, schema: str, act: "Callable[[Work], AfterSale]") -> None:
    """Move one case and show how it is then; a dry run shows the same and keeps nothing."""
    from groupbuy.application.aftersale import case_views

    view = shell.run(lambda work: case_views(work, [act(work)])[0])
    shell.out.record(schema, _MOVED, _item(shell, view))


def _item(shell: Shell, view: "CaseView") -> dict[str, object]:
    from groupbuy.domain.aftersale import KIND_TEXTS, REASON_TEXTS, SILENCE_TEXTS, STATE_TEXTS

    case, say = view.case, shell.out.words
    waits = case.state in SILENCE_TEXTS and not (case.state == "refused" and case.ruled)
    return {
        "id": case.id,
        "state": case.state,
        "state_text": say(*STATE_TEXTS[case.state]),
        "kind": case.kind,
        "kind_text": say(*KIND_TEXTS[case.kind]),
        "reason": case.reason,
        "reason_text": say(*REASON_TEXTS[case.reason]),
        "line_no": case.line_no,
        "units": case.units,
        "refund": view.expected,
        "granted": case.refund is not None,
        "turn": case.turn,
        "decide_by": case.decide_by if waits else None,
        "silence_text": say(*SILENCE_TEXTS[case.state]) if waits else "",
        "order_id": case.order_id,
        "merchant_id": case.merchant_id,
        "applied_at": case.applied_at,
        "finished_at": case.finished_at,
    }


def _whole(shell: Shell, view: "CaseView") -> dict[str, object]:
    case = view.case
    return {
        **_item(shell, view),
        "title": view.order.goods_line(case.line_no).title,
        "return_carrier": case.return_carrier,
        "return_number": case.return_number,
        "good_units": case.good_units,
        "damaged_units": case.damaged_units,
        "replacement": view.replacement.tracking_number if view.replacement else "",
        "pictures": list(case.pictures),
        "text": view.text,
        "answer": view.answer,
        "appeal": view.appeal,
        "ruling": view.ruling,
        "decided_by": case.decided_by,
        "ruled_by": case.ruled_by,
    }
