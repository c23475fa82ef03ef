"""`groupbuy settle`: preview the month, run exactly what was previewed, look at a statement."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from groupbuy.entrypoints.cli.exit_codes import Exit
from groupbuy.entrypoints.cli.output import Column, money_text
from groupbuy.entrypoints.cli.progress import bar
from groupbuy.entrypoints.cli.shell import Shell, changing, pass_shell, reasoned, shared
from groupbuy.entrypoints.cli.statements import COMMANDS

if TYPE_CHECKING:
    from groupbuy.application.commission import Difference, Portion, Preview, StatementPage
    from groupbuy.application.ledger_reports import Finding
    from groupbuy.domain.commission import Entry, Statement

_SUMS = ("accrued", "reversals", "deducted", "adjusted", "settled")
_PORTION = (
    Column("leader_id", "团长", "leader"),
    Column("name", "姓名", "name"),
    Column("lines", "条目", "lines", right=True),
    Column("accrued", "佣金", "commission", right=True),
    Column("reversals", "冲回", "reversals", right=True),
    Column("settled", "结算", "settled", right=True),
    Column("attention", "注意", "attention"),
    Column("statement_id", "结算单", "statement"),
)
_STATEMENT = (
    Column("id", "结算单", "statement"),
    Column("leader_id", "团长", "leader"),
    Column("period", "期间", "period"),
    Column("state", "状态", "state"),
    Column("accrued", "佣金", "commission", right=True),
    Column("reversals", "冲回", "reversals", right=True),
    Column("deducted", "已扣", "already deducted", right=True),
    Column("adjusted", "调整", "adjusted", right=True),
    Column("settled", "结算", "settled", right=True),
    Column("carried", "上期结转", "carried over", right=True),
    Column("payable", "应付余额", "payable", right=True),
    Column("frozen_because", "冻结原因", "frozen because"),
    Column("lines_count", "条目", "lines", right=True),
)
_LINE = (
    Column("order_id", "订单", "order"),
    Column("line_no", "行", "line", right=True),
    Column("role", "角色", "role"),
    Column("base", "基数", "base", right=True),
    Column("rate_bp", "费率(万分之)", "rate (bp)", right=True),
    Column("why", "费率来源", "rate by"),
    Column("ceiling_cut", "封顶扣减", "ceiling took", right=True),
    Column("amount", "佣金", "commission", right=True),
    Column("reverses", "冲回", "reverses"),
    Column("adjusts", "调整", "adjusts"),
    Column("because_of", "退款或异议", "refund or dispute"),
    Column("journal_id", "分录", "journal"),
    Column("dispute", "异议", "dispute"),
    Column("id", "条目", "entry"),
)


@click.group()
def settle() -> None:
    """Preview and run the monthly settlement."""


for _command in COMMANDS:
    settle.add_command(_command)


@settle.command()
@click.option(
    "--period", default="", metavar="PERIOD", help="The last one that is over by default."
)
@shared
@pass_shell
def preview(shell: Shell, period: str) -> None:
    """Show what a settlement would do, and its digest; writes nothing."""
    from groupbuy.application import commission, ledger_reports

    wanted = period or shell.read(commission.last_month)
    with bar(shell, wanted) as moved:
        found = commission.preview(shell.app.desk, shell.caller, wanted, moved)
    books = ledger_reports.books(shell.app.database, shell.caller)
    findings = ledger_reports.verify(books)
    data = {
        "preview": found.key,
        "period": found.period,
        "cut": found.cut,
        **{name: found.total(name) for name in _SUMS},
        "leaders": [_portion(portion) for portion in found.portions],
        "ledger_ok": not findings,
        "unknown_years": list(found.unknown_years),
    }
    for year in found.unknown_years:
        shell.out.note(
            f"{year} 年的节假日还没有公布：按周一至周五计算",
            f"the holidays of {year} are not known yet: counted as plain weeks",
        )
    shell.out.show("settle.preview/1", data, lambda: _preview_lines(shell, found, findings))


@settle.command()
@click.option("--preview", "key", required=True, metavar="stl_…@DIGEST", help="What to run.")
@reasoned
@changing
@shared
@pass_shell
def run(shell: Shell, key: str) -> None:
    """Settle exactly what was previewed, or nothing if it changed; re-runs skip what is done."""
    from groupbuy.application import commission

    period, digest = commission.parse_key(key)
    if shell.dry_run:
        with bar(shell, period) as moved:
            commission.compare(shell.app.desk, shell.caller, period, digest, moved)
        shell.out.note("演练：没有写入任何内容", "dry run: nothing written")
        return
    shell.confirm(f"结算 {period}？", f"settle {period}?")
    with bar(shell, period) as moved:
        done = commission.run(shell.app.desk, shell.caller, period, digest, shell.reason, moved)
    items = [_statement(statement) for statement in done.settled]
    shell.out.table("settle.run/1", _STATEMENT, items, period=period, skipped=done.skipped)
    shell.out.note(
        f"结算 {len(items)} 位团长，跳过 {done.skipped} 位",
        f"settled {len(items)} leaders, skipped {done.skipped} done before",
    )


@settle.command()
@click.argument("leader_id")
@click.option(
    "--period", default="", metavar="PERIOD", help="The last one that is over by default."
)
@shared
@pass_shell
def show(shell: Shell, leader_id: str, period: str) -> None:
    """Show one leader's statement with every line and its order."""
    from groupbuy.application import commission

    wanted = period or shell.read(commission.last_month)
    page = shell.read(lambda work: commission.show(work, leader_id, wanted))
    items = [_linked(page, line) for line in page.lines]
    data = {**_statement(page.statement), "settled_by": page.settled_by, "lines": items}
    if shell.out.json:
        shell.out.document("settle.show/1", data)
        return
    shell.out.record("settle.show/1", _STATEMENT, data)
    shell.out.table("settle.show/1", _LINE, items)


