"""The places where a process may die, by name: `process.moment.subject`.

- `change`: before the statement that writes the subject's rows is sent, after those before it
- `commit`: everything is written, COMMIT is not yet sent
- `committed`: the database has committed, nobody has heard of it
- `calling`, `called`: before a call to somebody outside leaves, after its answer has arrived

The subject of a transaction is the first of `SUBJECTS` that it has written; a transaction of the
worker that only claims tasks is about `tasks`.
"""

from itertools import product

SUBJECTS = (
    "withdrawals",
    "statements",
    "shipments",
    "refunds",
    "payments",
    "orders",
    "campaigns",
    "groups",
    "tasks",
)
"""What transactions are about, the most telling first."""
_WEB = ("withdrawals", "shipments", "refunds", "payments", "orders", "campaigns")
_WORKER = (
    *("withdrawals", "statements", "shipments", "refunds", "payments"),
    *("orders", "groups", "tasks"),
)
_CHANGED = {
    "web": ("withdrawals", "shipments", "refunds", "payments", "orders", "stock"),
    "worker": ("withdrawals", "shipments", "refunds", "payments", "orders", "stock", "tasks"),
}
_CALLS = {
    "web": ("payments.prepay", "payments.query"),
    "worker": (
        *("payments.query", "payments.close", "payments.refund"),
        *("payouts.send", "carriers.subscribe", "carriers.trace", "notifiers.send"),
    ),
}
ROLES = ("web", "worker")
LABELS: tuple[str, ...] = (
    *(f"{role}.change.{table}" for role in ROLES for table in _CHANGED[role]),
    *(f"web.{moment}.{about}" for moment, about in product(("commit", "committed"), _WEB)),
    *(f"worker.{moment}.{about}" for moment, about in product(("commit", "committed"), _WORKER)),
    *(f"{r}.{m}.{call}" for r in ROLES for m, call in product(("calling", "called"), _CALLS[r])),
)
"""Every place where a process is killed."""
