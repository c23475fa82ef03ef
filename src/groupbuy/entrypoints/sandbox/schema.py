"""The journal's tables. Instants are UTC text of fixed width, so that they sort as text."""

TABLES = (
    "payments",
    "refunds",
    "payouts",
    "parcels",
    "steps",
    "kuaidi100",
    "movements",
    "callbacks",
    "faults",
    "meta",
)
"""Every table, for a reset."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS payments (
    number TEXT PRIMARY KEY, amount INTEGER NOT NULL, currency TEXT NOT NULL,
    description TEXT NOT NULL, expires_at TEXT NOT NULL, payer_ref TEXT NOT NULL,
    notify_url TEXT NOT NULL, prepay_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('NOTPAY', 'SUCCESS', 'CLOSED')),
    captured INTEGER, captured_currency TEXT, provider_ref TEXT NOT NULL DEFAULT '', paid_at TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS refunds (
    number TEXT PRIMARY KEY, payment_number TEXT NOT NULL REFERENCES payments,
    amount INTEGER NOT NULL CHECK (amount > 0), currency TEXT NOT NULL, reason TEXT NOT NULL,
    notify_url TEXT NOT NULL, provider_ref TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('PROCESSING', 'SUCCESS', 'ABNORMAL')),
    due_at TEXT NOT NULL, created_at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS refunds_by_payment ON refunds (payment_number);
CREATE INDEX IF NOT EXISTS refunds_due ON refunds (due_at) WHERE state = 'PROCESSING';
CREATE TABLE IF NOT EXISTS payouts (
    number TEXT PRIMARY KEY, amount INTEGER NOT NULL CHECK (amount > 0), currency TEXT NOT NULL,
    channel TEXT NOT NULL, payee_digest TEXT NOT NULL, notify_url TEXT NOT NULL,
    provider_ref TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('PROCESSING', 'WAIT_USER_CONFIRM', 'SUCCESS', 'FAIL')),
    reason TEXT NOT NULL DEFAULT '', due_at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS payouts_due ON payouts (due_at)
    WHERE state IN ('PROCESSING', 'WAIT_USER_CONFIRM');
CREATE TABLE IF NOT EXISTS parcels (
    carrier TEXT NOT NULL, number TEXT NOT NULL, state TEXT NOT NULL, notify_url TEXT NOT NULL,
    subscribed INTEGER NOT NULL, PRIMARY KEY (carrier, number)
) STRICT;
CREATE TABLE IF NOT EXISTS steps (
    seq INTEGER PRIMARY KEY, carrier TEXT NOT NULL, number TEXT NOT NULL, at TEXT NOT NULL,
    state TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS steps_by_parcel ON steps (carrier, number);
CREATE TABLE IF NOT EXISTS kuaidi100 (
    carrier TEXT NOT NULL, number TEXT NOT NULL, url TEXT NOT NULL, salt TEXT NOT NULL,
    PRIMARY KEY (carrier, number)
) STRICT;
CREATE TABLE IF NOT EXISTS movements (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('payment', 'refund', 'payout', 'fee')),
    number TEXT NOT NULL, payment_number TEXT NOT NULL, amount INTEGER NOT NULL,
    currency TEXT NOT NULL, at TEXT NOT NULL, UNIQUE (kind, number)
) STRICT;
CREATE TRIGGER IF NOT EXISTS movements_stay BEFORE DELETE ON movements
    BEGIN SELECT RAISE(ABORT, 'movements are append-only'); END;
CREATE TRIGGER IF NOT EXISTS movements_stand BEFORE UPDATE ON movements
    BEGIN SELECT RAISE(ABORT, 'movements are append-only'); END;
CREATE TABLE IF NOT EXISTS callbacks (
    seq INTEGER PRIMARY KEY, event_id TEXT NOT NULL, channel TEXT NOT NULL, kind TEXT NOT NULL,
    subject TEXT NOT NULL, url TEXT NOT NULL, body BLOB NOT NULL, due_at TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, held_back INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'lost', 'given_up'))
) STRICT;
CREATE INDEX IF NOT EXISTS callbacks_due ON callbacks (due_at) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS faults (
    seq INTEGER PRIMARY KEY, operation TEXT NOT NULL, kind TEXT NOT NULL, remaining INTEGER,
    probability_bp INTEGER NOT NULL, seconds REAL NOT NULL, code TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
"""
"""Idempotent DDL. A movement can be added and never changed; a number moves money once."""
