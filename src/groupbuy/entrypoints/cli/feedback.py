"""`groupbuy feedback`: cases by deadline, and answering them."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.bulk import each
from groupbuy.entrypoints.cli.choices import states_of
from groupbuy.entrypoints.cli.moments import MOMENT, instant_of
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, changing, limited, pass_shell, reasoned, shared

if TYPE_CHECKING:
    from groupbuy.domain.feedback import Feedback

_CASE = (
    Column("id", "编号", "id"),
    Column("kind", "类型", "kind"),
    Column("state", "状态", "state"),
    Column("answer_by", "答复期限", "due"),
    Column("overdue_at", "已超期", "late since"),
    Column("assignee_id", "处理人", "assignee"),
    Column("order_id", "订单", "order"),
    Column("merchant_id", "商家", "merchant"),
    Column("about", "关于", "about"),
    Column("messages", "消息", "messages", right=True),
    Column("satisfaction", "满意度", "satisfaction", right=True),
    Column("created_at", "时间", "created"),
)


@click.group()
def feedback() -> None:
    """Answer feedback and complaints before their deadline."""


@feedback.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that wait for no answer, too.")
@click.option("--overdue", is_flag=True, help="Only those whose answer is late.")
@click.option("--state", "states", multiple=True, help="May be repeated; searches all.")
@limited
@shared
@pass_shell
def list_cases(
    shell: Shell, everything: bool, overdue: bool, states: tuple[str, ...], limit: int
) -> None:
    """List cases that wait for an answer, the one due first in front; or all, the newest first."""
    from groupbuy.application import feedback as use_cases
    from groupbuy.domain.feedback import FeedbackState

    wanted = states_of(FeedbackState, states)
    sought = use_cases.CasesSought(
        waiting=not (everything or wanted), states=wanted, overdue=overdue, limit=limit
    )
    found = shell.read(lambda work: use_cases.cases(work, sought))
    shell.out.table("feedback.list/1", _CASE, [_item(case) for case in found])


@feedback.command()
@click.argument("key")
@shared
@pass_shell
def show(shell: Shell, key: str) -> None:
    """Show a case with everything that was said, notes included."""
    from groupbuy.application import feedback as use_cases

    found = shell.read(lambda work: use_cases.case_of(work, key))
    said = [
        {
            "side": line.side,
            "at": line.at,
            "internal": line.internal,
            "text": line.text,
            "pictures": list(line.pictures),
        }
        for line in found.lines
    ]

    def lines() -> list[str]:
        case = found.feedback
        head = f"{case.id}\t{case.kind}\t{case.state}\t{case.answer_by:%Y-%m-%d %H:%M}Z"
        note = shell.out.words("（内部）", " (note)")
        return [
            head,
            *(f"{e['side']}{note if e['internal'] else ''}\t{e['text']}" for e in said),
        ]

    shell.out.show("feedback.show/1", {**_item(found.feedback), "said": said}, lines)


@feedback.command()
@click.argument("ids", nargs=-1, required=True)
@click.option("--to", "assignee_id", default="", metavar="USER", help="Without it: the actor.")
@changing
@shared
@pass_shell
def assign(shell: Shell, ids: tuple[str, ...], assignee_id: str) -> None:
    """Take cases up, or hand them to an operator."""
    from groupbuy.application import feedback as use_cases

    def do(key: str) -> dict[str, object]:
        return _moved(shell.run(lambda w: use_cases.assign_case(w, key, assignee_id)).feedback)

    each(shell, "feedback.assign/1", ids, do)


@feedback.command()
@click.argument("key")
@click.option("--text", required=True, metavar="TEXT", help="The person reads it.")
@changing
@shared
@pass_shell
def answer(shell: Shell, key: str, text: str) -> None:
    """Answer a case; unless somebody doubts the answer, it is closed after a while."""
    from groupbuy.application import feedback as use_cases

    after = shell.run(lambda work: use_cases.answer_case(work, key, text))
    shell.out.table("feedback.answer/1", _CASE, [_item(after.feedback)])


@feedback.command()
@click.argument("key")
@click.option("--text", required=True, metavar="TEXT", help="Only operators read it.")
@changing
@shared
@pass_shell
def note(shell: Shell, key: str, text: str) -> None:
    """Keep a note that only operators read."""
    from groupbuy.application import feedback as use_cases

    after = shell.run(lambda work: use_cases.note_on_case(work, key, text))
    shell.out.table("feedback.note/1", _CASE, [_item(after.feedback)])


@feedback.command()
@click.argument("ids", nargs=-1, required=True)
@reasoned
@changing
@shared
@pass_shell
def close(shell: Shell, ids: tuple[str, ...]) -> None:
    """Close cases that were answered."""
    from groupbuy.application import feedback as use_cases

    def do(key: str) -> dict[str, object]:
        return _moved(shell.run(lambda w: use_cases.close_case(w, key, shell.reason)).feedback)

    each(shell, "feedback.close/1", ids, do)


@feedback.command()
@click.option("--since", type=MOMENT, help="Came at this moment or later.")
@click.option("--until", type=MOMENT, help="Came before this moment.")
@shared
@pass_shell
def export(shell: Shell, since: "datetime | date | None", until: "datetime | date | None") -> None:
    """Write all cases as CSV: what, when and how late, never what was said."""
    from groupbuy.application import feedback as use_cases

    zone = shell.settings.policy.zone
    span = [None if typed is None else instant_of(typed, zone) for typed in (since, until)]
    rows = use_cases.export_rows(shell.app.desk, shell.caller, *span)
    if shell.out.json:
        shell.out.stream("feedback.export/1", _CASE, (_item(case) for case in rows))
        return
    click.echo(use_cases.written(rows), nl=False)


def _item(case: "Feedback") -> dict[str, object]:
    return {
        "id": case.id,
        "kind": case.kind,
        "state": case.state,
        "answer_by": case.answer_by,
        "overdue_at": case.overdue_at,
        "assignee_id": case.assignee_id,
        "order_id": case.order_id,
        "merchant_id": case.merchant_id,
        "about": case.about,
        "messages": case.messages,
        "satisfaction": case.satisfaction,
        "created_at": case.created_at,
    }


def _moved(after: "Feedback") -> dict[str, object]:
    return {"id": after.id, "state": after.state, "message": str(after.state)}
