"""The page about the ledger, written from its tables: `python -m tests.support.postings`."""

import sys
from pathlib import Path

from groupbuy.domain.ledger import CHART, posting_table

PAGE = Path(__file__).parents[2] / "docs" / "ledger-postings.md"
"""Where the page is kept."""


def page() -> str:
    """Return what the page must say."""
    accounts = [
        f"| `{r.pattern}` | {r.kind} | {r.normal} | {r.en} | {r.meaning_en} |"
        f" {r.zh} | {r.meaning_zh} |"
        for r in CHART
    ]
    return "\n".join(
        [
            "# Ledger postings",
            "",
            "Every movement of money is a journal whose lines sum to zero: debit +, credit −.",
            "Drawn from the tables in the code; a test keeps them equal.",
            "",
            "## Accounts",
            "",
            "`groupbuy ledger accounts` shows it too.",
            "",
            "| account | kind | normal side | name | meaning | 名称 | 含义 |",
            "|---|---|---|---|---|---|---|",
            *accounts,
            "",
            "## Postings",
            "",
            posting_table(),
        ]
    )


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