@settle.command()
@click.argument("period", default="")
@shared
@pass_shell
def verify(shell: Shell, period: str) -> None:
    """Check commission against the books; ends with 7 if anything differs.

    With a PERIOD every statement of it is computed anew too, from its entries and from the ledger.
    """
    from groupbuy.application import commission, ledger_reports

    picture = ledger_reports.books(shell.app.database, shell.caller)
    found: list[Finding | Difference] = [
        *ledger_reports.commission_matches_its_entries(picture),
        *ledger_reports.balances_match_their_accounts(picture),
        *ledger_reports.transit_is_explained(picture),
    ]
    checked = {"statements": 0, "lines": 0}
    if period:
        with bar(shell, period) as moved:
            done = commission.verify_period(shell.app.desk, shell.caller, period, moved)
        found += done.differences
        checked = {"statements": done.statements, "lines": done.lines}
    data = {"ok": not found, **checked, "findings": [finding_item(each) for each in found]}
    shell.out.show("settle.verify/1", data, lambda: map(finding_line, found))
    if found:
        shell.leave(Exit.FINDINGS)
    shell.out.note("佣金与账目一致", "commission and books agree")


def finding_item(finding: "Finding | Difference") -> dict[str, object]:
    """Return what is shown of a finding."""
    return {
        "check": finding.check,
        "subject": finding.subject,
        "expected": finding.expected,
        "found": finding.found,
    }


def finding_line(finding: "Finding | Difference") -> str:
    """Say a finding in one line; amounts in minor units."""
    return f"{finding.check}\t{finding.subject}\t{finding.expected}\t{finding.found}"


def _preview_lines(shell: Shell, found: "Preview", findings: "list[Finding]") -> Iterable[str]:
    words, todo = shell.out.words, [p for p in found.portions if not p.statement_id]
    counted = [words(f"{len(found.portions)} 位团长", f"{len(found.portions)} leaders")]
    if done := len(found.portions) - len(todo):
        counted.append(words(f"{done} 位已结算", f"{done} settled before"))
    if todo or not done:
        orders = sum(portion.totals.orders for portion in todo)
        counted.append(words(f"{orders} 个订单", f"{orders} orders"))
    yield words("结算预览", "Settlement preview") + f"  {found.name}   {' · '.join(counted)}"
    sums = [money_text(found.total(name)) for name in ("accrued", "reversals", "settled")]
    if adjusted := found.total("adjusted"):
        sums[1] += words(" · 调整 ", " · adjusted ") + money_text(adjusted)
    yield words(
        "  佣金 {} · 冲回 {} · 结算 {}".format(*sums),
        "  commission {} · reversals {} · payable {}".format(*sums),
    )
    for portion in found.portions:
        if portion.attention:
            why = ", ".join(portion.attention)
            yield f"    {portion.name}  {portion.leader_id}  {why}  {portion.waits_for}".rstrip()
    yield words("账目检查  ", "Ledger check  ") + ("OK" if not findings else f"{len(findings)}!")
    if todo:
        yield words("没有写入任何内容。执行：", "Nothing written. Apply with:")
        yield f'  groupbuy settle run --preview {found.key} --reason "…"'


def _portion(portion: "Portion") -> dict[str, object]:
    totals = portion.totals
    return {
        "leader_id": portion.leader_id,
        "name": portion.name,
        "lines": totals.lines,
        "accrued": totals.accrued,
        "reversals": totals.reversals,
        "deducted": totals.deducted,
        "adjusted": totals.adjusted,
        "settled": totals.settled,
        "attention": list(portion.attention),
        "waits_for": portion.waits_for or None,
        "statement_id": portion.statement_id or None,
    }


def _statement(statement: "Statement") -> dict[str, object]:
    return {
        "id": statement.id,
        "leader_id": statement.leader_id,
        "period": statement.period,
        "state": statement.state,
        "accrued": statement.accrued,
        "reversals": statement.reversals,
        "deducted": statement.deducted,
        "adjusted": statement.adjusted,
        "settled": statement.settled,
        "carried": statement.carried,
        "payable": statement.payable,
        "frozen_because": statement.frozen_because,
        "reopened": statement.reopened,
        "lines_count": statement.lines,
        "digest": statement.digest,
    }


def _linked(page: "StatementPage", entry: "Entry") -> dict[str, object]:
    doubt = page.disputes.get(entry.id)
    return {
        **entry_item(entry),
        "adjusts": entry.adjusts,
        "because_of": entry.because_of,
        "journal_id": page.journals.get(entry.id, ""),
        "dispute": f"{doubt.id} {doubt.state}" if doubt else None,
    }


def entry_item(entry: "Entry") -> dict[str, object]:
    """Return what is shown of an entry: how much, on what, and whose word the rate is."""
    return {
        "id": entry.id,
        "leader_id": entry.leader_id,
        "order_id": entry.order_id,
        "line_no": entry.line_no,
        "role": entry.role,
        "base": entry.base,
        "rate_bp": entry.bp,
        "rule": entry.rule,
        "source": entry.source,
        "why": f"{entry.rule} {entry.source}".rstrip(),
        "asked_bp": entry.bp if entry.asked_bp is None else entry.asked_bp,
        "ceiling_cut": entry.cut,
        "amount": entry.amount,
        "purse": entry.purse,
        "reverses": entry.reverses,
    }
