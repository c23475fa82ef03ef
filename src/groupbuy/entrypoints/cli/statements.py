"""`groupbuy settle`: doubt a line, freeze, take a statement back, and hand statements out."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from groupbuy.domain.commission import DIGEST_SHOWN, DisputeState
from groupbuy.domain.kernel import Invalid, Money
from groupbuy.entrypoints.cli.choices import states_of
from groupbuy.entrypoints.cli.moments import recent, since_option
from groupbuy.entrypoints.cli.output import Column, money_text
from groupbuy.entrypoints.cli.progress import bar
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
    from groupbuy.application.commission import DisputeView, Reopening

_DISPUTE = (
    Column("id", "异议", "dispute"),
    Column("state", "状态", "state"),
    Column("leader_id", "团长", "leader"),
    Column("statement_id", "结算单", "statement"),
    Column("entry_id", "条目", "line"),
    Column("order_id", "订单", "order"),
    Column("text", "理由", "text"),
    Column("answer", "答复", "answer"),
    Column("adjustment_id", "调整条目", "adjustment"),
    Column("opened_at", "提出时间", "opened at"),
)
_FROZEN = (Column("id", "编号", "id"), Column("frozen", "冻结", "frozen"))
_FILE = (
    Column("statement_id", "结算单", "statement"),
    Column("leader_id", "团长", "leader"),
    Column("file", "文件", "file"),
    Column("lines", "条目", "lines", right=True),
    Column("sha256", "文件摘要", "sha256"),
)


@click.command()
@click.argument("statement_id")
@click.argument("line_id")
@reasoned
@changing
@shared
@pass_shell
def dispute(shell: Shell, statement_id: str, line_id: str) -> None:
    """Doubt a line of a statement, for its leader."""
    from groupbuy.application import commission

    view = shell.run(
        lambda work: commission.open_dispute(work, statement_id, line_id, shell.reason)
    )
    shell.out.record("settle.dispute/1", _DISPUTE, _dispute(view))


@click.command()
@click.option("--state", default="", help="opened, upheld or adjusted; all by default.")
@since_option
@limited
@shared
@pass_shell
def disputes(shell: Shell, state: str, since: datetime | date | None, limit: int) -> None:
    """List disputes, newest first."""
    from groupbuy.application import commission

    wanted = states_of(DisputeState, [state] if state else [])
    found = shell.read(
        lambda work: commission.list_disputes(work, wanted[0] if wanted else None, limit)
    )
    zone = shell.settings.policy.zone
    found = recent(found, since, zone, lambda each: each.dispute.opened_at)
    shell.out.table("settle.disputes/1", _DISPUTE, [_dispute(view) for view in found])


@click.command()
@click.argument("dispute_id")
@click.option("--uphold", is_flag=True, help="The line stands as it is.")
@click.option("--rate-bp", type=int, metavar="BP", help="The rate the line should have had.")
@reasoned
@changing
@shared
@pass_shell
def answer(shell: Shell, dispute_id: str, uphold: bool, rate_bp: int | None) -> None:
    """Answer a dispute, once: the line stands, or an entry in the open period corrects it."""
    from groupbuy.application import commission

    if uphold == (rate_bp is not None):
        raise click.UsageError(
            shell.out.words("--uphold 和 --rate-bp 选一个", "give --uphold or --rate-bp")
        )
    if rate_bp is None:
        view = shell.run(lambda work: commission.uphold(work, dispute_id, shell.reason))
    else:
        bp = rate_bp
        shell.confirm(f"把费率改为 {bp}？", f"change the rate to {bp} basis points?")
        view = shell.run(lambda work: commission.adjust_line(work, dispute_id, bp, shell.reason))
    shell.out.record("settle.answer/1", _DISPUTE, _dispute(view))


@click.command()
@click.argument("key", metavar="STATEMENT|LEADER")
@reasoned
@changing
@shared
@pass_shell
def freeze(shell: Shell, key: str) -> None:
    """Let a leader withdraw nothing, because of one statement or altogether."""
    _freeze(shell, key, free=False)


@click.command()
@click.argument("key", metavar="STATEMENT|LEADER")
@reasoned
@changing
@shared
@pass_shell
def unfreeze(shell: Shell, key: str) -> None:
    """Take a freeze away; other ones of the same leader stay."""
    _freeze(shell, key, free=True)


@click.command()
@click.argument("key", metavar="STATEMENT[@DIGEST]")
@click.option("--reason", "why", default="", metavar="TEXT", help="Why; kept in the audit.")
@confirmed
@changing
@shared
@pass_shell
def reverse(shell: Shell, key: str, why: str) -> None:
    """Take a settled statement back by an exact opposite in the books; it may be settled again.

    Without a digest it only shows what would happen. The amount has to be typed.
    """
    from groupbuy.application import commission

    statement_id, _, digest = key.partition("@")
    seen = shell.read(lambda work: commission.preview_reopening(work, statement_id))
    if not digest:
        shell.out.show("settle.reverse.preview/1", _reopening(seen), lambda: _lines(shell, seen))
        return
    if not why.strip():
        raise Invalid(field="reason", reason="is needed")
    amount = money_text(seen.statement.settled)
    shell.confirm_text(amount, f"冲回结算 {amount}", f"this takes {amount} back")
    after = shell.run(lambda work: commission.reopen(work, statement_id, digest, why))
    data = {"id": after.id, "period": after.period, "state": after.state, "taken": after.settled}
    shell.out.show("settle.reverse/1", data, lambda: [f"{after.id}\t{after.state}\t{amount}"])


@click.command()
@click.argument("period")
@click.option("--leader", "leader_id", default="", metavar="ID", help="One leader's only.")
@click.option(
    "--format", "form", type=click.Choice(["csv", "xlsx", "pdf"]), default="csv", show_default=True
)
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), required=True)
@shared
@pass_shell
def export(shell: Shell, period: str, leader_id: str, form: str, folder: Path) -> None:
    """Write every statement of a period into a folder, a file for each leader."""
    from groupbuy.application import commission
    from groupbuy.entrypoints.statement_files import Form, file_name, written

    wanted = cast("Form", form)
    made = commission.statements_of(shell.app.desk, shell.caller, period, leader_id)
    folder.mkdir(parents=True, exist_ok=True)
    items = list[dict[str, object]]()
    with bar(shell, period) as moved:
        for done, statement in enumerate(made, 1):
            page = shell.read(partial(commission.page, statement_id=statement.id))
            content = written(page, wanted, shell.out.lang)
            path = folder / file_name(page, wanted)
            _put(path, content)
            items.append(
                {
                    "statement_id": statement.id,
                    "leader_id": statement.leader_id,
                    "file": str(path),
                    "lines": len(page.lines),
                    "sha256": hashlib.sha256(content).hexdigest(),
                }
            )
            moved(done, len(made))
    shell.out.table("settle.export/1", _FILE, items, period=period)


COMMANDS = (dispute, disputes, answer, freeze, unfreeze, reverse, export)
"""What this module adds to `groupbuy settle`."""


def _freeze(shell: Shell, key: str, *, free: bool) -> None:
    from groupbuy.application import commission

    if key.startswith("stm_"):
        act = commission.unfreeze_statement if free else commission.freeze_statement
        because = shell.run(lambda work: act(work, key, shell.reason)).frozen_because
        shell.out.record("settle.freeze/1", _FROZEN, {"id": key, "frozen": bool(because)})
        return
    leader = commission.unfreeze_leader if free else commission.freeze_leader
    balance = shell.run(lambda work: leader(work, key, shell.reason))
    data = {"id": key, "frozen": bool(balance.frozen_by)}
    shell.out.record("settle.freeze/1", _FROZEN, data)


def _dispute(view: "DisputeView") -> dict[str, object]:
    found = view.dispute
    return {
        "id": found.id,
        "state": found.state,
        "leader_id": found.leader_id,
        "statement_id": found.statement_id,
        "entry_id": found.entry_id,
        "order_id": found.order_id,
        "text": view.text,
        "answer": view.answer,
        "adjustment_id": found.adjustment_id,
        "opened_at": found.opened_at,
    }


def _reopening(seen: "Reopening") -> dict[str, object]:
    statement = seen.statement
    return {
        "id": statement.id,
        "leader_id": statement.leader_id,
        "period": statement.period,
        "lines": statement.lines,
        "takes": statement.settled,
        "available": Money(seen.available, statement.settled.currency),
        "left": Money(seen.after, statement.settled.currency),
        "key": f"{statement.id}@{seen.digest[:DIGEST_SHOWN]}",
    }


def _lines(shell: Shell, seen: "Reopening") -> Iterable[str]:
    words, shown = shell.out.words, _reopening(seen)
    currency = seen.statement.settled.currency
    amounts = [
        money_text(seen.statement.settled),
        money_text(Money(seen.available, currency)),
        money_text(Money(seen.after, currency)),
    ]
    yield words(
        f"冲回结算单  {seen.statement.id}   {seen.statement.period} · {seen.statement.leader_id}",
        f"Reversal  {seen.statement.id}   {seen.statement.period} · {seen.statement.leader_id}",
    )
    yield words(
        "  收回 {} · 余额 {} · 之后 {}".format(*amounts),
        "  takes back {} · available {} · left {}".format(*amounts),
    )
    yield words("没有写入任何内容。执行：", "Nothing written. Apply with:")
    yield f'  groupbuy settle reverse {shown["key"]} --confirm "{amounts[0]}" --reason "…"'


def _put(path: Path, content: bytes) -> None:
    """Put a whole file in place: whoever reads there never sees half of one."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)
