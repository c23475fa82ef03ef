"""The chart of accounts and every posting of the product, in one table.

Debit is +, credit is −. A term like `P+K-c` is a sum of named amounts. `{leader}` in an account
expands over everybody named in that amount (leader, helper and pickup point alike).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar

from attrs import frozen

from groupbuy.domain.kernel import DomainError

ACCOUNTS: tuple[tuple[str, str, str], ...] = (
    ("clearing:{provider}", "asset", "money at the provider"),
    ("buyer:{order}", "liability", "what we hold for an order that is not yet binding"),
    ("refund_due:{refund}", "liability", "granted, not yet paid back"),
    ("merchant:{merchant}:pending", "liability", "the merchant's share before vesting"),
    ("merchant:{merchant}:payable", "liability", "the merchant's share after vesting"),
    ("merchant:{merchant}:in_transit", "liability", "the merchant's share being paid"),
    ("leader:{leader}:pending", "liability", "commission before vesting"),
    ("leader:{leader}:vested", "liability", "commission vested, not yet on a settled statement"),
    ("leader:{leader}:available", "liability", "commission that may be withdrawn"),
    ("leader:{leader}:in_transit", "liability", "commission being paid out"),
    ("platform:fees:pending", "liability", "the operator's share before vesting"),
    ("platform:fees", "income", "the operator's share"),
    ("promotion:platform", "expense", "discounts and rewards the platform funds"),
    ("points:liability", "liability", "value of points outstanding"),
    ("points:expense", "expense", "cost of granting points"),
    ("tax_withheld", "liability", "tax kept back at payout, owed to the state"),
    ("provider_fees", "expense", "what the provider charges"),
    ("suspense", "liability", "captured money that pays nothing, until it is refunded"),
    ("rounding", "expense", "stays 0 for ever: shares are exact"),
)
"""Account pattern, kind, meaning."""


@frozen
class Posting:
    """One row: what a moment debits and credits."""

    moment: str
    meaning: str
    lines: tuple[tuple[str, str], ...]
    """(account pattern, signed term)"""


POSTINGS: tuple[Posting, ...] = (
    Posting(
        "capture",
        "an open order is paid",
        (("clearing:{provider}", "+P"), ("buyer:{order}", "-P")),
    ),
    Posting(
        "capture_unusable",
        "money nobody can use: late, duplicate or wrong amount",
        (("clearing:{provider}", "+P"), ("suspense", "-P")),
    ),
    Posting(
        "readmit",
        "a late payment pays its order after all",
        (("suspense", "+P"), ("buyer:{order}", "-P")),
    ),
    Posting(
        "confirm",
        "the group has formed and the order is binding",
        (
            ("buyer:{order}", "+P"),
            ("promotion:platform", "+K"),
            ("points:liability", "+Z"),
            ("merchant:{merchant}:pending", "-P-K-Z+c+f"),
            ("leader:{leader}:pending", "-c"),
            ("platform:fees:pending", "-f"),
        ),
    ),
    Posting(
        "refund_before_confirmation",
        "granted while the order was not yet binding",
        (("buyer:{order}", "+R"), ("refund_due:{refund}", "-R")),
    ),
    Posting(
        "refund_from_suspense",
        "granted for money that paid nothing",
        (("suspense", "+R"), ("refund_due:{refund}", "-R")),
    ),
    Posting(
        "refund_after_confirmation",
        "granted after confirmation; c, f, K, Z are old minus new of their formulas",
        (
            ("merchant:{merchant}:{merchant_where}", "+R+K+Z-c-f"),
            ("leader:{leader}:{leader_where}", "+c"),
            ("platform:{fees_where}", "+f"),
            ("refund_due:{refund}", "-R"),
            ("promotion:platform", "-K"),
            ("points:liability", "-Z"),
        ),
    ),
    Posting(
        "funding_taken_back",
        "units come back for which the buyer had paid nothing that goes back",
        (
            ("merchant:{merchant}:{merchant_where}", "+K+Z"),
            ("promotion:platform", "-K"),
            ("points:liability", "-Z"),
        ),
    ),
    Posting(
        "refund_succeeded",
        "the money went back to the payment it came from",
        (("refund_due:{refund}", "+R"), ("clearing:{provider}", "-R")),
    ),
    Posting(
        "refund_paid_otherwise",
        "the provider never will: two people have vouched for a transfer out of the bank account",
        (("refund_due:{refund}", "+R"), ("clearing:{provider}", "-R")),
    ),
    Posting(
        "vest",
        "the after-sale window is over",
        (
            ("merchant:{merchant}:pending", "+m"),
            ("merchant:{merchant}:payable", "-m"),
            ("leader:{leader}:pending", "+c"),
            ("leader:{leader}:vested", "-c"),
            ("platform:fees:pending", "+f"),
            ("platform:fees", "-f"),
        ),
    ),
    Posting(
        "ladder_bonus",
        "what a leader sold in a month reached a step of the ladder; the platform pays",
        (("promotion:platform", "+b"), ("leader:{leader}:vested", "-b")),
    ),
    Posting(
        "ladder_bonus_taken_back",
        "refunds brought the sales of that month down again",
        (("leader:{leader}:{leader_where}", "+b"), ("promotion:platform", "-b")),
    ),
    Posting(
        "settle",
        "a statement is settled",
        (("leader:{leader}:vested", "+S"), ("leader:{leader}:available", "-S")),
    ),
    Posting(
        "commission_adjusted",
        "an answered dispute brings a line to another rate; c is new minus old",
        (("merchant:{merchant}:payable", "+c"), ("leader:{leader}:vested", "-c")),
    ),
    Posting(
        "withdraw",
        "a withdrawal is requested",
        (("leader:{leader}:available", "+W"), ("leader:{leader}:in_transit", "-W")),
    ),
    Posting(
        "withdrawal_paid",
        "a withdrawal arrived; tax t is withheld",
        (
            ("leader:{leader}:in_transit", "+W"),
            ("clearing:{provider}", "-W+t"),
            ("tax_withheld", "-t"),
        ),
    ),
    Posting(
        "withdrawal_returned",
        "a withdrawal failed or was cancelled",
        (("leader:{leader}:in_transit", "+W"), ("leader:{leader}:available", "-W")),
    ),
    Posting(
        "merchant_payout",
        "the merchant is being paid",
        (("merchant:{merchant}:payable", "+V"), ("merchant:{merchant}:in_transit", "-V")),
    ),
    Posting(
        "merchant_paid",
        "the merchant's money arrived",
        (("merchant:{merchant}:in_transit", "+V"), ("clearing:{provider}", "-V")),
    ),
    Posting(
        "merchant_payout_failed",
        "the merchant's money came back",
        (("merchant:{merchant}:in_transit", "+V"), ("merchant:{merchant}:payable", "-V")),
    ),
    Posting(
        "provider_fee",
        "a fee seen on the provider's bill",
        (("provider_fees", "+F"), ("clearing:{provider}", "-F")),
    ),
)

_TABLE = {posting.moment: posting for posting in POSTINGS}

Amount = int | Mapping[str, int]
"""Minor units; per leader id where a term belongs to `{leader}` accounts."""


@frozen
class Unbalanced(DomainError):
    """The lines of a journal do not sum to zero: nothing is posted."""

    code: ClassVar[str] = "unbalanced"
    moment: str
    difference: int


@frozen
class JournalLine:
    """One debit (+) or credit (−) of an account, in minor units."""

    account: str
    amount: int


@frozen
class Journal:
    """One balanced, append-only booking."""

    id: str
    at: datetime
    moment: str
    subject: str
    """The order, refund, statement or withdrawal it is about."""
    lines: tuple[JournalLine, ...]
    currency: str = "CNY"
    reverses: str | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse a journal that does not balance."""
        difference = sum(line.amount for line in self.lines)
        if difference:
            raise Unbalanced(moment=self.moment, difference=difference)


