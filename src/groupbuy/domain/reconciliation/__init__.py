"""The provider's bill against our own records. Import from here."""

from groupbuy.domain.reconciliation.advice import ADVICE, Advice
from groupbuy.domain.reconciliation.model import (
    FINDINGS_KEPT,
    BilledFee,
    Difference,
    Finding,
    Movement,
    Progress,
    Reconciliation,
    Record,
    Source,
    digest_of,
    fee_key,
)
from groupbuy.domain.reconciliation.rules import (
    LOOK_BACK_DAYS,
    MIDNIGHT,
    Line,
    Span,
    judge_line,
    judge_record,
    repeated,
)

__all__ = [
    "ADVICE",
    "FINDINGS_KEPT",
    "LOOK_BACK_DAYS",
    "MIDNIGHT",
    "Advice",
    "BilledFee",
    "Difference",
    "Finding",
    "Line",
    "Movement",
    "Progress",
    "Reconciliation",
    "Record",
    "Source",
    "Span",
    "digest_of",
    "fee_key",
    "judge_line",
    "judge_record",
    "repeated",
]
