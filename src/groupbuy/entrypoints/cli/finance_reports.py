"""The reports of finance that `groupbuy export reports` writes: their columns and their rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from groupbuy.entrypoints.cli.output import Column
from groupbuy.entrypoints.cli.shell import Shell

if TYPE_CHECKING:
    from groupbuy.application.ports.bookkeeping import Span

PAGE = 500
Rows = Iterator[Mapping[str, Any]]
_CURRENCY = Column("currency", "币种", "currency")
COLUMNS: Final[dict[str, tuple[Column, ...]]] = {
    "trial-balance": (
        Column("account", "科目", "account"),
        Column("kind", "类别", "kind"),
        Column("accounts", "账户数", "accounts"),
        Column("debit", "借方", "debit"),
        Column("credit", "贷方", "credit"),
        Column("balance", "余额", "balance"),
        _CURRENCY,
    ),
    "statements": (
        Column("id", "结算单", "statement"),
        Column("leader_id", "团长", "leader"),
        Column("period", "期间", "period"),
        Column("state", "状态", "state"),
        Column("carried", "上期结转", "carried over"),
        Column("accrued", "佣金", "commission"),
        Column("reversals", "冲回", "reversals"),
        Column("adjusted", "调整", "adjusted"),
        Column("payable", "应付余额", "payable"),
        _CURRENCY,
        Column("lines", "条目", "lines"),
        Column("settled_at", "结算时间", "settled at"),
        Column("frozen_because", "冻结原因", "frozen because"),
    ),
    "withdrawals": (
        Column("id", "编号", "id"),
        Column("leader_id", "团长", "leader"),
        Column("state", "状态", "state"),
        Column("amount", "金额", "amount"),
        Column("tax", "代扣税", "tax"),
        _CURRENCY,
        Column("channel", "渠道", "channel"),
        Column("number", "渠道单号", "provider's number"),
        Column("approvals", "审批", "approvals"),
        Column("requested_at", "申请", "requested"),
        Column("finished_at", "完成", "finished"),
        Column("last_word", "渠道答复", "provider said"),
    ),
    "merchant-payouts": (
        Column("id", "编号", "id"),
        Column("merchant_id", "商家", "merchant"),
        Column("state", "状态", "state"),
        Column("amount", "金额", "amount"),
        _CURRENCY,
        Column("channel", "渠道", "channel"),
        Column("number", "渠道单号", "provider's number"),
        Column("requested_by", "申请人", "requested by"),
        Column("approvals", "审批", "approvals"),
        Column("requested_at", "申请", "requested"),
        Column("finished_at", "完成", "finished"),
        Column("last_word", "渠道答复", "provider said"),
    ),
    "disputes": (
        Column("id", "异议", "dispute"),
        Column("state", "状态", "state"),
        Column("leader_id", "团长", "leader"),
        Column("statement_id", "结算单", "statement"),
        Column("entry_id", "条目", "line"),
        Column("order_id", "订单", "order"),
        Column("text", "理由", "text"),
        Column("answer", "答复", "answer"),
        Column("opened_at", "提出时间", "opened at"),
        Column("answered_at", "答复时间", "answered at"),
    ),
}
"""By name of the report."""


def rows_of(shell: Shell, name: str, span: "Span") -> Rows:
    """Yield the rows of a report within a span, read page by page."""
    if name == "trial-balance":
        return _trial_balance(shell)
    return (_row(found, COLUMNS[name]) for found in _within(shell, _SOURCES[name], span))


def _trial_balance(shell: Shell) -> Rows:
    from groupbuy.application import ledger_reports
    from groupbuy.domain.kernel import Money

    books = ledger_reports.books(shell.app.database, shell.caller)
    for row in ledger_reports.trial_balance(books):
        sides = {"debit": row.debit, "credit": row.credit, "balance": row.balance}
        yield {
            "account": row.account,
            "kind": row.kind,
            "accounts": row.accounts,
            **{name: Money(minor, row.currency) for name, minor in sides.items()},
            "currency": row.currency,
        }


@frozen
class _Source:
    """Where the rows of a report come from, page by page."""

    fetch: Callable[[Shell, tuple[Any, str] | None], Sequence[Any]]
    order: Callable[[Any], Any]
    """What the pages are sorted by, the newest first."""
    at: Callable[[Any], datetime]
    """When it happened."""


def _within(shell: Shell, source: _Source, span: "Span") -> Iterator[Any]:
    """Yield what lies in the span."""
    after = None
    while True:
        page = source.fetch(shell, after)
        for each in page:
            if span.since <= source.at(each) < span.before:
                yield each
        last = page[-1] if page else None
        if last is None or len(page) < PAGE:
            return
        if source.order is source.at and source.at(last) < span.since:
            return
        after = (source.order(last), last.id)


def _row(found: Any, columns: Sequence[Column]) -> Mapping[str, Any]:
    # A dispute comes with its words opened, around the thing itself.
    inner = getattr(found, "dispute", found)
    row = {
        column.key: getattr(found, column.key, getattr(inner, column.key, None))
        for column in columns
    }
    if "currency" in row:
        row["currency"] = (found.payable if hasattr(found, "payable") else found.amount).currency
    return row


def _withdrawals(shell: Shell, after: tuple[Any, str] | None) -> Sequence[Any]:
    from groupbuy.application import withdrawals

    return shell.report(lambda work: withdrawals.list_withdrawals(work, (), PAGE, after))


def _payouts(shell: Shell, after: tuple[Any, str] | None) -> Sequence[Any]:
    from groupbuy.application import merchants

    return shell.report(lambda work: merchants.list_payouts(work, (), "", PAGE, after))


def _disputes(shell: Shell, after: tuple[Any, str] | None) -> Sequence[Any]:
    from groupbuy.application import commission

    return shell.report(lambda work: commission.list_disputes(work, None, PAGE, after))


def _statements(shell: Shell, after: tuple[Any, str] | None) -> Sequence[Any]:
    from groupbuy.application import commission

    return shell.report(lambda work: commission.list_statements(work, PAGE, after))


def _requested_at(found: Any) -> datetime:
    at: datetime = found.requested_at
    return at


def _opened_at(found: Any) -> datetime:
    at: datetime = found.dispute.opened_at
    return at


_SOURCES: Final[dict[str, _Source]] = {
    "withdrawals": _Source(_withdrawals, _requested_at, _requested_at),
    "merchant-payouts": _Source(_payouts, _requested_at, _requested_at),
    "disputes": _Source(_disputes, _opened_at, _opened_at),
    "statements": _Source(_statements, lambda each: each.period, lambda each: each.created_at),
}
