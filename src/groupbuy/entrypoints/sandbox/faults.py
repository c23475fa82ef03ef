"""Tricks the sandbox plays on demand, by rule: so many times, or by seeded chance.

Rules live in the journal, and so does the count of draws: a run repeats exactly from its seed.
"""

import hashlib
from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from groupbuy.entrypoints.sandbox.journal import Journal, Tx
from groupbuy.entrypoints.sandbox.refusals import STATUS, Refusal

REQUESTS = frozenset(
    (
        *("prepay", "query", "close", "refund", "query_refund", "bill"),
        *("payout", "query_payout", "subscribe", "trace"),
    )
)
"""Operations of the API a rule may name, besides `*` for all of them."""
CALLBACKS = frozenset(f"callback.{kind}" for kind in ("payment", "refund", "payout", "parcel"))
"""Callbacks a rule may name; rules act when the callback is queued."""
SETTLEMENTS = frozenset(("settle.refund", "settle.payout"))
"""Moments an accepted refund or card payout is carried out."""

Kind = Literal[
    "delay",
    "duplicate",
    "reorder",
    "lose",
    "error_after_commit",
    "error_before",
    "timeout",
    "garble",
    "refuse",
    "abnormal",
]

ON_REQUESTS = frozenset(
    (
        *("delay", "duplicate", "lose", "error_before", "error_after_commit"),
        *("timeout", "garble", "refuse"),
    )
)
ON_CALLBACKS = frozenset(("delay", "duplicate", "reorder", "lose"))
ON_SETTLEMENTS = frozenset(("delay", "abnormal"))


class Rule(Struct, forbid_unknown_fields=True, frozen=True):
    """One trick.

    On requests: `delay` waits `seconds` of real time; `duplicate` does the work twice; `lose`
    never does it and never answers; `error_before` and `error_after_commit` answer 500;
    `timeout` does the work and never answers; `garble` does it and answers nonsense; `refuse`
    answers `code` and does nothing. On callbacks: `delay` (seconds of the sandbox's clock),
    `duplicate` (three copies), `reorder` (goes out after a later one), `lose`. On settlements:
    `delay`, or `abnormal`, which fails for good without moving money.
    """

    operation: Annotated[str, Meta(min_length=1, max_length=40)]
    kind: Kind
    count: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    """How often it strikes; null means until the rules are replaced."""
    probability_bp: Annotated[int, Meta(ge=0, le=10_000)] = 10_000
    """Chance of striking each time, in basis points."""
    seconds: Annotated[float, Meta(ge=0, le=200_000)] = 0
    """How long; 0 means the trick's own default."""
    code: Annotated[str, Meta(max_length=40)] = "NOT_ENOUGH"
    """What `refuse` answers."""


def check(rule: Rule) -> None:
    """Refuse a rule that could never strike. Raises Refusal."""
    fitting = (
        (REQUESTS | {"*"}, ON_REQUESTS),
        (CALLBACKS, ON_CALLBACKS),
        (SETTLEMENTS, ON_SETTLEMENTS),
    )
    if not any(rule.operation in names and rule.kind in kinds for names, kinds in fitting):
        raise Refusal("PARAM_ERROR", f"no {rule.kind} on {rule.operation}")
    if rule.code not in STATUS:
        raise Refusal("PARAM_ERROR", f"unknown code {rule.code}")


def replace(journal: Journal, rules: Sequence[Rule], seed: int) -> None:
    """Put these rules in place of all others and start the draws anew from `seed`."""
    for rule in rules:
        check(rule)
    with journal.transaction() as tx:
        tx.run("DELETE FROM faults")
        for key, value in (("seed", seed), ("draws", 0)):
            tx.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, value)
        for rule in rules:
            tx.run(
                "INSERT INTO faults (operation, kind, remaining, probability_bp, seconds, code)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                *(rule.operation, rule.kind, rule.count, rule.probability_bp),
                *(float(rule.seconds), rule.code),
            )


def listed(journal: Journal) -> list[Rule]:
    """Return the rules still in place, with the counts that are left."""
    with journal.transaction() as tx:
        rows = tx.all("SELECT * FROM faults ORDER BY seq")
    return [
        Rule(
            operation=row["operation"],
            kind=row["kind"],
            count=row["remaining"],
            probability_bp=row["probability_bp"],
            seconds=row["seconds"],
            code=row["code"],
        )
        for row in rows
    ]


def draw(tx: Tx, operation: str) -> Rule | None:
    """Return the first rule that strikes this time, using up one of its count."""
    names = (operation, "*" if operation in REQUESTS else operation)
    for row in tx.all("SELECT * FROM faults WHERE operation IN (?, ?) ORDER BY seq", *names):
        if not _strikes(tx, row["probability_bp"]):
            continue
        if row["remaining"] is not None:
            tx.run("UPDATE faults SET remaining = remaining - 1 WHERE seq = ?", row["seq"])
            tx.run("DELETE FROM faults WHERE remaining <= 0")
        return Rule(operation, row["kind"], seconds=row["seconds"], code=row["code"])
    return None


def _strikes(tx: Tx, probability_bp: int) -> bool:
    draws = tx.count("SELECT value FROM meta WHERE key = 'draws'")
    seed = tx.count("SELECT value FROM meta WHERE key = 'seed'")
    tx.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('draws', ?)", draws + 1)
    digest = hashlib.sha256(f"{seed}:{draws}".encode()).digest()
    return int.from_bytes(digest[:8]) % 10_000 < probability_bp