def post(
    moment: str,
    *,
    journal_id: str,
    at: datetime,
    subject: str,
    names: Mapping[str, str],
    amounts: Mapping[str, Amount],
    currency: str = "CNY",
) -> Journal:
    """Book one moment of the table. `names` fill the account patterns, `amounts` the terms.

    Where one leader's money lies elsewhere than `leader_where`, `where:<leader id>` says so; an
    amount of `<leader id>/<purse>` says it itself.
    Lines of amount 0 are left out. Raises KeyError for an unknown moment or a missing name.
    """
    lines: list[JournalLine] = []
    for pattern, term in _TABLE[moment].lines:
        if "{leader}" in pattern:
            lines += _per_leader(pattern, term, names, amounts)
        else:
            lines.append(JournalLine(pattern.format_map(names), _value(term, amounts)))
    kept = tuple(line for line in lines if line.amount)
    return Journal(journal_id, at, moment, subject, kept, currency)


def reverse(journal: Journal, *, journal_id: str, at: datetime) -> Journal:
    """Undo a journal by a new one that names it."""
    lines = tuple(JournalLine(line.account, -line.amount) for line in journal.lines)
    return Journal(
        journal_id,
        at,
        f"reverse:{journal.moment}",
        journal.subject,
        lines,
        journal.currency,
        reverses=journal.id,
    )


def _per_leader(
    pattern: str, term: str, names: Mapping[str, str], amounts: Mapping[str, Amount]
) -> Iterable[JournalLine]:
    amount = amounts.get(term[1:], 0)
    if not isinstance(amount, Mapping):
        amount = {names["leader"]: amount} if amount else {}
    sign = -1 if term[0] == "-" else 1
    for key, share in sorted(amount.items()):
        leader, _, own = key.partition("/")
        where = own or names.get(f"where:{leader}", names.get("leader_where", ""))
        account = pattern.format_map({**names, "leader": leader, "leader_where": where})
        yield JournalLine(account, sign * share)


def _value(term: str, amounts: Mapping[str, Amount]) -> int:
    total = 0
    for sign, name in zip(term[::2], term[1::2], strict=True):
        amount = amounts.get(name, 0)
        whole = sum(amount.values()) if isinstance(amount, Mapping) else amount
        total += -whole if sign == "-" else whole
    return total


def posting_table() -> str:
    """Render the table as Markdown, for docs that a test keeps equal to the code."""
    rows = ["| moment | meaning | debit (+) and credit (−) |", "|---|---|---|"]
    for posting in POSTINGS:
        lines = ", ".join(f"`{account}` {term}" for account, term in posting.lines)
        rows.append(f"| {posting.moment} | {posting.meaning} | {lines} |")
    return "\n".join([*rows, ""])
