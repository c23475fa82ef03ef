"""What stands in a statement's file, whatever its form: the equation, then line by line."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from attrs import frozen

from groupbuy.application.commission import StatementPage
from groupbuy.domain.commission import CommissionRole, Entry, Purse
from groupbuy.domain.kernel import Money

Cell = str | int | Money
"""Text, a count, or an amount; an empty text is an empty cell."""

COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("kind", "类型", "Kind"),
    ("entry_id", "佣金条目", "Entry"),
    ("order_id", "订单", "Order"),
    ("line_no", "订单行", "Order line"),
    ("role", "角色", "Role"),
    ("base", "基数", "Base"),
    ("rate_bp", "费率(万分之)", "Rate (bp)"),
    ("amount", "佣金", "Commission"),
    ("currency", "币种", "Currency"),
    ("vested_at", "生效时间", "Vested at"),
    ("journal_id", "分录", "Journal"),
    ("about", "冲回或调整的条目", "Entry it changes"),
    ("because_of", "退款或异议", "Refund or dispute"),
)
"""Name, zh, en of each column of the lines, in order."""
TERMS: tuple[tuple[str, str, str, str], ...] = (
    ("carried", "", "上期结转", "Carried over"),
    ("accrued", "+", "本期佣金", "Earned"),
    ("reversals", "+", "冲回", "Reversed"),
    ("adjusted", "+", "异议调整", "Adjusted"),
    ("payable", "=", "应付余额", "Payable"),
)
"""Attribute, sign, zh, en of each term of the equation, in order."""
ROLES: Mapping[CommissionRole, tuple[str, str]] = {
    CommissionRole.LEADER: ("团长", "leader"),
    CommissionRole.HELPER: ("帮卖", "helper"),
    CommissionRole.PICKUP_POINT: ("自提点", "pickup point"),
    CommissionRole.LADDER: ("阶梯奖励", "ladder"),
}
KINDS: Mapping[str, tuple[str, str]] = {
    "earned": ("佣金", "earned"),
    "reversed": ("冲回", "reversed"),
    "deducted": ("已从余额扣除", "deducted before"),
    "adjusted": ("异议调整", "adjusted"),
}


@frozen
class Facts:
    """A statement ready to be written."""

    title: str
    about: Sequence[tuple[str, str]]
    """Heading and text: whose it is, which period, its own number."""
    equation: Sequence[tuple[str, str, Money]]
    """Sign, heading and amount of each term; they add up to the last one."""
    deducted: tuple[str, Money]
    """What was taken from the balance before: listed, part of what is carried over."""
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell]
    """All lines together, for a form that ends with it."""
    made_at: datetime
    """When the statement was made, which is when its file was."""


def facts_of(page: StatementPage, language: str) -> Facts:
    """Return what stands in the file of a statement."""
    en, statement = language == "en", page.statement
    return Facts(
        title="Commission statement" if en else "佣金结算单",
        about=(
            ("Leader" if en else "团长", f"{page.leader_name} {statement.leader_id}".strip()),
            ("Period" if en else "期间", statement.period),
            ("Statement" if en else "结算单", statement.id),
            ("Settled at" if en else "结算时间", _instant(statement.settled_at)),
            ("Journal" if en else "分录", page.settled_by),
        ),
        equation=tuple(
            (sign, english if en else chinese, getattr(statement, name))
            for name, sign, chinese, english in TERMS
        ),
        deducted=("Deducted before" if en else "已从余额扣除", statement.deducted),
        headings=tuple(english if en else chinese for _, chinese, english in COLUMNS),
        rows=tuple(_row(page, line, en=en) for line in page.lines),
        total=_total(page.lines, statement.payable.currency, en=en),
        made_at=statement.created_at,
    )


def kind_of(line: Entry) -> str:
    """Return which term of the equation a line belongs to."""
    if line.posted_to is Purse.AVAILABLE:
        return "deducted"
    if line.reverses is not None:
        return "reversed"
    return "earned" if line.adjusts is None else "adjusted"


def decimal_text(money: Money) -> str:
    """Write an amount exactly, as spreadsheets read it: -1234.05."""
    whole, part = divmod(abs(money.minor), 100)
    return f"{'-' if money.minor < 0 else ''}{whole}.{part:02}"


def _row(page: StatementPage, line: Entry, *, en: bool) -> Sequence[Cell]:
    return (
        KINDS[kind_of(line)][en],
        line.id,
        line.order_id,
        line.line_no,
        ROLES[line.role][en],
        line.base,
        line.bp,
        line.amount,
        line.amount.currency,
        _instant(line.vested_at),
        page.journals.get(line.id, ""),
        line.reverses or line.adjusts or "",
        line.because_of,
    )


def _total(lines: Sequence[Entry], currency: str, *, en: bool) -> Sequence[Cell]:
    amount = sum((line.amount for line in lines), start=Money(0, currency))
    count = f"{len(lines)} lines" if en else f"{len(lines)} 条"
    said: dict[str, Cell] = {"kind": "Total" if en else "合计", "order_id": count, "amount": amount}
    return tuple(said.get(name, "") for name, _, _ in COLUMNS)


def _instant(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ") if at else ""
