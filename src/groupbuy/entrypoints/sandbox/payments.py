"""Rules of the payment side: announce, pay, close, refund; each number does its work once."""

import re
import secrets
import sqlite3
from datetime import datetime, timedelta

from attrs import frozen

from groupbuy.entrypoints.sandbox import queue
from groupbuy.entrypoints.sandbox.journal import Tx, stamp
from groupbuy.entrypoints.sandbox.refusals import Refusal
from groupbuy.entrypoints.sandbox.settling import refund_view, settle_due
from groupbuy.entrypoints.sandbox.views import PaymentView, PrepayBody, RefundBody, RefundView

PAYMENT_NUMBER = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
REFUND_NUMBER = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")


@frozen
class Paying:
    """What a buyer does: by default pays exactly what is due, now."""

    amount: int | None = None
    """Minor units, when the buyer pays something else."""
    currency: str = ""
    paid_at: datetime | None = None
    """The success time to report, when it is not now."""
    payer_ref: str = ""
    force: bool = False
    """Pay although it is closed or expired: a provider that breaks its own word."""


def prepay(tx: Tx, number: str, body: PrepayBody) -> PaymentView:
    """Announce a payment, or show it if it is already known with the same amount."""
    known = _payment(tx, number)
    if known is None:
        if not PAYMENT_NUMBER.fullmatch(number):
            raise Refusal("PARAM_ERROR", "a payment number has 6 to 32 letters and digits")
        tx.run(
            "INSERT INTO payments (number, amount, currency, description, expires_at, payer_ref,"
            " notify_url, prepay_id, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'NOTPAY')",
            *(number, body.amount, body.currency, body.description, stamp(body.expires_at)),
            *(body.payer_ref, queue.check_address(tx, body.notify_url), secrets.token_hex(12)),
        )
    elif known["amount"] and (known["amount"], known["currency"]) != (body.amount, body.currency):
        raise Refusal("NUMBER_REUSED", "this number was announced with another amount")
    return query(tx, number)


def query(tx: Tx, number: str) -> PaymentView:
    """Show a payment."""
    return _view(_must(_payment(tx, number), "ORDER_NOT_EXIST"))


def close(tx: Tx, number: str) -> PaymentView:
    """Close what is unpaid. Whichever came first wins: a paid one is shown as paid.

    Closing a number never announced keeps it closed for ever, so that an announcement still on
    its way cannot open it; its amount is 0.
    """
    tx.run(
        "INSERT OR IGNORE INTO payments (number, amount, currency, description, expires_at,"
        " payer_ref, notify_url, prepay_id, state)"
        " VALUES (?, 0, 'CNY', '', ?, '', '', '', 'CLOSED')",
        *(number, stamp(tx.now)),
    )
    tx.run("UPDATE payments SET state = 'CLOSED' WHERE number = ? AND state = 'NOTPAY'", number)
    return query(tx, number)


def pay(tx: Tx, number: str, how: Paying) -> PaymentView:
    """Let the buyer pay. Paying again changes nothing. Raises Refusal when it cannot be paid."""
    row = _must(_payment(tx, number), "ORDER_NOT_EXIST")
    if row["state"] == "SUCCESS":
        return _view(row)
    paid_at = how.paid_at or tx.now
    if row["state"] == "CLOSED" and not how.force:
        raise Refusal("ORDER_CLOSED", number)
    if stamp(paid_at) >= row["expires_at"] and not how.force:
        raise Refusal("ORDER_EXPIRED", number)
    amount = row["amount"] if how.amount is None else how.amount
    currency = how.currency or row["currency"]
    tx.run(
        "UPDATE payments SET state = 'SUCCESS', captured = ?, captured_currency = ?,"
        " provider_ref = ?, paid_at = ?, payer_ref = ? WHERE number = ?",
        *(amount, currency, f"sbx{secrets.token_hex(12)}", stamp(paid_at)),
        *(how.payer_ref or row["payer_ref"], number),
    )
    tx.move("payment", number, number, amount, currency, paid_at)
    if fee := amount * tx.fee_bp // 10_000:
        tx.move("fee", number, number, -fee, currency, paid_at)
    view = query(tx, number)
    queue.tell(tx, "payment", "payment", number, row["notify_url"], view)
    return view


