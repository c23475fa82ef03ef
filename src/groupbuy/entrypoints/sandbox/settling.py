"""What happens by itself as the sandbox's clock runs: refunds and payouts come to their end."""

import sqlite3
from datetime import timedelta

from groupbuy.entrypoints.sandbox import faults, queue
from groupbuy.entrypoints.sandbox.journal import Tx, stamp
from groupbuy.entrypoints.sandbox.views import PayoutView, RefundView


def settle_due(tx: Tx) -> None:
    """Carry out accepted refunds and card payouts; fail wallet transfers nobody confirmed."""
    now = stamp(tx.now)
    for row in tx.all("SELECT * FROM refunds WHERE state = 'PROCESSING' AND due_at <= ?", now):
        _settle_refund(tx, row)
    for row in tx.all("SELECT * FROM payouts WHERE state = 'PROCESSING' AND due_at <= ?", now):
        _settle_payout(tx, row)
    for row in tx.all(
        "SELECT * FROM payouts WHERE state = 'WAIT_USER_CONFIRM' AND due_at <= ?", now
    ):
        end_payout(tx, row, "FAIL", "USER_NOT_CONFIRMED")


def refund_view(row: sqlite3.Row) -> RefundView:
    """Show a refund."""
    return RefundView(
        number=row["number"],
        payment_number=row["payment_number"],
        state=row["state"],
        amount=row["amount"],
        currency=row["currency"],
        provider_ref=row["provider_ref"],
    )


def payout_view(row: sqlite3.Row) -> PayoutView:
    """Show a payout."""
    return PayoutView(
        number=row["number"],
        state=row["state"],
        amount=row["amount"],
        currency=row["currency"],
        provider_ref=row["provider_ref"],
        reason=row["reason"],
    )


def end_payout(tx: Tx, row: sqlite3.Row, state: str, reason: str = "") -> None:
    """Bring a payout to its end, once, and tell."""
    number = row["number"]
    if state == "SUCCESS":
        tx.move("payout", number, "", -row["amount"], row["currency"])
    tx.run("UPDATE payouts SET state = ?, reason = ? WHERE number = ?", state, reason, number)
    after = tx.one("SELECT * FROM payouts WHERE number = ?", number)
    if after is not None:
        queue.tell(tx, "payout", "payout", number, row["notify_url"], payout_view(after))


def _settle_payout(tx: Tx, row: sqlite3.Row) -> None:
    trick = faults.draw(tx, "settle.payout")
    if trick and trick.kind == "delay":
        _put_off(tx, "payouts", row["number"], trick.seconds)
    elif trick:
        end_payout(tx, row, "FAIL", "ACCOUNT_ABNORMAL")
    else:
        end_payout(tx, row, "SUCCESS")


def _settle_refund(tx: Tx, row: sqlite3.Row) -> None:
    number, payment = row["number"], row["payment_number"]
    trick = faults.draw(tx, "settle.refund")
    if trick and trick.kind == "delay":
        _put_off(tx, "refunds", number, trick.seconds)
        return
    if trick is None:
        tx.move("refund", number, payment, -row["amount"], row["currency"])
    state = "ABNORMAL" if trick else "SUCCESS"
    tx.run("UPDATE refunds SET state = ? WHERE number = ?", state, number)
    after = tx.one("SELECT * FROM refunds WHERE number = ?", number)
    if after is not None:
        queue.tell(tx, "payment", "refund", payment, row["notify_url"], refund_view(after))


def _put_off(tx: Tx, table: str, number: str, seconds: float) -> None:
    later = stamp(tx.now + timedelta(seconds=seconds or 60))
    tx.run(f"UPDATE {table} SET due_at = ? WHERE number = ?", later, number)  # noqa: S608  our own words
