"""`groupbuy audit`: who did what, and the proof that nobody rewrote it."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.moments import MOMENT, instant_of
from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell, limited, pass_shell, shared

if TYPE_CHECKING:
    from groupbuy.application.audit_chain import AuditFinding
    from groupbuy.application.ports import AuditRow

_ROW = (
    Column("at", "时间", "at"),
    Column("actor", "操作人", "actor"),
    Column("action", "操作", "action"),
    Column("subject", "对象", "subject"),
    Column("reason", "原因", "reason"),
    Column("channel", "渠道", "channel"),
    Column("id", "编号", "id"),
)
_HEAD = (
    Column("head", "链头", "head"),
    Column("last", "最后一行", "last row"),
    Column("sealed_at", "封存时间", "sealed at"),
)


@click.group()
def audit() -> None:
    """Seal, verify and list the audit."""


@audit.command()
@shared
@pass_shell
def seal(shell: Shell) -> None:
    """Seal the rows that are old enough; safe beside a running worker."""
    from groupbuy.application import auditing

    count = auditing.seal_due(shell.app.desk, shell.app.database, shell.whose)
    shell.out.show("audit.seal/1", {"sealed": count}, lambda: [str(count)])


@audit.command()
@click.option("--head", "known", default="", metavar="NUMBER@HASH", help="One exported earlier.")
@shared
@pass_shell
def verify(shell: Shell, known: str) -> None:
    """Compare the audit with its seals; ends with 7 if anything is found."""
    from groupbuy.application import auditing

    done = auditing.verify(shell.app.desk, shell.caller, known)
    items = [_finding(finding) for finding in done.findings]
    data = {"ok": not items, "seals": done.seals, "rows": done.rows, "findings": items}
    lines = ["\t".join(item.values()) for item in items]
    shell.out.show("audit.verify/1", data, lambda: lines)
    if items:
        shell.leave(Exit.FINDINGS)
    shell.out.note(
        f"{done.seals} 个封条、{done.rows} 行，没有改动",
        f"{done.seals} seals, {done.rows} rows, nothing was touched",
    )


@audit.command()
@shared
@pass_shell
def head(shell: Shell) -> None:
    """Show the newest seal, to be kept elsewhere."""
    from groupbuy.application import auditing

    found = auditing.head_of(shell.app.desk, shell.caller)
    data: dict[str, object] = {"head": None, "last": None, "sealed_at": None}
    if found is not None:
        whole = f"{found.id}@{found.hash}"
        data = {"head": whole, "last": found.last, "sealed_at": found.sealed_at}
    shell.out.record("audit.head/1", _HEAD, data)


@audit.command("list")
@click.option("--subject", default="", metavar="ID", help="Only what was done to it.")
@click.option("--by", "who", default="", metavar="ID", help="Only what this actor did.")
@click.option("--from", "since", type=MOMENT, help="From this moment or day on.")
@click.option("--to", "until", type=MOMENT, help="Before this moment or day.")
@limited
@shared
@pass_shell
def list_audit(
    shell: Shell,
    subject: str,
    who: str,
    since: datetime | date | None,
    until: datetime | date | None,
    limit: int,
) -> None:
    """List who did what, newest first."""
    from groupbuy.application import auditing

    zone = shell.settings.policy.zone
    ask = auditing.AuditQuery(
        subject=subject,
        actor=who,
        since=None if since is None else instant_of(since, zone),
        until=None if until is None else instant_of(until, zone),
    )
    rows = auditing.list_rows(shell.app.desk, shell.caller, ask, limit)
    shell.out.table("audit.list/1", _ROW, [_row(row) for row in rows])


def _finding(finding: "AuditFinding") -> dict[str, str]:
    return {"check": finding.check, "subject": finding.subject, "seal": finding.seal}


def _row(row: "AuditRow") -> dict[str, object]:
    return {
        "id": row.id,
        "at": row.at,
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "reason": row.reason,
        "channel": row.channel,
        "request_id": row.request_id,
        "facts": row.facts,
    }