def refund(tx: Tx, number: str, body: RefundBody) -> RefundView:
    """Accept a refund (PROCESSING), or show it if the number is known. Raises Refusal."""
    settle_due(tx)
    known = tx.one("SELECT * FROM refunds WHERE number = ?", number)
    if known is None:
        _check_refund(tx, number, body)
        due = tx.now + timedelta(seconds=tx.settle_seconds)
        tx.run(
            "INSERT INTO refunds (number, payment_number, amount, currency, reason, notify_url,"
            " provider_ref, state, due_at, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 'PROCESSING', ?, ?)",
            *(number, body.payment_number, body.amount, body.currency, body.reason),
            *(queue.check_address(tx, body.notify_url), f"sbr{secrets.token_hex(12)}"),
            *(stamp(due), stamp(tx.now)),
        )
    elif (known["payment_number"], known["amount"], known["currency"]) != (
        *(body.payment_number, body.amount, body.currency),
    ):
        raise Refusal("NUMBER_REUSED", "this number belongs to another refund")
    return _refund(tx, number)


def query_refund(tx: Tx, number: str) -> RefundView:
    """Show a refund."""
    settle_due(tx)
    return _refund(tx, number)


def _check_refund(tx: Tx, number: str, body: RefundBody) -> None:
    if not REFUND_NUMBER.fullmatch(number):
        raise Refusal("PARAM_ERROR", "a refund number has up to 64 letters and digits")
    payment = _must(_payment(tx, body.payment_number), "PAYMENT_NOT_EXIST")
    if payment["state"] != "SUCCESS":
        raise Refusal("ORDER_NOT_PAID", body.payment_number)
    if (payment["captured"], payment["captured_currency"]) != (body.paid, body.currency):
        raise Refusal("PAID_MISMATCH", "`paid` is not what was captured")
    limits, paid_at = tx.limits, datetime.fromisoformat(payment["paid_at"])
    if limits.within is not None and tx.now >= paid_at + limits.within:
        raise Refusal("REFUND_TOO_LATE", f"after {limits.within.days} days")
    earlier = tx.all("SELECT * FROM refunds WHERE payment_number = ?", body.payment_number)
    if limits.of_a_payment is not None and len(earlier) >= limits.of_a_payment:
        raise Refusal("TOO_MANY_REFUNDS", f"{limits.of_a_payment} per payment")
    given = sum(row["amount"] for row in earlier if row["state"] != "ABNORMAL")
    if given + body.amount > body.paid:
        raise Refusal("OVER_REFUND", f"{given} of {body.paid} is already on its way back")
    if any(row["created_at"] > stamp(tx.now - limits.spacing) for row in earlier):
        raise Refusal("FREQUENCY_LIMITED", f"one refund of a payment in {limits.spacing.seconds} s")


def _payment(tx: Tx, number: str) -> "sqlite3.Row | None":
    return tx.one("SELECT * FROM payments WHERE number = ?", number)


def _refund(tx: Tx, number: str) -> RefundView:
    row = tx.one("SELECT * FROM refunds WHERE number = ?", number)
    return refund_view(_must(row, "REFUND_NOT_EXIST"))


def _must(row: "sqlite3.Row | None", code: str) -> sqlite3.Row:
    if row is None:
        raise Refusal(code)
    return row


def _view(row: sqlite3.Row) -> PaymentView:
    return PaymentView(
        number=row["number"],
        state=row["state"],
        amount=row["amount"],
        currency=row["currency"],
        captured=row["captured"],
        captured_currency=row["captured_currency"],
        provider_ref=row["provider_ref"],
        paid_at=datetime.fromisoformat(row["paid_at"]) if row["paid_at"] else None,
        payer_ref=row["payer_ref"],
        prepay_id=row["prepay_id"],
    )
