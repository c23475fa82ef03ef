"""The page about the ledger, written from its tables: `python -m tests.support.postings`."""

import sys
from pathlib import Path

from groupbuy.domain.ledger import ACCOUNTS, posting_table

PAGE = Path(__file__).parents[2] / "docs" / "ledger-postings.md"
"""Where the page is kept."""


def page() -> str:
    """Return what the page must say."""
    accounts = [f"| `{pattern}` | {kind} | {meaning} |" for pattern, kind, meaning in ACCOUNTS]
    return "\n".join(
        [
            "# Ledger postings",
            "",
            "Every movement of money is a journal whose lines sum to zero: debit +, credit −.",
            "Drawn from the tables in the code; a test keeps them equal.",
            "",
            "## Accounts",
            "",
            "| account | kind | meaning |",
            "|---|---|---|",
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
