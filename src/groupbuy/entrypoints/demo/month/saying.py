"""The closing sentences under the tables, in both languages."""

from collections.abc import Iterator

from groupbuy.domain.kernel import Money
from groupbuy.entrypoints.cli.output import money_text
from groupbuy.entrypoints.demo.month.figures import Outcome, total

Said = tuple[str, str]
"""One sentence: zh-CN, en."""


def lines(outcome: Outcome) -> Iterator[Said]:
    """Yield the sentences, and then every finding."""
    yield _orders(outcome)
    yield _equation(outcome)
    yield _later(outcome)
    yield _bill(outcome)
    yield from _books(outcome)
    yield from ((f"✗ {finding}", f"✗ {finding}") for finding in outcome.findings)


def yuan(fen: int) -> str:
    """Write minor units as money."""
    return money_text(Money(fen))


def _orders(outcome: Outcome) -> Said:
    counts = outcome.counts
    zh = f"订单：{counts.paid} 笔付款，{counts.unpaid} 笔未付过期，"
    zh += f"{counts.late_payments} 笔迟到退回，{counts.left} 人中途退出，"
    zh += f"{counts.refunded_in_full} 笔全额退款"
    en = f"Orders: {counts.paid} paid, {counts.unpaid} expired unpaid, {counts.late_payments} paid"
    en += f" too late, {counts.left} left, {counts.refunded_in_full} refunded in full"
    return zh, en


def _equation(outcome: Outcome) -> Said:
    """Show how the largest statement comes about."""
    row = max(outcome.settlement, key=lambda each: each.payable_fen)
    parts = (row.carried_fen, row.accrued_fen, row.reversals_fen, row.adjusted_fen)
    carried, accrued, back, adjusted = map(yuan, parts)
    payable = yuan(row.payable_fen)
    zh = f"{row.name}的对账单：期初 {carried} + 佣金 {accrued} + 冲回 {back} + 调整 {adjusted}"
    en = f"{row.name}'s statement: carried {carried} + commission {accrued} + reversals {back}"
    return f"{zh} = 应付 {payable}", f"{en} + adjusted {adjusted} = payable {payable}"


def _later(outcome: Outcome) -> Said:
    later = outcome.later
    back, deducted = yuan(later.taken_back_fen), yuan(later.deducted_fen)
    refunded = yuan(later.refunded_fen)
    zh = f"结算后退款 {later.refunds} 笔 {refunded}，应冲回佣金 {back}，下月对账单已列 {deducted}"
    en = f"After settlement {later.refunds} refunds of {refunded} took {back} of commission back;"
    return zh, f"{en} the next statements say {deducted}"


def _bill(outcome: Outcome) -> Said:
    proofs, apart = outcome.proofs, yuan(outcome.provider_difference_fen)
    matched, differ = proofs.bill_lines_matched, proofs.bill_differences
    zh = f"账单逐笔相符 {matched} 行，差异 {differ} 处，与渠道余额相差 {apart}"
    en = f"Bill: {matched} lines match, {differ} differ; the balances are {apart} apart"
    return zh, en


def _books(outcome: Outcome) -> Iterator[Said]:
    proofs = outcome.proofs
    debit, credit = (yuan(total(outcome.trial_balance, f"{x}_fen")) for x in ("debit", "credit"))
    zh = f"账本：{proofs.journals} 笔分录，借方 {debit}，贷方 {credit}"
    yield zh, f"Ledger: {proofs.journals} journals, debits {debit}, credits {credit}"
    wrong = proofs.ledger_findings + proofs.invariant_findings
    zh = f"ledger verify --everything：{proofs.invariants} 条不变式，{wrong} 处不符"
    yield zh, f"ledger verify --everything: {proofs.invariants} invariants, {wrong} findings"
    lines_, differ = proofs.statement_lines, proofs.statement_differences
    zh = f"团长对账单：重算 {lines_} 行，{differ} 处不符"
    yield zh, f"Leaders' statements: {lines_} lines computed anew, {differ} differ"
    seals, rows, touched = proofs.audit_seals, proofs.audit_rows, proofs.audit_findings
    zh = f"审计链：{seals} 个封条，{rows} 行，{touched} 处被改"
    yield zh, f"Audit chain: {seals} seals, {rows} rows, {touched} touched"
