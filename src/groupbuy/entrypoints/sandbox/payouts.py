"""Rules of the payout side: cards are paid by themselves, wallets wait for their owner."""

import hashlib
import re
import secrets
import sqlite3
from datetime import timedelta

from groupbuy.entrypoints.sandbox import queue
from groupbuy.entrypoints.sandbox.journal import Tx, stamp
from groupbuy.entrypoints.sandbox.refusals import Refusal
from groupbuy.entrypoints.sandbox.settling import end_payout, payout_view, settle_due
from groupbuy.entrypoints.sandbox.views import PayoutBody, PayoutView

PAYOUT_NUMBER = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")
CONFIRM_WITHIN = timedelta(hours=24)
"""How long the owner of a wallet has to confirm, on the sandbox's clock."""
LEAST = 10
"""The smallest payout, in minor units."""


def send(tx: Tx, number: str, body: PayoutBody) -> PayoutView:
    """Accept a payout, or show it if the number is known. Raises Refusal."""
    settle_due(tx)
    payee = hashlib.sha256(f"{body.account}\n{body.account_name}".encode()).hexdigest()
    wanted = (body.amount, body.currency, body.channel, payee)
    known = _payout(tx, number)
    if known is None:
        state, wait = _first_state(tx, number, body)
        tx.run(
            "INSERT INTO payouts (number, amount, currency, channel, payee_digest, notify_url,"
            " provider_ref, state, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(number, *wanted, queue.check_address(tx, body.notify_url)),
            *(f"sbp{secrets.token_hex(12)}", state, stamp(tx.now + wait)),
        )
    elif (known["amount"], known["currency"], known["channel"], known["payee_digest"]) != wanted:
        raise Refusal("NUMBER_REUSED", "this number belongs to another payout")
    return _shown(tx, number)


def query(tx: Tx, number: str) -> PayoutView:
    """Show a payout."""
    settle_due(tx)
    return _shown(tx, number)


def confirm(tx: Tx, number: str) -> PayoutView:
    """Let the owner of the wallet take the money. Confirming again changes nothing."""
    settle_due(tx)
    row = _must(_payout(tx, number))
    if row["state"] == "WAIT_USER_CONFIRM":
        end_payout(tx, row, "SUCCESS")
    elif row["state"] != "SUCCESS":
        raise Refusal("TRANSFER_ENDED", row["state"])
    return _shown(tx, number)


def _first_state(tx: Tx, number: str, body: PayoutBody) -> tuple[str, timedelta]:
    if not PAYOUT_NUMBER.fullmatch(number):
        raise Refusal("PARAM_ERROR", "a payout number has up to 64 letters and digits")
    if body.amount < LEAST:
        raise Refusal("AMOUNT_LIMIT", f"at least {LEAST}")
    if body.channel == "wechat_wallet":
        return "WAIT_USER_CONFIRM", CONFIRM_WITHIN
    if body.channel == "bank_card":
        return "PROCESSING", timedelta(seconds=tx.settle_seconds)
    raise Refusal("CHANNEL_UNKNOWN", body.channel)


def _payout(tx: Tx, number: str) -> "sqlite3.Row | None":
    return tx.one("SELECT * FROM payouts WHERE number = ?", number)


def _must(row: "sqlite3.Row | None") -> sqlite3.Row:
    if row is None:
        raise Refusal("TRANSFER_NOT_EXIST")
    return row


def _shown(tx: Tx, number: str) -> PayoutView:
    return payout_view(_must(_payout(tx, number)))
